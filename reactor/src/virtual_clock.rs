//! A clock that nobody has to wait for.
//!
//! ```text
//!   the kernel's:   ──────10 ms asleep──────►──────10 ms asleep──────►     takes 20 ms
//!   virtual:        stands … everybody waits: jump ► stands … jump ►       takes none
//! ```
//!
//! The loop knows when everybody waits: it is about to sleep. Instead, it sets the clock forward to
//! the earliest deadline. So what a program does with time, it does in the same order at each run,
//! and a test of an hour's timeout is as fast as one of none.
//!
//! What it cannot know is work in other threads. Who starts such work holds the clock meanwhile.
//!
//! Neighbours: `reactor` jumps; the executor holds.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// A moment that moves when it is told to.
#[derive(Debug)]
pub struct VirtualClock {
    now: Cell<Instant>,
    held: Cell<bool>,
}

impl VirtualClock {
    pub(crate) fn new(now: Instant) -> VirtualClock {
        VirtualClock { now: Cell::new(now), held: Cell::new(false) }
    }

    /// The moment at which it stands.
    pub fn now(&self) -> Instant {
        self.now.get()
    }

    /// Sets it forward; not at all, if that is further than an `Instant` can say.
    pub fn advance(&self, duration: Duration) {
        if let Some(now) = self.now.get().checked_add(duration) {
            self.now.set(now);
        }
    }

    /// Says whether it must not jump now, because somebody outside the loop is at work.
    pub fn hold(&self, held: bool) {
        self.held.set(held);
    }

    pub(crate) fn is_held(&self) -> bool {
        self.held.get()
    }
}
