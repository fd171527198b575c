//! At most so many at once.
//!
//! ```text
//!   acquire(n) ── n free, nobody waits ──► Permit(n)
//!       └─────── otherwise: in line ◄──────────┐
//!                     ▲ granted, when enough    │ dropped: n free again; the first in line takes
//!                     └─ has come together ─────┘ what it asked for, then the next …
//! ```
//!
//! Invariants:
//! - free + granted + held = what was put in (unless permits are forgotten).
//! - Whoever waits longest is served first, even if it asks for much and those behind it for little:
//!   otherwise who asks for much might wait for ever.
//! - A waiter that is dropped after it was granted gives its permits back.
//! - A panic of a waker passes on, and leaves everybody with what was granted to them.
//!
//! Neighbours: `mutex`, `rwlock` and `once_cell` are made of it.

use std::cell::{Cell, RefCell};
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use reactor::budget;
use reactor::slab::Key;

use super::caller::{Caller, ask};
use super::wait_list::{Polled, WaitList};
use super::wakers::Wakers;

/// A number of permits, handed out in the order in which they were asked for.
#[derive(Debug)]
pub struct Semaphore {
    free: Cell<usize>,
    closed: Cell<bool>,
    /// What each asks for.
    line: RefCell<WaitList<Grant, usize>>,
}

#[derive(Debug, Clone, Copy)]
enum Grant {
    /// All that the waiter asked for.
    Permits(usize),
    /// The news that there will be none.
    Closed,
}

impl Semaphore {
    /// With `permits` to hand out.
    pub fn new(permits: usize) -> Semaphore {
        let (free, closed) = (Cell::new(permits), Cell::new(false));
        Semaphore { free, closed, line: RefCell::default() }
    }

    /// How many permits nobody has.
    pub fn available(&self) -> usize {
        self.free.get()
    }

    /// Waits for one permit, which the guard gives back.
    ///
    /// Cancel safe: a dropped wait gives back what was granted to it; it only loses its place.
    ///
    /// # Errors
    /// [`Closed`] where the semaphore is, or becomes, closed.
    pub fn acquire(&self) -> Acquire<'_> {
        self.acquire_many(1)
    }

    /// Waits for `count` permits at once. More than there will ever be are waited for for ever.
    ///
    /// Cancel safe, as [`acquire`](Semaphore::acquire).
    ///
    /// # Errors
    /// [`Closed`] where the semaphore is, or becomes, closed.
    pub fn acquire_many(&self, count: usize) -> Acquire<'_> {
        Acquire { semaphore: self, count, state: State::New }
    }

    /// As [`acquire`](Semaphore::acquire), with a permit that borrows nothing: it can go along with
    /// a task that is spawned.
    ///
    /// # Errors
    /// [`Closed`] where the semaphore is, or becomes, closed.
    pub async fn acquire_owned(self: Rc<Self>) -> Result<OwnedPermit, Closed> {
        let mut permit = self.acquire().await?;
        let count = std::mem::take(&mut permit.count);
        drop(permit);
        Ok(OwnedPermit { semaphore: self, count })
    }

    /// Takes one permit, if it is free and nobody waits.
    ///
    /// # Errors
    /// Why not.
    pub fn try_acquire(&self) -> Result<Permit<'_>, TryAcquireError> {
        self.try_acquire_many(1)
    }

    /// Takes `count` permits, if they are free and nobody waits.
    ///
    /// # Errors
    /// Why not.
    pub fn try_acquire_many(&self, count: usize) -> Result<Permit<'_>, TryAcquireError> {
        if self.closed.get() {
            return Err(TryAcquireError::Closed);
        }
        let free = self.free.get().checked_sub(count);
        match free.filter(|_| self.line.borrow().first().is_none()) {
            Some(free) => {
                self.free.set(free);
                Ok(Permit { semaphore: self, count })
            }
            None => Err(TryAcquireError::NoPermits),
        }
    }

    /// Puts permits in: more than there were, or such as were [forgotten](Permit::forget).
    ///
    /// # Panics
    /// Where more than `usize::MAX` permits would be free.
    pub fn add_permits(&self, count: usize) {
        let free = self.free.get().checked_add(count).expect("no more than `usize::MAX` permits");
        self.free.set(free);
        self.serve();
    }

    /// Takes permits back. From a destructor, so it does not panic: those beyond `usize::MAX` are gone.
    fn release(&self, count: usize) {
        self.free.set(self.free.get().saturating_add(count));
        self.serve();
    }

    /// Hands out no more permits: whoever waits is told so. What was granted before stays granted.
    pub fn close(&self) {
        self.closed.set(true);
        let wakers = self.line.borrow_mut().grant_all(Grant::Closed);
        wakers.wake();
    }

    /// Whether it is closed.
    pub fn is_closed(&self) -> bool {
        self.closed.get()
    }

    /// Grants to the first in line for as long as there is enough.
    fn serve(&self) {
        let mut line = self.line.borrow_mut();
        let mut wakers = Wakers::default();
        while let Some(free) = line.first().and_then(|count| self.free.get().checked_sub(*count)) {
            let count = self.free.replace(free) - free;
            if let Ok(waker) = line.grant_first(Grant::Permits(count)) {
                wakers.push(waker);
            }
        }
        drop(line);
        wakers.wake();
    }
}

