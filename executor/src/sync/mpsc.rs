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
//! - free + granted + queued values = capacity (for the bounded kind, until it is closed). Free is less
//!   than none while a value is back in the queue whose slot has been granted; see `shared::pass_slot_on`.
//! - A waiter that is dropped after a slot was granted to it passes the slot on.
//! - Wakers are cloned, woken and dropped, and values dropped, while nothing is borrowed.
//!
//! Neighbours: `shared` is what lies between the ends; `wait_list` keeps the line; `cross::channel` is the
//! same between threads, with a lock around each step and another queue, which is why the two are not one.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use reactor::budget;
use reactor::slab::Key;

use super::caller::keep;

use self::shared::{
    Shared, Slot, add_sender, is_idle, leave_line, poll_slot, put, put_in, remove_sender, take,
    take_what_came,
};

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
    let shared = shared::new(isize::try_from(capacity).unwrap_or(isize::MAX));
    (Sender { shared: Rc::clone(&shared) }, Receiver { shared })
}

/// A channel that holds as many values as memory does: for senders that something else slows down.
pub fn unbounded<T>() -> (UnboundedSender<T>, Receiver<T>) {
    let shared = shared::new(0);
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
        let mut channel = self.shared.channel.borrow_mut();
        let Some(Slot) = channel.take_free() else {
            let why = if channel.closed { TrySendError::Closed } else { TrySendError::Full };
            return Err(why(value));
        };
        put_in(&self.shared, channel, value);
        Ok(())
    }

    /// Whether the receiver has gone or has closed.
    pub fn is_closed(&self) -> bool {
        self.shared.channel.borrow().closed
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
        ready!(budget::poll_available(context));
        assert!(self.value.is_some(), "{AGAIN}");
        let send = &mut *self;
        let shared = &*send.sender.shared;
        let mut channel = shared.channel.borrow_mut();
        if send.place.is_none()
            && let Some(Slot) = channel.take_free()
        {
            budget::spend();
            put_in(shared, channel, send.value.take().expect(AGAIN));
            return Poll::Ready(Ok(()));
        }
        drop(channel);
        send.wait(context)
    }
}

impl<T> Send<'_, T> {
    /// Out of line: who finds a slot at once saves no registers for this.
    #[inline(never)]
    fn wait(&mut self, context: &mut Context<'_>) -> Poll<Result<(), SendError<T>>> {
        let slot = ready!(poll_slot(&self.sender.shared, &mut self.place, context));
        let value = self.value.take().expect(AGAIN);
        let Some(Slot) = slot else { return Poll::Ready(Err(SendError(value))) };
        budget::spend();
        put(&self.sender.shared, value);
        Poll::Ready(Ok(()))
    }
}

const AGAIN: &str = "a Send was polled after it was ready";

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
        self.shared.channel.borrow().closed
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
        let shared = &*self.shared;
        match take(shared) {
            Ok(value) => {
                budget::spend();
                Poll::Ready(Some(value))
            }
            Err(TryRecvError::Closed) => Poll::Ready(None),
            Err(TryRecvError::Empty) => {
                keep(&shared.receiver, context.waker());
                // That was foreign code, which may have sent, or dropped the last sender.
                if is_idle(shared) { Poll::Pending } else { take_what_came(shared) }
            }
        }
    }

    /// Takes a value if there is one.
    ///
    /// # Errors
    /// [`TryRecvError::Empty`] where one may still come, [`TryRecvError::Closed`] where none will.
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        take(&self.shared)
    }

    /// How many values can be received at once.
    pub fn len(&self) -> usize {
        self.shared.channel.borrow().values.len()
    }

    /// Whether no value can be received at once.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes no new values from now on: senders, also those in line, get theirs back. What was sent
    /// before can still be received.
    pub fn close(&mut self) {
        let wakers = self.shared.channel.borrow_mut().close();
        wakers.wake();
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let mut channel = self.shared.channel.borrow_mut();
        let (wakers, values) = (channel.close(), std::mem::take(&mut channel.values));
        drop(channel);
        let receiver = self.shared.receiver.take();
        wakers.wake();
        drop((values, receiver)); // which are ours, and go even where a waker panics
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
