//! Who is to be polled next, and how the news of it comes in.
//!
//! ```text
//!   wake on the executor's thread ──► the thread's queue: plain, no lock ──────────┐
//!                                                                                  ├─► Turns: pop ─► poll
//!   wake from any other thread ──► channel ──► (drained when told) ──► same queue ─┘
//!                                     └──► Notifier, in case the executor sleeps
//! ```
//!
//! The queue of the executor that is *running* on a thread lies in a thread-local, so that a wake can
//! reach it without a lock and without a pointer that would have to be proven valid. The loop takes all
//! that is in it at once, into [`Turns`] of its own, which nobody else can reach and no poll has to be
//! asked about; when those are over, it comes for more. While the executor is not running (between two
//! `block_on`), the queue is kept in its [`ReadyQueue`], and wakes take the channel, from its own thread
//! too.
//!
//! Invariants:
//! - No wake is lost between "the queue is empty" and "parked": a message is in the channel before
//!   the notifier is told, the notifier remembers, and the channel is drained after the park that
//!   hears of it.
//! - Sending never blocks and never fails loudly: the channel is unbounded, and a runtime that is gone
//!   wants to hear of nothing.
//! - First in, first out.
//!
//! Neighbours: `task` says when to push; `scheduler` and `runtime` pop.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::mem::{self, ManuallyDrop};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, ThreadId};

use crossbeam_channel::{Receiver, Sender};
use reactor::poller::Notifier;
use reactor::slab::Key;

use crate::unwind::drop_guarded;

thread_local! {
    /// The number of the executor's inbox that is running on this thread.
    static RUNNING: Cell<u64> = const { Cell::new(NOBODY) };
    /// The queue of that executor: what came in, and was not taken over by its loop. Whoever puts a
    /// list in takes it out again, so it needs no destructor; and what needs none is found without
    /// asking, at each wake, whether that has run.
    static QUEUE: RefCell<ManuallyDrop<Vec<Key>>> =
        const { RefCell::new(ManuallyDrop::new(Vec::new())) };
}

/// The number of no inbox.
const NOBODY: u64 = 0;

/// What other threads send.
pub(crate) enum Message {
    /// Queue this task.
    Wake(Arc<dyn Woken>),
    /// Do this on your thread; a spawn, say.
    Run(Box<dyn FnOnce() + Send>),
}

/// What can be woken from another thread: a task's header, of which this file need not know more.
pub(crate) trait Woken: Send + Sync {
    /// The message has come to the executor's own thread.
    fn arrived(&self);
}

/// The sending side of an executor: all that other threads know of it.
pub(crate) struct Inbox {
    number: u64,
    /// The executor's own.
    thread: ThreadId,
    closed: AtomicBool,
    sender: Sender<Message>,
    notifier: Notifier,
}

impl Inbox {
    pub(crate) fn new(notifier: Notifier) -> (Arc<Inbox>, Receiver<Message>) {
        static NUMBERS: AtomicU64 = AtomicU64::new(NOBODY + 1);
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        let (sender, receiver) = crossbeam_channel::unbounded();
        let closed = AtomicBool::new(false);
        let thread = thread::current().id();
        (Arc::new(Inbox { number, thread, closed, sender, notifier }), receiver)
    }

    /// The thread on which the executor runs, whenever it does.
    pub(crate) fn thread(&self) -> ThreadId {
        self.thread
    }

    /// Sends, and wakes the executor if it sleeps. Where it is gone, the message is dropped.
    pub(crate) fn send(&self, message: Message) {
        if self.sender.send(message).is_ok() {
            self.notify();
        }
    }

    /// Ends the executor's sleep, or its next one.
    pub(crate) fn notify(&self) {
        self.notifier.notify().expect("a notification needs nothing that could be short");
    }

    /// Whether the executor takes no more messages.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Inbox({})", self.number)
    }
}

/// Whether the executor of this inbox is running on this very thread.
pub(crate) fn is_running(inbox: &Inbox) -> bool {
    RUNNING.get() == inbox.number
}

/// Whether any executor of ours is running on this thread.
pub(crate) fn is_any_running() -> bool {
    RUNNING.get() != NOBODY
}

