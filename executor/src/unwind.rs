//! Where foreign panics end.
//!
//! Everything that user code may run in, a poll, a destructor, a payload's destructor, may panic. The
//! panic hook has printed it by then; what is left is to keep it from ending the loop.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `call`, and lets no panic of it pass.
///
/// A panic's payload has a destructor too. If that panics as well, its payload is leaked: there may
/// be no end to it.
#[inline]
pub(crate) fn swallow(call: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(call)) {
        drop_payload(payload);
    }
}

#[cold]
fn drop_payload(payload: Box<dyn Any + Send>) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(payload);
    }
}

/// Drops `value`, and lets no panic of its destructor pass.
#[inline]
pub(crate) fn drop_guarded<T>(value: T) {
    swallow(|| drop(value));
}
