//! Chapter 2: count the wasted polls.
//!
//! `cargo test -p ex02 step_1` says what to do first; when that passes, go on with `step_2`.

#![allow(unused, reason = "you have not used it yet")]

use std::io::{self, ErrorKind, Read};

/// A reader, and how often it was asked.
pub struct Counted<R> {
    reader: R,
    /// How often it was asked.
    pub asked: u64,
    /// How often it said "not now": `ErrorKind::WouldBlock`.
    pub in_vain: u64,
}

impl<R> Counted<R> {
    /// Not asked yet.
    pub fn new(reader: R) -> Counted<R> {
        Counted { reader, asked: 0, in_vain: 0 }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        todo!("1. ask the reader, count it, and count it once more if the answer is `WouldBlock`")
    }
}

/// Asks *each* reader once, and gives what was read: from which of them, and the bytes.
///
/// "Not now" is no error here, and neither is `Ok(0)`, the end: both are nothing that was read.
///
/// # Errors
/// What a reader says, "not now" excepted.
pub fn pass<R: Read>(readers: &mut [Counted<R>]) -> io::Result<Vec<(usize, Vec<u8>)>> {
    todo!("2. a buffer of 64 bytes; for each reader: bytes, the end, not now, or an error?")
}

/// The same, but asks only those that somebody has told us of.
///
/// # Errors
/// As [`pass`].
pub fn told<R: Read>(
    readers: &mut [Counted<R>],
    ready: &[usize],
) -> io::Result<Vec<(usize, Vec<u8>)>> {
    todo!("3. as `pass`, for the readers in `ready` alone; what do the two have in common?")
}
