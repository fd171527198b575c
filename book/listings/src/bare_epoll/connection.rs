//! A client's socket, and the bytes that are on the way.

use std::io::{ErrorKind, Write};
use std::mem;
use std::net::TcpStream;

/// Unsent bytes above which a connection is closed: messages come whether its peer reads or not.
const MOST_BACKLOG: usize = 32 << 20;

#[derive(Debug)]
pub(super) struct Connection {
    pub(super) stream: TcpStream,
    /// What has arrived and was not executed: as a rule the beginning of a request, or nothing.
    pub(super) input: Vec<u8>,
    pub(super) output: Vec<u8>,
    /// How many bytes of `output` have been sent.
    sent: usize,
    /// It stands in the list of those to be flushed, or waits for "writable".
    pub(super) flushing: bool,
    /// Requests of it wait until the replies before them have been sent.
    pub(super) held_back: bool,
    pub(super) channels: Vec<Vec<u8>>,
}

/// How a flush ended.
#[derive(Debug)]
pub(super) enum Flushed {
    /// All is sent.
    All,
    /// The kernel has no room for the rest.
    Some,
    /// The peer is gone, or has let too much gather.
    Over,
}

impl Connection {
    pub(super) fn new(stream: TcpStream) -> Connection {
        Connection {
            stream,
            input: Vec::new(),
            output: Vec::new(),
            sent: 0,
            flushing: false,
            held_back: false,
            channels: Vec::new(),
        }
    }

    /// Bytes of replies and messages that the kernel has not taken.
    pub(super) fn unsent(&self) -> usize {
        self.output.len() - self.sent
    }

    /// Sends what the kernel takes.
    pub(super) fn flush(&mut self) -> Flushed {
        while self.sent < self.output.len() {
            match self.stream.write(&self.output[self.sent..]) {
                Ok(count) => self.sent += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return self.wait(),
                Err(_) => return Flushed::Over,
            }
        }
        self.flushing = false;
        self.sent = 0;
        Flushed::All
    }

    fn wait(&mut self) -> Flushed {
        if self.unsent() > MOST_BACKLOG {
            return Flushed::Over;
        }
        // Moved only when at least half is dead: each byte is moved once, on the average.
        if self.sent > self.output.len() / 2 {
            self.output.drain(..mem::take(&mut self.sent));
        }
        Flushed::Some
    }
}
