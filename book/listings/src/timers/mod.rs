//! Deadlines in order: three structures, one contract, and what each costs.
//!
//! | insert and cancel, user instructions | 1,000 live | 1,000,000 live | bytes a timer |
//! | --- | --- | --- | --- |
//! | [`Heap`]: four children a node, entries know their places | 256 | 176 | 48 |
//! | [`OrderedMap`]: `BTreeMap` by deadline and number | 819 | 1,364 | 40 and its nodes' slack |
//!
//! Deadlines are drawn at random between zero and a minute; the timer cancelled is the one just
//! inserted. Counted by callgrind, the difference of two runs:
//! `valgrind --tool=callgrind … cargo run --release -p listings --example timers -- heap 1000 10000`.
//!
//! The heap stayed. A hashed wheel would make both O(1), for the price of ticks: deadlines between
//! two ticks come late, and a loop that has nothing to do must still turn over the empty slots, or
//! keep a second structure that tells it which are not.

use std::task::Waker;
use std::time::Instant;

use reactor::slab::Key;

#[allow(dead_code, reason = "the whole file is compiled, and not all of it is asked for here")]
#[path = "../../../../reactor/src/timers.rs"]
mod heap;
mod ordered_map;

pub use ordered_map::OrderedMap;

/// What the reactor asks of its timers.
pub trait Timers: Default {
    /// Names one timer.
    type Name: Copy;

    /// Adds a timer.
    fn insert(&mut self, deadline: Instant, waker: Waker) -> Self::Name;
    /// Cancels a timer that has not fired.
    fn remove(&mut self, name: Self::Name) -> Option<Waker>;
    /// The earliest deadline.
    fn next_deadline(&self) -> Option<Instant>;
    /// Takes out the earliest timer if its deadline has come.
    fn pop_expired(&mut self, now: Instant) -> Option<Waker>;
}

/// The one that stayed: `reactor/src/timers.rs`, the file itself.
#[derive(Debug, Default)]
pub struct Heap(heap::Timers);

impl Timers for Heap {
    type Name = Key;

    fn insert(&mut self, deadline: Instant, waker: Waker) -> Key {
        self.0.insert(deadline, waker)
    }

    fn remove(&mut self, name: Key) -> Option<Waker> {
        self.0.remove(name)
    }

    fn next_deadline(&self) -> Option<Instant> {
        self.0.next_deadline()
    }

    fn pop_expired(&mut self, now: Instant) -> Option<Waker> {
        self.0.pop_expired(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// Random inserts, cancels and expiries, beside a plain list that is searched each time.
    fn keeps_the_contract<T: Timers>() {
        let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
        let mut below = |limit: u64| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            seed % limit
        };
        let mut now = reactor::time::now();
        let mut timers = T::default();
        let mut model: Vec<(Instant, T::Name)> = Vec::new();
        for _ in 0..5_000 {
            match below(10) {
                0..=5 => {
                    let deadline = now + Duration::from_micros(below(1_000));
                    model.push((deadline, timers.insert(deadline, Waker::noop().clone())));
                }
                6..=7 if !model.is_empty() => {
                    let (_, name) = model.swap_remove(below(model.len() as u64) as usize);
                    assert!(timers.remove(name).is_some(), "it has not fired");
                    assert!(timers.remove(name).is_none(), "it is gone");
                }
                _ => {
                    now += Duration::from_micros(below(50));
                    let due = model.iter().filter(|(deadline, _)| *deadline <= now).count();
                    let fired = std::iter::from_fn(|| timers.pop_expired(now)).count();
                    assert_eq!(fired, due, "neither early nor twice");
                    model.retain(|(deadline, _)| *deadline > now);
                }
            }
            let earliest = model.iter().map(|(deadline, _)| *deadline).min();
            assert_eq!(timers.next_deadline(), earliest);
        }
    }

    #[test]
    fn the_heap_keeps_the_contract() {
        keeps_the_contract::<Heap>();
    }

    #[test]
    fn the_ordered_map_keeps_the_contract() {
        keeps_the_contract::<OrderedMap>();
    }
}
