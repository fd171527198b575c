//! A value that one task at a time may use, and keep across an `.await`.
//!
//! A semaphore with one permit says whose turn it is; a `RefCell` holds the value. The second can
//! never refuse, because the first has decided; but it is what lets this be written without `unsafe`,
//! for the price of one flag.
//!
//! On one thread, a value that is *not* held across an `.await` needs no mutex: nobody else runs.
//!
//! Neighbours: `semaphore` keeps the line; `condvar` waits with it.

use std::cell::{RefCell, RefMut};
use std::fmt;
use std::ops::{Deref, DerefMut};

use super::semaphore::{Permit, Semaphore};

const TURN: &str = "who has the permit has the value";

/// A lock for the tasks of one thread, fair: first come, first served.
pub struct Mutex<T: ?Sized> {
    turn: Semaphore,
    value: RefCell<T>,
}

impl<T> Mutex<T> {
    /// Unlocked.
    pub fn new(value: T) -> Mutex<T> {
        Mutex { turn: Semaphore::new(1), value: RefCell::new(value) }
    }

    /// The value, when nobody can use the lock any more.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Waits for the lock.
    ///
    /// The place in line is taken at the first poll. A panic of a holder does not poison the lock: the
    /// guard is dropped, and the next has its turn.
    ///
    /// Cancel safe: a dropped wait passes the lock on; it only loses its place.
    pub async fn lock(&self) -> MutexGuard<'_, T> {
        let permit = self.turn.acquire().await.expect("this semaphore is never closed");
        self.guard(permit)
    }

    /// The lock, if it is free and nobody waits for it.
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        self.turn.try_acquire().ok().map(|permit| self.guard(permit))
    }

    /// The value, by a reference that proves that nobody else has one.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    fn guard<'a>(&'a self, permit: Permit<'a>) -> MutexGuard<'a, T> {
        let value = self.value.try_borrow_mut().expect(TURN);
        MutexGuard { value, mutex: self, _permit: permit }
    }
}

impl<T: ?Sized> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mutex").field("locked", &(self.turn.available() == 0)).finish()
    }
}

/// The lock, held.
pub struct MutexGuard<'a, T: ?Sized> {
    // Fields are dropped in this order: the value is free before the next has its turn.
    value: RefMut<'a, T>,
    mutex: &'a Mutex<T>,
    _permit: Permit<'a>,
}

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    /// The mutex that this is a guard of.
    pub fn mutex(guard: &MutexGuard<'a, T>) -> &'a Mutex<T> {
        guard.mutex
    }
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
