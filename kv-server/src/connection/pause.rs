//! A client whose command is held back: it waits until the pause is over (`CLIENT PAUSE`).

use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::Conversation;
use crate::db::Millis;
use crate::rt;
use crate::state::State;

/// How long a timer is set at most; then the clock is looked at again.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

impl Conversation {
    /// Ready unless a command waits for the end of a pause.
    #[inline]
    pub(super) fn poll_pause(&mut self, context: &mut Context<'_>, state: &State) -> Poll<()> {
        if self.paused.is_none() { Poll::Ready(()) } else { self.wait_for_pause(context, state) }
    }

    #[cold]
    fn wait_for_pause(&mut self, context: &mut Context<'_>, state: &State) -> Poll<()> {
        let Some(timer) = &mut self.paused else { return Poll::Ready(()) };
        loop {
            let now = rt::unix_time();
            let millis = Millis::try_from(now.as_millis()).unwrap_or(Millis::MAX);
            let Some(pause) = state.pause(millis) else { break };
            let left = Duration::from_millis(u64::try_from(pause.until - millis).unwrap_or(0));
            timer.arm_at(rt::now() + left.min(LONGEST_WAIT));
            ready!(timer.poll_elapsed(context));
        }
        self.paused = None;
        Poll::Ready(())
    }
}
