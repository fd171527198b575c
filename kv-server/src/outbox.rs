//! What waits to be sent to one client, and the buffers that it waits in.
//!
//! ```text
//!            take                     append                       all sent: give
//!  Buffers ───────► Outbox ◄── replies, and messages that   ──► socket ───────► Buffers
//!   (spare)                    other clients publish
//! ```
//!
//! Replies and messages share one outbox, so they leave in the order in which they came to be. An
//! outbox owns a buffer only while something waits in it: an idle connection holds none, and the
//! busy ones hand the same few, still warm in the cache, from one to the next.

use std::mem;

use crate::message::{LineEnd, Message};

/// Bytes on their way out.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    bytes: Vec<u8>,
    /// How many of them are sent already.
    sent: usize,
}

impl Outbox {
    /// How many bytes are not sent yet.
    #[inline]
    pub(crate) fn backlog(&self) -> usize {
        self.bytes.len() - self.sent
    }

    /// Puts bytes in.
    #[inline]
    pub(crate) fn append(&mut self, bytes: &[u8], buffers: &mut Buffers) {
        if self.bytes.capacity() - self.bytes.len() < bytes.len() {
            return self.append_to_more(bytes, buffers);
        }
        // The compiler sees that there is room, and asks no second time.
        self.bytes.extend_from_slice(bytes);
    }

    /// Puts bytes in, unless more than `most` would wait then. Whether it did.
    #[inline]
    pub(crate) fn append_within(
        &mut self,
        most: usize,
        bytes: &[u8],
        buffers: &mut Buffers,
    ) -> bool {
        let fits = self.backlog() + bytes.len() <= most;
        if fits {
            self.append(bytes, buffers);
        }
        fits
    }

    /// Puts a message for who reads lines in, as [`Outbox::append_within`] does. What cannot fit is not
    /// even made.
    #[cold]
    pub(crate) fn append_line(
        &mut self,
        message: &mut Message<'_>,
        end: LineEnd,
        most: usize,
        buffers: &mut Buffers,
    ) -> bool {
        let room = most.saturating_sub(self.backlog());
        if message.payload().len() > room {
            return false;
        }
        let line = message.line();
        let fits = line.len() + end.bytes().len() <= room;
        if fits {
            self.append(line, buffers);
            self.append(end.bytes(), buffers);
        }
        fits
    }

    /// Makes room, and puts bytes in.
    #[inline(never)]
    fn append_to_more(&mut self, bytes: &[u8], buffers: &mut Buffers) {
        let before = self.bytes.capacity();
        if before == 0 {
            self.bytes = buffers.take();
        }
        self.bytes.extend_from_slice(bytes);
        buffers.held += self.bytes.capacity() - before;
    }

    /// What is to be sent next; empty when nothing waits.
    #[inline]
    pub(crate) fn unsent(&self) -> &[u8] {
        &self.bytes[self.sent..]
    }

    /// So many more bytes are sent. The buffer goes back with the last of them.
    #[inline]
    pub(crate) fn advance(&mut self, count: usize, buffers: &mut Buffers) {
        self.sent += count;
        if self.sent == self.bytes.len() {
            self.clear(buffers);
        } else {
            self.compact();
        }
    }

    /// What is sent leaves the buffer once it is the larger part: each byte moves at most once.
    fn compact(&mut self) {
        if self.sent > self.bytes.len() / 2 {
            self.bytes.drain(..mem::take(&mut self.sent));
        }
    }

    /// Takes the buffer out, to write to it or to the socket: all its bytes and how many are sent.
    #[inline]
    pub(crate) fn take(&mut self, buffers: &mut Buffers) -> (Vec<u8>, usize) {
        let bytes = mem::take(&mut self.bytes);
        buffers.held -= bytes.capacity();
        let bytes = if bytes.capacity() == 0 { buffers.take() } else { bytes };
        (bytes, mem::take(&mut self.sent))
    }

    /// Puts the buffer back, `sent` of its bytes being sent.
    #[inline]
    pub(crate) fn restore(&mut self, bytes: Vec<u8>, sent: usize, buffers: &mut Buffers) {
        if sent == bytes.len() {
            return buffers.give(bytes);
        }
        buffers.held = buffers.held + bytes.capacity() - self.bytes.capacity();
        (self.bytes, self.sent) = (bytes, sent);
        self.compact();
    }

