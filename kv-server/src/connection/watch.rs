//! The two reasons to end a connection that only time can tell: a client that is silent for too
//! long, and a subscriber that is behind for too long.
//!
//! Nothing ticks: one timer is armed for the earlier of the two deadlines, and only where a limit
//! is set that could be reached. A client that speaks does not move the timer; when it fires, it
//! is looked at how long the client was silent, and the rest is waited for.

use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use super::Conversation;
use crate::rt::{self, Timer};
use crate::state::State;

/// What one connection's time limits are at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    /// How long it may be silent.
    pub(super) silence: Option<Duration>,
    /// How long it may be behind; set while it is.
    pub(super) patience: Option<Duration>,
}

/// Why time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    Silent,
    Slow,
}

/// The timer and what it is armed for.
#[derive(Debug)]
pub(super) struct Watch {
    timer: Timer,
    limits: Limits,
    behind_since: Option<Instant>,
}

impl Watch {
    pub(super) fn new() -> Watch {
        let limits = Limits { silence: None, patience: None };
        Watch { timer: Timer::new(), limits, behind_since: None }
    }

    /// Ready when time is over. `silent_for` tells how long the client was silent.
    pub(super) fn poll(
        &mut self,
        context: &mut Context<'_>,
        limits: Limits,
        silent_for: impl Fn() -> Duration,
    ) -> Poll<Over> {
        if self.limits != limits {
            self.limits = limits;
            self.timer.disarm();
            self.behind_since = limits.patience.and(self.behind_since.or_else(|| Some(rt::now())));
        }
        loop {
            if !self.timer.is_armed() {
                let now = rt::now();
                let behind = self.behind_since.map(|since| now.duration_since(since));
                let patience = limits.patience.zip(behind);
                if patience.is_some_and(|(limit, behind)| behind >= limit) {
                    return Poll::Ready(Over::Slow);
                }
                let silence = limits.silence.map(|limit| (limit, silent_for()));
                if silence.is_some_and(|(limit, silent)| silent >= limit) {
                    return Poll::Ready(Over::Silent);
                }
                let left = [patience, silence].into_iter().flatten();
                let Some(left) = left.map(|(limit, passed)| limit - passed).min() else {
                    return Poll::Pending;
                };
                let Some(deadline) = now.checked_add(left) else { return Poll::Pending };
                self.timer.arm_at(deadline);
            }
            ready!(self.timer.poll_elapsed(context));
        }
    }
}

impl Conversation {
    /// Nothing can be done now: ready if time is over for this client.
    #[inline]
    pub(super) fn poll_watch(&mut self, context: &mut Context<'_>, state: &mut State) -> Poll<()> {
        if self.at_rest && state.config.timeout.is_none() && self.aside.is_none() {
            return Poll::Pending;
        }
        self.watch_limits(context, state)
    }

    #[inline(never)]
    fn watch_limits(&mut self, context: &mut Context<'_>, state: &mut State) -> Poll<()> {
        let client = &state.clients[self.slot];
        let limit = state.output_limit(self.slot);
        let behind = limit.soft > 0 && client.outbox.backlog() > limit.soft;
        let paused = self.aside.as_ref().is_some_and(|aside| aside.paused.is_some());
        let limits = Limits {
            // Who is held back by a pause is not silent of its own will.
            silence: state.config.timeout.filter(|_| !client.listens() && !paused),
            patience: behind.then_some(limit.patience),
        };
        if limits == (Limits { silence: None, patience: None }) {
            self.unwatch();
            return Poll::Pending;
        }
        let active = Duration::from_millis(u64::try_from(client.active).unwrap_or(0));
        let silent_for = || rt::unix_time().saturating_sub(active);
        let aside = self.aside.get_or_insert_default();
        let watch = aside.watch.get_or_insert_with(|| Box::new(Watch::new()));
        if ready!(watch.poll(context, limits, silent_for)) == Over::Slow {
            state.stats.slow_clients += 1;
            let (id, address) = (client.id, client.address());
            tracing::info!("client {id} at {address} is cut off: it is behind for too long");
        }
        Poll::Ready(())
    }
}
