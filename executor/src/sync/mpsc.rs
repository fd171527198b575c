//! Many senders, one receiver, values in order, and a sender that must wait when the receiver is slow.
//!
//! ```text
//!   send ── slot free, nobody waits ──► [ v v v · · ] ──► recv
//!    └───── otherwise: waits in line         ▲                │ each value taken frees a slot:
//!             ▲                              └── push         │ it is granted to the first in line,
//!             └────────── granted ◄───────────────────────────┘ or is free if nobody waits
//! ```
//!
//! The unit that is handed around is the *slot*, so a late sender cannot overtake one that waits.
//!
//! Invariants:
//! - free + granted + queued values = capacity (for the bounded kind, until it is closed).
//! - A waiter that is dropped after a slot was granted to it passes the slot on.
//! - Values and wakers are dropped, and wakers woken, while nothing is borrowed.
//!
//! Neighbours: `shared` is what lies between the ends; `wait_list` keeps the line; `cross::channel` is the same between threads, with a lock
//! around each step and another queue, which is why the two are not one.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use reactor::budget;
use reactor::slab::Key;

use self::shared::{Shared, Slot, add_sender, leave_line, poll_slot, put, put_in, remove_sender};

pub use super::error::{SendError, TryRecvError, TrySendError};
#[cfg(feature = "futures-io")]
pub(crate) use reserve::Reserve;

#[cfg(feature = "futures-io")]
mod reserve;
mod shared;

/// A channel that holds at most `capacity` values that were not received.
///
/// # Panics
/// If `capacity` is zero: for a handshake without a buffer, send a [`oneshot`](super::oneshot) along.
pub fn channel<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    assert!(capacity > 0, "a channel needs a capacity of at least one");
    let shared = shared::new(capacity, true);
    (Sender { shared: Rc::clone(&shared) }, Receiver { shared })
}

/// A channel that holds as many values as memory does: for senders that something else slows down.
pub fn unbounded<T>() -> (UnboundedSender<T>, Receiver<T>) {
    let shared = shared::new(0, false);
    (UnboundedSender { shared: Rc::clone(&shared) }, Receiver { shared })
}

/// Sends to a bounded channel; clones are as good as the original.
pub struct Sender<T> {
    shared: Shared<T>,
}

impl<T> Sender<T> {
    /// Sends a value, waiting for a slot if there is none.
    ///
    /// Cancel safe: dropped before it is ready, it has sent nothing, and the value is dropped with it.
    ///
    /// # Errors
    /// The value, where the receiver has gone or has closed.
    pub fn send(&self, value: T) -> Send<'_, T> {
        Send { sender: self, value: Some(value), place: None }
    }

    /// Sends a value if there is a slot at once.
    ///
    /// # Errors
    /// The value, with the reason.
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        let mut channel = self.shared.borrow_mut();
        if channel.closed {
            return Err(TrySendError::Closed(value));
        }
        let Some(Slot) = channel.take_free() else {
            return Err(TrySendError::Full(value));
        };
        put_in(channel, value);
        Ok(())
    }

    /// Whether the receiver has gone or has closed.
    pub fn is_closed(&self) -> bool {
        self.shared.borrow().closed
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Sender { shared: add_sender(&self.shared) }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        remove_sender(&self.shared);
    }
}

/// The future of [`Sender::send`].
#[must_use = "futures do nothing unless awaited"]
pub struct Send<'a, T> {
    sender: &'a Sender<T>,
    value: Option<T>,
    place: Option<Key>,
}

/// The value is not pinned; it is moved into the channel.
impl<T> Unpin for Send<'_, T> {}

impl<T> Future for Send<'_, T> {
    type Output = Result<(), SendError<T>>;

    /// # Panics
    /// Polled again after it was ready.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        const AGAIN: &str = "a Send was polled after it was ready";
        ready!(budget::poll_available(context));
        assert!(self.value.is_some(), "{AGAIN}");
        let send = &mut *self;
        let mut channel = send.sender.shared.borrow_mut();
        if channel.closed {
            return Poll::Ready(Err(SendError(send.value.take().expect(AGAIN))));
        }
        if send.place.is_none()
            && let Some(Slot) = channel.take_free()
        {
            budget::spend();
            put_in(channel, send.value.take().expect(AGAIN));
            return Poll::Ready(Ok(()));
        }
        drop(channel);
        let Slot = ready!(poll_slot(&send.sender.shared, &mut send.place, context));
        budget::spend();
        put(&send.sender.shared, send.value.take().expect(AGAIN));
        Poll::Ready(Ok(()))
    }
}