    /// Throws away what waits.
    pub(crate) fn clear(&mut self, buffers: &mut Buffers) {
        self.sent = 0;
        let bytes = mem::take(&mut self.bytes);
        buffers.held -= bytes.capacity();
        buffers.give(bytes);
    }
}

/// Spare buffers, empty. The last one given is the first one taken.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    spare: Vec<Vec<u8>>,
    /// The capacity of all of them together.
    kept: usize,
    /// The capacity of those in which something waits.
    held: usize,
}

impl Buffers {
    /// A buffer of the size of most replies.
    const SMALL: usize = 1024;
    /// A larger buffer is freed, not kept.
    pub(crate) const LARGEST_KEPT: usize = 256 << 10;
    /// No more than this is kept in all.
    const MOST_KEPT: usize = 4 << 20;

    /// Bytes of memory in which something waits to be sent.
    #[inline]
    pub(crate) fn held(&self) -> usize {
        self.held
    }

    #[inline]
    pub(crate) fn take(&mut self) -> Vec<u8> {
        match self.spare.pop() {
            Some(buffer) => {
                self.kept -= buffer.capacity();
                buffer
            }
            None => Vec::with_capacity(Buffers::SMALL),
        }
    }

    #[inline]
    pub(crate) fn give(&mut self, mut buffer: Vec<u8>) {
        let capacity = buffer.capacity();
        let fits = capacity <= Buffers::LARGEST_KEPT && self.kept + capacity <= Buffers::MOST_KEPT;
        if fits && capacity > 0 {
            buffer.clear();
            self.kept += capacity;
            self.spare.push(buffer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Buffers, Outbox};

    #[test]
    fn an_outbox_without_backlog_holds_no_buffer() {
        let (mut outbox, mut buffers) = (Outbox::default(), Buffers::default());
        outbox.append(b"abc", &mut buffers);
        assert_eq!(outbox.backlog(), 3);
        let (bytes, sent) = outbox.take(&mut buffers);
        assert_eq!((&bytes[..], sent), (&b"abc"[..], 0));
        outbox.restore(bytes, 3, &mut buffers);
        assert_eq!((outbox.backlog(), outbox.bytes.capacity()), (0, 0));
        assert_eq!(buffers.spare.len(), 1, "the buffer went back");
    }

    #[test]
    fn bytes_leave_in_order_in_whatever_pieces_the_socket_takes() {
        for piece in 1..12 {
            let (mut outbox, mut buffers) = (Outbox::default(), Buffers::default());
            let (mut appended, mut received) = (Vec::new(), Vec::new());
            for round in 0..50u8 {
                let message = vec![round; usize::from(round % 11)];
                outbox.append(&message, &mut buffers);
                appended.extend_from_slice(&message);
                if round % 2 == 0 {
                    // Where it lies.
                    let unsent = outbox.unsent();
                    let count = unsent.len().min(piece);
                    received.extend_from_slice(&unsent[..count]);
                    outbox.advance(count, &mut buffers);
                } else {
                    let (bytes, sent) = outbox.take(&mut buffers);
                    let now_sent = bytes.len().min(sent + piece);
                    received.extend_from_slice(&bytes[sent..now_sent]);
                    outbox.restore(bytes, now_sent, &mut buffers);
                }
                assert_eq!(outbox.backlog(), appended.len() - received.len());
                assert_eq!(buffers.held(), outbox.bytes.capacity());
            }
            received.extend_from_slice(outbox.unsent());
            assert_eq!(received, appended, "in pieces of {piece}");
        }
    }

    #[test]
    fn large_buffers_and_too_many_are_freed() {
        let mut buffers = Buffers::default();
        buffers.give(Vec::with_capacity(Buffers::LARGEST_KEPT + 1));
        assert_eq!(buffers.spare.len(), 0);
        for _ in 0..1000 {
            buffers.give(Vec::with_capacity(Buffers::LARGEST_KEPT));
        }
        assert!(buffers.kept <= Buffers::MOST_KEPT);
        assert_eq!(buffers.spare.len(), Buffers::MOST_KEPT / Buffers::LARGEST_KEPT);
    }
}
