//! Many senders on any threads, one receiver on any thread, values in order.
//!
//! ```text
//!   send ─1 a slot─► 2 the queue (crossbeam) ─3 wake─┐        bounded only:
//!    └─ none free: in line                          ▼        slots: free, or granted to the
//!            ▲                receiver: 4 take ◄─ waker       first in line, or a queued value's
//!            └──── 5 the slot goes to the first in line ◄── 4
//! ```
//!
//! Invariants:
//! - No wake-up is lost: a sender queues its value and then looks for the waker; the receiver puts its
//!   waker down and then looks into the queue again. The lock around the waker orders the two.
//! - free + granted + queued values = capacity, for the bounded kind, until the receiver goes.
//! - Senders in line are served first come, first served; nobody overtakes them.
//!
//! Neighbours: `sync::mpsc` is the same on one thread; `wait_list` keeps the line here as there.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::PoisonError;
use std::task::{Context, Poll, Waker, ready};

use reactor::budget;
use reactor::slab::Key;

use crate::park;
use crate::primitives::{Arc, Mutex, MutexGuard, queue};
use crate::sync::Wakers;
use crate::sync::caller::{Caller, ask};
use crate::sync::error::{SendError, TryRecvError, TrySendError};
use crate::sync::wait_list::{Polled, WaitList};

/// What both sides know besides the queue.
struct Shared {
    waiting: Mutex<Waiting>,
    /// `None` for the unbounded kind.
    slots: Option<Mutex<Slots>>,
}

/// The receiver's side of it.
struct Waiting {
    receiver: Option<Waker>,
    senders: usize,
}

/// The senders' side of it.
struct Slots {
    free: usize,
    line: WaitList<Slot>,
    /// The receiver has gone.
    closed: bool,
}

/// The right to put one value in.
#[derive(Debug, Clone, Copy)]
struct Slot;

impl Shared {
    // No foreign code runs under these locks, so nothing can panic under them.
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn slots(&self) -> Option<MutexGuard<'_, Slots>> {
        let slots = self.slots.as_ref()?;
        Some(slots.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Arrow 3.
    fn wake_receiver(&self) {
        let receiver = self.waiting().receiver.take();
        if let Some(receiver) = receiver {
            receiver.wake();
        }
    }

    /// Arrow 5.
    fn give_back(&self, slot: Slot) {
        let Some(mut slots) = self.slots() else { return };
        let granted = slots.line.grant_first(slot);
        if granted.is_err() {
            slots.free += 1;
        }
        drop(slots);
        if let Ok(waker) = granted {
            waker.wake();
        }
    }
}

/// A channel between threads that holds at most `capacity` values that were not received.
///
/// # Panics
/// If `capacity` is zero: for a handshake without a buffer, send a [`oneshot`](super::oneshot()) along.
pub fn bounded<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    assert!(capacity > 0, "a channel needs a capacity of at least one");
    channel(Some(Mutex::new(Slots { free: capacity, line: WaitList::default(), closed: false })))
}

/// A channel between threads that holds as many values as memory does: its senders never wait.
pub fn unbounded<T>() -> (Sender<T>, Receiver<T>) {
    channel(None)
}

fn channel<T>(slots: Option<Mutex<Slots>>) -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = queue::unbounded();
    let waiting = Mutex::new(Waiting { receiver: None, senders: 1 });
    let shared = Arc::new(Shared { waiting, slots });
    (
        Sender { queue: sender, shared: Arc::clone(&shared) },
        Receiver { queue: Some(receiver), taken: None, shared },
    )
}

/// Sends from any thread; clones are as good as the original.
pub struct Sender<T> {
    queue: queue::Sender<T>,
    shared: Arc<Shared>,
}

impl<T> Sender<T> {
    /// Sends a value; waits for a slot, if the channel is bounded and full.
    ///
    /// Cancel safe: dropped before it is ready, it has sent nothing, and the value is dropped with it.
    ///
    /// # Errors
    /// The value, where the receiver has gone.
    pub fn send(&self, value: T) -> Send<'_, T> {
        Send { sender: self, value: Some(value), place: None }
    }

    /// [`send`](Sender::send) for a thread that may block.
    ///
    /// # Errors
    /// The value, where the receiver has gone.
    ///
    /// # Panics
    /// As [`park::block_on`]: on a thread on which a runtime is running.
    #[track_caller]
    pub fn blocking_send(&self, value: T) -> Result<(), SendError<T>> {
        park::block_on(self.send(value))
    }

    /// Sends a value if that is possible at once; to an unbounded channel it always is.
    ///
    /// # Errors
    /// The value, with the reason.
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        if let Some(mut slots) = self.shared.slots() {
            if slots.closed {
                return Err(TrySendError::Closed(value));
            }
            match slots.free.checked_sub(1) {
                Some(free) => slots.free = free,
                None => return Err(TrySendError::Full(value)),
            }
        }
        self.put(value).map_err(|SendError(value)| TrySendError::Closed(value))
    }

    /// Arrow 2: puts a value in whose slot has been had.
    fn put(&self, value: T) -> Result<(), SendError<T>> {
        self.queue.send(value).map_err(|unsent| SendError(unsent.into_inner()))?;
        self.shared.wake_receiver();
        Ok(())
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.shared.waiting().senders += 1;
        Sender { queue: self.queue.clone(), shared: Arc::clone(&self.shared) }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let mut waiting = self.shared.waiting();
        waiting.senders -= 1;
        let receiver = if waiting.senders == 0 { waiting.receiver.take() } else { None };
        drop(waiting);
        if let Some(receiver) = receiver {
            receiver.wake();
        }
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
    /// Ready with a slot, or where none is needed any more because the receiver has gone.
    fn look_for_slot(&mut self, caller: &mut Caller<'_>) -> Option<Poll<()>> {
        let Some(mut slots) = self.sender.shared.slots() else { return Some(Poll::Ready(())) };
        if self.place.is_none() {
            if slots.closed {
                return Some(Poll::Ready(()));
            }
            // A free slot is nobody's: while somebody waits, there is none.
            if let Some(free) = slots.free.checked_sub(1) {
                slots.free = free;
                return Some(Poll::Ready(()));
            }
        }
        let polled = slots.line.wait(&mut self.place, (), caller)?;
        drop(slots);
        Some(match polled {
            Polled::Granted(Slot) => Poll::Ready(()),
            Polled::Waiting(_) => Poll::Pending,
        })
    }
}

