//! One database: its rows, where to find each, and the order in which they expire.
//!
//! ```text
//!          hash, one probe      place
//!   key ──────────────► index ────────► rows: [ a | b | c | d | e ]     dense, in no order
//!                                               ▲               │
//!                       remove(b): the last row fills the gap ──┘
//!
//!   deadlines: (when, key), sorted; changed only together with a row's own deadline
//! ```
//!
//! The rows lie side by side, so a walk over them is a walk over an array, a random one is one
//! index away, and a *cursor* is a place. A cursor runs from the end to the beginning: what is at or
//! above it was visited. Removing moves the last row down, which either stays among the visited, or
//! becomes one that is visited twice; a new row goes to the end. So whoever walks by cursor, in as many
//! steps as it likes, sees every row that was there all the time, and always comes to an end.

use std::hash::{BuildHasher, Hasher};

use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};

use super::access::Access;
use super::row::Deadlines;
use super::{Deadline, Key, Millis, Row};

/// Keys, values and deadlines.
#[derive(Debug, Default)]
pub struct Database {
    /// Where each key's row is.
    index: HashTable<u32>,
    rows: Vec<Row>,
    seed: DefaultHashBuilder,
    deadlines: Deadlines,
    /// Bytes that keys and values own outside of their rows.
    heap: usize,
}

impl Database {
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

    /// All rows, in no order, those included whose deadline has passed.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Bytes of memory: what the rows take, what they own, and what finds them. An estimate, as
    /// only the allocator knows what it adds to each piece.
    pub fn memory(&self) -> usize {
        let deadline = size_of::<(Millis, Key)>() * 3 / 2;
        self.rows.capacity() * size_of::<Row>()
            + self.index.allocation_size()
            + self.deadlines.len() * deadline
            + self.heap
    }

    /// Bytes of memory that the keys and values need: [`Database::memory`] without the room that is
    /// kept for more. An estimate in the same sense.
    #[inline]
    pub fn used(&self) -> usize {
        /// A place, a byte of hash, and the eighth of them that stays free.
        const INDEX: usize = 6;
        let deadline = size_of::<(Millis, Key)>() * 3 / 2;
        self.rows.len() * (size_of::<Row>() + INDEX) + self.deadlines.len() * deadline + self.heap
    }

    /// Whether there is a row of `key`, be its deadline passed or not.
    pub fn has(&self, key: &[u8]) -> bool {
        self.find(key).is_some()
    }

    /// Whether `key` is there still although its deadline has passed.
    pub fn has_expired(&self, key: &[u8], now: Millis) -> bool {
        self.find(key).is_some_and(|place| self.row(place).deadline().has_passed(now))
    }

    /// The row of `key`, be its deadline passed or not.
    pub fn row_of(&self, key: &[u8]) -> Option<&Row> {
        self.find(key).map(|place| self.row(place))
    }

    /// The place of `key`.
    #[inline]
    pub(super) fn find(&self, key: &[u8]) -> Option<usize> {
        let place = self.index.find(hash(&self.seed, key), |&place| self.holds(place, key))?;
        Some(*place as usize)
    }

    #[inline]
    fn holds(&self, place: u32, key: &[u8]) -> bool {
        is_same(self.rows[place as usize].key(), key)
    }

    /// The row at a place that [`Database::find`] found.
    #[inline]
    pub(super) fn row(&self, place: usize) -> &Row {
        &self.rows[place]
    }

    /// Notes a use of a row.
    #[inline]
    pub(super) fn touch(&mut self, place: usize, access: &mut Access) -> &Row {
        let row = &mut self.rows[place];
        access.touch(&mut row.access);
        row
    }

    /// Notes that a row is made now.
    #[inline]
    pub(super) fn stamp(&mut self, place: usize, access: &Access) {
        self.rows[place].access = access.fresh();
    }

    /// The same, to change what costs no memory.
    #[inline]
    pub(super) fn row_mut(&mut self, place: usize) -> &mut Row {
        &mut self.rows[place]
    }

