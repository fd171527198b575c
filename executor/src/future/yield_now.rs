//! Letting the others run.
//!
//! ```text
//!   new ──1 poll: wake self, Pending──► yielded ──2 poll: Ready──►
//! ```

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Puts the task at the end of the queue: every task that is ready now runs once before it goes on.
///
/// Cancel safe: dropped, it has only let the task be polled once more.
pub fn yield_now() -> YieldNow {
    YieldNow { yielded: false }
}

/// The future of [`yield_now`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct YieldNow {
    yielded: bool,
}

impl Future for YieldNow {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.yielded {
            return Poll::Ready(());
        }
        self.yielded = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
