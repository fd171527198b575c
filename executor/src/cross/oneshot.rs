//! One value, once, from any thread to any other.
//!
//! ```text
//!            ┌──1 send──► sent ──2 the receiver takes it──► over
//!   waiting ─┤
//!            ├──3 sender dropped──► closed: RecvError
//!            └──4 receiver dropped: send gives the value back
//! ```
//!
//! Invariants:
//! - The receiver puts its waker down under the same lock under which it has looked for the value; so a
//!   sender finds either the waker, or a receiver that will find the value.
//! - No waker is cloned, woken or dropped under the lock.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::PoisonError;
use std::task::{Context, Poll, Waker};

use crate::park;
use crate::primitives::{Arc, Mutex, MutexGuard};
use crate::sync::caller::{Caller, ask};
use crate::sync::error::RecvError;

struct Shared<T> {
    state: Mutex<State<T>>,
}

struct State<T> {
    value: Option<T>,
    sender_gone: bool,
    receiver_gone: bool,
    receiver: Option<Waker>,
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // No foreign code runs under this lock, so nothing can panic under it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A sender and a receiver of one value, which may be on different threads.
pub fn oneshot<T>() -> (OneshotSender<T>, OneshotReceiver<T>) {
    let state = State { value: None, sender_gone: false, receiver_gone: false, receiver: None };
    let shared = Arc::new(Shared { state: Mutex::new(state) });
    (OneshotSender { shared: Arc::clone(&shared) }, OneshotReceiver { shared })
}

/// Sends one value.
pub struct OneshotSender<T> {
    shared: Arc<Shared<T>>,
}

impl<T> OneshotSender<T> {
    /// Sends the value; never waits.
    ///
    /// # Errors
    /// The value, where the receiver has gone.
    pub fn send(self, value: T) -> Result<(), T> {
        let mut state = self.shared.lock();
        if state.receiver_gone {
            return Err(value);
        }
        state.value = Some(value);
        Ok(()) // the drop of `self` wakes the receiver
    }

    /// Whether nobody will receive.
    pub fn is_closed(&self) -> bool {
        self.shared.lock().receiver_gone
    }
}

impl<T> Drop for OneshotSender<T> {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.sender_gone = true;
        let receiver = state.receiver.take();
        drop(state);
        if let Some(receiver) = receiver {
            receiver.wake();
        }
    }
}

/// Receives one value; it is the future of it.
///
/// Cancel safe: a value that was sent stays until it is taken, or the receiver dropped.
#[must_use = "futures do nothing unless awaited"]
pub struct OneshotReceiver<T> {
    shared: Arc<Shared<T>>,
}

impl<T> OneshotReceiver<T> {
    /// Waits on a thread that may block.
    ///
    /// # Errors
    /// [`RecvError`] where the sender was dropped.
    ///
    /// # Panics
    /// As [`park::block_on`].
    #[track_caller]
    pub fn blocking_recv(self) -> Result<T, RecvError> {
        park::block_on(self)
    }

    fn look(&self, caller: &mut Caller<'_>) -> Option<Poll<Result<T, RecvError>>> {
        let mut state = self.shared.lock();
        if let Some(value) = state.value.take() {
            return Some(Poll::Ready(Ok(value)));
        }
        if state.sender_gone {
            return Some(Poll::Ready(Err(RecvError)));
        }
        if !state.receiver.as_ref().is_some_and(|known| caller.is(known)) {
            let replaced = state.receiver.replace(caller.stay()?);
            drop(state);
            drop(replaced);
        }
        Some(Poll::Pending)
    }
}

impl<T> Future for OneshotReceiver<T> {
    type Output = Result<T, RecvError>;

    /// Once it has given its value, it answers [`RecvError`].
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        ask(context, |caller| self.look(caller))
    }
}

impl<T> Drop for OneshotReceiver<T> {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.receiver_gone = true;
        let (value, receiver) = (state.value.take(), state.receiver.take());
        drop(state);
        drop((value, receiver));
    }
}

impl<T> fmt::Debug for OneshotSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneshotSender")
    }
}

impl<T> fmt::Debug for OneshotReceiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneshotReceiver")
    }
}
