//! The loop: poll who is ready, look at the reactor, sleep when there is nothing to do.
//!
//! ```text
//!            ┌──────────────────────── a turn ─────────────────────────┐
//!   block_on │ 1 up to 64 polls, first in first out                    │
//!            │ 2 reactor.park: asks only, if the queue is not empty;   │
//!            │                 sleeps, if it is                        │
//!            │ 3 messages from other threads, if the park has heard    │
//!            │   that there are any: wakes, spawns                     │
//!            └──────────────── until the root future is ready ─────────┘
//! ```
//!
//! The future given to `block_on` is the *root*: it is polled in its turn like a task, but it lies on
//! the caller's stack, may borrow from it, and its panic is the caller's panic.
//!
//! Invariants:
//! - The reactor is looked at at least once each 64 polls, however many tasks are ready.
//! - Step 3 comes after step 2 and before the queue is looked at again: a message sent at any moment
//!   is either seen here, or its notification is still to be heard, and lets the next park not sleep.
//!
//! Neighbours: everything below; this file is the sum.

use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_task::{ArcWake, FutureObj, LocalFutureObj, LocalSpawn, Spawn, SpawnError, waker_ref};
use reactor::slab::Key;
use reactor::{Reactor, budget};

use crate::blocking::Pool;
use crate::context::{self, Core};
use crate::handle::{Handle, LocalHandle};
use crate::join::JoinHandle;
use crate::ready_queue::{Message, ReadyQueue};
use crate::remote::RemoteJoinHandle;
use crate::scheduler::Scheduler;
use crate::task::{Header, ROOT};

/// How many polls there are between two looks at the reactor.
const POLLS_PER_TURN: usize = 64;

/// How many messages of other threads are taken in a turn, so that they cannot starve the tasks.
const MESSAGES_PER_TURN: usize = 1024;

/// Settings of a [`Runtime`], each with a value that fits most programs.
#[derive(Debug, Clone)]
pub struct Builder {
    blocking_threads: usize,
    blocking_keep_alive: Duration,
    budget: u32,
    virtual_time: bool,
}

impl Default for Builder {
    fn default() -> Self {
        Builder::new()
    }
}

impl Builder {
    /// The settings of [`Runtime::new`].
    pub fn new() -> Builder {
        Builder {
            blocking_threads: 64,
            blocking_keep_alive: Duration::from_secs(10),
            budget: 128,
            virtual_time: false,
        }
    }

    /// The most threads that [`spawn_blocking`] uses at once; at least 1. Default: 64.
    #[must_use]
    pub fn blocking_threads(mut self, limit: usize) -> Builder {
        self.blocking_threads = limit;
        self
    }

    /// How long such a thread waits for another call before it leaves. Default: 10 seconds.
    #[must_use]
    pub fn blocking_keep_alive(mut self, keep_alive: Duration) -> Builder {
        self.blocking_keep_alive = keep_alive;
        self
    }

    /// How many operations (reads, writes, messages) a task may complete in one poll before it has
    /// to let the others run; at least 1. Default: 128.
    #[must_use]
    pub fn budget(mut self, operations: u32) -> Builder {
        self.budget = operations.max(1);
        self
    }

    /// Lets timers go by a clock that stands still while any task has something to do, and then jumps
    /// to the next deadline: for tests, which so take no time and always the same course. It also
    /// stands still while blocking calls are under way. Default: off.
    #[must_use]
    pub fn virtual_time(mut self, on: bool) -> Builder {
        self.virtual_time = on;
        self
    }

    /// Makes the runtime.
    ///
    /// # Errors
    /// The process or the system has no descriptor left.
    pub fn build(self) -> io::Result<Runtime> {
        let reactor =
            if self.virtual_time { Reactor::with_virtual_clock()? } else { Reactor::new()? };
        let ready = ReadyQueue::new(reactor.notifier());
        let budget = i64::from(self.budget);
        let scheduler = Rc::new(Scheduler::new(Arc::clone(ready.inbox()), budget));
        let pool = Pool::new(self.blocking_threads, self.blocking_keep_alive);
        let core = Rc::new(Core { scheduler, ready, reactor, pool });
        Ok(Runtime { core, budget, roots: Cell::new(0) })
    }
}

