//! How much memory clients make the server hold, beside the data and the replies: what they have sent
//! and cannot be executed yet, and the commands between MULTI and EXEC.
//!
//! ```text
//!   Ledger 7000 ◄── Share 4000   a request that has not come whole
//!               ◄── Share 3000   a transaction's queue
//! ```
//!
//! Whoever holds such memory has a share beside it, and says when that changes. A share that is dropped
//! takes itself out, so that no way of ending has to be remembered: the sum is always that of the
//! shares there are.

use std::cell::Cell;
use std::rc::Rc;

/// A sum of bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger(Rc<Cell<usize>>);

/// One holder's part of it.
#[derive(Debug)]
pub(crate) struct Share {
    ledger: Ledger,
    bytes: usize,
}

impl Ledger {
    /// All shares together.
    #[inline]
    pub(crate) fn total(&self) -> usize {
        self.0.get()
    }

    /// A new share, of so many bytes.
    pub(crate) fn share(&self, bytes: usize) -> Share {
        self.0.set(self.0.get() + bytes);
        Share { ledger: self.clone(), bytes }
    }
}

impl Share {
    /// So many bytes are held now.
    pub(crate) fn set(&mut self, bytes: usize) {
        let Ledger(total) = &self.ledger;
        total.set(total.get() - self.bytes + bytes);
        self.bytes = bytes;
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.set(0);
    }
}

#[cfg(test)]
mod tests {
    use super::Ledger;

    #[test]
    fn the_total_is_that_of_the_shares_there_are() {
        let ledger = Ledger::default();
        let (mut one, other) = (ledger.share(10), ledger.share(5));
        assert_eq!(ledger.total(), 15);
        one.set(3);
        assert_eq!(ledger.total(), 8);
        drop(other);
        assert_eq!(ledger.total(), 3);
        drop(one);
        assert_eq!(ledger.total(), 0);
    }
}
