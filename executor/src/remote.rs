//! Results that come from another thread.
//!
//! ```text
//!   producer's thread                       packet (Arc, Mutex)               consumer's thread
//!   blocking job, or a task of a ──► complete ─► outcome, ─── wake ──► RemoteJoinHandle::poll
//!   runtime that somebody else      dropped ──► cancelled
//!   spawned on                      ◄── aborted ◄──────────────────── RemoteJoinHandle::abort
//! ```
//!
//! Invariants:
//! - The lock is held for a few moves, never while foreign code runs: no waker is cloned, woken or
//!   dropped under it, and no value.
//! - A producer that goes away without a word has cancelled: nobody waits for ever.
//!
//! Neighbours: `blocking` and `runtime::Handle` produce.

use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};
use std::thread::{self, ThreadId};

use crate::join_error::JoinError;
use crate::primitives::{Arc, AtomicBool, Mutex, MutexGuard};
use crate::ready_queue;
use crate::unwind::drop_guarded;

struct Packet<T> {
    aborted: AtomicBool,
    state: Mutex<State<T>>,
}

struct State<T> {
    outcome: Option<Result<T, JoinError>>,
    consumer: Option<Waker>,
    producer: Option<Waker>,
}

impl<T> Packet<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // No foreign code runs under this lock, so nothing can panic under it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Both ends of a new packet.
pub(crate) fn packet<T>() -> (Producer<T>, RemoteJoinHandle<T>) {
    let state = State { outcome: None, consumer: None, producer: None };
    let packet = Arc::new(Packet { aborted: AtomicBool::new(false), state: Mutex::new(state) });
    (
        Producer { packet: Arc::clone(&packet), silent: true },
        RemoteJoinHandle { packet, taken: false, home: None },
    )
}

/// The end at which the result is made.
pub(crate) struct Producer<T> {
    packet: Arc<Packet<T>>,
    /// It has not said how the work ended.
    silent: bool,
}

impl<T> Producer<T> {
    pub(crate) fn is_aborted(&self) -> bool {
        self.packet.aborted.load(Ordering::Acquire)
    }

    pub(crate) fn complete(mut self, outcome: Result<T, JoinError>) {
        self.finish(outcome);
    }

    fn finish(&mut self, outcome: Result<T, JoinError>) {
        self.silent = false;
        let mut state = self.packet.lock();
        state.outcome = Some(outcome);
        let (consumer, producer) = (state.consumer.take(), state.producer.take());
        drop(state);
        drop(producer);
        if let Some(consumer) = consumer {
            consumer.wake();
        }
    }

    /// Keeps who is to be woken when the consumer aborts.
    fn listen(&self, waker: &Waker) {
        let same = |producer: &Waker| producer.will_wake(waker);
        let known = self.packet.lock().producer.as_ref().is_some_and(same);
        if !known {
            let producer = waker.clone(); // foreign code: not under the lock
            let replaced = self.packet.lock().producer.replace(producer);
            drop(replaced);
        }
    }
}

impl<T> Drop for Producer<T> {
    fn drop(&mut self) {
        if self.silent {
            self.finish(Err(JoinError::cancelled()));
        }
    }
}

/// Polls `future` to its end, a panic or an abort, and tells the other thread.
///
/// The future has a box of its own, so that its destructor, too, can be watched: it runs before the
/// outcome is told, and its panic takes no outcome away.
pub(crate) async fn produce<F: Future>(future: F, producer: Producer<F::Output>) {
    let mut future = Box::pin(future);
    let outcome = std::future::poll_fn(|context| {
        producer.listen(context.waker());
        if producer.is_aborted() {
            return Poll::Ready(Err(JoinError::cancelled()));
        }
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(polled) => polled.map(Ok),
            Err(payload) => Poll::Ready(Err(JoinError::panicked(payload))),
        }
    })
    .await;
    let outcome = match (outcome, catch_unwind(AssertUnwindSafe(|| drop(future)))) {
        (Err(error), Err(payload)) if error.is_cancelled() => Err(JoinError::panicked(payload)),
        (outcome, Err(payload)) => {
            drop_guarded(payload);
            outcome
        }
        (outcome, Ok(())) => outcome,
    };
    producer.complete(outcome);
}

/// The handle of work that another thread does: a [`JoinHandle`](crate::JoinHandle) that is `Send`.
///
/// It can be awaited anywhere, also by a foreign executor. Dropping it detaches the work. If the
/// other side goes away without a result, the outcome is a cancelled [`JoinError`]. A task's runtime has
/// to run meanwhile: on that runtime's own thread, a foreign executor would keep it from that, and the
/// poll panics.
///
/// Cancel safe: a dropped wait leaves the result where it is, as long as the handle lives.
#[must_use = "dropping a handle detaches its work"]
pub struct RemoteJoinHandle<T> {
    packet: Arc<Packet<T>>,
    taken: bool,
    /// The one thread that can do the work, if there is but one.
    home: Option<ThreadId>,
}

impl<T> RemoteJoinHandle<T> {
    /// The same, of work that only a runtime of `thread` does.
    pub(crate) fn done_on(mut self, thread: ThreadId) -> RemoteJoinHandle<T> {
        self.home = Some(thread);
        self
    }

    /// Asks for the work to be given up: a task drops its future at its next turn; a blocking call
    /// that has not begun never does, and one that has begun goes on to its end.
    pub fn abort(&self) {
        self.packet.aborted.store(true, Ordering::Release);
        let producer = self.packet.lock().producer.take();
        if let Some(producer) = producer {
            producer.wake();
        }
    }

    /// Whether the work is over, and awaiting this handle would not wait.
    pub fn is_finished(&self) -> bool {
        self.taken || self.packet.lock().outcome.is_some()
    }
}

impl<T> Future for RemoteJoinHandle<T> {
    type Output = Result<T, JoinError>;

    /// # Panics
    /// Polled again after it was ready; polled where it has to wait for a task of this very thread, and
    /// no runtime is running on it.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        assert!(!self.taken, "a RemoteJoinHandle was polled after it had given its result");
        let here = self.home == Some(thread::current().id());
        let waker = context.waker();
        // Made outside the lock, for cloning is foreign code; and then the outcome may have come.
        let mut consumer = None;
        loop {
            let mut state = self.packet.lock();
            if let Some(outcome) = state.outcome.take() {
                drop(state);
                self.taken = true;
                return Poll::Ready(outcome);
            }
            if here && !ready_queue::is_any_running() {
                drop(state);
                panic!("{}", ready_queue::NOBODY_RUNS_IT);
            }
            let replaced = match consumer.take() {
                Some(consumer) => state.consumer.replace(consumer),
                None if state.consumer.as_ref().is_some_and(|known| known.will_wake(waker)) => None,
                None => {
                    drop(state);
                    consumer = Some(waker.clone());
                    continue;
                }
            };
            drop(state);
            drop(replaced);
            return Poll::Pending;
        }
    }
}

impl<T> fmt::Debug for RemoteJoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteJoinHandle").field("finished", &self.is_finished()).finish()
    }
}
