//! Something that happens again and again, at a fixed distance.
//!
//! What if the task was busy, and ticks were missed? There is no right answer, so the caller says:
//!
//! ```text
//!   due        0    10    20    30    40    50          (the task is busy from 10 to 35)
//!   Burst      0    10····35 35 40    50                catch up, keep the count
//!   Delay      0    10····35        45       55         keep the distance
//!   Skip       0    10····35    40    50                keep the rhythm
//! ```

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use super::sleep::{Sleep, sleep_until};
use crate::reactor::now;

/// A second, in nanoseconds.
const SECOND: u128 = 1_000_000_000;

/// What to do about ticks that nobody was there to take.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum MissedTicks {
    /// Deliver them all at once, then go on as planned: the count is right.
    #[default]
    Burst,
    /// Go on at the full distance from the late tick: two ticks are never too close.
    Delay,
    /// Leave them out, and go on at the next planned moment: the rhythm is right.
    Skip,
}

/// Ticks at once, and then every `period`.
///
/// # Panics
/// If `period` is zero.
pub fn interval(period: Duration) -> Interval {
    interval_at(now(), period)
}

/// Ticks at `start`, and then every `period`.
///
/// # Panics
/// If `period` is zero.
pub fn interval_at(start: Instant, period: Duration) -> Interval {
    assert!(!period.is_zero(), "an interval needs a period longer than zero");
    Interval { sleep: Some(sleep_until(start)), due: start, period, missed: MissedTicks::default() }
}

/// A clock that ticks; see [`interval`].
#[derive(Debug)]
pub struct Interval {
    /// `None` after the last tick that the clock can express.
    sleep: Option<Sleep>,
    due: Instant,
    period: Duration,
    missed: MissedTicks,
}

impl Interval {
    /// Sets what happens about missed ticks.
    pub fn set_missed_ticks(&mut self, missed: MissedTicks) {
        self.missed = missed;
    }

    /// The distance between two ticks.
    pub fn period(&self) -> Duration {
        self.period
    }

    /// Waits for the next tick, and gives the moment for which it was planned.
    ///
    /// Cancel safe: a dropped wait takes no tick with it.
    pub fn tick(&mut self) -> Tick<'_> {
        Tick { interval: self }
    }

    /// [`tick`](Interval::tick) as a poll function.
    pub fn poll_tick(&mut self, context: &mut Context<'_>) -> Poll<Instant> {
        let Some(sleep) = &mut self.sleep else { return Poll::Pending };
        ready!(Pin::new(&mut *sleep).poll(context));
        let due = self.due;
        match next_tick(due, self.period, now(), self.missed) {
            Some(next) => {
                self.due = next;
                sleep.reset(next);
            }
            None => self.sleep = None,
        }
        Poll::Ready(due)
    }
}

/// The tick after the one that was due at `due` and is taken `now`; `None` is never.
fn next_tick(due: Instant, period: Duration, now: Instant, missed: MissedTicks) -> Option<Instant> {
    let planned = due.checked_add(period)?;
    if planned > now {
        return Some(planned);
    }
    match missed {
        MissedTicks::Burst => Some(planned),
        MissedTicks::Delay => now.checked_add(period),
        MissedTicks::Skip => {
            let into_period = now.duration_since(due).as_nanos() % period.as_nanos();
            let (seconds, nanoseconds) = (into_period / SECOND, into_period % SECOND);
            let into_period = Duration::new(seconds as u64, nanoseconds as u32);
            now.checked_add(period - into_period)
        }
    }
}

/// The future of [`Interval::tick`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Tick<'a> {
    interval: &'a mut Interval,
}

impl Future for Tick<'_> {
    type Output = Instant;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Instant> {
        self.get_mut().interval.poll_tick(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missed_ticks_are_caught_up_put_off_or_left_out() {
        let start = now();
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        let period = Duration::from_millis(10);
        let next = |missed| next_tick(at(10), period, at(35), missed);
        assert_eq!(next(MissedTicks::Burst), Some(at(20)));
        assert_eq!(next(MissedTicks::Delay), Some(at(45)));
        assert_eq!(next(MissedTicks::Skip), Some(at(40)));
    }

    #[test]
    fn a_tick_in_time_is_followed_by_the_planned_one() {
        let start = now();
        let period = Duration::from_millis(10);
        for missed in [MissedTicks::Burst, MissedTicks::Delay, MissedTicks::Skip] {
            let late = start + Duration::from_millis(3);
            assert_eq!(next_tick(start, period, late, missed), Some(start + period));
        }
    }

    #[test]
    fn a_period_beyond_the_clock_ticks_once_and_never_again() {
        let start = now();
        assert_eq!(next_tick(start, Duration::MAX, start, MissedTicks::Skip), None);
    }

    #[test]
    #[should_panic(expected = "longer than zero")]
    fn a_period_of_zero_is_refused() {
        let _ = interval(Duration::ZERO);
    }
}
