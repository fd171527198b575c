//! Waiting until what a mutex guards has changed.
//!
//! ```text
//!   wait(guard): 1 stand in line   2 let the mutex go   3 … notified   4 lock it again ──► guard
//!                                        dropped in 3 or 4 after its turn came: 5 the next has it
//! ```
//!
//! Between threads, 1 and 2 must be one step, or a notification falls in between. On one thread they
//! are: nobody else runs until the future has answered `Pending`.
//!
//! As everywhere, look again after waking: `while !ready(&guard) { guard = condvar.wait(guard).await }`,
//! or let [`Condvar::wait_while`] do it.
//!
//! Invariant: a `notify_one` that met a waiter ends one wait: whoever is dropped before it has the
//! mutex again passes it on.
//!
//! Neighbours: `mutex`; `wait_list` keeps the line.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use reactor::slab::Key;

use super::caller::ask;
use super::mutex::{Mutex, MutexGuard};
use super::wait_list::{Polled, WaitList};

/// A line of tasks that wait for a change; a notification that finds nobody is forgotten.
#[derive(Debug, Default)]
pub struct Condvar {
    line: RefCell<WaitList<Grant>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grant {
    /// By `notify_one`: must be passed on if nothing came of it.
    One,
    /// By `notify_all`.
    All,
}

impl Condvar {
    /// With nobody waiting.
    pub fn new() -> Condvar {
        Condvar::default()
    }

    /// Lets the mutex go, waits to be notified, and locks it again.
    ///
    /// Cancel safe: a wait that was notified and then dropped, be it while it waits for the mutex
    /// again, passes the notification on. The mutex stays free.
    pub async fn wait<'a, T: ?Sized>(&self, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        let mutex: &Mutex<T> = MutexGuard::mutex(&guard);
        let mut place = Place { condvar: self, turn: Turn::Nobody };
        std::future::poll_fn(|context| {
            place.stand_in_line(context);
            Poll::Ready(())
        })
        .await;
        drop(guard);
        (&mut place).await;
        let guard = mutex.lock().await;
        place.turn = Turn::Nobody;
        guard
    }

    /// Waits for as long as `condition` holds of the value.
    ///
    /// Cancel safe, as [`wait`](Condvar::wait).
    pub async fn wait_while<'a, T: ?Sized>(
        &self,
        mut guard: MutexGuard<'a, T>,
        mut condition: impl FnMut(&mut T) -> bool,
    ) -> MutexGuard<'a, T> {
        while condition(&mut guard) {
            guard = self.wait(guard).await;
        }
        guard
    }

    /// Wakes the one that has waited longest.
    pub fn notify_one(&self) {
        let granted = self.line.borrow_mut().grant_first(Grant::One);
        if let Ok(waker) = granted {
            waker.wake();
        }
    }

    /// Wakes all that wait now.
    pub fn notify_all(&self) {
        let wakers = self.line.borrow_mut().grant_all(Grant::All);
        wakers.wake();
    }
}

/// A place in the line, and then the turn that came of it.
struct Place<'a> {
    condvar: &'a Condvar,
    turn: Turn,
}

#[derive(Clone, Copy)]
enum Turn {
    Nobody,
    Waiting(Key),
    Notified(Grant),
}

impl Place<'_> {
    fn stand_in_line(&mut self, context: &Context<'_>) {
        let line = &self.condvar.line;
        let key = ask(context, |caller| line.borrow_mut().push((), caller));
        self.turn = Turn::Waiting(key);
    }
}

impl Future for Place<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let Turn::Waiting(key) = self.turn else { return Poll::Ready(()) };
        let line = &self.condvar.line;
        let polled = ask(context, |caller| line.borrow_mut().poll(key, caller));
        match polled {
            Polled::Waiting(_) => Poll::Pending,
            Polled::Granted(grant) => {
                self.turn = Turn::Notified(grant);
                Poll::Ready(())
            }
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let grant = match self.turn {
            Turn::Nobody => None,
            Turn::Notified(grant) => Some(grant),
            Turn::Waiting(key) => {
                let (grant, waker) = self.condvar.line.borrow_mut().cancel(key);
                drop(waker);
                grant
            }
        };
        if grant == Some(Grant::One) {
            self.condvar.notify_one();
        }
    }
}
