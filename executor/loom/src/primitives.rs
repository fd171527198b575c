//! The checker's locks and atomics, under the names that the executor's files know.

pub(crate) use loom::sync::atomic::AtomicBool;
pub(crate) use loom::sync::{Arc, Condvar, Mutex, MutexGuard};

/// In the place of crossbeam-channel, whose inside is not ours to check: one queue under one lock.
pub(crate) mod queue {
    use std::collections::VecDeque;

    use loom::sync::{Arc, Mutex};

    struct Queue<T> {
        values: VecDeque<T>,
        receiver_gone: bool,
    }

    pub(crate) struct Sender<T>(Arc<Mutex<Queue<T>>>);

    pub(crate) struct Receiver<T>(Arc<Mutex<Queue<T>>>);

    pub(crate) struct SendError<T>(T);

    impl<T> SendError<T> {
        pub(crate) fn into_inner(self) -> T {
            self.0
        }
    }

    pub(crate) fn unbounded<T>() -> (Sender<T>, Receiver<T>) {
        let queue = Queue { values: VecDeque::new(), receiver_gone: false };
        let queue = Arc::new(Mutex::new(queue));
        (Sender(Arc::clone(&queue)), Receiver(queue))
    }

    impl<T> Sender<T> {
        pub(crate) fn send(&self, value: T) -> Result<(), SendError<T>> {
            let mut queue = self.0.lock().expect("no panic under this lock");
            if queue.receiver_gone {
                return Err(SendError(value));
            }
            queue.values.push_back(value);
            Ok(())
        }
    }

    impl<T> Clone for Sender<T> {
        fn clone(&self) -> Self {
            Sender(Arc::clone(&self.0))
        }
    }

    impl<T> Receiver<T> {
        pub(crate) fn try_recv(&self) -> Result<T, ()> {
            self.0.lock().expect("no panic under this lock").values.pop_front().ok_or(())
        }
    }

    impl<T> Drop for Receiver<T> {
        fn drop(&mut self) {
            let mut queue = self.0.lock().expect("no panic under this lock");
            queue.receiver_gone = true;
            let values = std::mem::take(&mut queue.values);
            drop(queue);
            drop(values);
        }
    }
}
