//! The loop: poll who is ready, take what other threads have sent, sleep when there is nothing to do.
//!
//! Invariant: messages are taken after each sleep and before the queue is looked at again, so that one
//! that is sent at any moment is either seen, or has ended the sleep.
//!
//! Neighbours: everything below; this file is the sum.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::io;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_task::{ArcWake, waker_ref};
use reactor::event::Events;
use reactor::poller::Poller;
use reactor::slab::Key;

use crate::context::{self, Core};
use crate::join::JoinHandle;
use crate::ready_queue::{Message, ReadyQueue};
use crate::scheduler::Scheduler;
use crate::task::{Header, ROOT};

/// How many polls there are between two looks at what other threads have sent.
const POLLS_PER_TURN: usize = 64;

/// What a task may do in one poll; nothing spends it yet.
const BUDGET: i64 = 128;

/// A single-threaded executor. Dropping it drops every task at the point at which it waits.
pub struct Runtime {
    core: Rc<Core>,
    /// How many `block_on` there were; wraps.
    roots: Cell<u32>,
}

impl Runtime {
    /// An executor without tasks.
    ///
    /// # Errors
    /// The process or the system has no descriptor left.
    pub fn new() -> io::Result<Runtime> {
        let poller = Poller::new()?;
        let ready = ReadyQueue::new(poller.notifier());
        let scheduler = Rc::new(Scheduler::new(Arc::clone(ready.inbox()), BUDGET));
        let events = RefCell::new(Events::new());
        let core = Rc::new(Core { scheduler, ready, poller, events });
        Ok(Runtime { core, roots: Cell::new(0) })
    }

    /// Runs `future` to its end, and all tasks meanwhile.
    ///
    /// # Panics
    /// With what `future` panics with; inside another `block_on` on the same thread; if the kernel
    /// refuses to wait at all.
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        assert!(
            context::try_current().is_none(),
            "a runtime is running on this thread already: a `block_on` inside a task would stop all \
             its other tasks. Await the future instead"
        );
        let _entered = context::enter(&self.core);
        let root = self.new_root();
        let _retire = RetireOnDrop(&root);
        self.take_messages();
        Header::wake_by_ref(&root);
        let waker = waker_ref(&root);
        let mut context = Context::from_waker(&waker);
        let mut future = pin!(future);
        let mut turns = self.core.ready.turns.borrow_mut();
        loop {
            for _ in 0..POLLS_PER_TURN {
                match turns.pop() {
                    None => break,
                    Some(key) if key == root.key() => {
                        root.begin();
                        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                            return output;
                        }
                    }
                    Some(key) => self.core.scheduler.run(key),
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

    /// Sleeps, if nobody is ready, until somebody notifies; then takes what was sent.
    fn look_around(&self, idle: bool) {
        let timeout = if idle { None } else { Some(Duration::ZERO) };
        let notified = self.core.poller.wait(&mut self.core.events.borrow_mut(), timeout);
        notified.expect("the kernel lets a thread wait");
        self.take_messages();
    }

    fn take_messages(&self) {
        while let Some(message) = self.core.ready.next_message() {
            match message {
                Message::Wake(header) => header.arrived(),
                Message::Run(run) => run(),
            }
        }
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
}

impl Drop for Runtime {
    fn drop(&mut self) {
        // Destructors of tasks may spawn: they find this runtime.
        let _entered = context::enter(&self.core);
        self.core.scheduler.close();
        self.core.ready.close();
    }
}

struct RetireOnDrop<'a>(&'a Header);

impl Drop for RetireOnDrop<'_> {
    fn drop(&mut self) {
        self.0.retire();
    }
}

/// Runs `future` to its end on a new runtime.
///
/// # Panics
/// As [`Runtime::block_on`]; where no runtime can be made, because no descriptors are left.
#[track_caller]
pub fn block_on<F: Future>(future: F) -> F::Output {
    Runtime::new().expect("a runtime needs two descriptors").block_on(future)
}

/// Spawns a task on the current runtime.
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
