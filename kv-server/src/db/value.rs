//! A value: bytes that can be replaced and appended to, kept in place when they are short.
//!
//! A longer value keeps its allocation when it is overwritten with something of about its size:
//! a counter, a cached page or a session costs no allocator call each time it changes.

use std::fmt;

/// The longest value that needs no allocation; what 80 bytes leave beside a length and a mark. See
/// [`Row`](super::Row) for why it is no less.
const INLINE: usize = 78;

/// The bytes of a value.
#[derive(Clone)]
pub struct Value(Bytes);

#[derive(Clone)]
enum Bytes {
    Inline { length: u8, bytes: [u8; INLINE] },
    Heap(Vec<u8>),
}

impl Value {
    /// The bytes.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Bytes::Inline { length, bytes } => &bytes[..usize::from(*length)],
            Bytes::Heap(bytes) => bytes,
        }
    }

    /// Bytes of memory that it owns outside of itself.
    #[inline]
    pub fn heap(&self) -> usize {
        match &self.0 {
            Bytes::Inline { .. } => 0,
            Bytes::Heap(bytes) => bytes.capacity(),
        }
    }

    /// Replaces the bytes.
    #[inline]
    pub fn set(&mut self, from: &[u8]) {
        match &mut self.0 {
            // A large allocation does not stay behind a small value.
            Bytes::Heap(bytes)
                if bytes.capacity() >= from.len() && bytes.capacity() / 2 <= from.len() =>
            {
                bytes.clear();
                bytes.extend_from_slice(from);
            }
            Bytes::Inline { length, bytes } if from.len() <= INLINE => {
                bytes[..from.len()].copy_from_slice(from);
                *length = from.len() as u8;
            }
            _ => *self = Value::from(from),
        }
    }

    /// Adds bytes at the end.
    pub fn append(&mut self, more: &[u8]) {
        match &mut self.0 {
            Bytes::Heap(bytes) => bytes.extend_from_slice(more),
            Bytes::Inline { .. } => *self = Value::from(&[self.as_bytes(), more].concat()[..]),
        }
    }

    /// Writes bytes at an offset, over what is there; between the old end and the offset come zeros.
    pub fn write_at(&mut self, offset: usize, bytes: &[u8]) {
        let length = self.as_bytes().len().max(offset + bytes.len());
        self.resize(length)[offset..offset + bytes.len()].copy_from_slice(bytes);
    }

    /// The bytes, to be changed in place; first it is made `length` bytes long, by zeros at its end.
    pub fn resize(&mut self, length: usize) -> &mut [u8] {
        if let Bytes::Inline { length: old, bytes } = &self.0
            && length > INLINE
        {
            let mut grown = Vec::with_capacity(length);
            grown.extend_from_slice(&bytes[..usize::from(*old)]);
            self.0 = Bytes::Heap(grown);
        }
        match &mut self.0 {
            Bytes::Inline { length: old, bytes } => {
                let length = u8::try_from(length).unwrap_or(*old);
                if length > *old {
                    bytes[usize::from(*old)..usize::from(length)].fill(0);
                }
                *old = length;
                &mut bytes[..usize::from(length)]
            }
            Bytes::Heap(bytes) => {
                bytes.resize(length, 0);
                bytes
            }
        }
    }

    /// Takes the bytes out.
    pub fn into_vec(self) -> Vec<u8> {
        match self.0 {
            Bytes::Inline { length, bytes } => bytes[..usize::from(length)].to_vec(),
            Bytes::Heap(bytes) => bytes,
        }
    }
}

impl From<&[u8]> for Value {
    #[inline]
    fn from(from: &[u8]) -> Value {
        match u8::try_from(from.len()) {
            Ok(length) if from.len() <= INLINE => {
                let mut bytes = [0; INLINE];
                bytes[..from.len()].copy_from_slice(from);
                Value(Bytes::Inline { length, bytes })
            }
            _ => Value(Bytes::Heap(from.to_vec())),
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.as_bytes().escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use super::{INLINE, Value};

    const LENGTHS: [usize; 8] = [0, 1, INLINE - 1, INLINE, INLINE + 1, 150, 300, 5000];

    #[test]
    fn any_length_replaces_any_other() {
        for old in LENGTHS {
            for new in LENGTHS {
                let mut value = Value::from(&vec![b'o'; old][..]);
                value.set(&vec![b'n'; new]);
                assert_eq!(value.as_bytes(), vec![b'n'; new], "{old} replaced by {new}");
                assert_eq!(value.into_vec(), vec![b'n'; new]);
            }
        }
    }

    #[test]
    fn any_length_is_appended_to_any_other() {
        for old in LENGTHS {
            for more in LENGTHS {
                let mut value = Value::from(&vec![b'o'; old][..]);
                value.append(&vec![b'm'; more]);
                assert_eq!(value.as_bytes(), [vec![b'o'; old], vec![b'm'; more]].concat());
            }
        }
    }

    #[test]
    fn bytes_are_written_at_any_offset() {
        for old in LENGTHS {
            for offset in LENGTHS {
                for count in LENGTHS {
                    let mut value = Value::from(&vec![b'o'; old][..]);
                    value.write_at(offset, &vec![b'n'; count]);
                    let mut expected = vec![b'o'; old];
                    expected.resize(old.max(offset + count), 0);
                    expected[offset..offset + count].fill(b'n');
                    assert_eq!(value.as_bytes(), expected, "{count} at {offset} into {old}");
                }
            }
        }
    }

    #[test]
    fn overwriting_with_the_same_length_keeps_the_allocation() {
        let mut value = Value::from(&[b'a'; 100][..]);
        let before = value.as_bytes().as_ptr();
        value.set(&[b'b'; 100]);
        assert_eq!(value.as_bytes().as_ptr(), before);
    }

    #[test]
    fn a_short_value_does_not_keep_a_large_allocation() {
        let mut value = Value::from(&[b'a'; 100_000][..]);
        value.set(b"short");
        assert!(value.into_vec().capacity() < 1000);
    }

    #[test]
    fn a_value_is_ten_words() {
        assert_eq!(size_of::<Value>(), 80);
    }
}
