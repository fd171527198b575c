//! One connection of a thread that has many, and must not sleep for this one.

use std::io::{self, Read, Write};
use std::net::TcpStream;

use super::watch::Watch;

/// A connection, and what it has still to send.
pub struct Connection {
    stream: TcpStream,
    unsent: Vec<u8>,
}

/// What a connection is waiting for after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// That something comes.
    Read,
    /// That there is room again for what it has to send.
    Write,
    /// Nothing: it is over.
    Over,
}

impl Connection {
    /// From now on, an operation that cannot go on says so instead of sleeping.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn new(stream: TcpStream) -> io::Result<Connection> {
        stream.set_nonblocking(true)?;
        Ok(Connection { stream, unsent: Vec::new() })
    }

    /// What the kernel knows it by.
    pub fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Goes on, but never waits; reads at most once, so that others have their turn.
    pub fn step(&mut self, watch: &Watch) -> Next {
        // A client that breaks off is over, and no reason to stop.
        self.try_step(watch).unwrap_or(Next::Over)
    }

    fn try_step(&mut self, watch: &Watch) -> io::Result<Next> {
        // A client that does not read is not read from either: it costs one buffer, and no more.
        if self.unsent.is_empty() {
            let mut buffer = [0; 4096];
            match watch.ask_now(|| self.stream.read(&mut buffer))? {
                None => return Ok(Next::Read),
                Some(0) => return Ok(Next::Over),
                Some(count) => self.unsent.extend_from_slice(&buffer[..count]),
            }
        }
        while !self.unsent.is_empty() {
            match watch.ask_now(|| self.stream.write(&self.unsent))? {
                None => return Ok(Next::Write),
                Some(count) => drop(self.unsent.drain(..count)),
            }
        }
        Ok(Next::Read)
    }
}
