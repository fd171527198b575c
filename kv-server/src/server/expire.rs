//! The task that removes keys whose deadline has passed, when nobody asks for them.
//!
//! ```text
//!   ┌──► remove some ──more──► to the end of the queue ──┐
//!   ▲         │ no more                                  │
//!   │         ▼                                          │
//!   └── sleep until the earliest deadline, or until a command sets an earlier one ◄──┘
//! ```
//!
//! Without a deadline it sleeps for ever: there is no tick that looks for work.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use crate::connection::Shared;
use crate::rt::{self, Timer};

/// How many keys one turn removes.
const KEYS: usize = 256;
/// The longest sleep. The wall clock, by which keys expire, may be set; the timer's clock is not.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The task; it ends when the server stops.
pub(super) struct Expiry {
    shared: Rc<Shared>,
    timer: Timer,
}

impl Expiry {
    pub(super) fn new(shared: Rc<Shared>) -> Expiry {
        Expiry { shared, timer: Timer::new() }
    }
}

impl Future for Expiry {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let Expiry { shared, timer } = self.get_mut();
        loop {
            let state = &mut *shared.state.borrow_mut();
            if state.stopping {
                return Poll::Ready(());
            }
            state.expiry = Some(context.waker().clone());
            if !state.active_expiry {
                timer.disarm();
                return Poll::Pending;
            }
            let now = super::unix_millis();
            if let Some(pause) = state.pause(now) {
                // Nothing changes meanwhile; a key whose deadline has passed is not seen all the same.
                let left = u64::try_from(pause.until - now).unwrap_or(0);
                timer.arm_at(rt::now() + Duration::from_millis(left).min(LONGEST));
                ready!(timer.poll_elapsed(context));
                continue;
            }
            let removed = state.databases.expire(now, KEYS);
            state.settle_expired();
            state.wake();
            if removed == KEYS {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            let Some(deadline) = state.databases.next_deadline() else {
                timer.disarm();
                return Poll::Pending;
            };
            // A key ends with the first millisecond after its deadline.
            let left = u64::try_from(deadline.saturating_add(1).saturating_sub(now)).unwrap_or(0);
            timer.arm_at(rt::now() + Duration::from_millis(left).min(LONGEST));
            ready!(timer.poll_elapsed(context));
        }
    }
}
