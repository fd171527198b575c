//! A key: immutable bytes, kept in place when they are short.
//!
//! Most keys are shorter than a pointer, a length and the allocator's own bookkeeping together.
//! Up to [`INLINE`] bytes lie in the row itself: no allocation, and no second cache miss when a
//! probe compares them.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// The longest key that needs no allocation; what 24 bytes leave beside a length and a mark.
const INLINE: usize = 22;

/// The bytes of a key.
#[derive(Clone)]
pub struct Key(Bytes);

#[derive(Clone)]
enum Bytes {
    Inline { length: u8, bytes: [u8; INLINE] },
    Heap(Box<[u8]>),
}

impl Key {
    /// Bytes of memory that it owns outside of itself.
    #[inline]
    pub fn heap(&self) -> usize {
        match &self.0 {
            Bytes::Inline { .. } => 0,
            Bytes::Heap(bytes) => bytes.len(),
        }
    }

    /// The bytes.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Bytes::Inline { length, bytes } => &bytes[..usize::from(*length)],
            Bytes::Heap(bytes) => bytes,
        }
    }
}

impl From<&[u8]> for Key {
    #[inline]
    fn from(from: &[u8]) -> Key {
        match u8::try_from(from.len()) {
            Ok(length) if from.len() <= INLINE => {
                let mut bytes = [0; INLINE];
                bytes[..from.len()].copy_from_slice(from);
                Key(Bytes::Inline { length, bytes })
            }
            _ => Key(Bytes::Heap(from.into())),
        }
    }
}

impl Borrow<[u8]> for Key {
    fn borrow(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Key) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Key) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.as_bytes().escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use super::{INLINE, Key};

    #[test]
    fn bytes_of_any_length_come_back() {
        for length in [0, 1, INLINE - 1, INLINE, INLINE + 1, 255, 256, 1000] {
            let bytes: Vec<u8> = (0..length).map(|index| index as u8).collect();
            assert_eq!(Key::from(&bytes[..]).as_bytes(), bytes);
        }
    }

    #[test]
    fn a_key_is_three_words() {
        assert_eq!(size_of::<Key>(), 24);
    }
}
