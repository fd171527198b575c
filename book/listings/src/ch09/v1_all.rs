//! One future made of all: whoever is woken, everybody is polled.

use std::cell::RefCell;
use std::future::poll_fn;
use std::task::Poll;

use super::{Executor, Work};

/// All tasks there are.
#[derive(Default)]
pub struct All {
    tasks: RefCell<Vec<Work>>,
}

impl Executor for All {
    fn spawn(&self, work: Work) {
        self.tasks.borrow_mut().push(work);
    }

    fn run(&self) {
        executor::park::block_on(poll_fn(|context| {
            let mut pending = Vec::new();
            // Taken out, so that a task can spawn while it is being polled; and again, for those.
            while !self.tasks.borrow().is_empty() {
                for mut task in self.tasks.take() {
                    if task.as_mut().poll(context).is_pending() {
                        pending.push(task);
                    }
                }
            }
            self.tasks.replace(pending);
            if self.tasks.borrow().is_empty() { Poll::Ready(()) } else { Poll::Pending }
        }));
    }
}
