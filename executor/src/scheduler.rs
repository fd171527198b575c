//! The tasks that live, and one step of each.
//!
//! ```text
//!   spawn ──► table: place, header ──► wake ──► ready queue
//!   run(key): 1 move the future and the header out of their place
//!             2 poll, under catch_unwind
//!             3 Pending: move them back    Ready, panic: finish
//!             4 wake the joiner, drop what is to be dropped
//! ```
//!
//! Invariants:
//! - A future is never polled or dropped, an output never dropped, a waker never cloned, woken or
//!   dropped, while anything here is borrowed: any of these may run foreign code, which may spawn, abort,
//!   join or wake, and so come back here. The tasks lie in cells, in places that stay where they are, so
//!   there is no borrow of them at all.
//! - A place is released once its task is over and the outcome is out of it, so it is a running task's own.
//!   What was read of it before foreign code ran is read again after.
//! - A panic in a poll, in a future's drop or in an output's drop ends in that task; the loop goes on.
//!
//! Neighbours: `task` has the states; `join` asks for outcomes; `runtime` calls `run`.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures_task::{ArcWake, waker_ref};
use reactor::budget;
use reactor::slab::Key;

use crate::join_error::JoinError;
use crate::names::Names;
use crate::ready_queue::Inbox;
use crate::table::{Place, Table};
use crate::task::{ErasedFuture, Header, Outcome, Runnable, Task, discard};
use crate::unwind::drop_guarded;

/// The most headers that are kept for tasks to come.
const SPARE_HEADERS: usize = 1024;

/// One executor's tasks.
pub(crate) struct Scheduler {
    tasks: Table<Task>,
    /// Tasks that are not finished.
    live: Cell<usize>,
    /// Headers of tasks that are over and that no waker knows any more.
    spare: RefCell<Vec<Arc<Header>>>,
    /// What some of the tasks are called.
    pub(crate) names: Names,
    inbox: Arc<Inbox>,
    /// Operations that a task may complete in one poll.
    budget: i64,
    closed: Cell<bool>,
}

impl Scheduler {
    pub(crate) fn new(inbox: Arc<Inbox>, budget: i64) -> Scheduler {
        Scheduler {
            tasks: Table::new(),
            live: Cell::new(0),
            spare: RefCell::default(),
            names: Names::default(),
            inbox,
            budget,
            closed: Cell::new(false),
        }
    }

    /// Tasks that are not finished.
    pub(crate) fn live(&self) -> usize {
        self.live.get()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.get()
    }

