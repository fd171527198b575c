//! The handle of a task: to wait for its result, to abort it, or to let it go.
//!
//! ```text
//!   JoinHandle ── await ──► Ok(output) │ Err(panic) │ Err(cancelled)
//!              ── abort ──► its future is dropped at its next turn
//!              ── drop  ──► the task goes on; its result will be dropped
//! ```
//!
//! A handle names its task by a key and its executor by a weak pointer: so it keeps neither alive,
//! and handles that tasks hold of each other make no circle.
//!
//! Neighbours: `scheduler` keeps the outcome; `remote` is the handle for other threads.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::task::{Context, Poll};

use reactor::slab::Key;

use crate::join_error::JoinError;
use crate::ready_queue;
use crate::scheduler::Scheduler;

/// Owns the right to a task's result.
///
/// Dropping it detaches the task. A task whose runtime has been dropped is cancelled, and so is a
/// result that was not asked for before.
///
/// It is awaited where its runtime runs. Under a foreign executor, a task that is not over would stand
/// still for as long as it is waited for; so the poll panics, and says so. Under the `block_on` of
/// another runtime of this thread it waits for its own runtime's next turn, which must then come: wait
/// in a task, not as all that the `block_on` does. [`Handle::spawn`](crate::Handle::spawn) gives a handle
/// for other threads, and whatever executor runs there.
///
/// Cancel safe: a dropped wait leaves the result where it is, as long as the handle lives.
#[must_use = "dropping a handle detaches its task; call `detach` to say that this is meant"]
pub struct JoinHandle<T> {
    task: AbortHandle,
    taken: bool,
    output: PhantomData<fn() -> T>,
}

impl<T> JoinHandle<T> {
    pub(crate) fn new(scheduler: &Rc<Scheduler>, key: Key) -> JoinHandle<T> {
        let task = AbortHandle { scheduler: Rc::downgrade(scheduler), key };
        JoinHandle { task, taken: false, output: PhantomData }
    }

    /// Drops the task's future at the point at which it waits, when its turn comes; the handle then
    /// gives a cancelled [`JoinError`]. A task that has finished, or finishes in the poll that is
    /// going on, keeps its result.
    pub fn abort(&self) {
        self.task.abort();
    }

    /// Another handle that can abort the task, and do nothing else.
    pub fn abort_handle(&self) -> AbortHandle {
        self.task.clone()
    }

    /// Whether the task is over, and awaiting this handle would not wait.
    pub fn is_finished(&self) -> bool {
        self.task.is_finished()
    }

    /// What the task is called, if it has a name and is not over; see [`spawn_named`](crate::spawn_named()).
    pub fn name(&self) -> Option<Arc<str>> {
        self.task.scheduler.upgrade()?.names.get(self.task.key)
    }

    /// Lets the task go on by itself, its result unwanted. The same as dropping the handle, in words.
    pub fn detach(self) {}
}

impl<T: 'static> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    /// # Panics
    /// Polled again after it was ready; polled while the task is not over and no runtime is running on
    /// this thread.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        assert!(!self.taken, "a JoinHandle was polled after it had given its result");
        let polled = match self.task.scheduler.upgrade() {
            Some(scheduler) => scheduler.poll_join(self.task.key, context.waker()),
            None => Poll::Ready(Err(JoinError::cancelled())),
        };
        let Poll::Ready(outcome) = polled else {
            ready_queue::assert_any_running();
            return Poll::Pending;
        };
        self.taken = true;
        Poll::Ready(outcome.map(|output| {
            *output.downcast().expect("a task's output has the type that its handle was made with")
        }))
    }
}

impl<T> Drop for JoinHandle<T> {
    fn drop(&mut self) {
        if !self.taken
            && let Some(scheduler) = self.task.scheduler.upgrade()
        {
            scheduler.detach(self.task.key);
        }
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JoinHandle({}.{}", self.task.key.index, self.task.key.generation)?;
        match self.name() {
            Some(name) => write!(f, ", {name})"),
            None => f.write_str(")"),
        }
    }
}

/// Aborts a task; see [`JoinHandle::abort_handle`].
#[derive(Clone)]
pub struct AbortHandle {
    scheduler: Weak<Scheduler>,
    key: Key,
}

impl AbortHandle {
    /// As [`JoinHandle::abort`].
    pub fn abort(&self) {
        if let Some(scheduler) = self.scheduler.upgrade() {
            scheduler.abort(self.key);
        }
    }

    /// Whether the task is over.
    pub fn is_finished(&self) -> bool {
        self.scheduler.upgrade().is_none_or(|scheduler| scheduler.is_finished(self.key))
    }
}

impl fmt::Debug for AbortHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AbortHandle({}.{})", self.key.index, self.key.generation)
    }
}