/// A single-threaded executor, its reactor, its timers and its blocking pool.
///
/// It stays on the thread that made it; others reach it by a [`Handle`]. Dropping it drops every
/// task at the point at which it waits, and waits for blocking calls that have begun.
pub struct Runtime {
    core: Rc<Core>,
    budget: i64,
    /// How many `block_on` there were; wraps.
    roots: Cell<u32>,
}

impl Runtime {
    /// A runtime with the default settings.
    ///
    /// # Errors
    /// The process or the system has no descriptor left.
    pub fn new() -> io::Result<Runtime> {
        Builder::new().build()
    }

    /// Runs `future` to its end, and all tasks meanwhile. Tasks that are not over then wait for the
    /// next `block_on`.
    ///
    /// # Panics
    /// With what `future` panics with; inside another `block_on` of this crate on the same thread,
    /// because that would stop every task of the outer one; if the kernel refuses to wait at all. A
    /// `block_on` that others wrote, called in here, stops them in silence; see the crate's page on
    /// [other executors](crate#other-executors).
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        assert!(
            context::try_current().is_none(),
            "a runtime is running on this thread already: a `block_on` inside a task would stop all \
             its other tasks. Await the future instead, or move the call to `spawn_blocking`"
        );
        let _entered = context::enter(&self.core);
        let root = self.new_root();
        // However this ends, wakers of this root that live on queue nothing any more.
        let _retire = RetireOnDrop(&root);
        // Tasks that were spawned or woken before came by message, and are first.
        self.take_messages();
        Header::wake_by_ref(&root);
        let waker = waker_ref(&root);
        let mut context = Context::from_waker(&waker);
        let mut future = pin!(future);
        let mut output = None;
        self.turn_until(&root, &mut || {
            if let Poll::Ready(ready) = future.as_mut().poll(&mut context) {
                output = Some(ready);
            }
            output.is_some()
        });
        output.expect("the loop ends when the root is ready")
    }

    /// Turn after turn, until `poll_root` says that the root is ready. It is not generic: the loop is
    /// compiled once, whatever the root is, and so are all steps of a task's turn within it.
    fn turn_until(&self, root: &Header, poll_root: &mut dyn FnMut() -> bool) {
        let mut turns = self.core.ready.turns.borrow_mut();
        let scheduler = &*self.core.scheduler;
        loop {
            for _ in 0..POLLS_PER_TURN {
                match turns.pop() {
                    None => break,
                    Some(key) if key == root.key() => {
                        root.begin();
                        budget::fill(self.budget);
                        if poll_root() {
                            return;
                        }
                    }
                    Some(key) => scheduler.run(key),
                }
            }
            self.look_around(turns.is_empty());
        }
    }

    /// A header for the future of one `block_on`, unlike all before.
    fn new_root(&self) -> Arc<Header> {
        let generation = self.roots.get();
        self.roots.set(generation.wrapping_add(1));
        let key = Key { index: ROOT, generation };
        Header::new(key, Arc::clone(self.core.ready.inbox()))
    }

    /// Steps 2 and 3 of a turn.
    fn look_around(&self, idle: bool) {
        if let Some(clock) = self.core.reactor.virtual_clock() {
            clock.hold(self.core.pool.is_busy());
        }
        // A task may have parked the reactor itself, and heard of a message: nobody tells twice.
        let heard = self.core.reactor.take_notification();
        let idle = idle && !heard;
        let timeout = if idle { None } else { Some(Duration::ZERO) };
        self.core.reactor.park(timeout).expect("the kernel lets a thread wait for its descriptors");
        if self.core.reactor.take_notification() || heard {
            self.take_messages();
        }
    }

    /// Step 3.
    fn take_messages(&self) {
        for _ in 0..MESSAGES_PER_TURN {
            match self.core.ready.next_message() {
                None => return,
                Some(Message::Wake(header)) => header.arrived(),
                Some(Message::Run(run)) => run(),
            }
        }
        self.core.ready.inbox().notify(); // there may be more: do not sleep on them
    }

    /// Spawns a task; it first runs in the next turn.
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let key = self.core.scheduler.spawn(future);
        JoinHandle::new(&self.core.scheduler, key)
    }

    /// A handle for other threads.
    pub fn handle(&self) -> Handle {
        Handle::new(self.core.ready.inbox())
    }

    /// A handle for this thread, which takes futures that are not `Send`.
    pub fn local_handle(&self) -> LocalHandle {
        LocalHandle::new(&self.core.scheduler)
    }

    /// What is alive in this runtime now.
    pub fn metrics(&self) -> Metrics {
        Metrics::of(&self.core)
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        // Destructors of tasks may use sockets and timers, and may spawn: they find this runtime.
        let _entered = context::enter(&self.core);
        self.core.scheduler.close();
        // Before the threads are waited for: one of them may wait for a task that it asked for.
        self.core.ready.close();
        self.core.pool.close();
    }
}

