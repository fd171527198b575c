//! Deadlines, and who is to be woken at each.
//!
//! A heap orders the deadlines; each entry knows its place in the heap, so that a timer can be
//! cancelled from the middle. Four children a node instead of two make the tree half as high, and
//! the four lie in one or two cache lines.
//!
//! ```text
//!   heap      [0] 10 ms ──► [1] 12  [2] 30  [3] 11  [4] 50      parent of i: (i - 1) / 4
//!               │             └─► [5] 13 …
//!   entries   { position: 0, waker } …                          key ─► entry ─► position
//! ```
//!
//! Insert, cancel and re-arm are O(log n); the usual timer, later than all others, is inserted at
//! the end and stays there: O(1). Memory: 24 bytes a heap node, 32 an entry.
//!
//! Invariants:
//! - `entries[heap[i].entry].position == i` for each `i`.
//! - No node is earlier than its parent.
//! - A timer is never handed out before its deadline, and exactly once.
//!
//! Neighbours: `reactor` asks for the earliest deadline before it parks, and for the expired after;
//! `time::sleep` inserts and cancels.

use std::task::Waker;
use std::time::Instant;

use crate::slab::{Key, Slab};

/// How many children a node of the heap has.
const CHILDREN: usize = 4;

/// The timers of one reactor.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    heap: Vec<Node>,
    entries: Slab<Entry>,
}

#[derive(Debug, Clone, Copy)]
struct Node {
    deadline: Instant,
    entry: Key,
}

#[derive(Debug)]
struct Entry {
    position: u32,
    waker: Waker,
}

impl Timers {
    /// How many timers are waiting.
    pub(crate) fn len(&self) -> usize {
        self.heap.len()
    }

