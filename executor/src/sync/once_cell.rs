//! A value that is made once, by whoever comes first.
//!
//! ```text
//!   empty ──1 first comer: making──► full
//!     ▲              └──2 its future failed or was dropped: the next in line makes it
//!     └──────────────────┘
//! ```
//!
//! Neighbours: `semaphore` keeps the line of those who would make it.

use std::cell::OnceCell as Cell;
use std::convert::Infallible;
use std::fmt;

use super::semaphore::Semaphore;

/// A value for the tasks of one thread, made at the first need for it.
pub struct OnceCell<T> {
    turn: Semaphore,
    value: Cell<T>,
}

impl<T> Default for OnceCell<T> {
    fn default() -> Self {
        OnceCell::new()
    }
}

impl<T> OnceCell<T> {
    /// Empty.
    pub fn new() -> OnceCell<T> {
        OnceCell { turn: Semaphore::new(1), value: Cell::new() }
    }

    /// The value, if it has been made.
    pub fn get(&self) -> Option<&T> {
        self.value.get()
    }

    /// The value, when nobody can use the cell any more.
    pub fn into_inner(self) -> Option<T> {
        self.value.into_inner()
    }

    /// Puts a value in.
    ///
    /// # Errors
    /// The value, where there is one already, or somebody is making one.
    pub fn set(&self, value: T) -> Result<(), T> {
        match self.turn.try_acquire() {
            Ok(_permit) => self.value.set(value),
            Err(_) => Err(value),
        }
    }

    /// The value; where there is none, `make` makes it, and others who ask meanwhile wait.
    ///
    /// Cancel safe: dropped while making, or with a `make` that panics, it leaves the cell empty, and
    /// the next in line makes it. A `make` that asks the same cell waits for itself, for ever.
    pub async fn get_or_init<M>(&self, make: M) -> &T
    where
        M: AsyncFnOnce() -> T,
    {
        match self.get_or_try_init(async || Ok::<T, Infallible>(make().await)).await {
            Ok(value) => value,
            Err(never) => match never {},
        }
    }

    /// As [`get_or_init`](OnceCell::get_or_init), for what may fail: then the cell stays empty.
    ///
    /// # Errors
    /// Those of `make`.
    pub async fn get_or_try_init<E, M>(&self, make: M) -> Result<&T, E>
    where
        M: AsyncFnOnce() -> Result<T, E>,
    {
        if let Some(value) = self.value.get() {
            return Ok(value);
        }
        let _permit = self.turn.acquire().await.expect("this semaphore is never closed");
        if let Some(value) = self.value.get() {
            return Ok(value);
        }
        let made = make().await?;
        Ok(self.value.get_or_init(|| made))
    }
}

impl<T: fmt::Debug> fmt::Debug for OnceCell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OnceCell").field(&self.value.get()).finish()
    }
}