    /// The rows alone; the rest is freed.
    pub(super) fn into_rows(self) -> Vec<Row> {
        self.rows
    }

    /// Changes a row, whatever of it but its key and its deadline.
    #[inline]
    pub(super) fn change<T>(&mut self, place: usize, change: impl FnOnce(&mut Row) -> T) -> T {
        let row = &mut self.rows[place];
        let before = row.heap();
        let result = change(row);
        self.heap = self.heap - before + row.heap();
        result
    }

    /// Moves a row's deadline.
    #[inline]
    pub(super) fn move_deadline(&mut self, place: usize, deadline: Deadline) {
        self.rows[place].move_deadline(deadline, &mut self.deadlines);
    }

    /// Writes a value and a deadline into a row, new or not. Its place, and whether it is new.
    #[inline]
    pub(super) fn set(&mut self, key: &[u8], value: &[u8], deadline: Deadline) -> (usize, bool) {
        let Database { index, rows, seed, deadlines, heap } = self;
        let hash_place = |&place: &u32| hash(seed, rows[place as usize].key());
        let is_key = |&place: &u32| is_same(rows[place as usize].key(), key);
        match index.entry(hash(seed, key), is_key, hash_place) {
            Entry::Occupied(entry) => {
                let place = *entry.get() as usize;
                let row = &mut rows[place];
                *heap -= row.value.heap();
                row.replace(value);
                *heap += row.value.heap();
                row.move_deadline(deadline, deadlines);
                (place, false)
            }
            Entry::Vacant(entry) => {
                let place = rows.len();
                entry.insert(u32::try_from(place).expect("rows need more memory than there is"));
                let mut row = Row::new(key, value);
                row.move_deadline(deadline, deadlines);
                *heap += row.heap();
                rows.push(row);
                (place, true)
            }
        }
    }

    /// Puts a whole row in, whose key is not here.
    pub(super) fn insert(&mut self, row: Row) {
        let Database { index, rows, seed, deadlines, heap } = self;
        let place = u32::try_from(rows.len()).expect("rows need more memory than there is");
        let hash_place = |&place: &u32| hash(seed, rows[place as usize].key());
        index.insert_unique(hash(seed, row.key()), place, hash_place);
        if let Some(when) = row.deadline.millis() {
            deadlines.insert((when, row.key.clone()));
        }
        *heap += row.heap();
        rows.push(row);
    }

    /// Removes a row. The last one moves to its place.
    pub(super) fn remove(&mut self, place: usize) -> Row {
        let Database { index, rows, seed, .. } = self;
        let mut forget = |of: usize| {
            let is_place = |&at: &u32| at as usize == of;
            let entry = index.find_entry(hash(seed, rows[of].key()), is_place);
            if let Ok(entry) = entry {
                entry.remove();
            }
        };
        forget(place);
        let last = rows.len() - 1;
        if place != last {
            let is_last = |&at: &u32| at as usize == last;
            let moved = index.find_mut(hash(seed, rows[last].key()), is_last);
            if let (Some(moved), Ok(place)) = (moved, u32::try_from(place)) {
                *moved = place;
            }
        }
        let row = rows.swap_remove(place);
        row.deadline.forget(&mut self.deadlines, &row.key);
        self.heap -= row.heap();
        self.shrink();
        row
    }

    /// Gives memory back when most of it is unused.
    fn shrink(&mut self) {
        const WORTHWHILE: usize = 1024;
        let Database { index, rows, seed, .. } = self;
        if rows.capacity() > WORTHWHILE && rows.len() < rows.capacity() / 8 {
            rows.shrink_to(rows.len() * 2);
            index.shrink_to(rows.len() * 2, |&place| hash(seed, rows[place as usize].key()));
        }
    }

    /// The places of the keys that have a deadline, the earliest first.
    pub(super) fn next_to_end(&self) -> impl Iterator<Item = usize> {
        self.deadlines.iter().filter_map(|(_, key)| self.find(key.as_bytes()))
    }

