//! What tests of this crate and of others need: a waker that counts, and one that runs code of its own.
//!
//! Wakers that are made by safe code are cloned by counting an `Arc` up, and nothing runs. But the
//! functions of a waker may be written by hand, and so its clone is foreign code, which may come back to
//! whoever is about to keep it. Only `unsafe` makes such a waker, and for that there is no other crate.

use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{RawWaker, RawWakerVTable, Wake, Waker};

/// Counts how often it was woken.
pub struct Counter(AtomicUsize);

/// A counter at zero.
pub fn counter() -> Arc<Counter> {
    Arc::new(Counter(AtomicUsize::new(0)))
}

impl Counter {
    /// A waker that counts here.
    pub fn waker(self: &Arc<Self>) -> Waker {
        Waker::from(Arc::clone(self))
    }

    /// How often it was woken so far.
    pub fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Wake for Counter {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

struct Hook(Box<dyn Fn() + Send + Sync>);

static FUNCTIONS: RawWakerVTable = RawWakerVTable::new(clone, release, wake_by_ref, release);

/// A waker that wakes nobody, and calls `on_clone` each time it is cloned.
pub fn calls_when_cloned(on_clone: impl Fn() + Send + Sync + 'static) -> Waker {
    let hook = raw(Arc::new(Hook(Box::new(on_clone))));
    // SAFETY: the four functions take what `raw` puts in, each clone owns a count of the `Arc`, and
    // `Hook` is `Send` and `Sync`.
    unsafe { Waker::from_raw(hook) }
}

fn raw(hook: Arc<Hook>) -> RawWaker {
    RawWaker::new(Arc::into_raw(hook).cast(), &FUNCTIONS)
}

/// # Safety
/// `data` is a [`raw`] waker's that is not yet released.
unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: it comes from `Arc::into_raw`, and the waker that owns this count is alive. It keeps it.
    let hook = ManuallyDrop::new(unsafe { Arc::from_raw(data.cast::<Hook>()) });
    (hook.0)();
    raw(Arc::clone(&hook))
}

/// # Safety
/// None is needed.
unsafe fn wake_by_ref(_: *const ()) {}

/// # Safety
/// `data` is a [`raw`] waker's that is not yet released, and is released by this.
unsafe fn release(data: *const ()) {
    // SAFETY: it comes from `Arc::into_raw`, and this waker owned its count until now.
    drop(unsafe { Arc::from_raw(data.cast::<Hook>()) });
}
