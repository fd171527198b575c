//! Which runtime is this thread's current one.
//!
//! `spawn`, `spawn_blocking` and `Handle::current` name no runtime; they mean the one that is running
//! them. It lies in a thread-local from the moment `block_on` begins until it ends.
//!
//! ```text
//!   block_on ─► enter: core, ready queue, reactor ─► … user code: spawn() ─► current() …
//!            ─► guard dropped: the state before, also when a panic passes through
//! ```
//!
//! Invariant: the three thread-locals (this one, the running queue's, the reactor's) are set and
//! restored together.
//!
//! Neighbours: `runtime` enters.

use std::cell::RefCell;
use std::rc::Rc;

use reactor::{Entered, Reactor};

use crate::blocking::Pool;
use crate::ready_queue::{QueueGuard, ReadyQueue};
use crate::scheduler::Scheduler;

thread_local! {
    static CURRENT: RefCell<Option<Rc<Core>>> = const { RefCell::new(None) };
}

/// All that one runtime is made of.
pub(crate) struct Core {
    pub(crate) scheduler: Rc<Scheduler>,
    pub(crate) ready: ReadyQueue,
    pub(crate) reactor: Rc<Reactor>,
    pub(crate) pool: Pool,
}

/// The current runtime, if there is one.
pub(crate) fn try_current() -> Option<Rc<Core>> {
    CURRENT.try_with(|current| current.borrow().clone()).ok().flatten()
}

/// The current runtime.
///
/// # Panics
/// Where there is none.
#[track_caller]
pub(crate) fn current(what: &str) -> Rc<Core> {
    match try_current() {
        Some(core) => core,
        None => panic!(
            "no runtime is running on this thread: `{what}` works only inside `block_on` or a task; \
             from another thread, use a `Handle`"
        ),
    }
}

/// Makes `core` current until the guard is dropped. On a thread that is ending, and has destroyed its
/// thread-locals, it does nothing.
pub(crate) fn enter(core: &Rc<Core>) -> Guard<'_> {
    let reactor = core.reactor.enter();
    let queue = core.ready.run();
    let before = CURRENT.try_with(|current| current.replace(Some(Rc::clone(core))));
    Guard { before: before.ok().flatten(), _queue: queue, _reactor: reactor }
}

/// While this lives, a runtime is its thread's current one.
pub(crate) struct Guard<'a> {
    before: Option<Rc<Core>>,
    _queue: QueueGuard<'a>,
    _reactor: Entered,
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if self.before.is_none() {
            // Nobody fills it again. Within another runtime's poll, it is that poll's to spend.
            reactor::budget::fill(reactor::budget::UNLIMITED);
        }
        let ours = CURRENT.try_with(|current| current.replace(self.before.take()));
        drop(ours);
    }
}
