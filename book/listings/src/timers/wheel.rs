//! A hierarchical timing wheel, after Varghese and Lauck (1987), with ticks of one nanosecond.
//!
//! A deadline is a number of 64 bits, read as eleven digits of six bits. A timer lies in the wheel of
//! the highest digit in which its deadline differs from the present, in the slot of that digit:
//!
//! ```text
//!   present    … 0 0 2 7 5      digits, the lowest last
//!   deadline   … 0 0 2 7 9 ───► level 0, slot 9: due in this very nanosecond, all of them
//!   deadline   … 0 0 3 1 4 ───► level 2, slot 3: later than all of the levels below
//!
//!   level 2   [ ][ ][ ][3: a, b][ ] …            when the present comes to slot 3, its timers
//!   level 1   [ ][ ][ ][ ][ ] …                  go down, each to the slot of its next digit
//!   level 0   [ ][ ][ ][ ][ ][ ][ ][ ][ ][9: c] …
//! ```
//!
//! A bit for each slot says whether anybody is in, so that empty slots cost nothing, and the earliest
//! slot is the first bit of the lowest wheel that has any. Wheels with a tick of, say, a millisecond
//! have four levels instead of eleven, and a slot in which deadlines lie in no order: there, a timer
//! comes late, or the slot needs an order of its own. With a tick as fine as the clock it needs none,
//! and the higher levels cost only those who use them.
//!
//! Insert and cancel are O(1). A timer that fires has gone down at most once a level. What is not O(1)
//! is the earliest deadline: the timers of the earliest slot are looked through, and the answer kept
//! until that timer goes.
//!
//! Invariants:
//! - The present never passes a slot that somebody is in. So where a timer lies follows from its
//!   deadline and the present alone, and is written down nowhere.
//! - All timers of a level are later than all timers of the levels below.
//! - A timer is never handed out before its deadline, and exactly once.

use std::cell::Cell;
use std::task::Waker;
use std::time::Instant;

use reactor::slab::{Key, Slab};

use super::Timers;

/// Bits of a digit; a wheel has 2^6 slots, one for each bit of a `u64`.
const DIGIT: u32 = 6;
const SLOTS: usize = 1 << DIGIT;
const LEVELS: usize = u64::BITS.div_ceil(DIGIT) as usize;

/// Timers in wheels within wheels.
#[derive(Debug)]
pub struct Wheel {
    /// The zero of all ticks.
    origin: Instant,
    /// The present, as far as the wheel has been turned, in nanoseconds.
    present: u64,
    /// For each level, the slots that somebody is in.
    occupied: [u64; LEVELS],
    /// For each slot, the first timer of its list.
    slots: Box<[[Option<Key>; SLOTS]; LEVELS]>,
    entries: Slab<Entry>,
    /// The earliest deadline, where it is known.
    earliest: Cell<Option<Instant>>,
}

#[derive(Debug)]
struct Entry {
    deadline: Instant,
    waker: Waker,
    previous: Option<Key>,
    next: Option<Key>,
}

/// Where a timer lies.
#[derive(Debug, Clone, Copy)]
struct Place {
    level: usize,
    slot: usize,
}

impl Default for Wheel {
    fn default() -> Wheel {
        Wheel {
            origin: reactor::time::now(),
            present: 0,
            occupied: [0; LEVELS],
            slots: Box::new([[None; SLOTS]; LEVELS]),
            entries: Slab::new(),
            earliest: Cell::new(None),
        }
    }
}

impl Timers for Wheel {
    type Name = Key;

    fn insert(&mut self, deadline: Instant, waker: Waker) -> Key {
        let is_first = self.entries.is_empty();
        let known = self.earliest.get();
        if is_first || known.is_some_and(|earliest| deadline < earliest) {
            self.earliest.set(Some(deadline));
        }
        let key = self.entries.insert(Entry { deadline, waker, previous: None, next: None });
        self.link(key, deadline);
        key
    }

    fn remove(&mut self, name: Key) -> Option<Waker> {
        let deadline = self.entries.get(name)?.deadline;
        self.unlink(name);
        self.forget_if_earliest(deadline);
        self.entries.remove(name).map(|entry| entry.waker)
    }

    fn next_deadline(&self) -> Option<Instant> {
        if self.earliest.get().is_none() {
            let Place { level, slot } = self.first_place()?;
            let mut at = self.slots[level][slot];
            while let Some(entry) = at.and_then(|key| self.entries.get(key)) {
                let earlier = self.earliest.get().is_none_or(|known| entry.deadline < known);
                if earlier {
                    self.earliest.set(Some(entry.deadline));
                }
                at = entry.next;
            }
        }
        self.earliest.get()
    }

    fn pop_expired(&mut self, now: Instant) -> Option<Waker> {
        let until = self.ticks(now);
        loop {
            let place = self.first_place()?;
            let begin = self.beginning(place);
            if begin > until {
                return None;
            }
            self.present = begin;
            if place.level == 0 {
                let key = self.slots[0][place.slot]?;
                return self.remove(key);
            }
            self.let_down(place);
        }
    }
}

