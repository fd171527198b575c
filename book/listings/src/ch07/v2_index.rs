//! With an index into a part of itself: the same wherever it lies.

use super::{ROOM, bytes, key_of};

/// A request that counts from its own beginning.
#[derive(Debug)]
pub struct Request {
    text: [u8; ROOM],
    key: usize,
}

impl super::Request for Request {
    fn new(text: &str) -> Request {
        Request { text: bytes(text), key: 0 }
    }

    fn find_key(&mut self) {
        self.key = key_of(&self.text);
    }

    fn text(&self) -> &[u8] {
        &self.text
    }

    fn key(&self) -> *const u8 {
        self.text[self.key..].as_ptr()
    }
}
