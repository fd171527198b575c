//! The smallest executor there is: one future, one thread, and sleep in between.
//!
//! From plain threads, for futures that no reactor has to wake: a channel's, a oneshot's, a lock's.
//!
//! The thread sleeps on a flag of its own, which is sticky; see `parker`.
//!
//! Neighbours: `runtime` has the `block_on` with a reactor, tasks and timers.

mod parker;

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::context;
use parker::Parker;

/// Runs `future` on this thread, which sleeps while the future waits.
///
/// There is no reactor and there are no tasks: sockets, timers and `spawn` panic in it, and say why; so
/// does a [`JoinHandle`](crate::JoinHandle) whose task is not over. Calls may be nested, each with a
/// parker of its own; the outer future waits meanwhile.
///
/// ```
/// let mut asked = false;
/// let answer = executor::park::block_on(std::future::poll_fn(|context| {
///     if std::mem::replace(&mut asked, true) {
///         return std::task::Poll::Ready(42);
///     }
///     let waker = context.waker().clone();
///     std::thread::spawn(move || waker.wake()); // whoever wakes may be anywhere
///     std::task::Poll::Pending
/// }));
/// assert_eq!(answer, 42);
/// ```
///
/// # Panics
/// With what `future` panics with; on a thread on which a runtime is running, because all its tasks would
/// stand still, among them, it may be, the one that is waited for. A `block_on` that others wrote does not
/// ask; see the crate's page on [other executors](crate#other-executors).
#[track_caller]
pub fn block_on<F: Future>(future: F) -> F::Output {
    assert!(
        context::try_current().is_none(),
        "a runtime is running on this thread: blocking it would stop all its tasks. Await the future \
         instead, or move the call to `spawn_blocking`"
    );
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