    /// The place of the key whose deadline comes first.
    pub(super) fn first_to_end(&self) -> Option<usize> {
        self.next_to_end().next()
    }

    /// The key that ended first, if its deadline has passed.
    pub(super) fn first_expired(&self, now: Millis) -> Option<usize> {
        let (when, key) = self.deadlines.first()?;
        if *when < now { self.find(key.as_bytes()) } else { None }
    }
}

/// Whether two keys are the same. Most have eight to sixteen bytes: their beginnings and their ends,
/// which may overlap, are two words each, and cost less than to call what compares any number.
#[inline]
fn is_same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    match (one.first_chunk::<8>(), one.last_chunk(), other.first_chunk(), other.last_chunk()) {
        (Some(start), Some(end), Some(other_start), Some(other_end)) if one.len() <= 16 => {
            let word = |bytes: &[u8; 8]| u64::from_ne_bytes(*bytes);
            word(start) == word(other_start) && word(end) == word(other_end)
        }
        _ => one == other,
    }
}

/// The bytes alone, without a length before them: no key is a part of another here.
#[inline]
fn hash(seed: &DefaultHashBuilder, key: &[u8]) -> u64 {
    let mut hasher = seed.build_hasher();
    hasher.write(key);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::{Database, Deadline, is_same};

    fn check(database: &Database, model: &HashMap<u8, (u8, Option<i64>)>) {
        assert_eq!(database.len(), model.len());
        for (key, (value, deadline)) in model {
            let row = database.row(database.find(&[*key]).expect("the key is there"));
            assert_eq!((row.value(), row.deadline().millis()), (&[*value][..], *deadline));
        }
        let deadlines = model.values().filter(|(_, deadline)| deadline.is_some()).count();
        assert_eq!(database.deadlines(), deadlines);
        let earliest = model.values().filter_map(|(_, deadline)| *deadline).min();
        assert_eq!(database.earliest(), earliest);
        assert_eq!(database.heap, 0, "all of them are short");
    }

    proptest! {
        #[test]
        fn it_is_a_map(steps in prop::collection::vec((any::<bool>(), 0u8..16, any::<u8>(), prop::option::of(1i64..9)), 0..200)) {
            let mut database = Database::default();
            let mut model = HashMap::new();
            for (set, key, value, deadline) in steps {
                if set {
                    let at = deadline.map_or(Deadline::NEVER, Deadline::at);
                    let (_, new) = database.set(&[key], &[value], at);
                    prop_assert_eq!(new, model.insert(key, (value, deadline)).is_none());
                } else if let Some(place) = database.find(&[key]) {
                    let row = database.remove(place);
                    let (value, _) = model.remove(&key).expect("the model has it too");
                    prop_assert_eq!(row.value(), &[value][..]);
                } else {
                    prop_assert!(!model.contains_key(&key));
                }
                check(&database, &model);
            }
        }
    }

    #[test]
    fn keys_of_every_length_that_differ_in_one_byte_are_different() {
        for length in 0..40 {
            let key = vec![b'k'; length];
            assert!(is_same(&key, &key.clone()), "{length} bytes");
            assert!(!is_same(&key, &vec![b'k'; length + 1]), "{length} bytes and one more");
            for at in 0..length {
                let mut other = key.clone();
                other[at] = b'o';
                assert!(!is_same(&key, &other), "{length} bytes, differing at {at}");
            }
        }
    }

    #[test]
    fn memory_is_given_back() {
        let mut database = Database::default();
        for number in 0..100_000u32 {
            database.set(&number.to_le_bytes(), &[b'v'; 100], Deadline::NEVER);
        }
        let full = database.memory();
        assert!(full > 100_000 * 200, "{full}");
        while database.len() > 10 {
            database.remove(0);
        }
        let after = database.memory();
        assert!(after < full / 50, "{after} of {full} bytes are left");
    }
}
