//! The tasks that live, and one step of each.
//!
//! ```text
//!   spawn ──► slab: place, header ──► wake ──► ready queue
//!   run(key): 1 move the future and the header out of the slab      (borrow ends)
//!             2 poll, under catch_unwind                            (nothing borrowed)
//!             3 Pending: move them back    Ready, panic: finish     (borrow ends)
//!             4 wake the joiner, drop what is to be dropped         (nothing borrowed)
//! ```
//!
//! Invariants:
//! - A future is never polled or dropped, an output never dropped, a waker never woken or dropped,
//!   while the slab is borrowed: any of these may run foreign code, which may spawn, abort, join or
//!   wake, and so come back here.
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
use reactor::slab::{Key, Slab};

use crate::join_error::JoinError;
use crate::names::Names;
use crate::ready_queue::Inbox;
use crate::task::{ErasedFuture, Header, Outcome, Runnable, Stage, Task};
use crate::unwind::drop_guarded;

/// The most headers that are kept for tasks to come.
const SPARE_HEADERS: usize = 1024;

/// One executor's tasks.
pub(crate) struct Scheduler {
    tasks: RefCell<Slab<Task>>,
    /// Tasks that are not finished.
    live: Cell<usize>,
    /// Headers of tasks that are over and that no waker knows any more.
    spare: RefCell<Vec<Arc<Header>>>,
    /// What some of the tasks are called.
    pub(crate) names: Names,
    inbox: Arc<Inbox>,
    /// Operations that a task may complete in one poll.
    budget: u32,
    closed: Cell<bool>,
}

impl Scheduler {
    pub(crate) fn new(inbox: Arc<Inbox>, budget: u32) -> Scheduler {
        Scheduler {
            tasks: RefCell::default(),
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
            let stage = Stage::Finished(outcome);
            let task = Task { stage, joiner: None, aborted: true, detached: false };
            return self.tasks.borrow_mut().insert(task);
        }
        self.live.set(self.live.get() + 1);
        let spare = self.spare.borrow_mut().pop();
        self.tasks.borrow_mut().insert_with(|key| {
            let header = self.header(key, spare);
            Header::wake_by_ref(&header); // under a borrow, for once: our own wake only enqueues
            Task::new(Runnable { future, header })
        })
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
        let Some((runnable, aborted)) = self.begin(key) else { return };
        let Runnable { mut future, header } = runnable;
        header.begin();
        if aborted {
            let outcome = Err(drop_future(future));
            return self.finish(key, header, outcome);
        }
        let polled = {
            let waker = waker_ref(&header);
            let mut context = Context::from_waker(&waker);
            budget::fill(self.budget);
            catch_unwind(AssertUnwindSafe(|| future.as_mut().poll_erased(&mut context)))
        };
        match polled {
            Ok(Poll::Pending) => self.park(key, Runnable { future, header }),
            Ok(Poll::Ready(output)) => {
                // What the future still holds goes before its result is known, as in a function
                // that returns. A panic in its drop does not take the result away.
                drop_guarded(future);
                self.finish(key, header, Ok(output));
            }
            Err(payload) => {
                drop_guarded(future);
                self.finish(key, header, Err(JoinError::panicked(payload)));
            }
        }
    }

    /// Step 1.
    fn begin(&self, key: Key) -> Option<(Runnable, bool)> {
        let mut tasks = self.tasks.borrow_mut();
        let task = tasks.get_mut(key)?;
        let Stage::Alive(runnable) = &mut task.stage else { return None };
        Some((runnable.take()?, task.aborted))
    }

    /// Step 3, Pending. A task that was aborted during its own poll does not come back.
    fn park(&self, key: Key, runnable: Runnable) {
        let mut tasks = self.tasks.borrow_mut();
        let task = tasks.get_mut(key).expect("a running task keeps its place");
        if task.aborted {
            drop(tasks);
            let outcome = Err(drop_future(runnable.future));
            return self.finish(key, runnable.header, outcome);
        }
        if let Stage::Alive(place) = &mut task.stage {
            place.get_or_insert(runnable); // nothing is there that an assignment would have to drop
        }
    }

    /// Step 3, Ready, and step 4.
    fn finish(&self, key: Key, header: Arc<Header>, outcome: Outcome) {
        header.retire();
        self.live.set(self.live.get() - 1);
        let name = self.names.take(key);
        let outcome = outcome.map_err(|error| error.of_task(name));
        let mut tasks = self.tasks.borrow_mut();
        let task = tasks.get_mut(key).expect("a running task keeps its place");
        let joiner = task.joiner.take();
        if task.detached {
            tasks.remove(key);
            drop(tasks);
            drop_guarded(outcome);
        } else {
            task.stage = Stage::Finished(outcome);
            drop(tasks);
        }
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
        let tasks = self.tasks.borrow();
        tasks.get(key).is_none_or(|task| matches!(task.stage, Stage::Finished(_)))
    }

    /// The outcome, if the task is over; otherwise `waker` is kept for when it is.
    pub(crate) fn poll_join(&self, key: Key, waker: &Waker) -> Poll<Outcome> {
        let mut tasks = self.tasks.borrow_mut();
        let Some(task) = tasks.get_mut(key) else {
            return Poll::Ready(Err(JoinError::cancelled()));
        };
        if matches!(task.stage, Stage::Finished(_)) {
            let task = tasks.remove(key);
            drop(tasks);
            return match task.map(|task| task.stage) {
                Some(Stage::Finished(outcome)) => Poll::Ready(outcome),
                _ => unreachable!("the stage was looked at three lines ago"),
            };
        }
        let known = task.joiner.as_ref().is_some_and(|joiner| joiner.will_wake(waker));
        let replaced = if known { None } else { task.joiner.replace(waker.clone()) };
        drop(tasks);
        drop(replaced);
        Poll::Pending
    }

    /// Lets the task's next turn drop its future; a task that is over stays as it is.
    pub(crate) fn abort(&self, key: Key) {
        let mut tasks = self.tasks.borrow_mut();
        let Some(task) = tasks.get_mut(key) else { return };
        task.aborted = true;
        let header = match &task.stage {
            Stage::Alive(Some(runnable)) => Some(Arc::clone(&runnable.header)),
            _ => None,
        };
        drop(tasks);
        if let Some(header) = header {
            ArcWake::wake(header);
        }
    }

    /// Nobody will ask for the result.
    pub(crate) fn detach(&self, key: Key) {
        let mut tasks = self.tasks.borrow_mut();
        let Some(task) = tasks.get_mut(key) else { return };
        task.detached = true;
        let joiner = task.joiner.take();
        let finished = matches!(task.stage, Stage::Finished(_));
        let task = if finished { tasks.remove(key) } else { None };
        drop(tasks);
        drop_guarded(joiner);
        drop_guarded(task);
    }

    /// Drops every future and every result, and takes no new ones.
    ///
    /// A destructor may abort, join, wake and even spawn: what it spawns is dropped at once.
    pub(crate) fn close(&self) {
        self.closed.set(true);
        let keys: Vec<Key> = self.tasks.borrow().iter().map(|(key, _)| key).collect();
        for key in keys {
            if let Some((runnable, _)) = self.begin(key) {
                let outcome = Err(drop_future(runnable.future));
                self.finish(key, runnable.header, outcome);
            }
        }
        // What is left are results that nobody asked for. One by one: a second panic while the first
        // is passing through would end the process.
        let keys: Vec<Key> = self.tasks.borrow().iter().map(|(key, _)| key).collect();
        for key in keys {
            let task = self.tasks.borrow_mut().remove(key);
            drop_guarded(task);
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
