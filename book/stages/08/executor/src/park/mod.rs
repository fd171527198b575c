//! The smallest executor there is: one future, one thread, and sleep in between.
//!
//! The thread sleeps on a flag of its own, which is sticky; see `parker`.

mod parker;

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use parker::Parker;

/// Runs `future` on this thread, which sleeps while the future waits.
///
/// ```
/// assert_eq!(executor::park::block_on(async { 6 * 7 }), 42);
/// ```
///
/// # Panics
/// With what `future` panics with.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let parker = Arc::new(Parker::new());
    let waker = Waker::from(Arc::clone(&parker));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        parker.park();
    }
}
