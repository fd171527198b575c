//! One client's connection: a state machine that fills, parses, executes and writes.
//!
//! ```text
//!              1 step                 2 QUIT, protocol error              3 step
//!  ┌─► Serving ─────► flush, read, run ──────────────────────► Closing ─────────────► Lingering
//!  └──────────────────────┘    │                                  │ all sent, shutdown      │
//!                              │ 4 end of stream, server stops    │                         │
//!                              └──────────► Closing ──────────────┴──► gone ◄───────────────┘
//!                                              all sent                 5 Lingering::poll
//! ```
//!
//! One step of serving: send what waits, read what has come (into memory that all connections
//! share), execute every complete request in it, send their replies together. Sixteen pipelined
//! requests are one read and one write.
//!
//! - A connection that waits for its client holds no buffer. Nearly always that is all it waits for: it
//!   is *at rest*, and its next step begins with the read, without a question about what else there is.
//!   Whatever gives it more to do ends the rest: [`Conversation::begin`] for others, a batch for itself.
//! - A client that does not read its replies is not read from: its backlog stays below
//!   `output_limit` and one reply, and it loses nothing.
//! - Where changes must be on the disk before anybody hears of them, nothing is sent before they are.
//! - Everything that arrived before the end of the stream is answered.
//! - A turn is bounded: after [`STEPS`] steps the task goes to the end of the queue.
//! - The state and the scratch memory are borrowed once, for a whole poll; nothing here awaits.

mod aside;
mod barrier;
mod batch;
mod linger;
mod pause;
mod requests;
mod send;
mod shared;
mod unread;
mod watch;

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use aside::Aside;
use barrier::barrier_of_messages;
use linger::Lingering;
use shared::Scratch;
pub(crate) use shared::Shared;
use unread::Unread;

use crate::clients::{Client, Ending, Slot};
use crate::journal::Barrier;
use crate::rt::TcpStream;
use crate::state::State;

/// How many steps a turn has.
const STEPS: usize = 4;

/// The task of one connection.
pub(crate) struct Connection {
    shared: Rc<Shared>,
    conversation: Conversation,
}

/// What one connection has to itself. It is apart from what all share, so that a poll borrows that
/// once, and not anew for each of its dozen questions.
struct Conversation {
    stream: TcpStream,
    slot: Slot,
    phase: Phase,
    /// It serves, and nothing waits to be sent, to be executed or for a pause to end.
    at_rest: bool,
    /// `unread` may begin with a complete request.
    interrupted: bool,
    /// What is to be on the disk before anything more is sent.
    barrier: Barrier,
    /// What few have.
    aside: Option<Box<Aside>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Serving,
    /// Send what waits, then end; first linger, if the client may still be sending.
    Closing {
        linger: bool,
    },
}

/// How the connection goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Step,
    /// By reading: all that comes before it is done.
    Read,
    Linger,
    Gone,
}

impl Connection {
    /// The connection of `client` through `stream`; its task is to be spawned.
    pub(crate) fn new(shared: Rc<Shared>, stream: TcpStream, client: Client) -> Connection {
        let topics = client.lines.map(|_| Box::default());
        let aside =
            topics.map(|topics| Box::new(Aside { topics: Some(topics), ..Aside::default() }));
        let slot = shared.state.borrow_mut().clients.insert(client);
        let conversation = Conversation {
            stream,
            slot,
            phase: Phase::Serving,
            at_rest: false,
            interrupted: false,
            barrier: Barrier::NONE,
            aside,
        };
        Connection { shared, conversation }
    }
}

