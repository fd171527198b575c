//! Chapter 4: the edge that was not drained.
//!
//! `cargo test -p ex04 step_1` says what to do first; when that passes, go on with `step_2`.

#![allow(unused, reason = "you have not used it yet")]

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
        todo!("1. read up to BUDGET times; what does each of the kernel's answers mean?")
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
        todo!("2. may the wait sleep? whom to look at, each once? who has to be looked at again?")
    }
}
