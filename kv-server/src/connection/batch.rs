//! One batch: a read, the requests that are complete in it, one write.
//!
//! ```text
//!             1 poll_read         2 execute                  3 poll_send
//!   socket ───────────────► input ─────────► output ──────────────────────► socket
//!                             │ a beginning    │ not taken, or not to be sent yet
//!                             ▼                ▼
//!                          unread           outbox
//! ```
//!
//! Nearly every batch begins *at rest*: nothing was left over, nothing waits to be sent, and so nothing
//! is looked for. Nearly every batch ends so, too. What is out of the ordinary is out of line.

use std::mem;
use std::task::{Context, Poll};

use super::aside::Aside;
use super::{Conversation, Next, Phase, Scratch, Unread, requests};
use crate::clients::Ending;
use crate::cmd::Call;
use crate::journal::Barrier;
use crate::outbox::Buffers;
use crate::resp::Request;
use crate::rt;
use crate::state::State;

/// After so many bytes of new replies a batch is interrupted, to send them.
const FLUSH_AT: usize = 64 << 10;

impl Conversation {
    /// Takes in what has come, and executes what is complete.
    #[inline]
    pub(super) fn poll_batch(
        &mut self,
        context: &mut Context<'_>,
        state: &mut State,
        scratch: &mut Scratch,
    ) -> Poll<Next> {
        let mut count = 0;
        if !self.interrupted || !self.has_unread() {
            count = match self.stream.poll_read(context, &mut scratch.input) {
                Poll::Ready(Ok(count)) => count,
                Poll::Ready(Err(_)) => return Poll::Ready(Next::Gone),
                Poll::Pending if state.stopping => 0,
                Poll::Pending => return Poll::Pending,
            };
            if count == 0 {
                return Poll::Ready(self.close());
            }
            state.stats.input_bytes += count as u64;
        }
        Poll::Ready(self.batch(context, state, scratch, count))
    }

    /// Executes what has arrived, so many bytes, behind what was left over before.
    ///
    /// Out of line, as nearly every poll asks for two batches and gets one.
    #[inline(never)]
    fn batch(
        &mut self,
        context: &mut Context<'_>,
        state: &mut State,
        scratch: &mut Scratch,
        count: usize,
    ) -> Next {
        let Scratch { input, request, output } = scratch;
        let arrived = &input[..count];
        let mut unread = self.take_unread();
        let (bytes, known) = match &mut unread {
            None => (arrived, &mut *request),
            Some(unread) => unread.followed_by(arrived),
        };
        let (consumed, next) = self.run(context, state, output, bytes, known);
        if unread.is_none() && consumed == count {
            return next;
        }
        let unread = match unread {
            None => Unread::new(&arrived[consumed..], mem::take(request), &state.held),
            Some(mut unread) => {
                unread.consume(consumed);
                unread
            }
        };
        self.keep_unread(state, unread, next)
    }

    /// The client sends no more: what it was sent is brought to its end.
    #[cold]
    fn close(&mut self) -> Next {
        drop(self.take_unread());
        self.phase = Phase::Closing { linger: false };
        self.at_rest = false;
        Next::Step
    }

    /// Keeps what was not executed, if it ever will be.
    #[inline(never)]
    fn keep_unread(&mut self, state: &State, unread: Box<Unread>, next: Next) -> Next {
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
    /// Replies are made in `output`, behind what waits already. Only what the socket does not take at
    /// once comes to lie in the outbox.
    #[inline]
    fn run(
        &mut self,
        context: &mut Context<'_>,
        state: &mut State,
        output: &mut Vec<u8>,
        bytes: &[u8],
        request: &mut Request,
    ) -> (usize, Next) {
        let mut sent = if self.at_rest { 0 } else { self.take_waiting(state, output) };
        let mut call = Call::new(state, self.slot, rt::unix_time(), output);
        let full = call.reply.out.len() + FLUSH_AT;
        let (position, waits) = match self.aside.as_deref_mut() {
            Some(Aside { topics: Some(session), .. }) => session.run(&mut call, bytes, full),
            _ => requests::execute(&mut call, bytes, request, full),
        };
        self.interrupted = waits || call.reply.out.len() >= full;
        let now = call.now;
        let ending = call.finish();
        self.barrier = state.journal.barrier(state.config.durability.sync, now);
        if ending == Ending::No
            && self.barrier == Barrier::NONE
            && !self.interrupted
            && self.sends_all(context, state, output, &mut sent)
            && output.capacity() <= Buffers::LARGEST_KEPT
        {
            output.clear();
            self.at_rest = true;
            return (position, Next::Read);
        }
        if waits {
            self.aside().paused.get_or_insert_default();
        }
        (position, self.settle(context, state, output, sent, ending))
    }

    /// Whether the socket takes everything in one write, as it nearly always does. Where it does not,
    /// [`Conversation::poll_send`] goes on, and finds what is wrong.
    #[inline]
    fn sends_all(
        &mut self,
        context: &mut Context<'_>,
        state: &mut State,
        bytes: &[u8],
        sent: &mut usize,
    ) -> bool {
        if *sent < bytes.len()
            && let Poll::Ready(Ok(count)) = self.stream.poll_write(context, &bytes[*sent..])
        {
            *sent += count;
            state.stats.output_bytes += count as u64;
        }
        *sent == bytes.len()
    }

    /// The batch has ended, and there is more to do than to read.
    #[inline(never)]
    fn settle(
        &mut self,
        context: &mut Context<'_>,
        state: &mut State,
        output: &mut Vec<u8>,
        mut sent: usize,
        ending: Ending,
    ) -> Next {
        self.at_rest = false;
        if ending == Ending::AfterReplies {
            self.phase = Phase::Closing { linger: true };
        }
        let mut gone = ending == Ending::Now;
        if !gone && self.barrier == Barrier::NONE {
            gone = matches!(self.poll_send(context, state, output, &mut sent), Poll::Ready(Err(_)));
        }
        if sent < output.len() {
            state.clients.restore_output(self.slot, mem::take(output), sent);
            gone |= self.barrier == Barrier::NONE && self.is_too_slow(state);
        } else if output.capacity() > Buffers::LARGEST_KEPT {
            *output = Vec::new();
        } else {
            output.clear();
        }
        if gone { Next::Gone } else { Next::Step }
    }

    /// Takes what waits already out of the outbox, to be continued. How much of it is sent.
    #[inline(never)]
    fn take_waiting(&self, state: &mut State, output: &mut Vec<u8>) -> usize {
        if state.clients[self.slot].outbox.backlog() == 0 {
            return 0;
        }
        let (waiting, sent) = state.clients.take_output(self.slot);
        state.clients.buffers.give(mem::replace(output, waiting));
        sent
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
