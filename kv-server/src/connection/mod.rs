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
//! - A connection that waits for its client holds no buffer.
//! - A client that does not read its replies is not read from: its backlog stays below
//!   `output_limit` and one reply, and it loses nothing.
//! - Where changes must be on the disk before anybody hears of them, nothing is sent before they are.
//! - Everything that arrived before the end of the stream is answered.
//! - A turn is bounded: after [`STEPS`] steps the task goes to the end of the queue.
//! - The state and the scratch memory are borrowed once, for a whole poll; nothing here awaits.

mod aside;
mod barrier;
mod linger;
mod pause;
mod requests;
mod send;
mod shared;
mod unread;
mod watch;

use std::future::Future;
use std::io;
use std::mem;
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
use crate::cmd::Call;
use crate::journal::Barrier;
use crate::outbox::Buffers;
use crate::resp::Request;
use crate::rt::{self, TcpStream};
use crate::state::State;

/// How many steps a turn has.
const STEPS: usize = 4;
/// After so many bytes of new replies a batch is interrupted, to send them.
const FLUSH_AT: usize = 64 << 10;

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
    /// By reading: nothing else is to be done first.
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
        if let Some(Aside { lingering: Some(lingering), .. }) = self.aside.as_deref_mut() {
            return lingering.poll(context, scratch, &mut self.stream);
        }
        if let Next::Gone = self.begin(context, state) {
            return Poll::Ready(());
        }
        let mut next = Next::Step;
        for _ in 0..STEPS {
            let polled = match next {
                Next::Read => Poll::Ready(Ok(Next::Read)),
                _ => self.prepare(context, state),
            };
            let polled = match polled {
                Poll::Ready(Ok(Next::Read)) => self.poll_batch(context, state, scratch),
                other => other,
            };
            match polled {
                Poll::Ready(Ok(to @ (Next::Step | Next::Read))) => next = to,
                Poll::Ready(Ok(Next::Linger)) => {
                    state.remove(self.slot);
                    let aside = self.aside.get_or_insert_default();
                    let lingering = aside.lingering.insert(Box::new(Lingering::new()));
                    return lingering.poll(context, scratch, &mut self.stream);
                }
                Poll::Ready(Ok(Next::Gone) | Err(_)) => return Poll::Ready(()),
                Poll::Pending if self.poll_departure(context, state, scratch).is_ready() => {
                    return Poll::Ready(());
                }
                Poll::Pending => return self.poll_watch(context, state),
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
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
        if mem::take(&mut client.has_news) {
            self.barrier = self.barrier.max(barrier_of_messages(state, self.slot));
        }
        if ending == Ending::Now { Next::Gone } else { Next::Step }
    }

    /// What comes before reading: what waits is sent, a pause is waited for. Or the end goes on.
    #[inline]
    fn prepare(&mut self, context: &mut Context<'_>, state: &mut State) -> Poll<io::Result<Next>> {
        if self.barrier != Barrier::NONE {
            ready!(self.poll_barrier(state));
        }
        let flushed = self.poll_flush(context, state)?;
        match self.phase {
            Phase::Serving if flushed.is_pending() && self.is_held_back(state) => Poll::Pending,
            Phase::Serving => {
                ready!(self.poll_pause(context, state));
                Poll::Ready(Ok(Next::Read))
            }
            Phase::Closing { linger: true } => {
                ready!(flushed);
                ready!(self.stream.poll_shutdown(context))?;
                Poll::Ready(Ok(Next::Linger))
            }
            Phase::Closing { linger: false } => {
                ready!(flushed);
                Poll::Ready(Ok(Next::Gone))
            }
        }
    }

    /// Whether so much waits to be sent that nothing more is to be read.
    fn is_held_back(&self, state: &State) -> bool {
        state.clients[self.slot].outbox.backlog() >= state.config.output_limit
    }

    /// Takes in what has come, and executes what is complete.
    #[inline]
    fn poll_batch(
        &mut self,
        context: &mut Context<'_>,
        state: &mut State,
        scratch: &mut Scratch,
    ) -> Poll<io::Result<Next>> {
        let Scratch { input, request, output } = scratch;
        if self.interrupted
            && let Some(unread) = self.take_unread()
        {
            return Poll::Ready(Ok(self.run_unread(context, state, output, unread)));
        }
        let count = match self.stream.poll_read(context, input) {
            Poll::Ready(count) => count?,
            Poll::Pending if state.stopping => 0,
            Poll::Pending => return Poll::Pending,
        };
        if count == 0 {
            drop(self.take_unread());
            self.phase = Phase::Closing { linger: false };
            return Poll::Ready(Ok(Next::Step));
        }
        let arrived = &input[..count];
        state.stats.input_bytes += count as u64;
        if let Some(mut unread) = self.take_unread() {
            unread.append(arrived);
            return Poll::Ready(Ok(self.run_unread(context, state, output, unread)));
        }
        let (consumed, next) = self.run(context, state, output, arrived, request);
        if consumed < count {
            let request = mem::take(request);
            if self.phase == Phase::Serving {
                let unread = Unread::new(&arrived[consumed..], request, &state.held);
                self.aside().unread = Some(unread);
            }
        }
        Poll::Ready(Ok(next))
    }

    /// Executes what was left over, and keeps what is left over again.
    #[inline(never)]
    fn run_unread(
        &mut self,
        context: &mut Context<'_>,
        state: &mut State,
        output: &mut Vec<u8>,
        mut unread: Box<Unread>,
    ) -> Next {
        let (bytes, request) = unread.parts();
        let (consumed, next) = self.run(context, state, output, bytes, request);
        unread.consume(consumed);
        if unread.len() > state.config.query_limit {
            return Next::Gone;
        }
        if unread.len() > 0 && self.phase == Phase::Serving {
            self.aside().unread = Some(unread);
        }
        next
    }

    /// Executes the complete requests at the beginning of `bytes`, until the replies have become
    /// many, and sends the replies. How many bytes these requests were; `request` is what is known
    /// of the next.
    ///
    /// Replies are made in `output`, and go behind what waits already. Only what the socket does not
    /// take at once comes to lie in the outbox.
    fn run(
        &mut self,
        context: &mut Context<'_>,
        state: &mut State,
        output: &mut Vec<u8>,
        bytes: &[u8],
        request: &mut Request,
    ) -> (usize, Next) {
        let (mut out, mut sent) = if state.clients[self.slot].outbox.backlog() == 0 {
            (mem::take(output), 0)
        } else {
            state.clients.take_output(self.slot)
        };
        let mut call = Call::new(state, self.slot, rt::unix_time(), &mut out);
        let full = call.reply.out.len() + FLUSH_AT;
        let (position, waits) = match self.aside.as_deref_mut() {
            Some(Aside { topics: Some(session), .. }) => session.run(&mut call, bytes, full),
            _ => requests::execute(&mut call, bytes, request, full),
        };
        if waits {
            self.aside.get_or_insert_default().paused.get_or_insert_default();
        }
        self.interrupted = waits || call.reply.out.len() >= full;
        let now = call.now;
        let ending = call.finish();
        if ending == Ending::AfterReplies {
            self.phase = Phase::Closing { linger: true };
        }
        self.barrier = state.journal.barrier(state.config.durability.sync, now);
        let mut gone = ending == Ending::Now;
        if !gone && self.barrier == Barrier::NONE {
            gone = matches!(self.poll_send(context, state, &out, &mut sent), Poll::Ready(Err(_)));
        }
        if sent < out.len() || output.capacity() > 0 {
            state.clients.restore_output(self.slot, out, sent);
            gone |= self.barrier == Barrier::NONE && self.is_too_slow(state);
        } else {
            *output = emptied(out);
            let is_free = !self.interrupted && self.barrier == Barrier::NONE;
            if is_free && self.phase == Phase::Serving && !gone {
                return (position, Next::Read);
            }
        }
        (position, if gone { Next::Gone } else { Next::Step })
    }

    /// Whether more waits to be sent than a client of its kind may let wait.
    fn is_too_slow(&self, state: &mut State) -> bool {
        let limit = state.output_limit(self.slot);
        let backlog = state.clients[self.slot].outbox.backlog();
        let over = limit.hard > 0 && limit.is_over(backlog);
        state.stats.slow_clients += u64::from(over);
        over
    }
}

/// A buffer for the next replies, unless it has become too large to be kept.
#[inline]
fn emptied(mut buffer: Vec<u8>) -> Vec<u8> {
    if buffer.capacity() > Buffers::LARGEST_KEPT {
        return Vec::new();
    }
    buffer.clear();
    buffer
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
