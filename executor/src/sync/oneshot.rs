//! One value, once: the shape of a reply.
//!
//! ```text
//!            ┌──1 send──► sent ──2 recv takes it──► done
//!   waiting ─┤
//!            ├──3 sender dropped──► closed: RecvError
//!            └──4 receiver dropped or closed: send gives the value back
//! ```

use std::cell::RefCell;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

struct Shared<T> {
    value: Option<T>,
    sender_gone: bool,
    receiver_gone: bool,
    receiver: Option<Waker>,
    sender: Option<Waker>,
}

/// A sender and a receiver of one value.
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let shared = Rc::new(RefCell::new(Shared {
        value: None,
        sender_gone: false,
        receiver_gone: false,
        receiver: None,
        sender: None,
    }));
    (Sender { shared: Rc::clone(&shared) }, Receiver { shared, done: false })
}

/// Sends one value.
pub struct Sender<T> {
    shared: Rc<RefCell<Shared<T>>>,
}

impl<T> Sender<T> {
    /// Sends the value.
    ///
    /// # Errors
    /// The value, where the receiver has gone or has closed.
    pub fn send(self, value: T) -> Result<(), T> {
        let mut shared = self.shared.borrow_mut();
        if shared.receiver_gone {
            return Err(value);
        }
        shared.value = Some(value);
        Ok(()) // the drop of `self` wakes the receiver
    }

    /// Whether nobody will receive.
    pub fn is_closed(&self) -> bool {
        self.shared.borrow().receiver_gone
    }

    /// Ready when nobody will receive any more: a reason to stop working on the reply.
    pub fn poll_closed(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut shared = self.shared.borrow_mut();
        if shared.receiver_gone {
            return Poll::Ready(());
        }
        let replaced = shared.sender.replace(context.waker().clone());
        drop(shared);
        drop(replaced);
        Poll::Pending
    }

    /// Waits until nobody will receive any more. Cancel safe.
    pub async fn closed(&mut self) {
        std::future::poll_fn(|context| self.poll_closed(context)).await;
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let mut shared = self.shared.borrow_mut();
        shared.sender_gone = true;
        let (receiver, sender) = (shared.receiver.take(), shared.sender.take());
        drop(shared);
        drop(sender);
        if let Some(receiver) = receiver {
            receiver.wake();
        }
    }
}

/// Receives one value; it is the future of it.
///
/// Cancel safe: a value that was sent stays until it is taken, or the receiver dropped.
#[must_use = "futures do nothing unless awaited"]
pub struct Receiver<T> {
    shared: Rc<RefCell<Shared<T>>>,
    done: bool,
}

impl<T> Receiver<T> {
    /// Takes no value from now on; one that was sent before can still be taken.
    pub fn close(&mut self) {
        let mut shared = self.shared.borrow_mut();
        shared.receiver_gone = true;
        let sender = shared.sender.take();
        drop(shared);
        if let Some(sender) = sender {
            sender.wake();
        }
    }

    /// Takes the value, if it is there.
    ///
    /// # Errors
    /// [`TryRecvError::Empty`] where it may still come, [`TryRecvError::Closed`] where it will not.
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        let mut shared = self.shared.borrow_mut();
        match shared.value.take() {
            Some(value) => {
                self.done = true;
                Ok(value)
            }
            None if shared.sender_gone || shared.receiver_gone => Err(TryRecvError::Closed),
            None => Err(TryRecvError::Empty),
        }
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
                let mut shared = self.shared.borrow_mut();
                let waker = context.waker();
                let known = shared.receiver.as_ref().is_some_and(|known| known.will_wake(waker));
                let replaced = if known { None } else { shared.receiver.replace(waker.clone()) };
                drop(shared);
                drop(replaced);
                Poll::Pending
            }
        }
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.close();
        let mut shared = self.shared.borrow_mut();
        let (value, receiver) = (shared.value.take(), shared.receiver.take());
        drop(shared);
        drop((value, receiver));
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

/// The sender has gone without a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecvError;

impl fmt::Display for RecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the sender was dropped before it sent a value")
    }
}

impl Error for RecvError {}

/// Why there is no value now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TryRecvError {
    /// It may still come.
    Empty,
    /// It will not come.
    Closed,
}

impl fmt::Display for TryRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TryRecvError::Empty => "no value was sent yet",
            TryRecvError::Closed => "no value will be sent",
        })
    }
}

impl Error for TryRecvError {}
