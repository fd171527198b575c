//! A task: a future that the executor owns, and the words in which others speak of it.
//!
//! A task has two parts, because two kinds of people hold it.
//!
//! ```text
//!   whoever may wake it, on any thread            the executor's own thread, and nobody else
//!   ┌ Header (Arc, Send + Sync) ─────────┐        ┌ Task (a place in the scheduler's table) ───────┐
//!   │ key         names the place ───────┼──────► │ runnable  the future                           │
//!   │ queued      in the ready queue?    │        │ stage     who waits, or what became of it      │
//!   │ queued_remotely  in the channel?   │        │ aborted, detached, finished                    │
//!   │ inbox       where to be heard from │        └────────────────────────────────────────────────┘
//!   └────────────────────────────────────┘
//! ```
//!
//! So a `Waker` holds no future: a foreign thread can wake a task whose future is not `Send`, and can
//! neither run it nor drop it. That is the compiler's word, not ours: there is no `unsafe` here.
//!
//! # The life of a task
//! ```text
//!              ┌──────────────4 run: Pending──────────────┐
//!              ▼                                          │
//!   spawn ─► parked ──1 wake──► queued ──2 run──► running ┤
//!                                 ▲──3 wake in its poll───┤
//!                                 │                       ├──5 run: Ready, or a panic──► finished
//!              aborted: 1, and then 2 drops the future ───┘                                 │
//!                                           6 the handle takes the result, or is gone ──► (removed)
//! ```
//! Parked, queued and running are one [`Stage`]: the first two differ in the header's flag, and the third
//! has the future out. After 3, a task is queued while it is still running, and 4 finds it in the queue
//! already.
//!
//! Invariants:
//! - `queued` is written by the executor's thread alone; a task is in the ready queue at most once.
//! - `queued_remotely` belongs to both: who turns it on sends the message, so a task is in the channel
//!   at most once, and the executor turns it off *before* it looks at the task.
//! - While a task is running, its future and its header are on the stack of `Scheduler::run`. What lies
//!   in its place are cells: nothing of it is ever borrowed.
//!
//! Neighbours: `ready_queue` carries keys; `scheduler` keeps the tasks; `join` waits for them.

use std::any::Any;
use std::cell::Cell;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};

use futures_task::ArcWake;
use reactor::slab::Key;

use crate::join_error::JoinError;
use crate::ready_queue::{self, Inbox, Message, Woken};

/// What a waker points to.
#[derive(Debug)]
pub(crate) struct Header {
    key: Key,
    queued: AtomicBool,
    queued_remotely: AtomicBool,
    inbox: Arc<Inbox>,
}

/// The place of a future given to `block_on`, which is nobody's task and stands in no table. Its
/// generation tells one `block_on` from the next.
pub(crate) const ROOT: u32 = u32::MAX;

impl Header {
    pub(crate) fn new(key: Key, inbox: Arc<Inbox>) -> Arc<Header> {
        let (queued, queued_remotely) = (AtomicBool::new(false), AtomicBool::new(false));
        Arc::new(Header { key, queued, queued_remotely, inbox })
    }

    /// What the ready queue knows the task by.
    pub(crate) fn key(&self) -> Key {
        self.key
    }

    /// Gives a header that nobody else knows any more to another task.
    pub(crate) fn reuse(header: &mut Arc<Header>, key: Key) -> bool {
        let Some(unique) = Arc::get_mut(header) else { return false };
        unique.key = key;
        *unique.queued.get_mut() = false;
        *unique.queued_remotely.get_mut() = false;
        true
    }

    /// Arrow 2: from here on, a wake queues the task again.
    pub(crate) fn begin(&self) {
        self.queued.store(false, Ordering::Relaxed);
    }

    /// Arrow 5: no wake queues the task any more.
    pub(crate) fn retire(&self) {
        self.queued.store(true, Ordering::Relaxed);
    }

    /// Arrow 1, on the executor's thread: plain loads and stores, for nobody else writes this flag.
    #[inline]
    fn queue_locally(&self) {
        if !self.queued.load(Ordering::Relaxed) {
            self.queued.store(true, Ordering::Relaxed);
            ready_queue::push(self.key);
        }
    }
}

impl Header {
    /// Arrow 1, from any other thread.
    #[cold]
    fn queue_remotely(header: &Arc<Header>) {
        if !header.queued_remotely.swap(true, Ordering::AcqRel) {
            header.inbox.send(Message::Wake(header.clone()));
        }
    }
}