    /// Adds a task and queues it for its first poll; where the runtime is being dropped, the future
    /// is dropped at once and the task is cancelled.
    pub(crate) fn spawn<F>(&self, future: F) -> Key
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let future: Pin<Box<dyn ErasedFuture>> = Box::pin(future);
        if self.closed.get() {
            let outcome = Err(drop_future(future));
            let (key, task) = self.tasks.take();
            task.reset();
            task.finish(outcome); // nobody waits for it yet
            return key;
        }
        self.live.set(self.live.get() + 1);
        let spare = self.spare.borrow_mut().pop();
        let (key, task) = self.tasks.take();
        let header = self.header(key, spare);
        Header::wake_by_ref(&header);
        task.reset();
        task.park(Runnable { future, header });
        key
    }

    #[inline]
    fn header(&self, key: Key, spare: Option<Arc<Header>>) -> Arc<Header> {
        if let Some(mut header) = spare
            && Header::reuse(&mut header, key)
        {
            return header;
        }
        Header::new(key, Arc::clone(&self.inbox))
    }

    /// One turn of one task. A key whose task is gone is passed over.
    pub(crate) fn run(&self, key: Key) {
        let Some(task) = self.tasks.get(key) else { return };
        let Some(Runnable { mut future, header }) = task.runnable.take() else { return };
        header.begin();
        if task.aborted.get() {
            let outcome = Err(drop_future(future));
            return self.finish(key, task, header, outcome);
        }
        let polled = {
            let waker = waker_ref(&header);
            let mut context = Context::from_waker(&waker);
            budget::fill(self.budget);
            catch_unwind(AssertUnwindSafe(|| future.as_mut().poll_erased(&mut context)))
        };
        match polled {
            Ok(Poll::Pending) => self.park(key, task, Runnable { future, header }),
            Ok(Poll::Ready(output)) => {
                // What the future still holds goes before its result is known, as in a function
                // that returns. A panic in its drop does not take the result away.
                drop_guarded(future);
                self.finish(key, task, header, Ok(output));
            }
            Err(payload) => {
                drop_guarded(future);
                self.finish(key, task, header, Err(JoinError::panicked(payload)));
            }
        }
    }

    /// Step 3, Pending. A task that was aborted during its own poll does not come back.
    #[inline]
    fn park(&self, key: Key, task: &Place<Task>, runnable: Runnable) {
        if task.aborted.get() {
            let outcome = Err(drop_future(runnable.future));
            return self.finish(key, task, runnable.header, outcome);
        }
        task.park(runnable);
    }

    /// Step 3, Ready, and step 4.
    fn finish(&self, key: Key, task: &Place<Task>, header: Arc<Header>, outcome: Outcome) {
        header.retire();
        self.live.set(self.live.get() - 1);
        let name = self.names.take(key);
        let outcome = outcome.map_err(|error| error.of_task(name));
        let joiner = if task.detached.get() {
            self.tasks.release(key, task);
            drop_guarded(outcome);
            None // whoever detached it has taken the joiner
        } else {
            task.finish(outcome)
        };
        self.keep_header(header);
        if let Some(joiner) = joiner {
            joiner.wake();
        }
    }

    fn keep_header(&self, header: Arc<Header>) {
        let mut spare = self.spare.borrow_mut();
        if spare.len() < SPARE_HEADERS {
            spare.push(header);
        }
    }

    /// Whether the task is over. One whose place is gone is.
    pub(crate) fn is_finished(&self, key: Key) -> bool {
        self.tasks.get(key).is_none_or(|task| task.finished.get())
    }

    /// The outcome, if the task is over; otherwise `waker` is kept for when it is.
    #[inline]
    pub(crate) fn poll_join(&self, key: Key, waker: &Waker) -> Poll<Outcome> {
        let Some(task) = self.tasks.get(key) else {
            return Poll::Ready(Err(JoinError::cancelled()));
        };
        match task.take_outcome() {
            Some(outcome) => {
                self.tasks.release(key, task);
                Poll::Ready(outcome)
            }
            None => self.wait(key, task, waker),
        }
    }

    /// Apart, so that the way to an outcome that is there stays short.
    #[inline(never)]
    fn wait(&self, key: Key, task: &Place<Task>, waker: &Waker) -> Poll<Outcome> {
        let before = task.replace_joiner(None);
        if before.as_ref().is_some_and(|joiner| joiner.will_wake(waker)) {
            discard(task.replace_joiner(before)); // nobody: comparing runs no foreign code
            return Poll::Pending;
        }
        // Foreign code, which may end the task, by dropping its runtime, say: so we look again.
        let joiner = waker.clone();
        if !self.tasks.holds(key, task) || task.finished.get() {
            return self.poll_join(key, waker);
        }
        discard(task.replace_joiner(Some(joiner)));
        Poll::Pending
    }

    /// Lets the task's next turn drop its future; a task that is over stays as it is.
    pub(crate) fn abort(&self, key: Key) {
        let Some(task) = self.tasks.get(key) else { return };
        task.aborted.set(true);
        if let Some(runnable) = task.runnable.take() {
            let header = Arc::clone(&runnable.header);
            task.park(runnable);
            ArcWake::wake(header);
        }
    }

    /// Nobody will ask for the result.
    pub(crate) fn detach(&self, key: Key) {
        let Some(task) = self.tasks.get(key) else { return };
        task.detached.set(true);
        if let Some(outcome) = task.take_outcome() {
            self.tasks.release(key, task);
            drop_guarded(outcome);
        } else {
            drop_guarded(task.replace_joiner(None));
        }
    }

    /// Drops every future and every result, and takes no new ones.
    ///
    /// A destructor may abort, join, wake and even spawn: what it spawns is dropped at once.
    pub(crate) fn close(&self) {
        self.closed.set(true);
        for (key, task) in self.tasks.iter() {
            if let Some(Runnable { future, header }) = task.runnable.take() {
                let outcome = Err(drop_future(future));
                self.finish(key, task, header, outcome);
            }
        }
        // What is left are results that nobody asked for. One by one: a second panic while the first
        // is passing through would end the process.
        for (key, task) in self.tasks.iter() {
            if let Some(outcome) = task.take_outcome() {
                self.tasks.release(key, task);
                drop_guarded(outcome);
            }
        }
    }
}

/// Drops a future at its await point: cancelled, or, if its destructor panics, that.
fn drop_future(future: Pin<Box<dyn ErasedFuture>>) -> JoinError {
    match catch_unwind(AssertUnwindSafe(|| drop(future))) {
        Ok(()) => JoinError::cancelled(),
        Err(payload) => JoinError::panicked(payload),
    }
}
