//! A value that many may read, or one may change.
//!
//! A reader takes one permit of a semaphore, a writer all of them. Because the semaphore is fair, so
//! is the lock: a writer in line lets no later reader past, and so is never starved; nor are readers.
//!
//! Neighbours: `semaphore` keeps the line.

use std::cell::{Ref, RefCell, RefMut};
use std::fmt;
use std::ops::{Deref, DerefMut};

use super::semaphore::{Permit, Semaphore};

const TURN: &str = "who has the permits has the value";
const NEVER_CLOSED: &str = "this semaphore is never closed";

/// The most readers at once.
const READERS: usize = u32::MAX as usize >> 3;

/// A lock for the tasks of one thread that readers share; fair.
pub struct RwLock<T: ?Sized> {
    turns: Semaphore,
    value: RefCell<T>,
}

impl<T> RwLock<T> {
    /// Unlocked.
    pub fn new(value: T) -> RwLock<T> {
        RwLock { turns: Semaphore::new(READERS), value: RefCell::new(value) }
    }

    /// The value, when nobody can use the lock any more.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> RwLock<T> {
    /// Waits until nobody writes, nor waits in line before us to write.
    ///
    /// A task that reads already and asks again may wait for ever, if a writer came in between.
    /// Cancel safe.
    pub async fn read(&self) -> RwLockReadGuard<'_, T> {
        let permit = self.turns.acquire().await.expect(NEVER_CLOSED);
        RwLockReadGuard { value: self.value.try_borrow().expect(TURN), _permit: permit }
    }

    /// Waits until nobody reads or writes. Cancel safe.
    pub async fn write(&self) -> RwLockWriteGuard<'_, T> {
        let permit = self.turns.acquire_many(READERS).await.expect(NEVER_CLOSED);
        RwLockWriteGuard { value: self.value.try_borrow_mut().expect(TURN), _permit: permit }
    }

    /// To read, if that is possible at once.
    pub fn try_read(&self) -> Option<RwLockReadGuard<'_, T>> {
        let permit = self.turns.try_acquire().ok()?;
        Some(RwLockReadGuard { value: self.value.try_borrow().expect(TURN), _permit: permit })
    }

    /// To write, if that is possible at once.
    pub fn try_write(&self) -> Option<RwLockWriteGuard<'_, T>> {
        let permit = self.turns.try_acquire_many(READERS).ok()?;
        Some(RwLockWriteGuard { value: self.value.try_borrow_mut().expect(TURN), _permit: permit })
    }

    /// The value, by a reference that proves that nobody else has one.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }
}

impl<T: ?Sized> fmt::Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RwLock").field("turns", &self.turns.available()).finish_non_exhaustive()
    }
}

/// The lock, held to read.
pub struct RwLockReadGuard<'a, T: ?Sized> {
    // Dropped before the permit, as in `MutexGuard`.
    value: Ref<'a, T>,
    _permit: Permit<'a>,
}

impl<T: ?Sized> Deref for RwLockReadGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// The lock, held to write.
pub struct RwLockWriteGuard<'a, T: ?Sized> {
    value: RefMut<'a, T>,
    _permit: Permit<'a>,
}

impl<T: ?Sized> Deref for RwLockWriteGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: ?Sized> DerefMut for RwLockWriteGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLockReadGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLockWriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