/// Permits, held; dropped, they go to the next.
#[derive(Debug)]
#[must_use = "a permit that is dropped at once permits nothing"]
pub struct Permit<'a> {
    semaphore: &'a Semaphore,
    count: usize,
}

impl Permit<'_> {
    /// How many permits these are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Keeps the permits from the semaphore for good.
    pub fn forget(mut self) {
        self.count = 0;
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.count > 0 {
            self.semaphore.release(self.count);
        }
    }
}

/// Permits that keep their semaphore alive; see [`Semaphore::acquire_owned`].
#[derive(Debug)]
#[must_use = "a permit that is dropped at once permits nothing"]
pub struct OwnedPermit {
    semaphore: Rc<Semaphore>,
    count: usize,
}

impl OwnedPermit {
    /// Keeps the permits from the semaphore for good.
    pub fn forget(mut self) {
        self.count = 0;
    }
}

impl Drop for OwnedPermit {
    fn drop(&mut self) {
        if self.count > 0 {
            self.semaphore.release(self.count);
        }
    }
}

/// The future of [`Semaphore::acquire`]. It stands in line from its first poll on.
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Acquire<'a> {
    semaphore: &'a Semaphore,
    count: usize,
    state: State,
}

#[derive(Debug, Clone, Copy)]
enum State {
    New,
    Waiting(Key),
    Done,
}

impl<'a> Future for Acquire<'a> {
    type Output = Result<Permit<'a>, Closed>;

    /// # Panics
    /// Polled again after it was ready.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        ready!(budget::poll_available(context));
        ask(context, |caller| self.look(caller))
    }
}

impl<'a> Acquire<'a> {
    fn look(&mut self, caller: &mut Caller<'_>) -> Option<Poll<Result<Permit<'a>, Closed>>> {
        let (semaphore, count) = (self.semaphore, self.count);
        let result = match self.state {
            State::Done => panic!("an Acquire was polled after it was ready"),
            State::New => match semaphore.try_acquire_many(count) {
                Ok(permit) => Ok(permit),
                Err(TryAcquireError::Closed) => Err(Closed),
                Err(TryAcquireError::NoPermits) => {
                    let key = semaphore.line.borrow_mut().push(count, caller)?;
                    self.state = State::Waiting(key);
                    return Some(Poll::Pending);
                }
            },
            State::Waiting(key) => {
                let polled = semaphore.line.borrow_mut().poll(key, caller)?;
                match polled {
                    Polled::Waiting(_) => return Some(Poll::Pending),
                    Polled::Granted(Grant::Permits(count)) => Ok(Permit { semaphore, count }),
                    Polled::Granted(Grant::Closed) => Err(Closed),
                }
            }
        };
        self.state = State::Done;
        budget::spend();
        Some(Poll::Ready(result))
    }
}

impl Drop for Acquire<'_> {
    fn drop(&mut self) {
        let State::Waiting(key) = self.state else { return };
        let (granted, waker) = self.semaphore.line.borrow_mut().cancel(key);
        match granted {
            Some(Grant::Permits(count)) => self.semaphore.release(count),
            Some(Grant::Closed) => {}
            // Who was first and asked for much may have kept others from what is free.
            None => self.semaphore.serve(),
        }
        drop(waker); // the last thing, for it may panic
    }
}

/// The semaphore hands out no more permits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the semaphore is closed")
    }
}

impl Error for Closed {}

/// Why there was no permit at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TryAcquireError {
    /// The semaphore hands out no more.
    Closed,
    /// Too few are free, or others were first.
    NoPermits,
}

impl fmt::Display for TryAcquireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TryAcquireError::Closed => "the semaphore is closed",
            TryAcquireError::NoPermits => "no permits are free",
        })
    }
}

impl Error for TryAcquireError {}
