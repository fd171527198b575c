//! Chapter 4: the edge that was not drained.
//!
//! `cargo test -p ex04` says what to do next.

use std::io;

pub mod kernel;

use kernel::{BUFFER, Kernel};

/// The most reads that one connection gets before the others have their turn.
pub const BUDGET: usize = 4;

/// What a connection knows of its socket after it has read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Known {
    /// There is nothing more to read: an edge will tell when there is.
    Drained,
    /// The budget is used up, and there may be more. No edge will tell.
    MaybeMore,
    /// The peer has said its last.
    Ended,
}

/// What came from one peer.
#[derive(Debug)]
pub struct Connection {
    pub fd: usize,
    pub received: Vec<u8>,
}

impl Connection {
    /// Reads what there is, but no more than `BUDGET` times.
    pub fn on_event(&mut self, kernel: &mut Kernel) -> io::Result<Known> {
        let mut reads = 0;
        while reads < BUDGET {
            let mut buffer = [0; BUFFER];
            match kernel.read(self.fd, &mut buffer) {
                Ok(0) => return Ok(Known::Ended),
                Ok(count) => self.received.extend_from_slice(&buffer[..count]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return Ok(Known::Drained);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            reads += 1;
        }
        Ok(Known::MaybeMore)
    }
}

/// Connections, each at the place that is its number.
#[derive(Debug, Default)]
pub struct Server {
    pub connections: Vec<Connection>,
    /// Who was cut short, and must be looked at without an edge.
    pub again: Vec<usize>,
}

impl Server {
    /// One turn: waits, and looks at whoever has news, and at whoever was cut short in the last turn.
    pub fn turn(&mut self, kernel: &mut Kernel) -> io::Result<()> {
        let mut ready = std::mem::take(&mut self.again);
        for fd in kernel.wait(ready.is_empty()) {
            if !ready.contains(&fd) {
                ready.push(fd);
            }
        }
        for fd in ready {
            if self.connections[fd].on_event(kernel)? == Known::MaybeMore {
                self.again.push(fd);
            }
        }
        Ok(())
    }
}
