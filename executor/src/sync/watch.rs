//! The latest value, and the news that it changed.
//!
//! ```text
//!   sender:    v1 ──► v2 ──► v3            version counts up at each change
//!   receiver:  seen v1 ……… changed() ──► seen v3     (v2 is gone: only the latest counts)
//! ```
//!
//! Invariant: a change after a receiver's last look is never lost to it, however many there were.

use std::cell::{Cell, Ref, RefCell};
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};

use reactor::budget;
use reactor::slab::Key;

use super::caller::{Caller, ask};
use super::notify::Notify;
use super::wait_list::{Polled, WaitList};

pub use super::error::SendError;

struct Shared<T> {
    value: RefCell<T>,
    version: Cell<u64>,
    senders: Cell<usize>,
    receivers: Cell<usize>,
    /// Who waits for a change, or for the senders' end.
    line: RefCell<WaitList<()>>,
    receivers_gone: Notify,
}

impl<T> Shared<T> {
    fn wake_receivers(&self) {
        // First grant to all, then wake: a waker's code may wait again, for the next change.
        let wakers = self.line.borrow_mut().grant_all(());
        wakers.wake();
    }
}

/// A value that starts as `initial`, which the receiver counts as seen.
pub fn channel<T>(initial: T) -> (Sender<T>, Receiver<T>) {
    let shared = Rc::new(Shared {
        value: RefCell::new(initial),
        version: Cell::new(0),
        senders: Cell::new(1),
        receivers: Cell::new(1),
        line: RefCell::default(),
        receivers_gone: Notify::new(),
    });
    (Sender { shared: Rc::clone(&shared) }, Receiver { shared, seen: 0, place: None })
}

/// Changes the value; clones are as good as the original.
pub struct Sender<T> {
    shared: Rc<Shared<T>>,
}

impl<T> Sender<T> {
    /// Puts in a new value, and gives back the old one.
    ///
    /// # Errors
    /// The new value, where no receiver is left.
    ///
    /// # Panics
    /// While a [`Ref`] to the value is held, by anybody.
    pub fn send(&self, value: T) -> Result<T, SendError<T>> {
        if self.shared.receivers.get() == 0 {
            return Err(SendError(value));
        }
        let old = self.shared.value.replace(value);
        self.announce();
        Ok(old)
    }

    /// Changes the value where it is, whether or not anybody looks; it counts as changed if `change`
    /// says so.
    ///
    /// # Panics
    /// Where `change`, or a [`Ref`] that is still held, uses this channel's value; and with what `change`
    /// panics with, after which it counts as not changed.
    pub fn send_if_modified(&self, change: impl FnOnce(&mut T) -> bool) -> bool {
        let changed = change(&mut self.shared.value.borrow_mut());
        if changed {
            self.announce();
        }
        changed
    }

    fn announce(&self) {
        self.shared.version.set(self.shared.version.get() + 1);
        self.shared.wake_receivers();
    }

    /// The value now.
    pub fn borrow(&self) -> Ref<'_, T> {
        self.shared.value.borrow()
    }

    /// A receiver that counts the value of now as seen.
    pub fn subscribe(&self) -> Receiver<T> {
        self.shared.receivers.set(self.shared.receivers.get() + 1);
        Receiver { shared: Rc::clone(&self.shared), seen: self.shared.version.get(), place: None }
    }

    /// How many receivers there are.
    pub fn receiver_count(&self) -> usize {
        self.shared.receivers.get()
    }

    /// Waits until no receiver is left. Cancel safe.
    pub async fn closed(&self) {
        while self.shared.receivers.get() > 0 {
            self.shared.receivers_gone.notified().await;
        }
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.shared.senders.set(self.shared.senders.get() + 1);
        Sender { shared: Rc::clone(&self.shared) }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.shared.senders.set(self.shared.senders.get() - 1);
        if self.shared.senders.get() == 0 {
            self.shared.wake_receivers();
        }
    }
}