impl LocalSpawn for Runtime {
    fn spawn_local_obj(&self, future: LocalFutureObj<'static, ()>) -> Result<(), SpawnError> {
        self.spawn(future).detach();
        Ok(())
    }
}

impl Spawn for Runtime {
    fn spawn_obj(&self, future: FutureObj<'static, ()>) -> Result<(), SpawnError> {
        self.spawn(future).detach();
        Ok(())
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").field("metrics", &self.metrics()).finish_non_exhaustive()
    }
}

struct RetireOnDrop<'a>(&'a Header);

impl Drop for RetireOnDrop<'_> {
    fn drop(&mut self) {
        self.0.retire();
    }
}

/// What is alive in a runtime at one moment: each number is zero again when its owners have gone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Metrics {
    /// Tasks that are not finished. The future of `block_on` is none.
    pub tasks: usize,
    /// Descriptors registered with the reactor.
    pub sources: usize,
    /// Timers that wait for their deadline.
    pub timers: usize,
    /// Threads of the blocking pool, busy or idle.
    pub blocking_threads: usize,
}

impl Metrics {
    fn of(core: &Core) -> Metrics {
        Metrics {
            tasks: core.scheduler.live(),
            sources: core.reactor.source_count(),
            timers: core.reactor.timer_count(),
            blocking_threads: core.pool.threads(),
        }
    }
}

/// What is alive in the current runtime.
///
/// # Panics
/// Where no runtime is running on this thread.
#[track_caller]
pub fn metrics() -> Metrics {
    Metrics::of(&context::current("metrics"))
}

/// Runs `future` to its end on a new runtime with the default settings: all that a `main` needs.
///
/// ```
/// use std::time::Duration;
///
/// fn main() {
///     executor::block_on(async {
///         let child = executor::spawn(async { 6 * 7 });
///         executor::time::sleep(Duration::from_millis(1)).await;
///         assert_eq!(child.await.unwrap(), 42);
///     });
/// }
/// ```
///
/// # Panics
/// As [`Runtime::block_on`]; where no runtime can be made, because no descriptors are left.
#[track_caller]
pub fn block_on<F: Future>(future: F) -> F::Output {
    Runtime::new().expect("a runtime needs two descriptors").block_on(future)
}

/// Spawns a task on the current runtime. It first runs after the caller has let go of the thread;
/// its panic becomes a [`JoinError`](crate::JoinError).
///
/// # Panics
/// Where no runtime is running on this thread.
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let core = context::current("spawn");
    let key = core.scheduler.spawn(future);
    JoinHandle::new(&core.scheduler, key)
}

/// Runs `work` on a thread where it may block: file systems, name look-ups, long computations.
///
/// A call that has begun cannot be aborted, and the runtime waits for it when it is dropped.
///
/// # Panics
/// Where no runtime is running on this thread.
#[track_caller]
pub fn spawn_blocking<T, F>(work: F) -> RemoteJoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    context::current("spawn_blocking").pool.spawn(work)
}