impl Woken for Header {
    /// Arrow 1, second half, for a wake that came through the channel.
    fn arrived(&self) {
        // An exchange, so that all that any waker wrote before its own exchange is visible to the
        // poll that follows, also of those who found the flag on and sent nothing.
        self.queued_remotely.swap(false, Ordering::AcqRel);
        self.queue_locally();
    }
}

impl ArcWake for Header {
    /// Only enqueues: never polls, never drops a future, takes no lock on the executor's own thread.
    fn wake_by_ref(header: &Arc<Header>) {
        if ready_queue::is_running(&header.inbox) {
            header.queue_locally();
        } else {
            Header::queue_remotely(header);
        }
    }
}

/// A future whose output's type has been put away in a box.
///
/// Every future is one. The box costs nothing for an output of size zero, which most tasks have.
pub(crate) trait ErasedFuture {
    fn poll_erased(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Box<dyn Any>>;
}

impl<F> ErasedFuture for F
where
    F: Future,
    F::Output: 'static,
{
    fn poll_erased(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Box<dyn Any>> {
        self.poll(context).map(|output| Box::new(output) as Box<dyn Any>)
    }
}

/// What it takes to poll a task.
pub(crate) struct Runnable {
    pub(crate) future: Pin<Box<dyn ErasedFuture>>,
    pub(crate) header: Arc<Header>,
}

/// What became of a task.
pub(crate) type Outcome = Result<Box<dyn Any>, JoinError>;

/// Where in its life a task is.
pub(crate) enum Stage {
    /// Is not over. Here is who waits for the result.
    Alive(Option<Waker>),
    /// Is over, and its handle has not asked yet.
    Finished(Outcome),
}

impl Default for Stage {
    fn default() -> Self {
        Stage::Alive(None)
    }
}

/// A place in the scheduler's table.
#[derive(Default)]
pub(crate) struct Task {
    /// What it takes to poll it. It lies here while the task waits to be woken, or for its turn; not
    /// while it is being polled, or dropped, right now.
    pub(crate) runnable: Cell<Option<Runnable>>,
    stage: Cell<Stage>,
    /// The stage is [`Stage::Finished`]: for those who only want to know that.
    pub(crate) finished: Cell<bool>,
    /// Its future is to be dropped at its next turn.
    pub(crate) aborted: Cell<bool>,
    /// Nobody will ask for the result.
    pub(crate) detached: Cell<bool>,
}

impl Task {
    /// Begins a new life in a free place, where the task before has left nothing but two flags.
    pub(crate) fn reset(&self) {
        self.aborted.set(false);
        self.detached.set(false);
    }

    /// Puts in, or back, what it takes to poll it.
    #[inline]
    pub(crate) fn park(&self, runnable: Runnable) {
        let before = self.runnable.replace(Some(runnable));
        debug_assert!(before.is_none(), "a task has one future");
        mem::forget(before);
    }

    /// Arrow 5, where somebody may ask for the result. Gives out who waits for it.
    pub(crate) fn finish(&self, outcome: Outcome) -> Option<Waker> {
        self.finished.set(true);
        match self.stage.replace(Stage::Finished(outcome)) {
            Stage::Alive(joiner) => joiner,
            Stage::Finished(_) => unreachable!("a task is finished once"),
        }
    }

    /// Arrow 6.
    pub(crate) fn take_outcome(&self) -> Option<Outcome> {
        if !self.finished.replace(false) {
            return None;
        }
        match self.stage.take() {
            Stage::Finished(outcome) => Some(outcome),
            Stage::Alive(_) => unreachable!("the flag and the stage are changed together"),
        }
    }

    /// Lets another wait for the result, or nobody; gives out who did. It is not over.
    #[inline]
    pub(crate) fn replace_joiner(&self, joiner: Option<Waker>) -> Option<Waker> {
        match self.stage.replace(Stage::Alive(joiner)) {
            Stage::Alive(before) => before,
            Stage::Finished(_) => unreachable!("nobody waits for what is there"),
        }
    }
}

/// Drops what is hardly ever there. `drop` would do it as well, but in the midst of the common way, where
/// nothing is found.
#[inline]
pub(crate) fn discard<T>(other: Option<T>) {
    #[cold]
    #[inline(never)]
    fn found<T>(other: T) {
        drop(other);
    }
    if let Some(other) = other {
        found(other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Table;

    #[test]
    fn a_parked_task_takes_at_most_120_bytes_with_its_header_and_an_8_byte_future() {
        let place = Table::<Task>::PLACE;
        let header = size_of::<Header>() + 2 * size_of::<usize>();
        assert!(place + header + 8 <= 120, "{place} + {header} + 8 bytes");
    }
}
