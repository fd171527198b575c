//! Every value to every receiver; the slow are told how much they missed.
//!
//! ```text
//!   sequence    40  41  42  43  44          capacity 5: value 45 pushes 40 out
//!   values     [ a   b   c   d   e ]
//!                    ▲           ▲   ▲
//!       receiver 1 ──┘  receiver 2   └── receiver 3: has seen all, waits
//!       (if it had stood before 40: Lagged(n), and on from 40)
//! ```
//!
//! A sender never waits: that a slow receiver cannot hold up the others is the point. A value that
//! all receivers have taken leaves at once.
//!
//! Invariants:
//! - `values[i].unseen` receivers have not come to it yet; the front has at least one.
//! - A receiver sees the values that were sent after it came to be, in order, less what it lagged.
//! - Values and wakers are cloned and dropped, and wakers woken, while nothing is borrowed.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};

use reactor::budget;
use reactor::slab::Key;

use super::caller::{Caller, ask};
use super::wait_list::{Polled, WaitList};

pub use super::error::SendError;

struct Shared<T> {
    values: VecDeque<Sent<T>>,
    /// The sequence number of the front.
    first: u64,
    capacity: usize,
    senders: usize,
    receivers: usize,
    line: WaitList<()>,
}

/// In an `Rc`, so that a value can be taken out of the borrow before foreign code clones it.
struct Sent<T> {
    value: Rc<T>,
    unseen: usize,
}

impl<T> Shared<T> {
    fn end(&self) -> u64 {
        self.first + self.values.len() as u64
    }

    /// The value with this number has been seen, or will not be, by one receiver more.
    fn seen(&mut self, number: u64) {
        if let Some(sent) =
            number.checked_sub(self.first).and_then(|i| self.values.get_mut(i as usize))
        {
            sent.unseen -= 1;
        }
    }

    /// Takes out what all have seen.
    fn leave(&mut self) -> Vec<Rc<T>> {
        let mut gone = Vec::new();
        while self.values.front().is_some_and(|sent| sent.unseen == 0) {
            gone.extend(self.values.pop_front().map(|sent| sent.value));
            self.first += 1;
        }
        gone
    }
}

fn wake_all<T>(shared: &RefCell<Shared<T>>) {
    let wakers = shared.borrow_mut().line.grant_all(());
    wakers.wake();
}

/// A channel that keeps at most `capacity` values for those who have not come to them yet.
///
/// # Panics
/// If `capacity` is zero.
pub fn channel<T: Clone>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    assert!(capacity > 0, "a channel needs a capacity of at least one");
    let (values, line) = (VecDeque::new(), WaitList::default());
    let shared = Shared { values, first: 0, capacity, senders: 1, receivers: 0, line };
    let shared = Rc::new(RefCell::new(shared));
    let receiver = Receiver::new(&shared);
    (Sender { shared }, receiver)
}

/// Sends to all receivers; clones are as good as the original.
pub struct Sender<T> {
    shared: Rc<RefCell<Shared<T>>>,
}

impl<T: Clone> Sender<T> {
    /// Sends a value to all receivers there are now, and says how many these are.
    ///
    /// # Errors
    /// The value, where there is none.
    pub fn send(&self, value: T) -> Result<usize, SendError<T>> {
        let mut shared = self.shared.borrow_mut();
        let receivers = shared.receivers;
        if receivers == 0 {
            return Err(SendError(value));
        }
        shared.values.push_back(Sent { value: Rc::new(value), unseen: receivers });
        let mut pushed_out = None;
        if shared.values.len() > shared.capacity {
            pushed_out = shared.values.pop_front();
            shared.first += 1;
        }
        let others = shared.leave();
        drop(shared);
        wake_all(&self.shared);
        drop((pushed_out, others));
        Ok(receivers)
    }

    /// A receiver of all that is sent from now on.
    pub fn subscribe(&self) -> Receiver<T> {
        Receiver::new(&self.shared)
    }

    /// How many receivers there are.
    pub fn receiver_count(&self) -> usize {
        self.shared.borrow().receivers
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.shared.borrow_mut().senders += 1;
        Sender { shared: Rc::clone(&self.shared) }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let mut shared = self.shared.borrow_mut();
        shared.senders -= 1;
        let last = shared.senders == 0;
        drop(shared);
        if last {
            wake_all(&self.shared);
        }
    }
}

/// Receives all that is sent after it came to be.
pub struct Receiver<T> {
    shared: Rc<RefCell<Shared<T>>>,
    /// The number of the value that is next for it.
    next: u64,
    /// Where it waits for that value.
    place: Option<Key>,
}

impl<T> Receiver<T> {
    fn new(shared: &Rc<RefCell<Shared<T>>>) -> Receiver<T> {
        let mut channel = shared.borrow_mut();
        channel.receivers += 1;
        Receiver { shared: Rc::clone(shared), next: channel.end(), place: None }
    }

