//! A flag that a thread sleeps on, and that any other may raise.
//!
//! ```text
//!          ┌──1 wake, nobody sleeps──► raised ──2 park: sleeps not──┐
//!   down ──┤                                                        ├──► down
//!          └──3 park: sleeps ──4 wake: raised, and the sleeper told─┘
//! ```
//! The flag is sticky: a wake between "the future said Pending" and "the thread sleeps" is arrow 1, and
//! found by 2. And it is our own, not `std::thread::park`'s, which others use too, a channel's blocking
//! receive say: they would take our wake-ups away, or we theirs.
//!
//! Invariants:
//! - `park` returns once for each time that the flag was raised since, and not before: a condvar that
//!   wakes for no reason is put back to sleep.
//! - The flag changes under the lock alone, so that no wake falls between a look at it and the sleep.

use std::sync::{Arc, PoisonError};
use std::task::Wake;

use crate::primitives::{Condvar, Mutex, MutexGuard};

pub(crate) struct Parker {
    raised: Mutex<bool>,
    told: Condvar,
}

impl Parker {
    pub(crate) fn new() -> Parker {
        Parker { raised: Mutex::new(false), told: Condvar::new() }
    }

    /// Sleeps until the flag is raised, and takes it down.
    pub(crate) fn park(&self) {
        let mut raised = self.lock();
        while !*raised {
            raised = self.told.wait(raised).unwrap_or_else(PoisonError::into_inner);
        }
        *raised = false;
    }

    fn lock(&self) -> MutexGuard<'_, bool> {
        // Nothing that can panic happens under this lock.
        self.raised.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Parker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let was_raised = std::mem::replace(&mut *self.lock(), true);
        if !was_raised {
            self.told.notify_one();
        }
    }
}
