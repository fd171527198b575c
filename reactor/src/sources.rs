//! From a token to who waits for it, and to what is known of it.
//!
//! A socket is registered with the kernel once, edge-triggered, for both directions. The kernel then
//! speaks only when something *changes*, so what it said must be remembered: that is the cached
//! readiness. An operation looks there first; if nothing speaks against it, it simply tries.
//!
//! ```text
//!              event: readable                     operation fell short, or EAGAIN
//!   not ready ────────1 record────────► ready ────────2 drained / forget───────────► not ready
//!       │                                 ▲
//!       └─3 wait stores the waker         └─ closed: stays, whatever was read short
//! ```
//!
//! Two know an entry: this table, which the kernel's word comes through, and the source itself, which
//! so looks and waits without a look-up. What both of them change lies in cells: there is no borrow that
//! foreign code could meet.
//!
//! ```text
//!   event ─► token ─► table ─► Rc ─┐
//!                                  ├─► Entry { readiness, reader, writer }
//!   operation ─► Source ─────► Rc ─┘
//! ```
//!
//! Invariants:
//! - An entry whose operation was answered `Pending` holds the waker of its last poll.
//! - "Closed" is not forgotten by a short read: no further edge would come to say it again.
//! - Wakers leave their cell before they are woken or dropped, for both may run foreign code.
//!
//! Neighbours: `reactor` records events here; `source` asks.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;
use std::task::Waker;

use crate::event::{Readiness, Token};
use crate::slab::{Key, Slab};

/// Which way the bytes go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// Towards us: read, accept, receive.
    Read,
    /// Away from us: write, connect, send.
    Write,
}

impl Direction {
    /// What lets an operation of this direction be tried.
    fn open(self) -> Readiness {
        match self {
            Direction::Read => Readiness::READABLE,
            Direction::Write => Readiness::WRITABLE,
        }
    }

    /// What makes it pointless to wait.
    fn closed(self) -> Readiness {
        match self {
            Direction::Read => Readiness::READ_CLOSED,
            Direction::Write => Readiness::WRITE_CLOSED,
        }
    }
}

/// One source: what is known of it, and who waits for it.
pub(crate) struct Entry {
    token: Token,
    readiness: Cell<Readiness>,
    reader: Cell<Option<Waker>>,
    writer: Cell<Option<Waker>>,
}

impl Entry {
    /// What the kernel calls it.
    pub(crate) fn token(&self) -> Token {
        self.token
    }

    /// Whether an operation may be tried.
    pub(crate) fn is_ready(&self, direction: Direction) -> bool {
        self.readiness.get().intersects(direction.open().with(direction.closed()))
    }

    /// Arrow 1: notes what the kernel said, and gives out who waited for it.
    fn record(&self, said: Readiness) -> Waiters {
        let known = self.readiness.get();
        self.readiness.set(known.with(said));
        // Whoever waits has found nothing of this known; so of what was known before, nobody need hear.
        let news = said.without(known);
        let reads = news.intersects(Readiness::READABLE.with(Readiness::READ_CLOSED));
        let writes = news.intersects(Readiness::WRITABLE.with(Readiness::WRITE_CLOSED));
        [
            if reads { self.reader.take() } else { None },
            if writes { self.writer.take() } else { None },
        ]
    }

    /// Arrow 3: keeps `waker` for when an operation may be tried, in the place of the one before. Look
    /// again after it: to clone the one, and to drop the other, is foreign code.
    pub(crate) fn wait(&self, direction: Direction, waker: &Waker) {
        let before = self.waiter(direction).replace(Some(waker.clone()));
        if let Some(before) = before {
            discard(before);
        }
    }

    /// Arrow 2, after less was moved than was asked for: the kernel has no more just now. What is
    /// closed stays closed.
    pub(crate) fn drained(&self, direction: Direction) {
        self.readiness.set(self.readiness.get().without(direction.open()));
    }

    /// Arrow 2, after `EAGAIN`: the kernel itself contradicts all that we thought we knew.
    pub(crate) fn forget(&self, direction: Direction) {
        let facts = direction.open().with(direction.closed());
        self.readiness.set(self.readiness.get().without(facts));
    }

