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
//! - The state and the scratch memory are borrowed within a step only; nothing here awaits.

mod barrier;
mod linger;
mod requests;
mod shared;
mod unread;
mod watch;

use std::future::Future;
use std::io;
use std::mem;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use barrier::barrier_of_messages;
use linger::Lingering;
use shared::Scratch;
pub(crate) use shared::Shared;
use unread::Unread;
use watch::{Limits, Over, Watch};

use crate::clients::{Client, Ending, Slot};
use crate::cmd::Call;
use crate::config::OutputLimit;
use crate::db::Millis;
use crate::journal::Barrier;
use crate::resp::Request;
use crate::rt::{self, TcpStream, Timer};
use crate::topics::Session;

/// How many steps a turn has.
const STEPS: usize = 4;
/// After so many bytes of new replies a batch is interrupted, to send them.
const FLUSH_AT: usize = 64 << 10;

/// How long a timer is set at most; then the clock is looked at again.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// The task of one connection.
pub(crate) struct Connection {
    shared: Rc<Shared>,
    stream: TcpStream,
    slot: Slot,
    phase: Phase,
    /// `unread` may begin with a complete request.
    interrupted: bool,
    /// What is to be on the disk before anything more is sent.
    barrier: Barrier,
    unread: Option<Box<Unread>>,
    /// The first unread request waits for the end of a pause, at the latest until this timer fires.
    paused: Option<Box<Timer>>,
    /// The client types lines; otherwise it speaks Redis's protocol.
    topics: Option<Box<Session>>,
    watch: Option<Box<Watch>>,
    /// Set in the end, when the client is no client any more and the slot not ours.
    lingering: Option<Box<Lingering>>,
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
enum Next {
    Step,
    Linger,
    Gone,
}

impl Connection {
    /// The connection of `client` through `stream`; its task is to be spawned.
    pub(crate) fn new(shared: Rc<Shared>, stream: TcpStream, client: Client) -> Connection {
        let topics = client.lines.map(|_| Box::default());
        let slot = shared.state.borrow_mut().clients.insert(client);
        Connection {
            shared,
            stream,
            slot,
            phase: Phase::Serving,
            interrupted: false,
            barrier: Barrier::NONE,
            unread: None,
            paused: None,
            topics,
            watch: None,
            lingering: None,
        }
    }

    /// Leaves the waker where others find it. Whether the client was ended by another.
    #[inline]
    fn begin(&mut self, context: &Context<'_>) -> Next {
        let state = &mut *self.shared.state.borrow_mut();
        let client = &mut state.clients[self.slot];
        if mem::take(&mut client.outbox.dirty) {
            self.barrier = self.barrier.max(barrier_of_messages(state, self.slot));
        }
        let client = &mut state.clients[self.slot];
        match &mut client.waker {
            Some(waker) => waker.clone_from(context.waker()),
            None => client.waker = Some(context.waker().clone()),
        }
        if client.ending == Ending::Now { Next::Gone } else { Next::Step }
    }

