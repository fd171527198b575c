//! A future, but not for longer than so long.
//!
//! ```text
//!   poll: the future first ──Ready──► Ok(value)
//!           └─Pending─► the clock ──elapsed──► Err(Elapsed)
//!                          └─Pending─► Pending
//! ```
//!
//! The future is asked first, so that a value which is there is never thrown away for a deadline
//! that has just passed.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use super::sleep::{Sleep, sleep, sleep_until};
use crate::budget;

/// Runs `future` for at most `duration` from now.
pub fn timeout<F: Future>(duration: Duration, future: F) -> Timeout<F> {
    Timeout { future, sleep: sleep(duration) }
}

/// Runs `future` until `deadline` at the latest.
pub fn timeout_at<F: Future>(deadline: Instant, future: F) -> Timeout<F> {
    Timeout { future, sleep: sleep_until(deadline) }
}

/// The future of [`timeout`]: what the inner one gives, or [`Elapsed`].
///
/// It is as cancel safe as the inner future, which is dropped together with it.
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Timeout<F> {
    future: F,
    sleep: Sleep,
}

impl<F: Future> Future for Timeout<F> {
    type Output = Result<F::Output, Elapsed>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // SAFETY: nothing is moved out of `this`. `future` is pinned from here on: it is reached
        // through the pinned reference below alone, `Timeout` has no `Drop` of its own and is
        // `Unpin` only if `F` is. `sleep` is not pinned, and is `Unpin`.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: as just said: `this` was pinned, so its field will not move before it is dropped.
        let future = unsafe { Pin::new_unchecked(&mut this.future) };
        if let Poll::Ready(value) = future.poll(context) {
            return Poll::Ready(Ok(value));
        }
        let elapsed = Pin::new(&mut this.sleep).poll(context);
        if elapsed.is_ready() && budget::left() <= 0 {
            // The future may have had its value, and no budget to take it: ask it once more.
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        elapsed.map(|()| Err(Elapsed(())))
    }
}

/// The time was over before the future was ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Elapsed(());

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the deadline passed before the future was ready")
    }
}

impl Error for Elapsed {}

impl From<Elapsed> for io::Error {
    fn from(elapsed: Elapsed) -> io::Error {
        io::Error::new(io::ErrorKind::TimedOut, elapsed)
    }
}
