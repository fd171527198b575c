//! Deadlines in order: three structures, one contract, and what each costs.
//!
//! | user instructions, 10^3 / 10^5 / 10^6 live | insert and cancel | re-arm | fire and insert | bytes a timer |
//! | --- | --- | --- | --- | --- |
//! | [`Heap`]: four children a node, entries know their places | 264 / 278 / 174 | 272 / 271 / 280 | 605 / 869 / 1,007 | 56 |
//! | [`OrderedMap`]: `BTreeMap` by deadline and number | 848 / 1,233 / 1,469 | 914 / 1,292 / 1,448 | 802 / 1,004 / 1,082 | 40 and its nodes' slack |
//! | [`Wheel`]: eleven levels of 64 slots, ticks of a nanosecond | 402 / 410 / 441 | 347 / 342 / 356 | 1,500 / 1,408 / 1,380 | 64 |
//!
//! Deadlines are drawn at random from a minute. *Insert and cancel*: the timer just inserted.
//! *Re-arm*: any timer is cancelled, and inserted with another deadline. *Fire and insert*: the clock
//! goes to the earliest deadline, and another minute's takes its place. Counted by callgrind: a run
//! of 100,000 rounds less a run of none, the drawing of numbers included:
//! `valgrind --tool=callgrind target/release/examples/timers heap cancel 1000 100000`.
//!
//! The heap stayed. The wheel is O(1) on paper and flat in the table, and yet dearer everywhere: what
//! it saves in comparisons it pays for in lists that are linked and unlinked, and a timer that fires
//! has gone down five levels one by one. It keeps deadlines exactly, as the others do; a wheel with
//! coarse ticks has fewer levels to go down, and timers that are late by a tick. The map came nearest,
//! where very many live and all of them fire; but most timers of a server are cancelled.

use std::task::Waker;
use std::time::Instant;

use reactor::slab::Key;

#[allow(dead_code, reason = "the whole file is compiled, and not all of it is asked for here")]
#[path = "../../../../reactor/src/timers.rs"]
mod heap;
mod ordered_map;
mod wheel;

pub use ordered_map::OrderedMap;
pub use wheel::Wheel;

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

    /// Random inserts, cancels and expiries, beside a plain list that is searched each time. Times are
    /// of any magnitude between a nanosecond and a minute, and some deadlines are over already.
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
        for _ in 0..20_000 {
            let magnitude = 1 << below(36);
            let time = Duration::from_nanos(below(magnitude));
            match below(20) {
                0 => {
                    let deadline = now.checked_sub(time).unwrap_or(now);
                    model.push((deadline, timers.insert(deadline, Waker::noop().clone())));
                }
                1..=10 => {
                    let deadline = now + time;
                    model.push((deadline, timers.insert(deadline, Waker::noop().clone())));
                }
                11..=14 if !model.is_empty() => {
                    let (_, name) = model.swap_remove(below(model.len() as u64) as usize);
                    assert!(timers.remove(name).is_some(), "it has not fired");
                    assert!(timers.remove(name).is_none(), "it is gone");
                }
                _ => {
                    now += time;
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

    #[test]
    fn the_wheel_keeps_the_contract() {
        keeps_the_contract::<Wheel>();
    }
}
