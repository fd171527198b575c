//! The executor of this workspace, under the trait that the others have.

use std::cell::RefCell;

use executor::{JoinHandle, Runtime};

use super::{Executor, Work};

/// A runtime, and the handles of all that it was given.
pub(super) struct Stayed {
    runtime: Runtime,
    handles: RefCell<Vec<JoinHandle<()>>>,
}

impl Stayed {
    pub(super) fn new() -> Stayed {
        Stayed { runtime: Runtime::new().expect("a runtime"), handles: RefCell::default() }
    }

    fn next(&self) -> Option<JoinHandle<()>> {
        self.handles.borrow_mut().pop()
    }
}

impl Executor for Stayed {
    fn spawn(&self, work: Work) {
        self.handles.borrow_mut().push(self.runtime.spawn(work));
    }

    fn run(&self) {
        self.runtime.block_on(async {
            while let Some(handle) = self.next() {
                // A task that panicked is over as well.
                let _ = handle.await;
            }
        });
    }
}
