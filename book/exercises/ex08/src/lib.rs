//! Chapter 8: the wake before the park.
//!
//! `cargo test -p ex08` says what to do next.

#![allow(unused, reason = "you have not used it yet")]

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Context, Poll, Wake, Waker};

/// A flag that a thread sleeps on, and that any other may raise.
#[derive(Default)]
pub struct Parker {
    raised: Mutex<bool>,
    told: Condvar,
}

impl Parker {
    /// Sleeps until the flag is raised, and takes it down.
    pub fn park(&self) {
        todo!("1. look at the flag; while it is down, sleep; take it down")
    }
}

impl Wake for Parker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        todo!("2. raise the flag, and tell whoever sleeps on it")
    }
}

/// Runs `future` on this thread, which sleeps while the future waits.
pub fn block_on<F: Future>(future: F) -> F::Output {
    todo!("3. make a waker of a Parker; poll; if it is Pending, park; and again")
}