/// Sees the latest value, and hears of changes.
pub struct Receiver<T> {
    shared: Rc<Shared<T>>,
    /// The version of its last look.
    seen: u64,
    /// Where it waits for the next.
    place: Option<Key>,
}

impl<T> Receiver<T> {
    /// The value now. Do not hold it across an `.await`: a sender could not change it.
    pub fn borrow(&self) -> Ref<'_, T> {
        self.shared.value.borrow()
    }

    /// The value now, which counts as seen.
    pub fn borrow_and_update(&mut self) -> Ref<'_, T> {
        self.seen = self.shared.version.get();
        self.shared.value.borrow()
    }

    /// Whether the value changed since it was last seen.
    pub fn has_changed(&self) -> bool {
        self.seen != self.shared.version.get()
    }

    /// Waits until the value has changed since it was last seen; then it counts as seen.
    ///
    /// Cancel safe: a dropped wait has seen nothing.
    ///
    /// # Errors
    /// [`Closed`] where it has not changed and no sender is left to change it.
    pub fn changed(&mut self) -> Changed<'_, T> {
        Changed { receiver: self }
    }

    /// [`changed`](Receiver::changed) as a poll function: the receiver stands in line until the next
    /// call that is ready.
    ///
    /// # Errors
    /// As [`changed`](Receiver::changed).
    pub fn poll_changed(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Closed>> {
        ready!(budget::poll_available(context));
        ask(context, |caller| self.look(caller))
    }

    fn look(&mut self, caller: &mut Caller<'_>) -> Option<Poll<Result<(), Closed>>> {
        let changed = loop {
            if self.has_changed() {
                self.seen = self.shared.version.get();
                break Ok(());
            }
            if self.shared.senders.get() == 0 {
                break Err(Closed);
            }
            // On one thread nothing can change between the look above and the wait here.
            let polled = self.shared.line.borrow_mut().wait(&mut self.place, (), caller)?;
            if let Polled::Waiting(_) = polled {
                return Some(Poll::Pending);
            }
        };
        drop(self.leave_line());
        budget::spend();
        Some(Poll::Ready(changed))
    }

    /// Gives out a waker that was still there.
    fn leave_line(&mut self) -> Option<Waker> {
        let place = self.place.take()?;
        // A grant is news for all, not a turn: there is nothing to pass on.
        let (_, waker) = self.shared.line.borrow_mut().cancel(place);
        waker
    }

    /// Waits until `condition` holds of the value, which then counts as seen, and gives it to look at.
    ///
    /// Cancel safe: a dropped wait has only looked. `condition` is called while the value is borrowed;
    /// it cannot change it.
    ///
    /// # Errors
    /// [`Closed`] where it does not hold and no sender is left.
    pub async fn wait_for(
        &mut self,
        mut condition: impl FnMut(&T) -> bool,
    ) -> Result<Ref<'_, T>, Closed> {
        while !condition(&self.borrow_and_update()) {
            self.changed().await?;
        }
        Ok(self.borrow())
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        self.shared.receivers.set(self.shared.receivers.get() + 1);
        Receiver { shared: Rc::clone(&self.shared), seen: self.seen, place: None }
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let waker = self.leave_line();
        self.shared.receivers.set(self.shared.receivers.get() - 1);
        if self.shared.receivers.get() == 0 {
            self.shared.receivers_gone.notify_waiters();
        }
        drop(waker); // the last thing, for it may panic
    }
}

/// The future of [`Receiver::changed`].
#[must_use = "futures do nothing unless awaited"]
pub struct Changed<'a, T> {
    receiver: &'a mut Receiver<T>,
}

impl<T> Future for Changed<'_, T> {
    type Output = Result<(), Closed>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.receiver.poll_changed(context)
    }
}

impl<T> Drop for Changed<'_, T> {
    fn drop(&mut self) {
        drop(self.receiver.leave_line());
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("watch::Sender").field("version", &self.shared.version.get()).finish()
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("watch::Receiver").field("seen", &self.seen).finish()
    }
}

/// No sender is left to change the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no sender is left")
    }
}

impl Error for Closed {}
