//! Values that tell when they are dropped, and what else happens then.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

/// Counts the drops of the [`Tally`] values that it gave out.
#[derive(Clone, Default)]
pub(crate) struct Drops(Rc<Cell<usize>>);

impl Drops {
    pub(crate) fn new() -> Drops {
        Drops::default()
    }

    /// A value whose drop is counted.
    pub(crate) fn value(&self) -> Tally {
        Tally(self.clone())
    }

    pub(crate) fn count(&self) -> usize {
        self.0.get()
    }
}

/// Counted when it is dropped.
pub(crate) struct Tally(Drops);

impl Drop for Tally {
    fn drop(&mut self) {
        self.0.0.set(self.0.count() + 1);
    }
}

impl fmt::Debug for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tally")
    }
}

/// Does something when it is dropped.
pub(crate) struct OnDrop<F: FnOnce()>(Option<F>);

/// A value that calls `call` when it is dropped.
pub(crate) fn on_drop<F: FnOnce()>(call: F) -> OnDrop<F> {
    OnDrop(Some(call))
}

impl<F: FnOnce()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        if let Some(call) = self.0.take() {
            call();
        }
    }
}

impl<F: FnOnce()> fmt::Debug for OnDrop<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnDrop")
    }
}

/// A value whose destructor panics with `text`, and is counted nevertheless.
pub(crate) fn bomb(text: &'static str, drops: &Drops) -> Bomb {
    Bomb { text, _counted: drops.value() }
}

/// Panics when it is dropped.
#[derive(Debug)]
pub(crate) struct Bomb {
    text: &'static str,
    _counted: Tally,
}

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("{}", self.text);
    }
}

/// What happened, in order.
#[derive(Clone, Default)]
pub(crate) struct Log(Rc<RefCell<Vec<String>>>);

impl Log {
    pub(crate) fn new() -> Log {
        Log::default()
    }

    pub(crate) fn write(&self, line: impl Into<String>) {
        self.0.borrow_mut().push(line.into());
    }

    /// All that was written since the last time.
    pub(crate) fn take(&self) -> Vec<String> {
        self.0.take()
    }

    /// A value whose drop is written.
    pub(crate) fn at_drop(&self, line: &str) -> OnDrop<impl FnOnce() + use<>> {
        let (log, line) = (self.clone(), line.to_owned());
        on_drop(move || log.write(line))
    }
}
