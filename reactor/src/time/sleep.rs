//! The future that is ready at a deadline.
//!
//! ```text
//!   unarmed ──1 poll──► armed ──2 the timer fires──► done
//!      ▲                  └──3 reset, drop: timer removed──► unarmed, gone
//!      └──3 reset────────────────────────────────────────────── done
//! ```
//!
//! Invariants:
//! - The reactor has a timer of ours only while armed; a dropped `Sleep` leaves none behind.
//! - Ready means that the reactor took the timer out because its deadline had come.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use crate::reactor::{Reactor, now};
use crate::slab::Key;

/// Waits for `duration` from now; a duration too long to be added to the clock waits for ever.
///
/// # Panics
/// When first polled where no reactor is running on this thread, or later polled inside another one.
pub fn sleep(duration: Duration) -> Sleep {
    Sleep::at(now().checked_add(duration))
}

/// Waits until `deadline`. One that is over takes a turn of the loop all the same.
///
/// # Panics
/// As [`sleep`].
pub fn sleep_until(deadline: Instant) -> Sleep {
    Sleep::at(Some(deadline))
}

/// The future of [`sleep`] and [`sleep_until`].
///
/// Cancel safe: polled again later, or dropped, it loses nothing and leaves nothing.
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Sleep {
    /// `None` is never.
    deadline: Option<Instant>,
    state: State,
}

#[derive(Debug)]
enum State {
    Unarmed,
    Armed { reactor: Rc<Reactor>, timer: Key },
    Done,
}

impl Sleep {
    fn at(deadline: Option<Instant>) -> Sleep {
        Sleep { deadline, state: State::Unarmed }
    }

    /// The moment at which it is ready; `None` is never.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Whether it has been ready.
    pub fn is_elapsed(&self) -> bool {
        matches!(self.state, State::Done)
    }

    /// Sets another deadline; must be polled again to count.
    pub fn reset(&mut self, deadline: Instant) {
        self.disarm();
        *self = Sleep::at(Some(deadline));
    }

    /// Arrow 3.
    fn disarm(&mut self) {
        if let State::Armed { reactor, timer } = std::mem::replace(&mut self.state, State::Unarmed)
        {
            reactor.remove_timer(timer);
        }
    }
}

impl Future for Sleep {
    type Output = ();

    /// # Panics
    /// At the first poll, where no reactor is running on this thread; later, where it is another one.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        match &self.state {
            State::Done => Poll::Ready(()),
            State::Armed { reactor, timer } => {
                if reactor.set_timer_waker(*timer, context.waker()) {
                    return Poll::Pending;
                }
                // Arrow 2: the timer is gone, because it has fired.
                self.state = State::Done;
                Poll::Ready(())
            }
            State::Unarmed => {
                // Arrow 1, even for "never": where no reactor runs, a panic tells, a hang does not.
                let reactor = Reactor::current();
                if let Some(deadline) = self.deadline {
                    let timer = reactor.insert_timer(deadline, context.waker());
                    self.state = State::Armed { reactor, timer };
                }
                Poll::Pending
            }
        }
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.disarm();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{calls_when_cloned, counter};
    use crate::time::{now, sleep, sleep_until};
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::task::Waker;

    const HOUR: Duration = Duration::from_secs(3_600);

    fn poll(sleep: &mut Sleep, waker: &Waker) -> Poll<()> {
        Pin::new(sleep).poll(&mut Context::from_waker(waker))
    }

    fn with_reactor(test: impl FnOnce(&Reactor)) {
        let reactor = Reactor::new().expect("a reactor");
        let _entered = reactor.enter();
        test(&reactor);
    }

    #[test]
    fn a_waker_may_use_the_timers_while_it_is_cloned() {
        with_reactor(|reactor| {
            let sets_a_timer = calls_when_cloned(|| {
                let mut other = sleep(HOUR);
                assert!(poll(&mut other, Waker::noop()).is_pending());
            });
            let mut sleep = sleep(HOUR);
            assert!(poll(&mut sleep, &sets_a_timer).is_pending(), "it is kept");
            assert!(poll(&mut sleep, Waker::noop()).is_pending());
            assert!(poll(&mut sleep, &sets_a_timer).is_pending(), "it takes another's place");
            assert_eq!(reactor.timer_count(), 1);
        });
    }

    #[test]
    fn a_clone_that_lets_the_timer_fire_finds_the_time_over() {
        with_reactor(|reactor| {
            let mut sleep = sleep_until(now());
            assert!(poll(&mut sleep, Waker::noop()).is_pending());
            let parks = calls_when_cloned(|| {
                Reactor::current().park(Some(Duration::ZERO)).expect("park");
            });
            assert!(poll(&mut sleep, &parks).is_ready());
            assert_eq!(reactor.timer_count(), 0);
        });
    }

    #[test]
    fn a_clone_that_panics_leaves_the_timer_as_it_was() {
        with_reactor(|reactor| {
            let panics = calls_when_cloned(|| panic!("a waker's own"));
            let mut sleep = sleep_until(now());
            let polled = catch_unwind(AssertUnwindSafe(|| poll(&mut sleep, &panics)));
            assert!(polled.is_err());
            assert_eq!(reactor.timer_count(), 0);

            let woken = counter();
            assert!(poll(&mut sleep, &woken.waker()).is_pending());
            let polled = catch_unwind(AssertUnwindSafe(|| poll(&mut sleep, &panics)));
            assert!(polled.is_err());
            reactor.park(Some(HOUR)).expect("park");
            assert_eq!(woken.count(), 1, "who waited before waits still");
            assert!(poll(&mut sleep, &panics).is_ready(), "nobody is left to be woken");
        });
    }
}