impl Wheel {
    /// The occupied slot that comes first.
    fn first_place(&self) -> Option<Place> {
        let level = self.occupied.iter().position(|slots| *slots != 0)?;
        Some(Place { level, slot: self.occupied[level].trailing_zeros() as usize })
    }

    /// The first nanosecond of a slot that is not over: its digit, the present's above, zeroes below.
    fn beginning(&self, place: Place) -> u64 {
        let shift = DIGIT * place.level as u32;
        let above = self.present.checked_shr(shift + DIGIT).unwrap_or(0);
        above.checked_shl(shift + DIGIT).unwrap_or(0) | ((place.slot as u64) << shift)
    }

    /// Brings the timers of a slot that has begun to their places in the levels below.
    fn let_down(&mut self, place: Place) {
        let mut at = self.slots[place.level][place.slot].take();
        self.occupied[place.level] &= !(1 << place.slot);
        while let Some(key) = at {
            let Some(entry) = self.entries.get_mut(key) else { return };
            let deadline = entry.deadline;
            at = entry.next.take();
            entry.previous = None;
            self.link(key, deadline);
        }
    }

    /// Puts a timer at the head of the list where it belongs.
    fn link(&mut self, key: Key, deadline: Instant) {
        let Place { level, slot } = self.place(deadline);
        let after = self.slots[level][slot].replace(key);
        self.occupied[level] |= 1 << slot;
        if let Some(entry) = self.entries.get_mut(key) {
            entry.next = after;
        }
        if let Some(entry) = after.and_then(|after| self.entries.get_mut(after)) {
            entry.previous = Some(key);
        }
    }

    /// Takes a timer out of the list where it lies.
    fn unlink(&mut self, key: Key) {
        let Some(entry) = self.entries.get(key) else { return };
        let (deadline, previous, next) = (entry.deadline, entry.previous, entry.next);
        if let Some(entry) = next.and_then(|next| self.entries.get_mut(next)) {
            entry.previous = previous;
        }
        if let Some(entry) = previous.and_then(|previous| self.entries.get_mut(previous)) {
            entry.next = next;
            return;
        }
        let Place { level, slot } = self.place(deadline);
        self.slots[level][slot] = next;
        if next.is_none() {
            self.occupied[level] &= !(1 << slot);
        }
    }

    /// Where a timer lies. One whose deadline is over lies in the slot of the present.
    fn place(&self, deadline: Instant) -> Place {
        let deadline = self.ticks(deadline).max(self.present);
        let differing = deadline ^ self.present;
        let level = (u64::BITS - 1 - (differing | 1).leading_zeros()) / DIGIT;
        let slot = (deadline >> (DIGIT * level)) as usize % SLOTS;
        Place { level: level as usize, slot }
    }

    /// Nanoseconds since the wheel was made: none before that, and at most 584 years.
    fn ticks(&self, moment: Instant) -> u64 {
        let since = moment.saturating_duration_since(self.origin);
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    }

    fn forget_if_earliest(&self, deadline: Instant) {
        if self.earliest.get() == Some(deadline) {
            self.earliest.set(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn wheel() -> (Wheel, Instant) {
        let wheel = Wheel::default();
        let origin = wheel.origin;
        (wheel, origin)
    }

    #[test]
    fn a_timer_takes_64_bytes() {
        // The slab adds the generation, and its tag is in the waker.
        assert!(size_of::<Entry>() + size_of::<u32>() <= 64);
    }

    #[test]
    fn a_deadline_inside_a_slot_of_any_level_is_kept_to_the_nanosecond() {
        for nanoseconds in (0..63).map(|bit| (1_u64 << bit) + 1) {
            let (mut wheel, origin) = wheel();
            let deadline = origin + Duration::from_nanos(nanoseconds);
            wheel.insert(deadline, Waker::noop().clone());
            let just_before = deadline - Duration::from_nanos(1);
            assert!(wheel.pop_expired(just_before).is_none(), "{nanoseconds} ns");
            assert_eq!(wheel.next_deadline(), Some(deadline));
            assert!(wheel.pop_expired(deadline).is_some(), "{nanoseconds} ns");
            assert_eq!(wheel.next_deadline(), None);
        }
    }

    #[test]
    fn a_deadline_that_is_over_or_beyond_the_ticks_has_its_place_too() {
        let (mut wheel, origin) = wheel();
        let later = origin + Duration::from_secs(5);
        wheel.insert(later, Waker::noop().clone());
        assert!(wheel.pop_expired(later).is_some());
        let far = origin + Duration::from_secs(u64::MAX >> 2);
        let name = wheel.insert(far, Waker::noop().clone());
        wheel.insert(origin, Waker::noop().clone());
        assert_eq!(wheel.next_deadline(), Some(origin));
        assert!(wheel.pop_expired(later).is_some());
        assert!(wheel.pop_expired(later).is_none());
        assert!(wheel.remove(name).is_some());
        assert!(wheel.first_place().is_none());
    }
}
