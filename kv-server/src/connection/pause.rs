//! A client whose command is held back: it waits until the pause is over (`CLIENT PAUSE`).
//!
//! It is listened to meanwhile, for a pause may be long, and a client that has left is to leave room
//! for others. What it sends is kept, up to a bound. Its end of the stream is its end, as in Redis,
//! which cannot tell either whether it would still read: what it had sent is not done.

use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::aside::Aside;
use super::{Conversation, Scratch};
use crate::db::Millis;
use crate::rt;
use crate::state::State;

/// How long a timer is set at most; then the clock is looked at again.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);
/// Who has sent so much is not listened to before the pause is over.
const MOST_KEPT: usize = 1 << 20;

impl Conversation {
    /// Ready unless a command waits for the end of a pause.
    #[inline]
    pub(super) fn poll_pause(&mut self, context: &mut Context<'_>, state: &State) -> Poll<()> {
        if self.aside.is_none() { Poll::Ready(()) } else { self.wait_for_pause(context, state) }
    }

    #[cold]
    fn wait_for_pause(&mut self, context: &mut Context<'_>, state: &State) -> Poll<()> {
        let Some(Aside { paused, .. }) = self.aside.as_deref_mut() else { return Poll::Ready(()) };
        let Some(timer) = paused else { return Poll::Ready(()) };
        loop {
            let now = rt::unix_time();
            let millis = Millis::try_from(now.as_millis()).unwrap_or(Millis::MAX);
            let Some(pause) = state.pause(millis) else { break };
            let left = Duration::from_millis(u64::try_from(pause.until - millis).unwrap_or(0));
            timer.arm_at(rt::now() + left.min(LONGEST_WAIT));
            ready!(timer.poll_elapsed(context));
        }
        *paused = None;
        Poll::Ready(())
    }

    /// Ready if a client that waits for the end of a pause has left.
    #[inline]
    pub(super) fn poll_departure(
        &mut self,
        context: &mut Context<'_>,
        state: &mut State,
        scratch: &mut Scratch,
    ) -> Poll<()> {
        if self.aside.is_none() { Poll::Pending } else { self.take_in(context, state, scratch) }
    }

    #[cold]
    fn take_in(
        &mut self,
        context: &mut Context<'_>,
        state: &mut State,
        scratch: &mut Scratch,
    ) -> Poll<()> {
        let Conversation { stream, aside, .. } = self;
        let Some(Aside { paused: Some(_), unread, .. }) = aside.as_deref_mut() else {
            return Poll::Pending;
        };
        while let Some(unread) = unread
            && unread.len() < MOST_KEPT
        {
            match ready!(stream.poll_read(context, &mut scratch.input)) {
                Ok(0) | Err(_) => return Poll::Ready(()),
                Ok(count) => {
                    unread.append(&scratch.input[..count]);
                    state.stats.input_bytes += count as u64;
                }
            }
        }
        Poll::Pending
    }
}