impl Conversation {
    #[inline]
    fn poll(
        &mut self,
        context: &mut Context<'_>,
        state: &mut State,
        scratch: &mut Scratch,
    ) -> Poll<()> {
        if let Some(Aside { lingering: Some(_), .. }) = self.aside.as_deref() {
            return self.linger(context, scratch);
        }
        if let Next::Gone = self.begin(context, state) {
            return Poll::Ready(());
        }
        for _ in 0..STEPS {
            let mut next = match self.at_rest {
                true => Poll::Ready(Next::Read),
                false => self.prepare(context, state),
            };
            if next == Poll::Ready(Next::Read) {
                next = self.poll_batch(context, state, scratch);
            }
            match next {
                Poll::Ready(Next::Read | Next::Step) => continue,
                Poll::Pending if self.poll_departure(context, state, scratch).is_ready() => {
                    return Poll::Ready(());
                }
                Poll::Pending => return self.poll_watch(context, state),
                Poll::Ready(Next::Linger) => return self.begin_lingering(context, state, scratch),
                Poll::Ready(Next::Gone) => return Poll::Ready(()),
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }

    /// The client is told all, and is no client any more; what it still sends is not for us.
    #[cold]
    fn begin_lingering(
        &mut self,
        context: &mut Context<'_>,
        state: &mut State,
        scratch: &mut Scratch,
    ) -> Poll<()> {
        state.remove(self.slot);
        self.linger(context, scratch)
    }

    #[cold]
    fn linger(&mut self, context: &mut Context<'_>, scratch: &mut Scratch) -> Poll<()> {
        let aside = self.aside.get_or_insert_default();
        let lingering = aside.lingering.get_or_insert_with(|| Box::new(Lingering::new()));
        lingering.poll(context, scratch, &mut self.stream)
    }

    /// Leaves the waker where others find it. Whether the client was ended by another.
    #[inline]
    fn begin(&mut self, context: &Context<'_>, state: &mut State) -> Next {
        let client = &mut state.clients[self.slot];
        match &mut client.waker {
            Some(waker) => waker.clone_from(context.waker()),
            None => client.waker = Some(context.waker().clone()),
        }
        let ending = client.ending;
        if client.has_news {
            self.take_news(state);
        }
        if ending == Ending::Now { Next::Gone } else { Next::Step }
    }

    /// Others have put something into the outbox.
    #[inline(never)]
    fn take_news(&mut self, state: &mut State) {
        state.clients[self.slot].has_news = false;
        self.at_rest = false;
        self.barrier = self.barrier.max(barrier_of_messages(state, self.slot));
    }

    /// What comes before reading: what waits is sent, a pause is waited for. Or the end goes on.
    #[inline(never)]
    fn prepare(&mut self, context: &mut Context<'_>, state: &mut State) -> Poll<Next> {
        if self.barrier != Barrier::NONE {
            ready!(self.poll_barrier(state));
        }
        let flushed = match self.poll_flush(context, state) {
            Poll::Ready(Err(_)) => return Poll::Ready(Next::Gone),
            flushed => flushed.is_ready(),
        };
        match self.phase {
            Phase::Serving if !flushed && self.is_held_back(state) => Poll::Pending,
            Phase::Serving => {
                ready!(self.poll_pause(context, state));
                self.at_rest = flushed && !self.interrupted;
                Poll::Ready(Next::Read)
            }
            Phase::Closing { .. } if !flushed => Poll::Pending,
            Phase::Closing { linger: true } => {
                let shut = ready!(self.stream.poll_shutdown(context));
                Poll::Ready(if shut.is_ok() { Next::Linger } else { Next::Gone })
            }
            Phase::Closing { linger: false } => Poll::Ready(Next::Gone),
        }
    }

    /// Whether so much waits to be sent that nothing more is to be read.
    fn is_held_back(&self, state: &State) -> bool {
        state.clients[self.slot].outbox.backlog() >= state.config.output_limit
    }
}

impl Future for Connection {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let Connection { shared, conversation } = self.get_mut();
        let (mut state, mut scratch) = (shared.state.borrow_mut(), shared.scratch.borrow_mut());
        conversation.poll(context, &mut state, &mut scratch)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let state = &mut *self.shared.state.borrow_mut();
        let aside = self.conversation.aside.as_ref();
        if aside.is_none_or(|aside| aside.lingering.is_none()) {
            state.remove(self.conversation.slot);
        }
        state.depart();
    }
}
