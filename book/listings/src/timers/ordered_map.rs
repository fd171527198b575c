//! The obvious structure: a map ordered by deadline.
//!
//! A number behind the deadline keeps timers of the same moment apart, and in the order of their
//! making. Everything is O(log n), and there is nothing to get wrong.

use std::collections::BTreeMap;
use std::task::Waker;
use std::time::Instant;

use super::Timers;

/// Timers in a `BTreeMap`.
#[derive(Debug, Default)]
pub struct OrderedMap {
    timers: BTreeMap<(Instant, u64), Waker>,
    made: u64,
}

impl Timers for OrderedMap {
    type Name = (Instant, u64);

    fn insert(&mut self, deadline: Instant, waker: Waker) -> Self::Name {
        self.made += 1;
        let name = (deadline, self.made);
        self.timers.insert(name, waker);
        name
    }

    fn remove(&mut self, name: Self::Name) -> Option<Waker> {
        self.timers.remove(&name)
    }

    fn next_deadline(&self) -> Option<Instant> {
        self.timers.first_key_value().map(|((deadline, _), _)| *deadline)
    }

    fn pop_expired(&mut self, now: Instant) -> Option<Waker> {
        let first = self.timers.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }
}
