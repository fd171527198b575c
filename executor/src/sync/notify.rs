//! Telling somebody to look again.
//!
//! ```text
//!              nobody waits                     somebody waits
//!   notify_one:      the permit is kept (one)   the first waiter is granted, and woken
//!   notify_waiters:  nothing                    all waiters are granted, and woken
//! ```
//!
//! Invariants:
//! - A `notify_one` is used up by exactly one wait: a waiter that is dropped after it was granted
//!   passes it on.
//! - A [`Notified`] made before a `notify_waiters` hears it, even if it was not polled yet.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use reactor::slab::Key;

use super::caller::{Caller, ask};
use super::wait_list::{Polled, WaitList};
use super::wakers::Wakers;

/// News without content, for the tasks of one thread.
#[derive(Debug, Default)]
pub struct Notify {
    permit: Cell<bool>,
    /// How often all were notified; wraps.
    rounds: Cell<u64>,
    waiters: RefCell<WaitList<Grant>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grant {
    /// By `notify_one`: must be passed on if it is not taken.
    One,
    /// By `notify_waiters`.
    All,
}

impl Notify {
    /// With nobody waiting, and no permit.
    pub fn new() -> Notify {
        Notify::default()
    }

    /// Wakes the one that has waited longest; where nobody waits, the next wait ends at once.
    /// Several calls before that are one.
    pub fn notify_one(&self) {
        let granted = self.waiters.borrow_mut().grant_first(Grant::One);
        match granted {
            Ok(waker) => waker.wake(),
            Err(_) => self.permit.set(true),
        }
    }

    /// Wakes all that wait now, and nobody who comes later.
    pub fn notify_waiters(&self) {
        // First grant to all, then wake: a waker's code may add waiters, who are of the next round.
        let wakers = self.grant_waiters();
        wakers.wake();
    }

    /// [`notify_waiters`](Notify::notify_waiters), but for the waking.
    pub(crate) fn grant_waiters(&self) -> Wakers {
        self.rounds.set(self.rounds.get().wrapping_add(1));
        self.waiters.borrow_mut().grant_all(Grant::All)
    }

    /// Waits to be notified.
    ///
    /// Cancel safe: a wait that was notified and then dropped passes the notification on; it only
    /// loses its place in the order.
    pub fn notified(&self) -> Notified<'_> {
        Notified { notify: self, state: State::New { round: self.rounds.get() } }
    }
}

/// The future of [`Notify::notified`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Notified<'a> {
    notify: &'a Notify,
    state: State,
}

#[derive(Debug)]
enum State {
    New { round: u64 },
    Waiting(Key),
    Done,
}

impl Future for Notified<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        ask(context, |caller| self.look(caller))
    }
}

impl Notified<'_> {
    fn look(&mut self, caller: &mut Caller<'_>) -> Option<Poll<()>> {
        let notify = self.notify;
        match self.state {
            State::Done => return Some(Poll::Ready(())),
            State::New { round } if round != notify.rounds.get() || notify.permit.take() => {}
            State::New { .. } => {
                let key = notify.waiters.borrow_mut().push((), caller)?;
                self.state = State::Waiting(key);
                return Some(Poll::Pending);
            }
            State::Waiting(key) => {
                let polled = notify.waiters.borrow_mut().poll(key, caller)?;
                if let Polled::Waiting(_) = polled {
                    return Some(Poll::Pending);
                }
            }
        }
        self.state = State::Done;
        Some(Poll::Ready(()))
    }
}

impl Drop for Notified<'_> {
    fn drop(&mut self) {
        let State::Waiting(key) = self.state else { return };
        let (grant, waker) = self.notify.waiters.borrow_mut().cancel(key);
        drop(waker);
        if grant == Some(Grant::One) {
            self.notify.notify_one();
        }
    }
}
