//! Threads for calls that block, so that the loop does not.
//!
//! ```text
//!   spawn_blocking(job) ──► channel ──► idle thread takes it ──► runs it ──► result to the handle
//!                              │  no thread idle, fewer than the limit: one more thread
//!                              └─ limit reached: the job waits its turn
//!   a thread that was idle for long enough leaves
//! ```
//!
//! Invariants (all counts change under the lock):
//! - `pending` jobs were sent and not yet claimed; `idle` threads will claim one each.
//! - While a job is pending, some thread will claim it: a thread leaves only when `pending` is zero,
//!   and one is added when more are pending than threads are idle, up to the limit.
//!
//! Neighbours: `remote` brings the result back; the runtime closes the pool.

use std::cell::RefCell;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use crate::join_error::JoinError;
use crate::remote::{RemoteJoinHandle, packet};
use crate::unwind;

type Job = Box<dyn FnOnce() + Send>;

/// A bounded pool of threads that shrinks when idle.
pub(crate) struct Pool {
    shared: Arc<Shared>,
    /// `None` once closed; without a sender, idle threads leave.
    sender: RefCell<Option<Sender<Job>>>,
}

struct Shared {
    jobs: Receiver<Job>,
    counts: Mutex<Counts>,
    limit: usize,
    keep_alive: Duration,
}

#[derive(Default)]
struct Counts {
    threads: usize,
    idle: usize,
    pending: usize,
    /// Threads started and not yet waited for.
    handles: Vec<JoinHandle<()>>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Counts> {
        // Nothing that can panic happens under this lock.
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pool {
    /// A pool without threads as yet.
    pub(crate) fn new(limit: usize, keep_alive: Duration) -> Pool {
        let (sender, jobs) = crossbeam_channel::unbounded();
        let counts = Mutex::default();
        let shared = Arc::new(Shared { jobs, counts, limit: limit.max(1), keep_alive });
        Pool { shared, sender: RefCell::new(Some(sender)) }
    }

    /// How many threads there are just now.
    pub(crate) fn threads(&self) -> usize {
        self.shared.lock().threads
    }

    /// Whether any call is waiting or under way.
    pub(crate) fn is_busy(&self) -> bool {
        let counts = self.shared.lock();
        counts.pending > 0 || counts.threads > counts.idle
    }

    /// Hands `work` to a thread.
    pub(crate) fn spawn<T, F>(&self, work: F) -> RemoteJoinHandle<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let (producer, handle) = packet();
        self.submit(Box::new(move || {
            if producer.is_aborted() {
                return; // the producer's drop says "cancelled"
            }
            let outcome = catch_unwind(AssertUnwindSafe(work));
            producer.complete(outcome.map_err(JoinError::panicked));
        }));
        handle
    }

    /// A job that cannot be run is dropped, and its handle says "cancelled".
    fn submit(&self, job: Job) {
        let sender = self.sender.borrow().clone();
        let Some(sender) = sender else { return };
        let mut counts = self.shared.lock();
        counts.pending += 1;
        if counts.pending > counts.idle && counts.threads < self.shared.limit {
            match Shared::start_thread(&self.shared) {
                Ok(thread) => {
                    counts.threads += 1;
                    counts.handles.retain(|handle| !handle.is_finished());
                    counts.handles.push(thread);
                }
                // No thread, and none that could take the job later.
                Err(_) if counts.threads == 0 => {
                    counts.pending -= 1;
                    return drop(counts);
                }
                Err(_) => {}
            }
        }
        drop(counts);
        // Fails only if all receivers are gone, and we hold one.
        let _ = sender.send(job);
    }

    /// Takes no more jobs, drops those that have not begun, and waits for those that have.
    pub(crate) fn close(&self) {
        self.sender.take();
        for job in self.shared.jobs.try_iter() {
            self.shared.lock().pending -= 1;
            unwind::drop_guarded(job);
        }
        let handles = std::mem::take(&mut self.shared.lock().handles);
        for handle in handles {
            // The thread's body catches what jobs do; there is no panic to hear of.
            let _ = handle.join();
        }
    }
}

impl Shared {
    fn start_thread(shared: &Arc<Shared>) -> io::Result<JoinHandle<()>> {
        let shared = Arc::clone(shared);
        thread::Builder::new().name("blocking".to_owned()).spawn(move || shared.work())
    }

    /// What each thread does.
    fn work(&self) {
        loop {
            self.lock().idle += 1;
            let received = self.jobs.recv_timeout(self.keep_alive);
            let mut counts = self.lock();
            counts.idle -= 1;
            match received {
                Ok(job) => {
                    counts.pending -= 1;
                    drop(counts);
                    // The work's own panic is caught inside; this is for what is dropped after it.
                    unwind::swallow(job);
                }
                // A job is counted before it is sent: it is on its way.
                Err(RecvTimeoutError::Timeout) if counts.pending > 0 => {}
                Err(_) => {
                    counts.threads -= 1;
                    return;
                }
            }
        }
    }
}
