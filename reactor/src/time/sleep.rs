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
