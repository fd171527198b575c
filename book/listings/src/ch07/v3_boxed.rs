//! With the address of something that is not a part of itself.

use std::ptr;

use super::{ROOM, bytes, key_of};

/// A request whose bytes lie on the heap, and stay there when it is moved.
#[derive(Debug)]
pub struct Request {
    text: Box<[u8; ROOM]>,
    key: *const u8,
}

impl super::Request for Request {
    fn new(text: &str) -> Request {
        Request { text: Box::new(bytes(text)), key: ptr::null() }
    }

    fn find_key(&mut self) {
        self.key = self.text[key_of(&*self.text)..].as_ptr();
    }

    fn text(&self) -> &[u8] {
        &*self.text
    }

    fn key(&self) -> *const u8 {
        self.key
    }
}
