//! A queue of numbers that any thread may add to, and one may wait for.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Mutex, MutexGuard};
use std::task::{Poll, Waker};

/// First in, first out.
#[derive(Default)]
pub(super) struct Queue(Mutex<Inside>);

#[derive(Default)]
struct Inside {
    numbers: VecDeque<usize>,
    /// Who waits for a number.
    reader: Option<Waker>,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().expect("nothing panics under it")
    }

    /// Adds a number at the end, and wakes who waits for one.
    pub(super) fn push(&self, number: usize) {
        let mut inside = self.lock();
        inside.numbers.push_back(number);
        let reader = inside.reader.take();
        drop(inside);
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    /// The number at the front, as soon as there is one.
    pub(super) async fn next(&self) -> usize {
        poll_fn(|context| {
            let mut inside = self.lock();
            if let Some(number) = inside.numbers.pop_front() {
                return Poll::Ready(number);
            }
            let before = inside.reader.replace(context.waker().clone());
            drop(inside);
            drop(before);
            Poll::Pending
        })
        .await
    }
}