impl<T> Drop for Send<'_, T> {
    fn drop(&mut self) {
        leave_line(&self.sender.shared, &mut self.place);
    }
}

/// Sends to an unbounded channel; clones are as good as the original.
pub struct UnboundedSender<T> {
    shared: Shared<T>,
}

impl<T> UnboundedSender<T> {
    /// Sends a value; never waits.
    ///
    /// # Errors
    /// The value, where the receiver has gone or has closed.
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        if self.is_closed() {
            return Err(SendError(value));
        }
        put(&self.shared, value);
        Ok(())
    }

    /// Whether the receiver has gone or has closed.
    pub fn is_closed(&self) -> bool {
        self.shared.borrow().closed
    }
}

impl<T> Clone for UnboundedSender<T> {
    fn clone(&self) -> Self {
        UnboundedSender { shared: add_sender(&self.shared) }
    }
}

impl<T> Drop for UnboundedSender<T> {
    fn drop(&mut self) {
        remove_sender(&self.shared);
    }
}

/// Receives from a channel of either kind.
pub struct Receiver<T> {
    shared: Shared<T>,
}

impl<T> Receiver<T> {
    /// Waits for the next value; `None` when none is left and none can come.
    ///
    /// Cancel safe: a dropped wait takes no value with it.
    pub fn recv(&mut self) -> Recv<'_, T> {
        Recv { receiver: self }
    }

    /// [`recv`](Receiver::recv) as a poll function.
    pub fn poll_recv(&mut self, context: &mut Context<'_>) -> Poll<Option<T>> {
        ready!(budget::poll_available(context));
        match self.try_recv() {
            Ok(value) => {
                budget::spend();
                Poll::Ready(Some(value))
            }
            Err(TryRecvError::Closed) => Poll::Ready(None),
            Err(TryRecvError::Empty) => {
                let mut channel = self.shared.borrow_mut();
                let waker = context.waker();
                let known = channel.receiver.as_ref().is_some_and(|known| known.will_wake(waker));
                let replaced = if known { None } else { channel.receiver.replace(waker.clone()) };
                drop(channel);
                drop(replaced);
                Poll::Pending
            }
        }
    }

    /// Takes a value if there is one.
    ///
    /// # Errors
    /// [`TryRecvError::Empty`] where one may still come, [`TryRecvError::Closed`] where none will.
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        let mut channel = self.shared.borrow_mut();
        let Some(value) = channel.values.pop_front() else {
            let over = channel.senders == 0 || channel.closed;
            return Err(if over { TryRecvError::Closed } else { TryRecvError::Empty });
        };
        let granted = if channel.bounded { channel.grant(Slot) } else { None };
        drop(channel);
        if let Some(waker) = granted {
            waker.wake();
        }
        Ok(value)
    }

    /// How many values can be received at once.
    pub fn len(&self) -> usize {
        self.shared.borrow().values.len()
    }

    /// Whether no value can be received at once.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes no new values from now on: senders, also those in line, get theirs back. What was sent
    /// before can still be received.
    pub fn close(&mut self) {
        let mut channel = self.shared.borrow_mut();
        channel.closed = true;
        // Let those in line see it. These slots are none: nobody can put anything in any more.
        let wakers = channel.line.grant_all(Slot);
        drop(channel);
        wakers.wake();
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.close();
        let mut channel = self.shared.borrow_mut();
        let (values, receiver) = (std::mem::take(&mut channel.values), channel.receiver.take());
        drop(channel);
        drop((values, receiver));
    }
}

/// The future of [`Receiver::recv`].
#[must_use = "futures do nothing unless awaited"]
pub struct Recv<'a, T> {
    receiver: &'a mut Receiver<T>,
}

impl<T> Future for Recv<'_, T> {
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        self.get_mut().receiver.poll_recv(context)
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("mpsc::Sender")
    }
}

impl<T> fmt::Debug for UnboundedSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("mpsc::UnboundedSender")
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("mpsc::Receiver")
    }
}
