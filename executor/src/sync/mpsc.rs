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
//! Neighbours: `wait_list` keeps the line.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};

use reactor::budget;
use reactor::slab::Key;

use super::wait_list::{Polled, WaitList};
use super::wakers::Wakers;

pub use error::{SendError, TryRecvError, TrySendError};

mod error;

struct Channel<T> {
    values: VecDeque<T>,
    /// Slots that nobody has; not looked at by unbounded senders.
    free: usize,
    bounded: bool,
    line: WaitList<Slot>,
    senders: usize,
    /// The receiver has gone, or takes nothing new.
    closed: bool,
    receiver: Option<Waker>,
}

/// The right to put one value in.
#[derive(Debug)]
struct Slot;

type Shared<T> = Rc<RefCell<Channel<T>>>;

/// A channel that holds at most `capacity` values that were not received.
///
/// # Panics
/// If `capacity` is zero: for a handshake without a buffer, send a [`oneshot`](super::oneshot) along.
pub fn channel<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    assert!(capacity > 0, "a channel needs a capacity of at least one");
    let shared = new(capacity, true);
    (Sender { shared: Rc::clone(&shared) }, Receiver { shared })
}

/// A channel that holds as many values as memory does: for senders that something else slows down.
pub fn unbounded<T>() -> (UnboundedSender<T>, Receiver<T>) {
    let shared = new(0, false);
    (UnboundedSender { shared: Rc::clone(&shared) }, Receiver { shared })
}

fn new<T>(free: usize, bounded: bool) -> Shared<T> {
    Rc::new(RefCell::new(Channel {
        values: VecDeque::new(),
        free,
        bounded,
        line: WaitList::default(),
        senders: 1,
        closed: false,
        receiver: None,
    }))
}

/// Puts a value in whose slot has been had, and wakes the receiver.
fn put<T>(shared: &Shared<T>, value: T) {
    let mut channel = shared.borrow_mut();
    channel.values.push_back(value);
    let receiver = channel.receiver.take();
    drop(channel);
    if let Some(receiver) = receiver {
        receiver.wake();
    }
}

/// A slot is free again: for the first in line, or for whoever comes.
fn give_back<T>(shared: &Shared<T>, slot: Slot) {
    let granted = shared.borrow_mut().line.grant_first(slot);
    match granted {
        Ok(waker) => waker.wake(),
        Err(Slot) => shared.borrow_mut().free += 1,
    }
}

fn add_sender<T>(shared: &Shared<T>) -> Shared<T> {
    shared.borrow_mut().senders += 1;
    Rc::clone(shared)
}

fn remove_sender<T>(shared: &Shared<T>) {
    let mut channel = shared.borrow_mut();
    channel.senders -= 1;
    let receiver = if channel.senders == 0 { channel.receiver.take() } else { None };
    drop(channel);
    if let Some(receiver) = receiver {
        receiver.wake();
    }
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
        if channel.free == 0 {
            return Err(TrySendError::Full(value));
        }
        channel.free -= 1;
        drop(channel);
        put(&self.shared, value);
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

impl<T> Send<'_, T> {
    fn has_slot(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut channel = self.sender.shared.borrow_mut();
        let Some(place) = self.place else {
            // A free slot is nobody's: while somebody waits, there is none.
            if channel.free > 0 {
                channel.free -= 1;
                return Poll::Ready(());
            }
            self.place = Some(channel.line.push((), context.waker()));
            return Poll::Pending;
        };
        let polled = channel.line.poll(place, context.waker());
        drop(channel);
        match polled {
            Polled::Granted(Slot) => {
                self.place = None;
                Poll::Ready(())
            }
            Polled::Waiting(_) => Poll::Pending,
        }
    }
}

impl<T> Future for Send<'_, T> {
    type Output = Result<(), SendError<T>>;

    /// # Panics
    /// Polled again after it was ready.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        const AGAIN: &str = "a Send was polled after it was ready";
        ready!(budget::poll_available(context));
        if self.sender.is_closed() {
            return Poll::Ready(Err(SendError(self.value.take().expect(AGAIN))));
        }
        assert!(self.value.is_some(), "{AGAIN}");
        ready!(self.has_slot(context));
        budget::spend();
        put(&self.sender.shared, self.value.take().expect(AGAIN));
        Poll::Ready(Ok(()))
    }
}

impl<T> Drop for Send<'_, T> {
    fn drop(&mut self) {
        let Some(place) = self.place.take() else { return };
        let (slot, waker) = self.sender.shared.borrow_mut().line.cancel(place);
        drop(waker);
        if let Some(slot) = slot {
            give_back(&self.sender.shared, slot);
        }
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
        let bounded = channel.bounded;
        drop(channel);
        if bounded {
            give_back(&self.shared, Slot);
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
        let mut wakers = Wakers::default();
        while let Ok(waker) = channel.line.grant_first(Slot) {
            wakers.push(waker);
        }
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
