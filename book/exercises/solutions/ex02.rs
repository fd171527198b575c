//! Chapter 2: count the wasted polls.
//!
//! `cargo test -p ex02` says what to do next.

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
        self.asked += 1;
        let answer = self.reader.read(buffer);
        if answer.as_ref().is_err_and(|error| error.kind() == ErrorKind::WouldBlock) {
            self.in_vain += 1;
        }
        answer
    }
}

/// Asks *each* reader once, and gives what was read: from which of them, and the bytes.
///
/// "Not now" is no error here, and neither is `Ok(0)`, the end: both are nothing that was read.
///
/// # Errors
/// What a reader says, "not now" excepted.
pub fn pass<R: Read>(readers: &mut [Counted<R>]) -> io::Result<Vec<(usize, Vec<u8>)>> {
    let all: Vec<usize> = (0..readers.len()).collect();
    told(readers, &all)
}

/// The same, but asks only those that somebody has told us of.
///
/// # Errors
/// As [`pass`].
pub fn told<R: Read>(
    readers: &mut [Counted<R>],
    ready: &[usize],
) -> io::Result<Vec<(usize, Vec<u8>)>> {
    let mut heard = Vec::new();
    for &index in ready {
        let mut buffer = [0; 64];
        match readers[index].read(&mut buffer) {
            Ok(0) => {}
            Ok(count) => heard.push((index, buffer[..count].to_vec())),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(heard)
}
