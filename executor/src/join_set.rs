//! Tasks that belong together: waited for as they end, aborted together.
//!
//! ```text
//!   spawn ──► member: (handle)   and its task, with a note in its future:
//!                                   the future is dropped (end, panic, abort) ──► note: "I, key"
//!   join_next ◄── the first key in `ended` ◄────────────────────────────────────────┘
//! ```
//!
//! So the next to be joined is found without asking all members, and a thousand of them cost no more
//! each than one.
//!
//! Invariants:
//! - Each member's key comes into `ended` exactly once, and leaves with the member.
//! - Outputs come in the order in which the tasks ended.
//! - A set that is dropped aborts its tasks.
//!
//! Neighbours: `join` has the handles.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};

use reactor::budget;
use reactor::slab::{Key, Slab};

use crate::context;
use crate::join::{AbortHandle, JoinHandle};
use crate::join_error::JoinError;
use crate::ready_queue;
use crate::sync::caller::keep;

/// A set of tasks with outputs of one type.
///
/// ```
/// executor::block_on(async {
///     let mut squares = executor::JoinSet::new();
///     for number in 1..=3 {
///         squares.spawn(async move { number * number });
///     }
///     let mut sum = 0;
///     while let Some(square) = squares.join_next().await {
///         sum += square.expect("no panic");
///     }
///     assert_eq!(sum, 14);
/// });
/// ```
pub struct JoinSet<T> {
    /// `None` only while a member is being spawned.
    members: Slab<Option<JoinHandle<T>>>,
    ended: Rc<Ended>,
}

/// What the tasks tell their set.
#[derive(Default)]
struct Ended {
    keys: RefCell<VecDeque<Key>>,
    waiter: Cell<Option<Waker>>,
}

impl Ended {
    fn first(&self) -> Option<Key> {
        self.keys.borrow_mut().pop_front()
    }

    fn is_empty(&self) -> bool {
        self.keys.borrow().is_empty()
    }
}

/// Lies in the member's future, and goes with it.
struct Note {
    key: Key,
    ended: Rc<Ended>,
}

impl Drop for Note {
    fn drop(&mut self) {
        self.ended.keys.borrow_mut().push_back(self.key);
        if let Some(waiter) = self.ended.waiter.take() {
            waiter.wake();
        }
    }
}

impl<T> Default for JoinSet<T> {
    fn default() -> Self {
        JoinSet::new()
    }
}

impl<T> JoinSet<T> {
    /// Without members.
    pub fn new() -> JoinSet<T> {
        JoinSet { members: Slab::new(), ended: Rc::default() }
    }

    /// How many members there are: tasks that run, or have ended and were not joined.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Aborts all tasks that are not over. They stay members: each is to be joined, most as cancelled.
    pub fn abort_all(&self) {
        for member in self.handles() {
            member.abort();
        }
    }

    /// Lets all tasks go on by themselves; the set is empty then.
    pub fn detach_all(&mut self) {
        let members = std::mem::take(&mut self.members);
        // They note their end where nobody reads it.
        self.ended = Rc::default();
        drop(members);
    }

    fn handles(&self) -> impl Iterator<Item = &JoinHandle<T>> {
        self.members.iter().filter_map(|(_, member)| member.as_ref())
    }
}

impl<T: 'static> JoinSet<T> {
    /// Spawns a task on the current runtime, as a member.
    ///
    /// # Panics
    /// Where no runtime is running on this thread.
    #[track_caller]
    pub fn spawn(&mut self, future: impl Future<Output = T> + 'static) -> AbortHandle {
        let core = context::current("JoinSet::spawn");
        // The place first, for the note needs its key; from here on nothing can panic.
        let key = self.members.insert(None);
        let note = Note { key, ended: Rc::clone(&self.ended) };
        let task = core.scheduler.spawn(async move {
            let _note = note;
            future.await
        });
        let handle = JoinHandle::new(&core.scheduler, task);
        let abort = handle.abort_handle();
        if let Some(member) = self.members.get_mut(key) {
            *member = Some(handle);
        }
        abort
    }

    /// Waits until a task ends, and gives its result; `None` where there are no members.
    ///
    /// Cancel safe: a dropped wait takes no result with it.
    ///
    /// # Panics
    /// Where it would have to wait, and no runtime is running on this thread; see [`JoinHandle`].
    pub async fn join_next(&mut self) -> Option<Result<T, JoinError>> {
        poll_fn(|context| self.poll_join_next(context)).await
    }

    /// [`join_next`](JoinSet::join_next) as a poll function.
    ///
    /// # Panics
    /// As [`join_next`](JoinSet::join_next).
    pub fn poll_join_next(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<T, JoinError>>> {
        ready!(budget::poll_available(context));
        if self.is_empty() {
            return Poll::Ready(None);
        }
        let Some(key) = self.ended.first() else {
            ready_queue::assert_any_running();
            keep(&self.ended.waiter, context.waker());
            // That was foreign code, which may have ended a task, by dropping its runtime, say.
            return if self.ended.is_empty() {
                Poll::Pending
            } else {
                self.poll_join_next(context)
            };
        };
        let Some(Some(handle)) = self.members.get_mut(key) else {
            unreachable!("a member stays until its key has been read");
        };
        match Pin::new(handle).poll(context) {
            Poll::Ready(result) => {
                budget::spend();
                self.members.remove(key);
                Poll::Ready(Some(result))
            }
            Poll::Pending => {
                // Its future is gone, and its result about to be put down; then the handle wakes us.
                self.ended.keys.borrow_mut().push_front(key);
                Poll::Pending
            }
        }
    }

    /// The result of a task that has ended, if there is one.
    pub fn try_join_next(&mut self) -> Option<Result<T, JoinError>> {
        let key = *self.ended.keys.borrow().front()?;
        let handle = self.members.get_mut(key)?.as_mut().filter(|handle| handle.is_finished())?;
        match Pin::new(handle).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => {
                self.ended.keys.borrow_mut().pop_front();
                self.members.remove(key);
                Some(result)
            }
            Poll::Pending => unreachable!("it was over three lines ago"),
        }
    }

    /// Aborts all tasks, and waits until they are gone; what they still return is dropped.
    ///
    /// Cancel safe: dropped, it leaves tasks that are aborted.
    ///
    /// # Panics
    /// As [`join_next`](JoinSet::join_next).
    pub async fn shutdown(&mut self) {
        self.abort_all();
        while let Some(result) = self.join_next().await {
            drop(result);
        }
    }
}

impl<T> Drop for JoinSet<T> {
    fn drop(&mut self) {
        self.abort_all();
    }
}

impl<T> fmt::Debug for JoinSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinSet").field("members", &self.len()).finish_non_exhaustive()
    }
}
