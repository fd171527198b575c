//! One value, once: the shape of a reply.
//!
//! ```text
//!            ┌──1 send──► sent ──2 recv takes it──► done
//!   waiting ─┤
//!            ├──3 sender dropped──► closed: RecvError
//!            └──4 receiver dropped or closed: send gives the value back
//! ```

use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::caller::keep;

pub use super::error::{RecvError, TryRecvError};

/// Cells, each looked at by itself: nothing is borrowed that a waker or a destructor could meet.
struct Shared<T> {
    value: Cell<Option<T>>,
    sender_gone: Cell<bool>,
    receiver_gone: Cell<bool>,
    receiver: Cell<Option<Waker>>,
    sender: Cell<Option<Waker>>,
}

/// A sender and a receiver of one value.
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let shared = Rc::new(Shared {
        value: Cell::new(None),
        sender_gone: Cell::new(false),
        receiver_gone: Cell::new(false),
        receiver: Cell::new(None),
        sender: Cell::new(None),
    });
    (Sender { shared: Rc::clone(&shared) }, Receiver { shared, done: false })
}

/// Sends one value.
pub struct Sender<T> {
    shared: Rc<Shared<T>>,
}

impl<T> Sender<T> {
    /// Sends the value.
    ///
    /// # Errors
    /// The value, where the receiver has gone or has closed.
    pub fn send(self, value: T) -> Result<(), T> {
        if self.is_closed() {
            return Err(value);
        }
        self.shared.value.set(Some(value));
        Ok(()) // the drop of `self` wakes the receiver
    }

    /// Whether nobody will receive.
    pub fn is_closed(&self) -> bool {
        self.shared.receiver_gone.get()
    }

    /// Ready when nobody will receive any more: a reason to stop working on the reply.
    pub fn poll_closed(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.is_closed() {
            return Poll::Ready(());
        }
        keep(&self.shared.sender, context.waker());
        if self.is_closed() { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Waits until nobody will receive any more. Cancel safe.
    pub async fn closed(&mut self) {
        std::future::poll_fn(|context| self.poll_closed(context)).await;
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.shared.sender_gone.set(true);
        let (receiver, sender) = (self.shared.receiver.take(), self.shared.sender.take());
        if let Some(receiver) = receiver {
            receiver.wake();
        }
        drop(sender); // the last thing, for it may panic
    }
}

/// Receives one value; it is the future of it.
///
/// Cancel safe: a value that was sent stays until it is taken, or the receiver dropped.
#[must_use = "futures do nothing unless awaited"]
pub struct Receiver<T> {
    shared: Rc<Shared<T>>,
    done: bool,
}

impl<T> Receiver<T> {
    /// Takes no value from now on; one that was sent before can still be taken.
    pub fn close(&mut self) {
        self.shared.receiver_gone.set(true);
        if let Some(sender) = self.shared.sender.take() {
            sender.wake();
        }
    }

    /// Takes the value, if it is there.
    ///
    /// # Errors
    /// [`TryRecvError::Empty`] where it may still come, [`TryRecvError::Closed`] where it will not.
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        let shared = &*self.shared;
        match shared.value.take() {
            Some(value) => {
                self.done = true;
                Ok(value)
            }
            None if shared.sender_gone.get() || shared.receiver_gone.get() => {
                Err(TryRecvError::Closed)
            }
            None => Err(TryRecvError::Empty),
        }
    }
}

impl<T> Receiver<T> {
    #[cold]
    #[inline(never)]
    fn take_what_came(&mut self) -> Poll<Result<T, RecvError>> {
        Poll::Ready(self.try_recv().map_err(|_| RecvError))
    }
}

impl<T> Future for Receiver<T> {
    type Output = Result<T, RecvError>;

    /// # Panics
    /// Polled again after it gave the value.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        assert!(!self.done, "a oneshot receiver was polled after it had given its value");
        match self.try_recv() {
            Ok(value) => Poll::Ready(Ok(value)),
            Err(TryRecvError::Closed) => Poll::Ready(Err(RecvError)),
            Err(TryRecvError::Empty) => {
                keep(&self.shared.receiver, context.waker());
                // That was foreign code, which may have sent, or dropped the sender.
                if self.shared.sender_gone.get() { self.take_what_came() } else { Poll::Pending }
            }
        }
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        if self.done {
            return; // the value was the last thing that there was: the sender has gone with it
        }
        self.close();
        let receiver = self.shared.receiver.take();
        drop((self.shared.value.take(), receiver));
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("oneshot::Sender")
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("oneshot::Receiver")
    }
}
