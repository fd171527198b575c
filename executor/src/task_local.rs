//! Values that belong to a task, as a thread-local belongs to a thread.
//!
//! ```text
//!   KEY.scope(value, future)
//!     poll ──► 1 the value goes into the thread-local   2 future.poll: KEY.with() finds it
//!              3 the one before it comes back            (also when the poll panics)
//!     drop ──► the same around the future's drop: its destructors find the value too
//! ```
//!
//! The value is in the thread-local only while its future runs: whatever other tasks the executor polls
//! in between, and on whichever executor, never see it. Tasks that the future spawns do not inherit it.
//!
//! Invariants:
//! - Nothing is borrowed while foreign code runs: `with` holds an `Rc` of the value, so the closure may
//!   enter other scopes of the same key.
//! - Scopes of one key nest; the innermost is seen.

use std::cell::RefCell;
use std::error::Error;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};
use std::thread;

/// Declares task-locals: statics of the type [`TaskLocal`].
///
/// ```
/// executor::task_local! {
///     static REQUEST: u32;
/// }
///
/// executor::block_on(REQUEST.scope(7, async {
///     executor::yield_now().await;
///     assert_eq!(REQUEST.get(), 7);
/// }));
/// ```
#[macro_export]
macro_rules! task_local {
    ($($(#[$attribute:meta])* $visibility:vis static $name:ident: $type:ty);+ $(;)?) => {
        $($(#[$attribute])* $visibility static $name: $crate::task_local::TaskLocal<$type> = {
            ::std::thread_local! {
                static SLOT: $crate::task_local::TaskLocalSlot<$type> = const { $crate::task_local::TaskLocalSlot::empty() };
            }
            $crate::task_local::TaskLocal::new(SLOT)
        };)+
    };
}

/// Where a task-local's value lies while its task runs; made by [`task_local!`](crate::task_local!).
pub struct TaskLocalSlot<T>(RefCell<Option<Rc<T>>>);

impl<T> TaskLocalSlot<T> {
    /// With nothing in it.
    #[doc(hidden)]
    pub const fn empty() -> TaskLocalSlot<T> {
        TaskLocalSlot(RefCell::new(None))
    }
}

impl<T> fmt::Debug for TaskLocalSlot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TaskLocalSlot")
    }
}

/// A value for each task that has been given one; declared by [`task_local!`](crate::task_local!).
pub struct TaskLocal<T: 'static> {
    slot: thread::LocalKey<TaskLocalSlot<T>>,
}

impl<T: 'static> TaskLocal<T> {
    #[doc(hidden)]
    pub const fn new(slot: thread::LocalKey<TaskLocalSlot<T>>) -> TaskLocal<T> {
        TaskLocal { slot }
    }

    /// Runs `future` with `value` as this key's value, in its polls and in its drop.
    ///
    /// Cancel safe as far as `future` is. One that was never polled is dropped without the value.
    pub async fn scope<F: Future>(&'static self, value: T, future: F) -> F::Output {
        let future = pin!(Some(future));
        let mut scoped = Scoped { key: self, value: Some(Rc::new(value)), future };
        poll_fn(|context| scoped.poll(context)).await
    }

    /// Runs `call` with `value` as this key's value.
    pub fn sync_scope<R>(&'static self, value: T, call: impl FnOnce() -> R) -> R {
        let mut value = Some(Rc::new(value));
        let _inside = Inside::enter(self, &mut value);
        call()
    }

    /// Gives the value to `look`.
    ///
    /// # Panics
    /// Outside of a scope of this key.
    #[track_caller]
    pub fn with<R>(&'static self, look: impl FnOnce(&T) -> R) -> R {
        match self.try_with(look) {
            Ok(result) => result,
            Err(error) => panic!("{error}"),
        }
    }

    /// Gives the value to `look`, if there is one.
    ///
    /// # Errors
    /// [`NotInScope`] outside of a scope of this key.
    pub fn try_with<R>(&'static self, look: impl FnOnce(&T) -> R) -> Result<R, NotInScope> {
        // A thread that is ending may have destroyed its thread-locals; then nothing is in scope.
        let value = self.slot.try_with(|slot| slot.0.borrow().clone()).ok().flatten();
        value.map(|value| look(&value)).ok_or(NotInScope)
    }

    /// A clone of the value.
    ///
    /// # Panics
    /// Outside of a scope of this key.
    #[track_caller]
    pub fn get(&'static self) -> T
    where
        T: Clone,
    {
        self.with(T::clone)
    }

    fn swap(&'static self, value: &mut Option<Rc<T>>) {
        // Without thread-locals, on a thread that is ending, there is no value; the future can still
        // be dropped.
        let _ = self.slot.try_with(|slot| std::mem::swap(&mut *slot.0.borrow_mut(), value));
    }
}

impl<T> fmt::Debug for TaskLocal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TaskLocal")
    }
}

/// While this lives, the value is in the slot, and what was in the slot is in `value`.
struct Inside<'a, T: 'static> {
    key: &'static TaskLocal<T>,
    value: &'a mut Option<Rc<T>>,
}

impl<'a, T> Inside<'a, T> {
    fn enter(key: &'static TaskLocal<T>, value: &'a mut Option<Rc<T>>) -> Inside<'a, T> {
        key.swap(value);
        Inside { key, value }
    }
}

impl<T> Drop for Inside<'_, T> {
    fn drop(&mut self) {
        self.key.swap(self.value);
    }
}

/// A future and its value.
struct Scoped<'a, T: 'static, F> {
    key: &'static TaskLocal<T>,
    value: Option<Rc<T>>,
    /// In an `Option`, so that it can be dropped where it lies: `Pin::set` does that without `unsafe`.
    future: Pin<&'a mut Option<F>>,
}

impl<T, F: Future> Scoped<'_, T, F> {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<F::Output> {
        let _inside = Inside::enter(self.key, &mut self.value);
        let future = self.future.as_mut().as_pin_mut();
        future.expect("it is there until this is dropped").poll(context)
    }
}

impl<T, F> Drop for Scoped<'_, T, F> {
    fn drop(&mut self) {
        let _inside = Inside::enter(self.key, &mut self.value);
        self.future.set(None);
    }
}

/// There is no value: this is not inside a scope of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotInScope;

impl fmt::Display for NotInScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a task-local has a value only inside its `scope`; spawned tasks do not inherit it",
        )
    }
}

impl Error for NotInScope {}