    /// The earliest deadline.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.heap.first().map(|node| node.deadline)
    }

    /// Adds a timer; the key cancels it, and finds nothing after it has fired.
    pub(crate) fn insert(&mut self, deadline: Instant, waker: Waker) -> Key {
        let position = self.heap.len();
        let entry = self.entries.insert(Entry { position: position as u32, waker });
        let node = Node { deadline, entry };
        self.heap.push(node);
        if !self.is_later_than_parent(position, node) {
            self.sift_up(position, node);
        }
        entry
    }

    /// Who is woken, if the timer has not fired.
    pub(crate) fn waker(&self, key: Key) -> Option<&Waker> {
        self.entries.get(key).map(|entry| &entry.waker)
    }

    /// Replaces who is woken, and gives out who was; `Err` gives the waker back where the timer has fired
    /// already. Either is to be dropped under no borrow.
    pub(crate) fn set_waker(&mut self, key: Key, waker: Waker) -> Result<Waker, Waker> {
        match self.entries.get_mut(key) {
            Some(entry) => Ok(std::mem::replace(&mut entry.waker, waker)),
            None => Err(waker),
        }
    }

    /// Cancels a timer. The waker comes back so that the caller drops it, under no borrow.
    pub(crate) fn remove(&mut self, key: Key) -> Option<Waker> {
        let entry = self.entries.remove(key)?;
        self.remove_node(entry.position as usize);
        Some(entry.waker)
    }

    /// Takes out the earliest timer if its deadline has come.
    pub(crate) fn pop_expired(&mut self, now: Instant) -> Option<Waker> {
        let first = self.heap.first()?;
        if first.deadline > now {
            return None;
        }
        let entry = self.entries.remove(first.entry)?;
        self.remove_node(0);
        Some(entry.waker)
    }

    /// Takes a node out, and puts the last one in its place or where that one belongs.
    fn remove_node(&mut self, position: usize) {
        let Some(last) = self.heap.pop() else { return };
        if position == self.heap.len() {
            return;
        }
        if self.is_later_than_parent(position, last) {
            self.sift_down(position, last);
        } else {
            self.sift_up(position, last);
        }
    }

    fn is_later_than_parent(&self, position: usize, node: Node) -> bool {
        position == 0 || self.heap[(position - 1) / CHILDREN].deadline <= node.deadline
    }

    /// Puts `node` at `position`, a gap, or above it: later ancestors come down into the gap.
    fn sift_up(&mut self, mut position: usize, node: Node) {
        while !self.is_later_than_parent(position, node) {
            let parent = (position - 1) / CHILDREN;
            self.put(position, self.heap[parent]);
            position = parent;
        }
        self.put(position, node);
    }

    /// Puts `node` at `position`, a gap, or below it: the earliest children go up into the gap.
    fn sift_down(&mut self, mut position: usize, node: Node) {
        loop {
            let first = position * CHILDREN + 1;
            let (mut place, mut earliest) = (position, node);
            for (child, other) in (first..).zip(self.heap.iter().skip(first).take(CHILDREN)) {
                if other.deadline < earliest.deadline {
                    (place, earliest) = (child, *other);
                }
            }
            if place == position {
                return self.put(position, node);
            }
            self.put(position, earliest);
            position = place;
        }
    }

    /// Writes a node, and tells its entry where it now is.
    fn put(&mut self, position: usize, node: Node) {
        self.heap[position] = node;
        if let Some(entry) = self.entries.get_mut(node.entry) {
            entry.position = position as u32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// A small generator of its own, so that the test is the same everywhere (xorshift, Marsaglia).
    struct Random(u64);

    impl Random {
        fn below(&mut self, limit: u64) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0 % limit
        }
    }

    fn check(timers: &Timers) {
        for (position, node) in timers.heap.iter().enumerate() {
            let entry = timers.entries.get(node.entry).expect("each node has an entry");
            assert_eq!(entry.position as usize, position);
            if position > 0 {
                assert!(timers.heap[(position - 1) / CHILDREN].deadline <= node.deadline);
            }
        }
        assert_eq!(timers.heap.len(), timers.entries.len());
    }

    #[test]
    fn any_order_of_insert_cancel_and_expiry_keeps_the_heap() {
        let start = crate::sys::clock::now();
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        let mut timers = Timers::default();
        let mut keys = Vec::new();
        let mut now = start;
        for _ in 0..5_000 {
            match random.below(10) {
                0..=5 => {
                    let deadline = now + Duration::from_micros(random.below(1_000));
                    keys.push(timers.insert(deadline, Waker::noop().clone()));
                }
                6..=7 if !keys.is_empty() => {
                    let index = random.below(keys.len() as u64) as usize;
                    timers.remove(keys.swap_remove(index));
                }
                _ => {
                    now += Duration::from_micros(random.below(50));
                    while timers.pop_expired(now).is_some() {}
                    assert!(timers.next_deadline().is_none_or(|deadline| deadline > now));
                }
            }
            check(&timers);
        }
    }

    #[test]
    fn timers_come_out_in_the_order_of_their_deadlines_and_never_early() {
        let start = crate::sys::clock::now();
        let mut timers = Timers::default();
        for milliseconds in [5_u64, 1, 4, 2, 3, 9, 7] {
            timers.insert(start + Duration::from_millis(milliseconds), Waker::noop().clone());
        }
        for (milliseconds, expected) in [(0, 0), (1, 1), (4, 3), (6, 1), (9, 2)] {
            let now = start + Duration::from_millis(milliseconds);
            let fired = std::iter::from_fn(|| timers.pop_expired(now)).count();
            assert_eq!(fired, expected, "at {milliseconds} ms");
        }
    }

    #[test]
    fn a_fired_timers_key_finds_nothing() {
        let start = crate::sys::clock::now();
        let mut timers = Timers::default();
        let key = timers.insert(start, Waker::noop().clone());
        assert!(timers.pop_expired(start).is_some());
        assert!(timers.waker(key).is_none());
        assert!(timers.set_waker(key, Waker::noop().clone()).is_err());
        assert!(timers.remove(key).is_none());
    }

    #[test]
    fn a_million_timers_take_no_more_than_80_bytes_each() {
        assert!(size_of::<Node>() + size_of::<Entry>() + 8 <= 80);
    }
}