/// Whoever is about to wait for a task of this thread must be where it can be run: a panic tells, a hang
/// does not.
///
/// A runtime never leaves its thread. Where none is running on it, whoever polls is a foreign executor,
/// and while that waits, nobody runs the task. Where one is, it need not be the task's own: runtimes of
/// one thread may take turns.
pub(crate) fn assert_any_running() {
    assert!(is_any_running(), "{NOBODY_RUNS_IT}");
}

/// What somebody is told who would wait for ever.
pub(crate) const NOBODY_RUNS_IT: &str = "no runtime is running on this thread, and nobody would run the \
    task that is waited for: await it inside the `block_on` of its runtime; or let the runtime run on a \
    thread of its own, and spawn by its `Handle`";

/// Adds a task at the end of this thread's queue.
#[inline]
pub(crate) fn push(key: Key) {
    QUEUE.with_borrow_mut(|queue| queue.push(key));
}

/// The tasks whose turn it is, in the hands of the loop that polls them: all of them before whatever is
/// in the thread's queue.
#[derive(Default)]
pub(crate) struct Turns {
    keys: Vec<Key>,
    /// How many of them are over.
    taken: usize,
}

impl Turns {
    /// Takes the task whose turn it is.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<Key> {
        let key = match self.keys.get(self.taken) {
            Some(key) => *key,
            None => self.take_over()?,
        };
        self.taken += 1;
        Some(key)
    }

    /// Whether no task is waiting for its turn.
    pub(crate) fn is_empty(&self) -> bool {
        self.taken == self.keys.len() && QUEUE.with_borrow(|queue| queue.is_empty())
    }

    /// All that has come in, and the first of it; the list that is over goes there, to be filled.
    fn take_over(&mut self) -> Option<Key> {
        self.keys.clear();
        self.taken = 0;
        QUEUE.with_borrow_mut(|queue| mem::swap(&mut **queue, &mut self.keys));
        self.keys.first().copied()
    }
}

/// The receiving side of an executor, and its queue while it is not running.
pub(crate) struct ReadyQueue {
    inbox: Arc<Inbox>,
    /// `None` once closed.
    messages: RefCell<Option<Receiver<Message>>>,
    at_rest: RefCell<Vec<Key>>,
    /// The running loop's own, and borrowed by it for as long as it runs.
    pub(crate) turns: RefCell<Turns>,
}

impl ReadyQueue {
    pub(crate) fn new(notifier: Notifier) -> ReadyQueue {
        let (inbox, messages) = Inbox::new(notifier);
        ReadyQueue {
            inbox,
            messages: RefCell::new(Some(messages)),
            at_rest: RefCell::default(),
            turns: RefCell::default(),
        }
    }

    pub(crate) fn inbox(&self) -> &Arc<Inbox> {
        &self.inbox
    }

    /// The next message of another thread.
    pub(crate) fn next_message(&self) -> Option<Message> {
        self.messages.borrow().as_ref()?.try_recv().ok()
    }

    /// Takes no more messages, and drops those that are there: whoever waits for what they ask for
    /// is told, now, that it will not come.
    pub(crate) fn close(&self) {
        self.inbox.closed.store(true, Ordering::Release);
        while let Some(message) = self.next_message() {
            drop_guarded(message);
        }
        // Drops what came in between; from here on, sending fails.
        drop_guarded(self.messages.take());
    }

    /// Makes this the running executor's queue until the guard is dropped.
    pub(crate) fn run(&self) -> QueueGuard<'_> {
        let queue = ManuallyDrop::new(self.at_rest.take());
        let inbox = RUNNING.replace(self.inbox.number);
        QueueGuard { ready: self, inbox, queue: QUEUE.replace(queue) }
    }
}

/// While this lives, a [`ReadyQueue`] is in its thread's hands.
pub(crate) struct QueueGuard<'a> {
    ready: &'a ReadyQueue,
    /// What was running on the thread before: usually nobody.
    inbox: u64,
    queue: ManuallyDrop<Vec<Key>>,
}

impl Drop for QueueGuard<'_> {
    fn drop(&mut self) {
        RUNNING.set(self.inbox);
        let queue = QUEUE.replace(mem::take(&mut self.queue));
        self.ready.at_rest.replace(ManuallyDrop::into_inner(queue));
    }
}
