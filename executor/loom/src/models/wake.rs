//! A wake from another thread: the header's flag, the inbox and the poller's bell, mirrored.
//!
//! ```text
//!   waker:     write ─► queued_remotely.swap(true): was off ─► send ─► bell.swap(NOTIFIED): PARKED ─► eventfd
//!   executor:  bell AWAKE→PARKED ─► sleep on the eventfd ─► bell.swap(AWAKE): NOTIFIED ─► drain
//!              ─► arrived: queued_remotely.swap(false) ─► poll: reads
//! ```
//! What is mirrored, line by line: `task::Header::{wake_by_ref, arrived}`, `ready_queue::Inbox::send`,
//! `runtime::look_around` and `poller::Bell`. The eventfd is a flag under a lock and a condvar.

use loom::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;

use super::check;

const AWAKE: u8 = 0;
const PARKED: u8 = 1;
const NOTIFIED: u8 = 2;

struct Bell {
    state: AtomicU8,
    eventfd: Mutex<bool>,
    written: Condvar,
}

impl Bell {
    fn notify(&self) {
        if self.state.swap(NOTIFIED, Ordering::AcqRel) == PARKED {
            *self.eventfd.lock().unwrap() = true;
            self.written.notify_one();
        }
    }

    /// `Poller::wait` without a time limit: whether somebody has notified.
    fn wait(&self) -> bool {
        let exchange =
            self.state.compare_exchange(AWAKE, PARKED, Ordering::AcqRel, Ordering::Acquire);
        let mut written = self.eventfd.lock().unwrap();
        // An edge is told once; and a wait that was notified before does not sleep.
        while exchange.is_ok() && !*written {
            written = self.written.wait(written).unwrap();
        }
        *written = false;
        drop(written);
        self.state.swap(AWAKE, Ordering::AcqRel) == NOTIFIED
    }
}

struct Executor {
    bell: Bell,
    inbox: Mutex<Vec<()>>,
    queued_remotely: AtomicBool,
    /// What the task waits for; relaxed on purpose: the protocol has to make it visible.
    written: AtomicUsize,
}

impl Executor {
    fn new() -> Arc<Executor> {
        let (state, eventfd) = (AtomicU8::new(AWAKE), Mutex::new(false));
        Arc::new(Executor {
            bell: Bell { state, eventfd, written: Condvar::new() },
            inbox: Mutex::new(Vec::new()),
            queued_remotely: AtomicBool::new(false),
            written: AtomicUsize::new(0),
        })
    }

    fn wake(&self) {
        if !self.queued_remotely.swap(true, Ordering::AcqRel) {
            self.inbox.lock().unwrap().push(());
            self.bell.notify();
        }
    }

    /// Turns until the task has seen `enough`; each poll stands for a wake that arrived.
    fn run(&self, enough: usize) {
        let mut seen = 0;
        while seen < enough {
            if !self.bell.wait() {
                continue; // nobody who was not told of a message looks for one
            }
            let messages = std::mem::take(&mut *self.inbox.lock().unwrap());
            assert!(messages.len() <= 1, "the task is in the channel at most once");
            for () in messages {
                self.queued_remotely.swap(false, Ordering::AcqRel);
                seen = self.written.load(Ordering::Relaxed);
            }
        }
    }
}

#[test]
fn a_wake_between_an_empty_queue_and_the_sleep_is_not_lost() {
    check(None, || {
        let executor = Executor::new();
        let wakes = Arc::clone(&executor);
        let thread = thread::spawn(move || {
            wakes.written.fetch_add(1, Ordering::Relaxed);
            wakes.wake();
        });
        executor.run(1);
        thread.join().unwrap();
    });
}

#[test]
fn a_wake_that_finds_the_flag_on_is_seen_by_the_poll_that_follows() {
    check(3, || {
        let executor = Executor::new();
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let wakes = Arc::clone(&executor);
                thread::spawn(move || {
                    wakes.written.fetch_add(1, Ordering::Relaxed);
                    wakes.wake();
                })
            })
            .collect();
        executor.run(2);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

#[test]
fn wakes_one_after_the_other_are_all_heard() {
    check(3, || {
        let executor = Executor::new();
        let wakes = Arc::clone(&executor);
        let thread = thread::spawn(move || {
            for _ in 0..2 {
                wakes.written.fetch_add(1, Ordering::Relaxed);
                wakes.wake();
            }
        });
        executor.run(2);
        thread.join().unwrap();
    });
}
