//! Calls that block, one at a time, in the order in which they were handed in.
//!
//! ```text
//!   call ─► queue ──idle: one job for the pool──► runs all that is in the queue ──► idle
//!              └──running: no more is needed──────────┘
//! ```
//!
//! Invariants:
//! - Exactly while `running`, one job of the pool works on the queue, or is about to.
//! - A job that the pool drops unrun drops the queue with it: whoever waits is told, none waits for
//!   ever.
//! - No call runs, and none is dropped, under the lock.
//!
//! Neighbours: `file` has one for each open file.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::operation::Operation;
use crate::join_error::JoinError;
use crate::remote::packet;
use crate::runtime::spawn_blocking;

type Call = Box<dyn FnOnce() + Send>;

/// An order among calls. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Strand {
    shared: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Call>,
    running: bool,
}

impl Strand {
    /// Makes `call` after all that were handed in before.
    #[track_caller]
    pub(super) fn begin<T: Send + 'static>(
        &self,
        call: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> Operation<T> {
        let (producer, handle) = packet();
        let call = Box::new(move || {
            let outcome = catch_unwind(AssertUnwindSafe(call));
            producer.complete(outcome.map_err(JoinError::panicked));
        });
        let mut state = self.lock();
        state.queue.push_back(call);
        let was_running = std::mem::replace(&mut state.running, true);
        drop(state);
        if !was_running {
            let job = Job { strand: Some(self.clone()) };
            // What the calls give goes to their own handles.
            drop(spawn_blocking(move || job.run()));
        }
        Operation::with(handle)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that can panic happens under this lock.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the pool is given. It works, or at least it is dropped.
struct Job {
    /// `None` once it has run to its end, when the queue may be another job's already.
    strand: Option<Strand>,
}

impl Job {
    fn run(mut self) {
        while let Some(call) = self.next() {
            call();
        }
    }

    fn next(&mut self) -> Option<Call> {
        let strand = self.strand.as_ref()?;
        let mut state = strand.lock();
        let call = state.queue.pop_front();
        state.running = call.is_some();
        drop(state);
        if call.is_none() {
            self.strand = None;
        }
        call
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        let Some(strand) = &self.strand else { return };
        let mut state = strand.lock();
        let queue = std::mem::take(&mut state.queue);
        state.running = false;
        drop(state);
        drop(queue);
    }
}
