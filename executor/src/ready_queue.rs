//! Who is to be polled next, and how the news of it comes in.
//!
//! ```text
//!   wake on the executor's thread ──► the thread's queue: plain, no lock ──────────┐
//!                                                                                  ├─► pop ─► poll
//!   wake from any other thread ──► channel ──► (drained each turn) ──► same queue ─┘
//!                                     └──► Notifier, in case the executor sleeps
//! ```
//!
//! The queue of the executor that is *running* on a thread lies in a thread-local, so that a wake can
//! reach it without a lock and without a pointer that would have to be proven valid. While the
//! executor is not running (between two `block_on`), the queue is kept in its [`ReadyQueue`], and
//! wakes take the channel, from its own thread too.
//!
//! Invariants:
//! - No wake is lost between "the queue is empty" and "parked": a message is in the channel before
//!   the notifier is told, the notifier remembers, and the channel is drained after each park.
//! - Sending never blocks and never fails loudly: the channel is unbounded, and a runtime that is gone
//!   wants to hear of nothing.
//! - First in, first out.
//!
//! Neighbours: `task` says when to push; `scheduler` and `runtime` pop.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crossbeam_channel::{Receiver, Sender};
use reactor::poller::Notifier;
use reactor::slab::Key;

use crate::unwind::drop_guarded;

thread_local! {
    static RUNNING: Running = const {
        Running { inbox: Cell::new(NOBODY), queue: RefCell::new(VecDeque::new()) }
    };
}

/// The executor that is running on this thread, and its queue.
struct Running {
    inbox: Cell<u64>,
    queue: RefCell<VecDeque<Key>>,
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
        (Arc::new(Inbox { number, closed, sender, notifier }), receiver)
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
    // A thread that is ending may have destroyed its thread-locals; then nothing runs on it.
    RUNNING.try_with(|running| running.inbox.get() == inbox.number).unwrap_or(false)
}

/// Adds a task at the end of this thread's queue.
pub(crate) fn push(key: Key) {
    RUNNING.with(|running| running.queue.borrow_mut().push_back(key));
}

/// Takes the task whose turn it is.
pub(crate) fn pop() -> Option<Key> {
    RUNNING.with(|running| running.queue.borrow_mut().pop_front())
}

/// Whether no task is waiting for its turn.
pub(crate) fn is_empty() -> bool {
    RUNNING.with(|running| running.queue.borrow().is_empty())
}

/// The receiving side of an executor, and its queue while it is not running.
pub(crate) struct ReadyQueue {
    inbox: Arc<Inbox>,
    /// `None` once closed.
    messages: RefCell<Option<Receiver<Message>>>,
    at_rest: RefCell<VecDeque<Key>>,
}

impl ReadyQueue {
    pub(crate) fn new(notifier: Notifier) -> ReadyQueue {
        let (inbox, messages) = Inbox::new(notifier);
        ReadyQueue { inbox, messages: RefCell::new(Some(messages)), at_rest: RefCell::default() }
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

    /// Makes this the running executor's queue until the guard is dropped. On a thread that is ending,
    /// and has destroyed its thread-locals, it does nothing.
    pub(crate) fn run(&self) -> QueueGuard<'_> {
        let before = RUNNING.try_with(|running| Before {
            inbox: running.inbox.replace(self.inbox.number),
            queue: running.queue.replace(self.at_rest.take()),
        });
        QueueGuard { ready: self, before: before.ok() }
    }
}

/// While this lives, a [`ReadyQueue`] is in its thread's hands.
pub(crate) struct QueueGuard<'a> {
    ready: &'a ReadyQueue,
    before: Option<Before>,
}

/// What was running on the thread before: usually nobody.
struct Before {
    inbox: u64,
    queue: VecDeque<Key>,
}

impl Drop for QueueGuard<'_> {
    fn drop(&mut self) {
        let Some(before) = self.before.take() else { return };
        RUNNING.with(|running| {
            running.inbox.set(before.inbox);
            self.ready.at_rest.replace(running.queue.replace(before.queue));
        });
    }
}
