//! One database: its rows, and the order in which they expire.
//!
//! ```text
//!          hash, one probe
//!   key ───────────────────► row { key, value, deadline } ── its deadline has passed?
//!                                                             │ yes: remove it, see nothing
//!                                                             ▼ no
//!   deadlines: (when, key), sorted; changed only together with a row's own deadline
//! ```

use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hasher};
use std::num::NonZeroI64;

use hashbrown::hash_table::{Entry, OccupiedEntry};
use hashbrown::{DefaultHashBuilder, HashTable};

use super::{Key, Millis, Value};

/// Keys, values and deadlines.
#[derive(Debug, Default)]
pub struct Database {
    rows: HashTable<Row>,
    seed: DefaultHashBuilder,
    deadlines: BTreeSet<(Millis, Key)>,
    /// How many keys were removed because their deadline had passed.
    expired: u64,
}

/// A key and what belongs to it.
#[derive(Debug)]
pub struct Row {
    key: Key,
    /// The value.
    pub value: Value,
    deadline: Deadline,
}

/// When a key ends: with the first millisecond after this one, or never. One word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deadline(Option<NonZeroI64>);

impl Database {
    /// The row of `key`.
    #[inline]
    pub fn get(&mut self, key: &[u8], now: Millis) -> Option<&mut Row> {
        let hash = hash(&self.seed, key);
        let entry = self.rows.find_entry(hash, |row| row.key() == key).ok()?;
        if entry.get().deadline.has_passed(now) {
            remove_expired(entry, &mut self.deadlines);
            self.expired += 1;
            return None;
        }
        Some(entry.into_mut())
    }

    /// Removes `key` and gives back its row, if it was there.
    pub fn remove(&mut self, key: &[u8], now: Millis) -> Option<Row> {
        let hash = hash(&self.seed, key);
        let (row, _) = self.rows.find_entry(hash, |row| row.key() == key).ok()?.remove();
        row.deadline.forget(&mut self.deadlines, row.key.clone());
        if row.deadline.has_passed(now) {
            self.expired += 1;
            return None;
        }
        Some(row)
    }

    /// The rows whose deadline has not passed, in no order.
    pub fn rows(&self, now: Millis) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| !row.deadline.has_passed(now))
    }

    /// How many keys there are, those included that ended and were not removed yet.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many keys have a deadline.
    pub fn deadlines(&self) -> usize {
        self.deadlines.len()
    }

    /// The earliest deadline.
    pub fn earliest(&self) -> Option<Millis> {
        self.deadlines.first().map(|(when, _)| *when)
    }

    /// How many keys were removed because their deadline had passed.
    pub fn expired(&self) -> u64 {
        self.expired
    }

    /// Removes every key, and frees the memory.
    pub fn clear(&mut self) {
        self.rows = HashTable::new();
        self.deadlines = BTreeSet::new();
    }

    /// Removes at most `limit` keys whose deadline has passed. How many it were.
    pub fn expire(&mut self, now: Millis, limit: usize) -> usize {
        let mut removed = 0;
        while removed < limit
            && let Some(first) = self.deadlines.first()
            && first.0 < now
            && let Some((_, key)) = self.deadlines.pop_first()
        {
            let hash = hash(&self.seed, key.as_bytes());
            if let Ok(entry) = self.rows.find_entry(hash, |row| row.key == key) {
                entry.remove();
            }
            removed += 1;
        }
        self.expired += removed as u64;
        removed
    }

    /// Writes a row, new or not. Through [`super::Databases`], which watches the deadlines.
    #[inline]
    pub(super) fn set(&mut self, key: &[u8], value: &[u8], deadline: Deadline) {
        let Database { rows, seed, deadlines, .. } = self;
        let hash_row = |row: &Row| hash(seed, row.key());
        match rows.entry(hash(seed, key), |row| row.key() == key, hash_row) {
            Entry::Occupied(entry) => {
                let row = entry.into_mut();
                row.value.set(value);
                row.move_deadline(deadline, deadlines);
            }
            Entry::Vacant(entry) => {
                let mut row =
                    Row { key: key.into(), value: value.into(), deadline: Deadline::NEVER };
                row.move_deadline(deadline, deadlines);
                entry.insert(row);
            }
        }
    }

    /// Moves the deadline of `key`. Whether the key is there.
    pub(super) fn set_deadline(&mut self, key: &[u8], deadline: Deadline) -> bool {
        let hash = hash(&self.seed, key);
        let Some(row) = self.rows.find_mut(hash, |row| row.key() == key) else { return false };
        row.move_deadline(deadline, &mut self.deadlines);
        true
    }
}

impl Row {
    /// The key.
    #[inline]
    pub fn key(&self) -> &[u8] {
        self.key.as_bytes()
    }

    /// When the key ends.
    pub fn deadline(&self) -> Deadline {
        self.deadline
    }

    #[inline]
    fn move_deadline(&mut self, deadline: Deadline, deadlines: &mut BTreeSet<(Millis, Key)>) {
        if self.deadline == deadline {
            return;
        }
        self.deadline.forget(deadlines, self.key.clone());
        if let Some(when) = deadline.millis() {
            deadlines.insert((when, self.key.clone()));
        }
        self.deadline = deadline;
    }
}

impl Deadline {
    /// The key stays until it is removed.
    pub const NEVER: Deadline = Deadline(None);

    /// The key ends at `when`. Zero, which marks "never", is no time of ours: the millisecond
    /// before it has passed just as well.
    pub fn at(when: Millis) -> Deadline {
        Deadline(Some(NonZeroI64::new(when).unwrap_or(NonZeroI64::MIN)))
    }

    /// When it is, if it ever is.
    #[inline]
    pub fn millis(self) -> Option<Millis> {
        self.0.map(NonZeroI64::get)
    }

    #[inline]
    fn has_passed(self, now: Millis) -> bool {
        self.0.is_some_and(|when| when.get() < now)
    }

    fn forget(self, deadlines: &mut BTreeSet<(Millis, Key)>, key: Key) {
        if let Some(when) = self.millis() {
            deadlines.remove(&(when, key));
        }
    }
}

/// Out of line, as it is rare and `get` is not.
#[cold]
fn remove_expired(entry: OccupiedEntry<'_, Row>, deadlines: &mut BTreeSet<(Millis, Key)>) {
    let (row, _) = entry.remove();
    row.deadline.forget(deadlines, row.key);
}

/// The bytes alone, without a length before them: no key is a part of another here.
#[inline]
fn hash(seed: &DefaultHashBuilder, key: &[u8]) -> u64 {
    let mut hasher = seed.build_hasher();
    hasher.write(key);
    hasher.finish()
}
