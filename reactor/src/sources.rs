//! From a token to who waits for it, and to what is known of it.
//!
//! A socket is registered with the kernel once, edge-triggered, for both directions. The kernel then
//! speaks only when something *changes*, so what it said must be remembered: that is the cached
//! readiness. An operation looks there first; if nothing speaks against it, it simply tries.
//!
//! ```text
//!              event: readable                     operation fell short, or EAGAIN
//!   not ready ────────1 record────────► ready ────────2 forget / drained─────────► not ready
//!       │                                 ▲
//!       └─3 wait stores the waker         └─ closed: stays, whatever was read short
//! ```
//!
//! Invariants:
//! - An entry whose operation was answered `Pending` holds the waker of its last poll.
//! - "Closed" is not forgotten by a short read: no further edge would come to say it again.
//! - Wakers leave this table before they are woken or dropped, for both may run foreign code.
//!
//! Neighbours: `reactor` records events here; `source` asks.

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

/// The sources of one reactor.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    slab: Slab<Entry>,
}

#[derive(Debug)]
struct Entry {
    readiness: Readiness,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Entry {
    fn waiter(&mut self, direction: Direction) -> &mut Option<Waker> {
        match direction {
            Direction::Read => &mut self.reader,
            Direction::Write => &mut self.writer,
        }
    }
}

/// Who waited, reader and writer, moved out of the table.
pub(crate) type Waiters = [Option<Waker>; 2];

impl Sources {
    /// How many sources are registered.
    pub(crate) fn len(&self) -> usize {
        self.slab.len()
    }

    /// A new entry; `readiness` is what is assumed before the kernel has said anything.
    pub(crate) fn insert(&mut self, readiness: Readiness) -> Token {
        let key = self.slab.insert(Entry { readiness, reader: None, writer: None });
        Token::new(key.index, key.generation)
    }

    /// Takes an entry out, with those who waited.
    pub(crate) fn remove(&mut self, token: Token) -> Waiters {
        match self.slab.remove(key(token)) {
            Some(entry) => [entry.reader, entry.writer],
            None => [None, None],
        }
    }

    /// Arrow 1: notes what the kernel said, and gives out who waited for it. An event for an entry
    /// that is gone, though its slot may be in use again, reaches nobody.
    pub(crate) fn record(&mut self, token: Token, said: Readiness) -> Waiters {
        let Some(entry) = self.slab.get_mut(key(token)) else {
            return [None, None];
        };
        entry.readiness = entry.readiness.with(said);
        let reads = said.intersects(Readiness::READABLE.with(Readiness::READ_CLOSED));
        let writes = said.intersects(Readiness::WRITABLE.with(Readiness::WRITE_CLOSED));
        [
            if reads { entry.reader.take() } else { None },
            if writes { entry.writer.take() } else { None },
        ]
    }

    /// Whether an operation may be tried.
    pub(crate) fn is_ready(&self, token: Token, direction: Direction) -> bool {
        let entry = self.slab.get(key(token)).expect("a live source is in the table");
        entry.readiness.intersects(direction.open().with(direction.closed()))
    }

    /// Arrow 3: keeps `waker` for when an operation may be tried. The waker that was there before
    /// comes back, to be dropped outside.
    pub(crate) fn wait(
        &mut self,
        token: Token,
        direction: Direction,
        waker: &Waker,
    ) -> Option<Waker> {
        let entry = self.slab.get_mut(key(token)).expect("a live source is in the table");
        let waiter = entry.waiter(direction);
        match waiter {
            Some(known) if known.will_wake(waker) => None,
            _ => waiter.replace(waker.clone()),
        }
    }

    /// Arrow 2, after less was moved than was asked for: the kernel has no more just now. What is
    /// closed stays closed.
    pub(crate) fn drained(&mut self, token: Token, direction: Direction) {
        if let Some(entry) = self.slab.get_mut(key(token)) {
            entry.readiness = entry.readiness.without(direction.open());
        }
    }

    /// Arrow 2, after `EAGAIN`: the kernel itself contradicts all that we thought we knew.
    pub(crate) fn forget(&mut self, token: Token, direction: Direction) {
        if let Some(entry) = self.slab.get_mut(key(token)) {
            entry.readiness = entry.readiness.without(direction.open().with(direction.closed()));
        }
    }
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
        sources.remove(old);
        let new = sources.insert(Readiness::NONE);
        assert_eq!(new.slot(), old.slot());
        sources.wait(new, READ, Waker::noop());
        assert!(sources.record(old, Readiness::READABLE).iter().all(Option::is_none));
        assert!(!sources.is_ready(new, READ), "an old event must not make the new source ready");
    }

    #[test]
    fn a_short_read_forgets_readable_but_never_closed() {
        let mut sources = Sources::default();
        let token = sources.insert(Readiness::NONE);
        sources.record(token, Readiness::READABLE.with(Readiness::READ_CLOSED));
        sources.drained(token, READ);
        assert!(sources.is_ready(token, READ));
        sources.forget(token, READ);
        assert!(!sources.is_ready(token, READ));
    }

    #[test]
    fn the_waker_is_replaced_at_each_poll_that_waits() {
        let mut sources = Sources::default();
        let token = sources.insert(Readiness::NONE);
        let (first, second) = (crate::testing::counter(), crate::testing::counter());
        sources.wait(token, READ, &first.waker());
        let replaced = sources.wait(token, READ, &second.waker());
        assert!(replaced.is_some_and(|waker| waker.will_wake(&first.waker())));
        let [reader, writer] = sources.record(token, Readiness::READABLE);
        assert!(reader.is_some_and(|waker| waker.will_wake(&second.waker())));
        assert!(writer.is_none());
    }

    #[test]
    fn a_hang_up_wakes_both_directions() {
        let mut sources = Sources::default();
        let token = sources.insert(Readiness::NONE);
        sources.wait(token, READ, Waker::noop());
        sources.wait(token, Direction::Write, Waker::noop());
        let both = Readiness::READABLE.with(Readiness::WRITABLE);
        let woken = sources.record(token, both.with(Readiness::READ_CLOSED));
        assert!(woken.iter().all(Option::is_some));
    }
}
