//! A table whose values never move, and which nobody has to borrow.
//!
//! A `Vec` moves its values when it grows, so whoever holds a reference into it must keep everybody else
//! from adding one: hence a `RefCell` around it, asked at each step. This table grows by whole chunks,
//! each twice as large as the one before, and a chunk stays where it is for as long as the table lives.
//! So adding takes `&self`, and a reference to a value outlives whatever foreign code does meanwhile.
//!
//! ```text
//!   chunk 0    64 places
//!   chunk 1   128 places                place:  generation │ next free │ value
//!   chunk 2   256 places
//!   …         not made yet              index:  chunk (5 bits) │ offset in it (27 bits)
//!
//!   free list ──► 1.70 ──► 0.3 ──► 2.191 ──► end
//! ```
//!
//! An index names its chunk by its upper bits, with nothing to compute. The price is that a table has
//! fewer than 2^28 places; of 64 bytes each, they would be 16 GiB.
//!
//! A value is not put in and taken out, but taken *over*, as the one before has left it: it is made of
//! cells. A [`Key`] is a place and its generation, as in the reactor's slab: one that outlived its value
//! finds nobody, though the place may be in use again.
//!
//! Invariants:
//! - A key finds the value that it was given for, until that is released; from then on nothing.
//! - A place whose generations are used up is never taken again.
//! - No chunk is moved, or freed before the table is: it stays as large as it was at its largest.
//!
//! Neighbours: `scheduler` keeps its tasks in one.

use std::array;
use std::cell::{Cell, OnceCell};
use std::ops::Deref;
use std::ptr;

use reactor::slab::Key;

/// How many places the first chunk has; the next one has twice as many, and so on.
const FIRST: usize = 64;

/// How many bits of an index are the place's offset in its chunk; the others number the chunk.
const OFFSET_BITS: u32 = 27;

/// As many as there are numbers for. Only those are made that have as many places as an offset can tell.
const CHUNKS: usize = 1 << (u32::BITS - OFFSET_BITS);

/// Ends the free list. It would lie in the last chunk, which is never made, so whoever looks for it finds
/// no place, and needs no question of its own.
const END: u32 = u32::MAX;

/// The generation of a place that is not used any more.
const USED_UP: u32 = u32::MAX;

/// A table of values that are changed in their places.
pub(crate) struct Table<T> {
    chunks: [OnceCell<Box<[Place<T>]>>; CHUNKS],
    /// The first place that nobody has taken yet.
    fresh: Cell<u32>,
    first_free: Cell<u32>,
}

/// Where one value lies; it is used as the value itself.
#[derive(Default)]
pub(crate) struct Place<T> {
    generation: Cell<u32>,
    next_free: Cell<u32>,
    value: T,
}

impl<T> Deref for Place<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.value
    }
}

/// How many places a chunk has.
fn places_of(chunk: u32) -> usize {
    FIRST << chunk
}

impl<T: Default> Table<T> {
    /// What one place takes, in bytes.
    #[cfg(test)]
    pub(crate) const PLACE: usize = size_of::<Place<T>>();

    pub(crate) fn new() -> Table<T> {
        let chunks = array::from_fn(|_| OnceCell::new());
        Table { chunks, fresh: Cell::new(0), first_free: Cell::new(END) }
    }

    /// The value of this key, if it was not released.
    #[inline]
    pub(crate) fn get(&self, key: Key) -> Option<&Place<T>> {
        let place = self.place(key.index)?;
        (place.generation.get() == key.generation).then_some(place)
    }

    /// Whether this place, which the key has found, is still its own, whatever ran meanwhile.
    #[inline]
    pub(crate) fn holds(&self, key: Key, place: &Place<T>) -> bool {
        place.generation.get() == key.generation
    }

    #[inline]
    fn place(&self, index: u32) -> Option<&Place<T>> {
        let (chunk, offset) = split(index);
        self.chunks[chunk as usize].get()?.get(offset)
    }

    /// Takes over a free place.
    ///
    /// # Panics
    /// At 2^28 places.
    #[inline]
    pub(crate) fn take(&self) -> (Key, &Place<T>) {
        let index = self.first_free.get();
        let Some(place) = self.place(index) else { return self.take_fresh() };
        self.first_free.set(place.next_free.get());
        (Key { index, generation: place.generation.get() }, place)
    }

