//! A task stands in the queue at most once. The flag that says so is taken down too late.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};

use super::queue::Queue;
use super::{Executor, Work};

/// What a waker points to.
struct Header {
    number: usize,
    queued: AtomicBool,
    queue: Arc<Queue>,
}

impl Wake for Header {
    fn wake(self: Arc<Self>) {
        if !self.queued.swap(true, Ordering::AcqRel) {
            self.queue.push(self.number);
        }
    }
}

struct Task {
    work: Work,
    header: Arc<Header>,
}

/// Tasks, by number, and whose turn it is.
#[derive(Default)]
pub struct Many {
    tasks: RefCell<Vec<Option<Task>>>,
    /// Numbers of tasks that are over.
    free: RefCell<Vec<usize>>,
    queue: Arc<Queue>,
}

impl Executor for Many {
    fn spawn(&self, work: Work) {
        let free = self.free.borrow_mut().pop();
        let mut tasks = self.tasks.borrow_mut();
        let number = free.unwrap_or_else(|| {
            tasks.push(None);
            tasks.len() - 1
        });
        let (queued, queue) = (AtomicBool::new(false), Arc::clone(&self.queue));
        let header = Arc::new(Header { number, queued, queue });
        tasks[number] = Some(Task { work, header: Arc::clone(&header) });
        header.wake();
    }

    fn run(&self) {
        executor::park::block_on(async {
            while self.free.borrow().len() < self.tasks.borrow().len() {
                self.turn(self.queue.next().await);
            }
        });
    }
}

impl Many {
    /// One poll of one task.
    fn turn(&self, number: usize) {
        let Some(mut task) = self.tasks.borrow_mut()[number].take() else { return };
        let waker = Waker::from(Arc::clone(&task.header));
        if task.work.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
            task.header.queued.swap(false, Ordering::AcqRel);
            self.tasks.borrow_mut()[number] = Some(task);
        } else {
            self.free.borrow_mut().push(number);
        }
    }
}
