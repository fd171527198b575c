//! Bytes that lie in the table itself if they are few. Who looks for one of many thousand keys waits
//! for memory longer than for anything else, and what lies elsewhere is to be waited for once more.

use std::borrow::Borrow;
use std::hash::{Hash, Hasher};

/// At most `MOST` bytes in place, or any number elsewhere.
#[derive(Debug)]
pub(super) enum Short<const MOST: usize> {
    Here { length: u8, bytes: [u8; MOST] },
    Elsewhere(Vec<u8>),
}

impl<const MOST: usize> Short<MOST> {
    pub(super) fn as_bytes(&self) -> &[u8] {
        match self {
            Short::Here { length, bytes } => &bytes[..usize::from(*length)],
            Short::Elsewhere(bytes) => bytes,
        }
    }

    /// Replaces them; what was allocated for them is kept.
    pub(super) fn set(&mut self, from: &[u8]) {
        match self {
            Short::Elsewhere(bytes) => {
                bytes.clear();
                bytes.extend_from_slice(from);
            }
            Short::Here { .. } => *self = Short::from(from),
        }
    }
}

impl<const MOST: usize> From<&[u8]> for Short<MOST> {
    fn from(from: &[u8]) -> Short<MOST> {
        match u8::try_from(from.len()) {
            Ok(length) if from.len() <= MOST => {
                let mut bytes = [0; MOST];
                bytes[..from.len()].copy_from_slice(from);
                Short::Here { length, bytes }
            }
            _ => Short::Elsewhere(from.to_vec()),
        }
    }
}

/// So that a table finds them by a slice.
impl<const MOST: usize> Borrow<[u8]> for Short<MOST> {
    fn borrow(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl<const MOST: usize> Hash for Short<MOST> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl<const MOST: usize> PartialEq for Short<MOST> {
    fn eq(&self, other: &Short<MOST>) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl<const MOST: usize> Eq for Short<MOST> {}
