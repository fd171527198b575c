//! A file that is read from its beginning to its end, and what can be wrong with it.
//!
//! It knows how far it has read, so that a fault can say where, and sums up what it has read, so
//! that a snapshot's checksum can be compared.

use std::fmt;
use std::io::{self, BufRead, Read};

use super::rdb::Checksum;

/// Why a file cannot be read to its end.
#[derive(Debug)]
pub(crate) struct Fault {
    /// Up to here everything is whole.
    pub(crate) at: u64,
    pub(crate) flaw: Flaw,
}

/// What is wrong.
#[derive(Debug)]
pub(crate) enum Flaw {
    /// The file ends in the middle of something; nothing else is wrong with it.
    Truncated,
    /// The bytes do not mean anything, or something that this server does not have.
    Wrong(String),
    /// The system cannot read it.
    Failed(io::Error),
}

impl Fault {
    pub(super) fn wrong(at: u64, what: impl Into<String>) -> Fault {
        Fault { at, flaw: Flaw::Wrong(what.into()) }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.flaw {
            Flaw::Truncated => {
                write!(formatter, "it ends in the middle of a command that begins at")?;
                write!(formatter, " byte {}", self.at)
            }
            Flaw::Wrong(what) => write!(formatter, "at byte {}: {what}", self.at),
            Flaw::Failed(error) => write!(formatter, "at byte {}: {error}", self.at),
        }
    }
}

/// A file that is being read.
#[derive(Debug)]
pub(crate) struct Input<R> {
    inner: R,
    offset: u64,
    checksum: Option<Checksum>,
}

impl<R: BufRead> Input<R> {
    pub(crate) fn new(inner: R) -> Input<R> {
        Input { inner, offset: 0, checksum: None }
    }

    /// How many bytes are read.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Whether the unread bytes begin with `start`.
    pub(crate) fn begins_with(&mut self, start: &[u8]) -> Result<bool, Fault> {
        let at = self.offset;
        let bytes = self.inner.fill_buf();
        let bytes = bytes.map_err(|error| Fault { at, flaw: Flaw::Failed(error) })?;
        Ok(bytes.starts_with(start))
    }

    /// Begins to sum up what is read.
    pub(super) fn start_checksum(&mut self) {
        self.checksum = Some(Checksum::new());
    }

    /// The sum of what was read since it was begun, which is ended.
    pub(super) fn take_checksum(&mut self) -> u64 {
        self.checksum.take().map_or(0, Checksum::finish)
    }

    /// As many bytes as `bytes` has.
    pub(super) fn exact(&mut self, bytes: &mut [u8]) -> Result<(), Fault> {
        let at = self.offset;
        self.inner.read_exact(bytes).map_err(|error| Fault { at, flaw: flaw(error) })?;
        self.note(bytes);
        Ok(())
    }

    pub(super) fn byte(&mut self) -> Result<u8, Fault> {
        let mut byte = [0];
        self.exact(&mut byte)?;
        Ok(byte[0])
    }

    /// `length` bytes. Memory is taken as they come, not because the file claims that they will.
    pub(super) fn bytes(&mut self, length: u64) -> Result<Vec<u8>, Fault> {
        let at = self.offset;
        let mut bytes = Vec::new();
        let read = (&mut self.inner).take(length).read_to_end(&mut bytes);
        read.map_err(|error| Fault { at, flaw: flaw(error) })?;
        if (bytes.len() as u64) < length {
            return Err(Fault { at, flaw: Flaw::Truncated });
        }
        self.note(&bytes);
        Ok(bytes)
    }

    /// Adds at most `most` more bytes to `buffer`; none at the end of the file.
    pub(super) fn append_to(&mut self, buffer: &mut Vec<u8>, most: u64) -> Result<usize, Fault> {
        let at = self.offset;
        let before = buffer.len();
        let read = (&mut self.inner).take(most).read_to_end(buffer);
        read.map_err(|error| Fault { at, flaw: flaw(error) })?;
        let count = buffer.len() - before;
        self.offset += count as u64;
        Ok(count)
    }

    fn note(&mut self, bytes: &[u8]) {
        self.offset += bytes.len() as u64;
        if let Some(checksum) = &mut self.checksum {
            checksum.update(bytes);
        }
    }
}

fn flaw(error: io::Error) -> Flaw {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Flaw::Truncated,
        _ => Flaw::Failed(error),
    }
}
