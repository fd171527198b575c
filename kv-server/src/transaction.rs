//! What one client has put together between MULTI and EXEC, and which keys it watches.
//!
//! ```text
//!   WATCH k ──► watched: [k]             another client changes k ──► broken
//!   MULTI ────► open
//!   SET a 1 ──► queue: [SET a 1]         FOO: no such command ──────► failed
//!   EXEC ─────► failed: an error · broken: nothing, a null · else: all of the queue, together
//! ```

use crate::db::Key;
use crate::ledger::{Ledger, Share};
use crate::resp::OwnedArguments;

/// A client's transaction. Most clients have none, and no memory for it.
#[derive(Debug, Default)]
pub(crate) struct Transaction {
    /// MULTI was called: commands are put into the queue instead of being run.
    pub(crate) open: bool,
    /// Something could not be put into the queue.
    pub(crate) failed: bool,
    /// A key that is watched was changed.
    pub(crate) broken: bool,
    /// The queue holds a command that changes data …
    pub(crate) writes: bool,
    /// … and one that may need more memory.
    pub(crate) grows: bool,
    pub(crate) queue: Vec<OwnedArguments>,
    /// Bytes of memory that the queue takes …
    pub(crate) memory: usize,
    /// … which count for `maxmemory`.
    share: Option<Share>,
    pub(crate) watched: Vec<Watched>,
}

/// A key that a client watches.
#[derive(Debug)]
pub(crate) struct Watched {
    pub(crate) database: u8,
    pub(crate) key: Key,
    /// Its deadline had passed already when it was first watched: that it goes is no change.
    pub(crate) had_expired: bool,
}

impl Transaction {
    /// Puts a command at the end of the queue, whose memory is written down in `ledger`.
    pub(crate) fn push(&mut self, arguments: OwnedArguments, ledger: &Ledger) {
        self.memory += arguments.memory() + size_of::<OwnedArguments>();
        self.share.get_or_insert_with(|| ledger.share(0)).set(self.memory);
        self.queue.push(arguments);
    }
}