    fn waiter(&self, direction: Direction) -> &Cell<Option<Waker>> {
        match direction {
            Direction::Read => &self.reader,
            Direction::Write => &self.writer,
        }
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let readiness = self.readiness.get();
        f.debug_struct("Entry").field("token", &self.token).field("readiness", &readiness).finish()
    }
}

/// Who waited, reader and writer, moved out of their cells.
pub(crate) type Waiters = [Option<Waker>; 2];

/// The sources of one reactor.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    slab: Slab<Rc<Entry>>,
}

impl Sources {
    /// How many sources are registered.
    pub(crate) fn len(&self) -> usize {
        self.slab.len()
    }

    /// A new entry; `readiness` is what is assumed before the kernel has said anything.
    pub(crate) fn insert(&mut self, readiness: Readiness) -> Rc<Entry> {
        let mut entry = None;
        self.slab.insert_with(|key| {
            let token = Token::new(key.index, key.generation);
            let (readiness, reader, writer) =
                (Cell::new(readiness), Cell::default(), Cell::default());
            let made = Rc::new(Entry { token, readiness, reader, writer });
            Rc::clone(entry.insert(made))
        });
        entry.expect("an insert makes what it inserts")
    }

    /// Takes an entry out of the table: no event reaches it any more.
    pub(crate) fn remove(&mut self, token: Token) -> Option<Rc<Entry>> {
        self.slab.remove(key(token))
    }

    /// Arrow 1. An event for an entry that is gone, though its slot may be in use again, reaches nobody.
    pub(crate) fn record(&self, token: Token, said: Readiness) -> Waiters {
        match self.slab.get(key(token)) {
            Some(entry) => entry.record(said),
            None => [None, None],
        }
    }
}

/// Drops what is hardly ever there, out of the way of those who find nothing.
#[cold]
#[inline(never)]
fn discard(waker: Waker) {
    drop(waker);
}

fn key(token: Token) -> Key {
    Key { index: token.slot(), generation: token.generation() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READ: Direction = Direction::Read;

    #[test]
    fn a_stale_token_of_the_same_batch_reaches_nobody() {
        let mut sources = Sources::default();
        let old = sources.insert(Readiness::NONE);
        sources.remove(old.token());
        let new = sources.insert(Readiness::NONE);
        assert_eq!(new.token().slot(), old.token().slot());
        new.wait(READ, Waker::noop());
        let woken = sources.record(old.token(), Readiness::READABLE);
        assert!(woken.iter().all(Option::is_none));
        assert!(!new.is_ready(READ), "an old event must not make the new source ready");
    }

    #[test]
    fn a_short_read_forgets_readable_but_never_closed() {
        let entry = Sources::default().insert(Readiness::NONE);
        entry.record(Readiness::READABLE.with(Readiness::READ_CLOSED));
        entry.drained(READ);
        assert!(entry.is_ready(READ));
        entry.forget(READ);
        assert!(!entry.is_ready(READ));
    }

    #[test]
    fn the_waker_is_replaced_at_each_poll_that_waits() {
        let entry = Sources::default().insert(Readiness::NONE);
        let (first, second) = (crate::testing::counter(), crate::testing::counter());
        entry.wait(READ, &first.waker());
        entry.wait(READ, &second.waker());
        entry.wait(READ, &second.waker());
        let [reader, writer] = entry.record(Readiness::READABLE);
        assert!(reader.is_some_and(|waker| waker.will_wake(&second.waker())));
        assert!(writer.is_none());
    }

    #[test]
    fn a_hang_up_wakes_both_directions() {
        let entry = Sources::default().insert(Readiness::NONE);
        entry.wait(READ, Waker::noop());
        entry.wait(Direction::Write, Waker::noop());
        let both = Readiness::READABLE.with(Readiness::WRITABLE);
        let woken = entry.record(both.with(Readiness::READ_CLOSED));
        assert!(woken.iter().all(Option::is_some));
    }
}