    fn step(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Next>> {
        if self.barrier != Barrier::NONE {
            ready!(self.poll_barrier());
        }
        let flushed = self.poll_flush(context)?;
        match self.phase {
            Phase::Serving if flushed.is_pending() && self.is_held_back() => Poll::Pending,
            Phase::Serving => {
                ready!(self.poll_pause(context));
                self.poll_batch(context)
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

    /// Sends what waits; ready when nothing does.
    #[inline]
    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let (bytes, sent) = {
            let clients = &mut self.shared.state.borrow_mut().clients;
            if clients[self.slot].outbox.backlog() == 0 {
                return Poll::Ready(Ok(()));
            }
            clients.take_output(self.slot)
        };
        self.poll_send(context, bytes, sent)
    }

    /// Sends `bytes`, of which so many are sent `before`, in one write if the socket takes it all;
    /// and gives the buffer back, with what is left in it.
    fn poll_send(
        &mut self,
        context: &mut Context<'_>,
        bytes: Vec<u8>,
        before: usize,
    ) -> Poll<io::Result<()>> {
        let mut sent = before;
        let result = loop {
            if sent == bytes.len() {
                break Poll::Ready(Ok(()));
            }
            match self.stream.poll_write(context, &bytes[sent..]) {
                Poll::Ready(Ok(0)) => break Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(count)) => sent += count,
                Poll::Ready(Err(error)) => break Poll::Ready(Err(error)),
                Poll::Pending => break Poll::Pending,
            }
        };
        let state = &mut *self.shared.state.borrow_mut();
        state.stats.output_bytes += (sent - before) as u64;
        state.clients.restore_output(self.slot, bytes, sent);
        result
    }

    /// Whether so much waits to be sent that nothing more is to be read.
    fn is_held_back(&self) -> bool {
        let state = self.shared.state.borrow();
        state.clients[self.slot].outbox.backlog() >= state.config.output_limit
    }

    /// Takes in what has come, and executes what is complete.
    fn poll_batch(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Next>> {
        if self.interrupted
            && let Some(unread) = self.unread.take()
        {
            return Poll::Ready(Ok(self.run_unread(context, unread)));
        }
        let shared = Rc::clone(&self.shared);
        let Scratch { input, request } = &mut *shared.scratch.borrow_mut();
        let count = match self.stream.poll_read(context, input) {
            Poll::Ready(count) => count?,
            Poll::Pending if shared.state.borrow().stopping => 0,
            Poll::Pending => return Poll::Pending,
        };
        if count == 0 {
            self.unread = None;
            self.phase = Phase::Closing { linger: false };
            return Poll::Ready(Ok(Next::Step));
        }
        let arrived = &input[..count];
        shared.state.borrow_mut().stats.input_bytes += count as u64;
        if let Some(mut unread) = self.unread.take() {
            unread.append(arrived);
            return Poll::Ready(Ok(self.run_unread(context, unread)));
        }
        let (consumed, next) = self.run(context, arrived, request);
        if consumed < count {
            let request = mem::take(request);
            if self.phase == Phase::Serving {
                self.unread = Some(Box::new(Unread::new(&arrived[consumed..], request)));
            }
        }
        Poll::Ready(Ok(next))
    }

    /// Executes what was left over, and keeps what is left over again.
    fn run_unread(&mut self, context: &mut Context<'_>, mut unread: Box<Unread>) -> Next {
        let (bytes, request) = unread.parts();
        let (consumed, next) = self.run(context, bytes, request);
        unread.consume(consumed);
        if unread.len() > self.shared.state.borrow().config.query_limit {
            return Next::Gone;
        }
        if unread.len() > 0 && self.phase == Phase::Serving {
            self.unread = Some(unread);
        }
        next
    }

    /// Executes the complete requests at the beginning of `bytes`, until the replies have become
    /// many, and sends the replies. How many bytes these requests were; `request` is what is known
    /// of the next.
    fn run(
        &mut self,
        context: &mut Context<'_>,
        bytes: &[u8],
        request: &mut Request,
    ) -> (usize, Next) {
        let mut borrowed = self.shared.state.borrow_mut();
        let state = &mut *borrowed;
        let (mut out, sent) = state.clients.take_output(self.slot);
        let mut call = Call::new(state, self.slot, rt::unix_time(), &mut out);
        let full = call.reply.out.len() + FLUSH_AT;
        let (position, waits) = match &mut self.topics {
            None => requests::execute(&mut call, bytes, request, full),
            Some(session) => session.run(&mut call, bytes, full),
        };
        if waits {
            self.paused.get_or_insert_default();
        }
        self.interrupted = waits || call.reply.out.len() >= full;
        let now = call.now;
        let ending = call.finish();
        let limit = state.output_limit(self.slot);
        self.barrier = state.journal.barrier(state.config.durability.sync, now);
        drop(borrowed);
        if ending == Ending::AfterReplies {
            self.phase = Phase::Closing { linger: true };
        }
        if ending == Ending::Now {
            return (position, Next::Gone);
        }
        if self.barrier != Barrier::NONE {
            self.shared.state.borrow_mut().clients.restore_output(self.slot, out, sent);
            return (position, Next::Step);
        }
        let gone = matches!(self.poll_send(context, out, sent), Poll::Ready(Err(_)))
            || self.is_too_slow(limit);
        (position, if gone { Next::Gone } else { Next::Step })
    }

    /// Whether more waits to be sent than a client of its kind may let wait.
    #[inline]
    fn is_too_slow(&self, limit: OutputLimit) -> bool {
        if limit.hard == 0 {
            return false;
        }
        let state = &mut *self.shared.state.borrow_mut();
        let over = limit.is_over(state.clients[self.slot].outbox.backlog());
        state.stats.slow_clients += u64::from(over);
        over
    }

    /// Ready unless a command waits for the end of a pause.
    fn poll_pause(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(timer) = &mut self.paused else { return Poll::Ready(()) };
        loop {
            let now = rt::unix_time();
            let millis = Millis::try_from(now.as_millis()).unwrap_or(Millis::MAX);
            let Some(pause) = self.shared.state.borrow().pause(millis) else { break };
            let left = Duration::from_millis(u64::try_from(pause.until - millis).unwrap_or(0));
            timer.arm_at(rt::now() + left.min(LONGEST_WAIT));
            ready!(timer.poll_elapsed(context));
        }
        self.paused = None;
        Poll::Ready(())
    }

    /// Nothing can be done now: ready if time is over for this client.
    #[inline]
    fn poll_watch(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let limits = {
            let state = self.shared.state.borrow();
            let client = &state.clients[self.slot];
            let listens = client.listens();
            let limit = state.output_limit(self.slot);
            let behind = limit.soft > 0 && client.outbox.backlog() > limit.soft;
            Limits {
                silence: state.config.timeout.filter(|_| !listens),
                patience: behind.then_some(limit.patience),
            }
        };
        if limits == (Limits { silence: None, patience: None }) {
            self.watch = None;
            return Poll::Pending;
        }
        let shared = &self.shared;
        let silent_for = || {
            let active = shared.state.borrow().clients[self.slot].active;
            let active = Duration::from_millis(u64::try_from(active).unwrap_or(0));
            rt::unix_time().saturating_sub(active)
        };
        let watch = self.watch.get_or_insert_with(|| Box::new(Watch::new()));
        if ready!(watch.poll(context, limits, silent_for)) == Over::Slow {
            let state = &mut *self.shared.state.borrow_mut();
            state.stats.slow_clients += 1;
            let (id, address) = (state.clients[self.slot].id, state.clients[self.slot].address);
            tracing::info!("client {id} at {address} is cut off: it is behind for too long");
        }
        Poll::Ready(())
    }
}

impl Future for Connection {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        if let Some(lingering) = &mut this.lingering {
            return lingering.poll(context, &this.shared, &mut this.stream);
        }
        if let Next::Gone = this.begin(context) {
            return Poll::Ready(());
        }
        for _ in 0..STEPS {
            match this.step(context) {
                Poll::Ready(Ok(Next::Step)) => {}
                Poll::Ready(Ok(Next::Linger)) => {
                    this.shared.state.borrow_mut().remove(this.slot);
                    let lingering = this.lingering.insert(Box::new(Lingering::new()));
                    return lingering.poll(context, &this.shared, &mut this.stream);
                }
                Poll::Ready(Ok(Next::Gone) | Err(_)) => return Poll::Ready(()),
                Poll::Pending => return this.poll_watch(context),
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let state = &mut *self.shared.state.borrow_mut();
        if self.lingering.is_none() {
            state.remove(self.slot);
        }
        state.depart();
    }
}
