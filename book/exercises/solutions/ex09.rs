//! Chapter 9: many wakes, one turn.
//!
//! `cargo test -p ex09` says what to do next.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Context, Wake, Waker};

/// Whose turn it is: numbers of tasks, first in, first out.
#[derive(Default)]
pub struct Queue {
    numbers: Mutex<VecDeque<usize>>,
    told: Condvar,
}

impl Queue {
    /// Adds a number at the end, whether it is in already or not.
    pub fn push(&self, number: usize) {
        self.numbers.lock().unwrap().push_back(number);
        self.told.notify_one();
    }

    /// Takes the number at the front; sleeps until there is one.
    pub fn pop(&self) -> usize {
        let mut numbers = self.numbers.lock().unwrap();
        loop {
            match numbers.pop_front() {
                Some(number) => return number,
                None => numbers = self.told.wait(numbers).unwrap(),
            }
        }
    }

    /// How many numbers are in.
    pub fn count(&self) -> usize {
        self.numbers.lock().unwrap().len()
    }
}

/// What a task's waker points to.
pub struct Header {
    number: usize,
    queued: AtomicBool,
    queue: Arc<Queue>,
}

impl Header {
    /// The header of a task that is not in the queue.
    pub fn new(number: usize, queue: &Arc<Queue>) -> Arc<Header> {
        Arc::new(Header { number, queued: AtomicBool::new(false), queue: Arc::clone(queue) })
    }

    /// The task's turn has come: from here on, a wake queues it again.
    pub fn begin(&self) {
        self.queued.swap(false, Ordering::AcqRel);
    }
}

impl Wake for Header {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.queued.swap(true, Ordering::AcqRel) {
            self.queue.push(self.number);
        }
    }
}

struct Task {
    future: Pin<Box<dyn Future<Output = ()>>>,
    header: Arc<Header>,
}

/// Many futures on one thread.
#[derive(Default)]
pub struct Executor {
    /// Those that are not over, except for the one that is being polled.
    tasks: RefCell<BTreeMap<usize, Task>>,
    /// How many there have been: the number of the next one.
    spawned: Cell<usize>,
    queue: Arc<Queue>,
}

impl Executor {
    /// Whose turn it is.
    pub fn queue(&self) -> &Queue {
        &self.queue
    }

    /// Adds a task. It is polled when its turn comes, not here.
    pub fn spawn(&self, future: impl Future<Output = ()> + 'static) {
        let number = self.spawned.replace(self.spawned.get() + 1);
        let header = Header::new(number, &self.queue);
        let task = Task { future: Box::pin(future), header: Arc::clone(&header) };
        self.tasks.borrow_mut().insert(number, task);
        header.wake();
    }

    /// Runs all tasks, until none is left.
    pub fn run(&self) {
        while !self.tasks.borrow().is_empty() {
            let number = self.queue.pop();
            let task = self.tasks.borrow_mut().remove(&number);
            let Some(mut task) = task else { continue };
            task.header.begin();
            let waker = Waker::from(Arc::clone(&task.header));
            let mut context = Context::from_waker(&waker);
            if task.future.as_mut().poll(&mut context).is_pending() {
                self.tasks.borrow_mut().insert(number, task);
            }
        }
    }
}
