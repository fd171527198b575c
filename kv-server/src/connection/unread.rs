//! Bytes that arrived and cannot be executed yet: the beginning of a request, or requests that
//! wait until earlier replies are sent. Most connections have none, and then no memory for them.

use crate::ledger::{Ledger, Share};
use crate::resp::Request;

/// Arrived bytes, and what is known of the request that they begin with.
#[derive(Debug)]
pub(super) struct Unread {
    bytes: Vec<u8>,
    /// Everything before this is executed.
    start: usize,
    request: Request,
    /// Their memory counts for `maxmemory`.
    share: Share,
}

impl Unread {
    /// Beyond this, memory that is mostly unused is given back.
    const SPACIOUS: usize = 256 << 10;

    pub(super) fn new(bytes: &[u8], request: Request, ledger: &Ledger) -> Box<Unread> {
        let share = ledger.share(bytes.len() + request.held());
        Box::new(Unread { bytes: bytes.to_vec(), start: 0, request, share })
    }

    /// Adds what has arrived.
    pub(super) fn append(&mut self, more: &[u8]) {
        self.bytes.drain(..self.start);
        self.start = 0;
        if self.bytes.capacity() > Unread::SPACIOUS && self.bytes.len() < Unread::SPACIOUS / 4 {
            self.bytes.shrink_to(Unread::SPACIOUS / 4);
        }
        self.bytes.extend_from_slice(more);
        self.share.set(self.bytes.capacity() + self.request.held());
    }

    /// The bytes that are not executed, those after them that have arrived now, and their first request.
    #[inline(never)]
    pub(super) fn followed_by(&mut self, more: &[u8]) -> (&[u8], &mut Request) {
        if !more.is_empty() {
            self.append(more);
        }
        (&self.bytes[self.start..], &mut self.request)
    }

    /// So many more bytes are executed.
    pub(super) fn consume(&mut self, count: usize) {
        self.start += count;
    }

    /// How many bytes are not executed.
    pub(super) fn len(&self) -> usize {
        self.bytes.len() - self.start
    }
}
