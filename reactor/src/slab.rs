//! A generational slab: a table whose places are used again, and whose keys are never mistaken.
//!
//! ```text
//!   places      0: "a" (gen 0)    1: free → 3 (gen 2)    2: "c" (gen 1)    3: free → end (gen 5)
//!   free list   ──────────────────► 1 ──────────────────────────────────────► 3 ──► end
//! ```
//!
//! Insert takes the first free place, or a new one at the end; remove puts the place at the head of
//! the free list and counts its generation up. A [`Key`] is a place and its generation, so a key that
//! outlived its value finds nothing, even when somebody else lives there now. All operations are
//! O(1); insert is amortised, as of `Vec`.
//!
//! Invariants:
//! - A key finds the value that it was given for, or nothing.
//! - A place whose generation has been used up (2^32 values) is not used again.
//!
//! Neighbours: `sources` and `timers` keep their entries in one; so do the executor's lines of those who
//! wait. Its tasks lie in a table with the same keys.

/// Names one value in a [`Slab`]: the place, and how often that place had been used before.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Key {
    /// The place in the table.
    pub index: u32,
    /// How many values the place had before this one.
    pub generation: u32,
}

/// A table of values with O(1) insert, remove and look-up, and keys that cannot be mistaken.
#[derive(Debug)]
pub struct Slab<T> {
    places: Vec<Place<T>>,
    first_free: u32,
    len: usize,
}

#[derive(Debug)]
struct Place<T> {
    generation: u32,
    /// Of the free list, where there is no value.
    next_free: u32,
    value: Option<T>,
}

/// Ends the free list.
const END: u32 = u32::MAX;

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Slab::new()
    }
}

impl<T> Slab<T> {
    /// An empty slab; it does not allocate before the first insert.
    pub const fn new() -> Slab<T> {
        Slab { places: Vec::new(), first_free: END, len: 0 }
    }

    /// How many values are in.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no value is in.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Puts a value in.
    ///
    /// # Panics
    /// At 2^32 - 1 places.
    pub fn insert(&mut self, value: T) -> Key {
        self.insert_with(|_| value)
    }

    /// Puts in a value that wants to know its own key.
    ///
    /// # Panics
    /// At 2^32 - 1 places.
    pub fn insert_with(&mut self, make: impl FnOnce(Key) -> T) -> Key {
        if let Some(place) = self.places.get_mut(self.first_free as usize) {
            let key = Key { index: self.first_free, generation: place.generation };
            // Made first: if that panics, nothing has changed.
            let value = make(key);
            self.first_free = place.next_free;
            place.value = Some(value);
            self.len += 1;
            return key;
        }
        let index = u32::try_from(self.places.len()).ok().filter(|index| *index != END);
        let key = Key { index: index.expect("a slab has fewer than 2^32 places"), generation: 0 };
        self.places.push(Place { generation: 0, next_free: END, value: Some(make(key)) });
        self.len += 1;
        key
    }

    /// The value, if it is still in.
    pub fn get(&self, key: Key) -> Option<&T> {
        let place = self.places.get(key.index as usize)?;
        if place.generation == key.generation { place.value.as_ref() } else { None }
    }

    /// The value, if it is still in, to be changed.
    pub fn get_mut(&mut self, key: Key) -> Option<&mut T> {
        let place = self.places.get_mut(key.index as usize)?;
        if place.generation == key.generation { place.value.as_mut() } else { None }
    }

    /// Takes the value out, if it is still in.
    pub fn remove(&mut self, key: Key) -> Option<T> {
        let place = self.places.get_mut(key.index as usize)?;
        if place.generation != key.generation {
            return None;
        }
        let value = place.value.take()?;
        self.len -= 1;
        if let Some(generation) = place.generation.checked_add(1) {
            place.generation = generation;
            place.next_free = std::mem::replace(&mut self.first_free, key.index);
        }
        Some(value)
    }

    /// The key of a value that is in, the one at the lowest place; O(n).
    pub fn first_key(&self) -> Option<Key> {
        let index = self.places.iter().position(|place| place.value.is_some())?;
        Some(Key { index: index as u32, generation: self.places[index].generation })
    }

    /// All values that are in, each with its key, by place.
    pub fn iter(&self) -> impl Iterator<Item = (Key, &T)> {
        self.places.iter().enumerate().filter_map(|(index, place)| {
            let key = Key { index: index as u32, generation: place.generation };
            place.value.as_ref().map(|value| (key, value))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_key_finds_nobody_even_when_its_place_is_taken_again() {
        let mut slab = Slab::new();
        let old = slab.insert("old");
        assert_eq!(slab.remove(old), Some("old"));
        let new = slab.insert("new");
        assert_eq!(new.index, old.index, "the place is used again");
        assert_eq!(slab.get(old), None);
        assert_eq!(slab.get_mut(old), None);
        assert_eq!(slab.remove(old), None);
        assert_eq!(slab.get(new), Some(&"new"));
    }

    #[test]
    fn places_are_used_again_before_the_table_grows() {
        let mut slab = Slab::new();
        let keys: Vec<Key> = (0..8).map(|value| slab.insert(value)).collect();
        for key in &keys {
            slab.remove(*key);
        }
        assert!(slab.is_empty());
        for value in 0..8 {
            assert!(slab.insert(value).index < 8);
        }
        assert_eq!(slab.len(), 8);
    }

    #[test]
    fn a_place_whose_generations_are_used_up_is_retired() {
        let mut slab = Slab::new();
        let first = slab.insert(());
        slab.places[0].generation = u32::MAX;
        let last = Key { generation: u32::MAX, ..first };
        assert_eq!(slab.remove(last), Some(()));
        assert_eq!(slab.insert(()).index, 1, "place 0 must not start again at generation 0");
        assert_eq!(slab.get(last), None);
    }

    #[test]
    fn a_value_may_know_its_own_key() {
        let mut slab = Slab::new();
        slab.insert(None);
        let key = slab.insert_with(Some);
        assert_eq!(slab.get(key), Some(&Some(key)));
        let listed: Vec<Key> = slab.iter().map(|(key, _)| key).collect();
        assert_eq!(listed.len(), 2);
        assert_eq!(slab.first_key(), Some(listed[0]));
    }
}
