//! Spawning from elsewhere: from other threads, and through the traits of `futures-task`.
//!
//! ```text
//!   other thread: Handle::spawn ──► message "spawn this" ──► the executor's thread spawns it
//!   same thread:  LocalHandle::spawn ──────────────────────► the scheduler
//! ```
//!
//! Neighbours: `ready_queue::Inbox` carries the message; `remote` brings the result back.

use std::fmt;
use std::future::Future;
use std::rc::{Rc, Weak};
use std::sync::Arc;

use futures_task::{FutureObj, LocalFutureObj, LocalSpawn, Spawn, SpawnError};

use crate::context;
use crate::join::JoinHandle;
use crate::ready_queue::{Inbox, Message};
use crate::remote::{RemoteJoinHandle, packet, produce};
use crate::scheduler::Scheduler;

/// A runtime, seen from any thread.
#[derive(Clone)]
pub struct Handle {
    inbox: Arc<Inbox>,
}

impl Handle {
    pub(crate) fn new(inbox: &Arc<Inbox>) -> Handle {
        Handle { inbox: Arc::clone(inbox) }
    }

    /// The handle of the current runtime.
    ///
    /// # Panics
    /// Where no runtime is running on this thread.
    #[track_caller]
    pub fn current() -> Handle {
        Handle::new(context::current("Handle::current").ready.inbox())
    }

    /// Spawns a task on the runtime's own thread. Where the runtime is gone, the future is dropped
    /// and the handle says "cancelled".
    pub fn spawn<F>(&self, future: F) -> RemoteJoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.spawn_with(|| future)
    }

    /// Lets the runtime's own thread make the future, which therefore need not be `Send`.
    ///
    /// As [`spawn`](Handle::spawn) otherwise; a panic of `make` is the task's.
    pub fn spawn_with<M, F>(&self, make: M) -> RemoteJoinHandle<F::Output>
    where
        M: FnOnce() -> F + Send + 'static,
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        let (producer, handle) = packet();
        self.inbox.send(Message::Run(Box::new(move || {
            let scheduler = &context::current("Handle::spawn").scheduler;
            // `make` is called by the task, so that its panic is the task's.
            let key = scheduler.spawn(produce(async { make().await }, producer));
            scheduler.detach(key);
        })));
        handle.done_on(self.inbox.thread())
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handle({:?})", self.inbox)
    }
}

/// A runtime, seen from its own thread; holding it does not keep the runtime alive.
#[derive(Clone)]
pub struct LocalHandle {
    scheduler: Weak<Scheduler>,
}

impl LocalHandle {
    pub(crate) fn new(scheduler: &Rc<Scheduler>) -> LocalHandle {
        LocalHandle { scheduler: Rc::downgrade(scheduler) }
    }

    /// The handle of the current runtime.
    ///
    /// # Panics
    /// Where no runtime is running on this thread.
    #[track_caller]
    pub fn current() -> LocalHandle {
        LocalHandle::new(&context::current("LocalHandle::current").scheduler)
    }

    /// Spawns a task.
    ///
    /// # Errors
    /// The future, where the runtime is gone.
    pub fn spawn<F>(&self, future: F) -> Result<JoinHandle<F::Output>, F>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        match self.scheduler.upgrade().filter(|scheduler| !scheduler.is_closed()) {
            Some(scheduler) => Ok(JoinHandle::new(&scheduler, scheduler.spawn(future))),
            None => Err(future),
        }
    }

    fn spawn_detached(&self, future: impl Future<Output = ()> + 'static) -> Result<(), SpawnError> {
        self.spawn(future).map(JoinHandle::detach).map_err(|_| SpawnError::shutdown())
    }
}

impl fmt::Debug for LocalHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LocalHandle")
    }
}

impl LocalSpawn for LocalHandle {
    fn status_local(&self) -> Result<(), SpawnError> {
        self.status()
    }

    fn spawn_local_obj(&self, future: LocalFutureObj<'static, ()>) -> Result<(), SpawnError> {
        self.spawn_detached(future)
    }
}

impl Spawn for LocalHandle {
    fn status(&self) -> Result<(), SpawnError> {
        let open = self.scheduler.upgrade().is_some_and(|scheduler| !scheduler.is_closed());
        if open { Ok(()) } else { Err(SpawnError::shutdown()) }
    }

    fn spawn_obj(&self, future: FutureObj<'static, ()>) -> Result<(), SpawnError> {
        self.spawn_detached(future)
    }
}

impl Spawn for Handle {
    fn status(&self) -> Result<(), SpawnError> {
        if self.inbox.is_closed() { Err(SpawnError::shutdown()) } else { Ok(()) }
    }

    fn spawn_obj(&self, future: FutureObj<'static, ()>) -> Result<(), SpawnError> {
        self.status()?;
        drop(self.spawn(future));
        Ok(())
    }
}
