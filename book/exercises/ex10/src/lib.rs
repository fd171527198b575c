//! Chapter 10: a wake from another thread while parked.
//!
//! ```text
//!            ┌────1 wait──────────► parked ──2 notify (one write)──┐
//!            │                        │                            ▼
//!          awake ◄──3 the sleep ends──┴───────────────────────► notified
//!            └────4 notify (no write)──────────────────────────────▲
//!                          notified ──5 wait: sleeps not─► awake
//! ```
//! `cargo test -p ex10` says what to do next.

#![allow(unused, reason = "you have not used it yet")]

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, Ordering};

mod kernel;

pub use kernel::Kernel;

const AWAKE: u8 = 0;
const PARKED: u8 = 1;
const NOTIFIED: u8 = 2;

/// Ends a thread's sleep, and costs nothing while it does not sleep.
#[derive(Default)]
pub struct Bell {
    state: AtomicU8,
    pub kernel: Kernel,
}

impl Bell {
    /// Sleeps until somebody notifies; not at all where somebody has since the last `wait`.
    pub fn wait(&self) {
        todo!(
            "1. AWAKE → PARKED, and sleep; or it was NOTIFIED: do not. Either way AWAKE in the end"
        )
    }

    /// Ends the sleep of whoever waits, or the next one.
    pub fn notify(&self) {
        todo!("2. → NOTIFIED; write, if it was PARKED")
    }
}

/// What other threads send to an executor's thread.
#[derive(Default)]
pub struct Inbox {
    messages: Mutex<VecDeque<u32>>,
    pub bell: Bell,
}

impl Inbox {
    /// Puts a message in, and ends the executor's sleep.
    pub fn send(&self, message: u32) {
        todo!("3. which of the two comes first?")
    }

    fn next(&self) -> Option<u32> {
        self.messages.lock().unwrap().pop_front()
    }
}

/// The executor's loop: handles each message, and sleeps while there is none, until `handle` says stop
/// by `false`.
pub fn run(inbox: &Inbox, mut handle: impl FnMut(u32) -> bool) {
    todo!("4. take messages until there is none; then wait; and again")
}
