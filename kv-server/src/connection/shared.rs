//! What all connections of one server share.

use std::cell::RefCell;

use crate::resp::Request;
use crate::state::State;

/// One server's state, and the memory that its connections read into. Each is borrowed only within
/// one poll, never across an await.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) state: RefCell<State>,
    pub(super) scratch: RefCell<Scratch>,
}

/// Working memory that is empty between polls. With it an idle connection needs none of its own.
#[derive(Debug)]
pub(super) struct Scratch {
    /// What one read brings in.
    pub(super) input: Box<[u8]>,
    /// Where a request's arguments are, for requests that arrive whole.
    pub(super) request: Request,
    /// Where replies are made. Empty between polls; what the socket does not take goes to the outbox.
    pub(super) output: Vec<u8>,
}

/// The most that one read takes.
const READ: usize = 64 << 10;

impl Shared {
    pub(crate) fn new(state: State) -> Shared {
        let scratch =
            Scratch { input: vec![0; READ].into(), request: Request::new(), output: Vec::new() };
        Shared { state: RefCell::new(state), scratch: RefCell::new(scratch) }
    }
}
