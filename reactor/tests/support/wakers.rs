//! Wakers that tell what was done with them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Wake, Waker};

/// Counts how often it was woken.
pub(crate) struct Counter(AtomicUsize);

pub(crate) fn counter() -> Arc<Counter> {
    Arc::new(Counter(AtomicUsize::new(0)))
}

impl Counter {
    pub(crate) fn waker(self: &Arc<Self>) -> Waker {
        Waker::from(Arc::clone(self))
    }

    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Wake for Counter {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// A waker that runs code of the test: when it is woken, and when its last clone is dropped.
pub(crate) struct Foreign {
    on_wake: fn(),
    on_drop: fn(),
}

/// What such a waker does where a test has no wish.
pub(crate) fn nothing() {}

pub(crate) fn foreign(on_wake: fn(), on_drop: fn()) -> Waker {
    Waker::from(Arc::new(Foreign { on_wake, on_drop }))
}

impl Wake for Foreign {
    fn wake(self: Arc<Self>) {
        (self.on_wake)();
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        (self.on_drop)();
    }
}
