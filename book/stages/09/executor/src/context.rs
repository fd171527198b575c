//! Which runtime is this thread's current one; without a reactor, for now.
//!
//! Neighbours: `runtime` enters.

use std::cell::RefCell;
use std::rc::Rc;

use reactor::event::Events;
use reactor::poller::Poller;

use crate::ready_queue::{QueueGuard, ReadyQueue};
use crate::scheduler::Scheduler;

thread_local! {
    static CURRENT: RefCell<Option<Rc<Core>>> = const { RefCell::new(None) };
}

/// All that one runtime is made of.
pub(crate) struct Core {
    pub(crate) scheduler: Rc<Scheduler>,
    pub(crate) ready: ReadyQueue,
    /// Where the thread sleeps. Nothing is registered with it: only a notification ends a sleep.
    pub(crate) poller: Poller,
    pub(crate) events: RefCell<Events>,
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
            "no runtime is running on this thread: `{what}` works only inside `block_on` or a task"
        ),
    }
}

/// Makes `core` current until the guard is dropped. On a thread that is ending, and has destroyed its
/// thread-locals, it does nothing.
pub(crate) fn enter(core: &Rc<Core>) -> Guard<'_> {
    let queue = core.ready.run();
    let before = CURRENT.try_with(|current| current.replace(Some(Rc::clone(core))));
    Guard { before: before.ok().flatten(), _queue: queue }
}

/// While this lives, a runtime is its thread's current one.
pub(crate) struct Guard<'a> {
    before: Option<Rc<Core>>,
    _queue: QueueGuard<'a>,
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        let ours = CURRENT.try_with(|current| current.replace(self.before.take()));
        drop(ours);
    }
}