impl<T> Future for Send<'_, T> {
    type Output = Result<(), SendError<T>>;

    /// # Panics
    /// Polled again after it was ready.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        assert!(self.value.is_some(), "a Send was polled after it was ready");
        ready!(budget::poll_available(context));
        ready!(ask(context, |caller| self.look_for_slot(caller)));
        budget::spend();
        let value = self.value.take().expect("it was there four lines ago");
        Poll::Ready(self.sender.put(value))
    }
}

impl<T> Drop for Send<'_, T> {
    fn drop(&mut self) {
        let Some(place) = self.place.take() else { return };
        let Some(mut slots) = self.sender.shared.slots() else { return };
        let (slot, waker) = slots.line.cancel(place);
        drop(slots);
        drop(waker);
        if let Some(slot) = slot {
            self.sender.shared.give_back(slot);
        }
    }
}

/// Receives on any thread.
pub struct Receiver<T> {
    /// `None` only in the drop.
    queue: Option<queue::Receiver<T>>,
    /// Out of the queue, its slot given away, and not given out yet: so it is not lost where a waker panics.
    taken: Option<T>,
    shared: Arc<Shared>,
}

/// Values go through, and are never pinned.
impl<T> Unpin for Receiver<T> {}

impl<T> Receiver<T> {
    /// Waits for the next value; `None` when none is left and none can come.
    ///
    /// Cancel safe: a dropped wait takes no value with it.
    pub fn recv(&mut self) -> Recv<'_, T> {
        Recv { receiver: self }
    }

    /// [`recv`](Receiver::recv) for a thread that may block.
    ///
    /// # Panics
    /// As [`park::block_on`]: on a thread on which a runtime is running.
    #[track_caller]
    pub fn blocking_recv(&mut self) -> Option<T> {
        park::block_on(self.recv())
    }

    /// [`recv`](Receiver::recv) as a poll function.
    pub fn poll_recv(&mut self, context: &mut Context<'_>) -> Poll<Option<T>> {
        ready!(budget::poll_available(context));
        let mut received = self.try_recv();
        if matches!(received, Err(TryRecvError::Empty)) {
            let waker = context.waker().clone(); // foreign code: not under the lock
            let replaced = self.shared.waiting().receiver.replace(waker);
            drop(replaced);
            // Whoever sent before it could see the waker is seen here.
            received = self.try_recv();
        }
        match received {
            Ok(value) => {
                budget::spend();
                Poll::Ready(Some(value))
            }
            Err(TryRecvError::Closed) => Poll::Ready(None),
            Err(TryRecvError::Empty) => Poll::Pending,
        }
    }

    /// Takes a value if there is one.
    ///
    /// # Errors
    /// [`TryRecvError::Empty`] where one may still come, [`TryRecvError::Closed`] where none will.
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        if let Some(value) = self.take() {
            return Ok(value);
        }
        // First this, then the queue once more: who is gone now has queued all that it ever will.
        let over = self.shared.waiting().senders == 0;
        match self.take() {
            Some(value) => Ok(value),
            None if over => Err(TryRecvError::Closed),
            None => Err(TryRecvError::Empty),
        }
    }

    /// Arrows 4 and 5.
    fn take(&mut self) -> Option<T> {
        if self.taken.is_none() {
            self.taken = Some(self.queue.as_ref()?.try_recv().ok()?);
            self.shared.give_back(Slot);
        }
        self.taken.take()
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let mut wakers = Wakers::default();
        if let Some(mut slots) = self.shared.slots() {
            slots.closed = true;
            // Let those in line see it; these slots are none.
            wakers.append(slots.line.grant_all(Slot));
        }
        let receiver = self.shared.waiting().receiver.take();
        // What is queued is dropped here, under no lock; from here on, senders get their values back.
        drop(self.queue.take());
        drop(receiver);
        wakers.wake();
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
        f.write_str("cross::Sender")
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cross::Receiver")
    }
}
