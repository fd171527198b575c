//! With the address of a part of itself, in a place that it does not leave.

use std::cell::Cell;
use std::marker::PhantomPinned;
use std::pin::Pin;
use std::ptr;

use super::{ROOM, bytes, key_of};

/// A request that points into itself, and that nobody can move once it is pinned.
#[derive(Debug)]
pub struct Pinned {
    text: [u8; ROOM],
    key: Cell<*const u8>,
    _pinned: PhantomPinned,
}

impl Pinned {
    /// May be called only where it is sure to stay.
    fn find_key(self: Pin<&Self>) {
        self.key.set(self.text[key_of(&self.text)..].as_ptr());
    }
}

/// What one has of it: a pointer that lets nobody move what it points to.
pub type Request = Pin<Box<Pinned>>;

impl super::Request for Request {
    fn new(text: &str) -> Request {
        let key = Cell::new(ptr::null());
        Box::pin(Pinned { text: bytes(text), key, _pinned: PhantomPinned })
    }

    fn find_key(&mut self) {
        self.as_ref().find_key();
    }

    fn text(&self) -> &[u8] {
        &self.text
    }

    fn key(&self) -> *const u8 {
        self.key.get()
    }
}
