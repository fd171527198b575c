//! Where blocking calls are held back, so that a test decides when they go on.

use std::sync::{Arc, Condvar, Mutex};

use executor::{RemoteJoinHandle, spawn_blocking};

use super::PATIENCE;

/// Holds calls back until it is opened, and knows how many have come.
#[derive(Default)]
pub(crate) struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    arrived: usize,
    is_open: bool,
}

impl Gate {
    pub(crate) fn new() -> Arc<Gate> {
        Arc::default()
    }

    /// Called by the blocking call.
    pub(crate) fn pass(&self) {
        let mut state = self.state.lock().expect("nobody panics");
        state.arrived += 1;
        let (_state, waited) = self
            .changed
            .wait_timeout_while(state, PATIENCE, |state| !state.is_open)
            .expect("nobody panics");
        assert!(!waited.timed_out(), "waited {PATIENCE:?} in vain for the gate to open");
    }

    /// How many have come to the gate so far.
    pub(crate) fn arrived(&self) -> usize {
        self.state.lock().expect("nobody panics").arrived
    }

    pub(crate) fn open(&self) {
        self.state.lock().expect("nobody panics").is_open = true;
        self.changed.notify_all();
    }
}

/// A blocking call that waits at the gate, and does nothing else.
pub(crate) fn held_by(gate: &Arc<Gate>) -> RemoteJoinHandle<()> {
    let gate = Arc::clone(gate);
    spawn_blocking(move || gate.pass())
}