    /// Gives out a waker that was still there.
    fn leave_line(&mut self) -> Option<Waker> {
        let place = self.place.take()?;
        // A grant is news for all, not a turn: there is nothing to pass on.
        let (_, waker) = self.shared.borrow_mut().line.cancel(place);
        waker
    }
}

impl<T: Clone> Receiver<T> {
    /// Waits for the next value.
    ///
    /// Cancel safe: a dropped wait takes no value with it.
    ///
    /// # Errors
    /// [`RecvError::Lagged`] with the number of values that were pushed out before they were taken;
    /// the next call goes on with the oldest that is left. [`RecvError::Closed`] where all was taken
    /// and no sender is left.
    pub fn recv(&mut self) -> Recv<'_, T> {
        Recv { receiver: self }
    }

    /// [`recv`](Receiver::recv) as a poll function: the receiver stands in line until the next call that
    /// is ready.
    ///
    /// # Errors
    /// As [`recv`](Receiver::recv).
    pub fn poll_recv(&mut self, context: &mut Context<'_>) -> Poll<Result<T, RecvError>> {
        ready!(budget::poll_available(context));
        ask(context, |caller| self.look(caller))
    }

    fn look(&mut self, caller: &mut Caller<'_>) -> Option<Poll<Result<T, RecvError>>> {
        loop {
            let received = match self.try_recv() {
                Ok(value) => Ok(value),
                Err(TryRecvError::Lagged(missed)) => Err(RecvError::Lagged(missed)),
                Err(TryRecvError::Closed) => Err(RecvError::Closed),
                Err(TryRecvError::Empty) => {
                    let place = &mut self.place;
                    let polled = self.shared.borrow_mut().line.wait(place, (), caller)?;
                    match polled {
                        Polled::Waiting(_) => return Some(Poll::Pending),
                        Polled::Granted(()) => continue, // and look again
                    }
                }
            };
            drop(self.leave_line());
            budget::spend();
            return Some(Poll::Ready(received));
        }
    }

    /// The next value, if it is there.
    ///
    /// # Errors
    /// As [`recv`](Receiver::recv), and [`TryRecvError::Empty`].
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        let mut shared = self.shared.borrow_mut();
        if self.next < shared.first {
            let missed = shared.first - self.next;
            self.next = shared.first;
            return Err(TryRecvError::Lagged(missed));
        }
        let index = (self.next - shared.first) as usize;
        let Some(sent) = shared.values.get(index) else {
            let closed = shared.senders == 0;
            return Err(if closed { TryRecvError::Closed } else { TryRecvError::Empty });
        };
        let value = Rc::clone(&sent.value);
        shared.seen(self.next);
        self.next += 1;
        let gone = shared.leave();
        drop(shared);
        drop(gone);
        Ok(Rc::try_unwrap(value).unwrap_or_else(|value| (*value).clone()))
    }

    /// A receiver of all that is sent from now on; what this one has not seen yet is not for it.
    pub fn resubscribe(&self) -> Receiver<T> {
        Receiver::new(&self.shared)
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let waker = self.leave_line();
        let mut shared = self.shared.borrow_mut();
        shared.receivers -= 1;
        for number in self.next.max(shared.first)..shared.end() {
            shared.seen(number);
        }
        let gone = shared.leave();
        drop(shared);
        drop((gone, waker)); // the last thing, for either may panic
    }
}

/// The future of [`Receiver::recv`].
#[must_use = "futures do nothing unless awaited"]
pub struct Recv<'a, T: Clone> {
    receiver: &'a mut Receiver<T>,
}

impl<T: Clone> Future for Recv<'_, T> {
    type Output = Result<T, RecvError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.receiver.poll_recv(context)
    }
}

impl<T: Clone> Drop for Recv<'_, T> {
    fn drop(&mut self) {
        drop(self.receiver.leave_line());
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("broadcast::Sender")
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("broadcast::Receiver").field("next", &self.next).finish_non_exhaustive()
    }
}

/// Why no value was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecvError {
    /// So many values were pushed out before this receiver took them.
    Lagged(u64),
    /// All was taken, and no sender is left.
    Closed,
}

impl fmt::Display for RecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RecvError::Lagged(missed) => write!(f, "the receiver was too slow for {missed} values"),
            RecvError::Closed => f.write_str("no sender is left"),
        }
    }
}

impl Error for RecvError {}

/// So many values were pushed out before this receiver took them; what a stream gives in their place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lagged(pub u64);

impl fmt::Display for Lagged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        RecvError::Lagged(self.0).fmt(f)
    }
}

impl Error for Lagged {}

/// Why there is no value now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TryRecvError {
    /// The next one has not been sent yet.
    Empty,
    /// So many values were pushed out before this receiver took them.
    Lagged(u64),
    /// All was taken, and no sender is left.
    Closed,
}

impl fmt::Display for TryRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TryRecvError::Empty => f.write_str("no new value"),
            TryRecvError::Lagged(missed) => RecvError::Lagged(*missed).fmt(f),
            TryRecvError::Closed => RecvError::Closed.fmt(f),
        }
    }
}

impl Error for TryRecvError {}