    #[cold]
    fn take_fresh(&self) -> (Key, &Place<T>) {
        let index = self.fresh.get();
        let (chunk, offset) = split(index);
        let places = places_of(chunk);
        assert!(places <= 1 << OFFSET_BITS, "a table has fewer than 2^28 places");
        let make = || (0..places).map(|_| Place::default()).collect();
        let place = &self.chunks[chunk as usize].get_or_init(make)[offset];
        let next_chunk = (chunk + 1) << OFFSET_BITS;
        self.fresh.set(if offset + 1 == places { next_chunk } else { index + 1 });
        (Key { index, generation: 0 }, place)
    }

    /// Frees the place of `key`, which `get` or `take` gave out; a second time, it does nothing. Whoever
    /// takes the place next finds what is left in it.
    #[inline]
    pub(crate) fn release(&self, key: Key, place: &Place<T>) {
        debug_assert!(
            self.place(key.index).is_some_and(|its_own| ptr::eq(its_own, place)),
            "place {} is another one than this",
            key.index
        );
        if place.generation.get() != key.generation {
            return;
        }
        place.generation.set(key.generation + 1);
        if key.generation + 1 != USED_UP {
            place.next_free.set(self.first_free.replace(key.index));
        }
    }

    /// All places that were ever taken before this call, each with its present key or, where it is free,
    /// its next. Places may be taken and released meanwhile.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Key, &Place<T>)> {
        let fresh = self.fresh.get();
        let chunks = (0_u32..).zip(&self.chunks);
        let places = chunks.flat_map(|(chunk, places)| {
            (chunk << OFFSET_BITS..).zip(places.get().into_iter().flatten())
        });
        places
            .take_while(move |(index, _)| *index != fresh)
            .map(|(index, place)| (Key { index, generation: place.generation.get() }, place))
    }
}

/// An index's chunk, and its offset there.
#[inline]
fn split(index: u32) -> (u32, usize) {
    (index >> OFFSET_BITS, (index & ((1 << OFFSET_BITS) - 1)) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_is_found_by_its_key_and_listed_once() {
        let table: Table<Cell<usize>> = Table::new();
        let taken: Vec<Key> = (0..1_000)
            .map(|number| {
                let (key, value) = table.take();
                value.set(number);
                key
            })
            .collect();
        for (number, key) in taken.iter().enumerate() {
            assert_eq!(table.get(*key).map(|value| value.get()), Some(number));
        }
        assert!(table.iter().map(|(key, _)| key).eq(taken));
    }

    #[test]
    fn a_value_stays_where_it_is_while_the_table_grows() {
        let table: Table<Cell<u32>> = Table::new();
        let (first, value) = table.take();
        value.set(7);
        for number in 0..1_000 {
            table.take().1.set(number);
        }
        assert_eq!(value.get(), 7);
        assert!(ptr::eq(value, table.get(first).expect("it was not released")));
    }

    #[test]
    fn a_stale_key_finds_nobody_even_when_its_place_is_taken_again() {
        let table: Table<Cell<u32>> = Table::new();
        let (old, place) = table.take();
        table.release(old, place);
        assert!(table.get(old).is_none());
        let (new, place) = table.take();
        assert_eq!(new.index, old.index, "the place is used again");
        table.release(old, place);
        assert!(table.get(old).is_none() && table.get(new).is_some());
    }

    #[test]
    fn places_are_taken_again_before_the_table_grows() {
        let table: Table<Cell<u32>> = Table::new();
        let taken: Vec<_> = (0..FIRST).map(|_| table.take()).collect();
        taken.iter().for_each(|(key, place)| table.release(*key, place));
        for _ in 0..FIRST {
            assert!((table.take().0.index as usize) < FIRST);
        }
        assert_eq!(table.iter().count(), FIRST);
    }

    #[test]
    fn a_walk_ends_where_the_table_ended_when_it_began() {
        let table: Table<Cell<u32>> = Table::new();
        for _ in 0..FIRST {
            table.take(); // the next one makes a chunk
        }
        let walked = table.iter().take(2 * FIRST).inspect(|_| _ = table.take()).count();
        assert_eq!(walked, FIRST);
    }

    #[test]
    fn a_place_whose_generations_are_used_up_is_retired() {
        let table: Table<Cell<u32>> = Table::new();
        let (first, place) = table.take();
        let last = Key { generation: USED_UP - 1, ..first };
        place.generation.set(last.generation);
        assert!(table.get(last).is_some());
        table.release(last, place);
        assert!(table.get(last).is_none());
        assert_eq!(table.take().0.index, 1, "place 0 must not start again at generation 0");
    }
}
