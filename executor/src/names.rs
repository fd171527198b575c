//! Names for those tasks that have one.
//!
//! Most tasks have none, and a place for it in each would cost each of a million. So the names lie in a
//! table of their own, by the task's key, from the task's spawn to its end; then the name goes along with
//! what has to be reported, if there is something.
//!
//! ```text
//!   spawn_named ──► table: key → name ──┬─► JoinHandle's Debug, while the task runs
//!                                       └─► the task's end: out of the table, into a JoinError
//! ```
//!
//! Neighbours: `spawn_named` fills the table, which the `scheduler` has; `join` and `join_error` show
//! what is in it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;

use reactor::slab::Key;

/// Who is called what, in one scheduler.
#[derive(Default)]
pub(crate) struct Names {
    table: RefCell<BTreeMap<Key, Arc<str>>>,
    /// How many there are.
    len: Cell<usize>,
}

impl Names {
    pub(crate) fn get(&self, key: Key) -> Option<Arc<str>> {
        self.table.borrow().get(&key).cloned()
    }

    pub(crate) fn set(&self, key: Key, name: Arc<str>) {
        let mut table = self.table.borrow_mut();
        table.insert(key, name);
        self.len.set(table.len());
    }

    /// The task is over. Where nobody has a name, which is most often, this looks at a number.
    #[inline]
    pub(crate) fn take(&self, key: Key) -> Option<Arc<str>> {
        if self.len.get() == 0 { None } else { self.remove(key) }
    }

    #[cold]
    fn remove(&self, key: Key) -> Option<Arc<str>> {
        let mut table = self.table.borrow_mut();
        let name = table.remove(&key);
        self.len.set(table.len());
        name
    }
}
