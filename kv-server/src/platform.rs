//! What commands may ask about the process and the runtime that they run in.
//!
//! Commands know no runtime; `INFO` wants to show it all the same. So the server hands them these
//! facts, and functions for those that change.

use std::time::{Duration, Instant};

use crate::db::Millis;

/// What a runtime can tell about itself. `None` where it does not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Metrics {
    /// Tasks that were spawned and are not finished.
    pub tasks: Option<u64>,
    /// Sockets and other descriptors that are registered with the kernel's event queue.
    pub sources: Option<u64>,
    /// Deadlines that are armed.
    pub timers: Option<u64>,
}

/// What a process has used so far; zero where the system does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Bytes of memory that are resident.
    pub(crate) resident_memory: u64,
    /// Bytes of memory that the machine has.
    pub(crate) total_memory: u64,
    /// Time that the processor spent in the process …
    pub(crate) user: Duration,
    /// … and in the kernel on its behalf.
    pub(crate) system: Duration,
    /// The same for children that have ended.
    pub(crate) children_user: Duration,
    /// Likewise.
    pub(crate) children_system: Duration,
}

/// Facts about the process.
#[derive(Debug)]
pub(crate) struct Platform {
    /// The runtime's name.
    pub(crate) runtime: &'static str,
    /// What it waits with.
    pub(crate) backend: fn() -> &'static str,
    /// What it counts.
    pub(crate) metrics: fn() -> Metrics,
    /// The monotonic clock.
    pub(crate) clock: fn() -> Instant,
    /// What the process has used so far.
    pub(crate) usage: fn() -> Usage,
    /// When it began.
    pub(crate) started: Millis,
    /// Forty hexadecimal digits that no other run has.
    pub(crate) run_id: String,
    /// The most clients that the descriptors of this process allow.
    pub(crate) most_clients: usize,
}

#[cfg(any(test, fuzzing))]
impl Platform {
    /// No process and no runtime, for tests of what needs neither.
    pub(crate) fn nowhere() -> Platform {
        Platform {
            runtime: "none",
            backend: || "nothing",
            metrics: || Metrics { tasks: Some(7), sources: None, timers: Some(3) },
            clock: Instant::now,
            usage: || Usage { resident_memory: 12_345, ..Usage::default() },
            started: 0,
            run_id: "0".repeat(40),
            most_clients: 20_000,
        }
    }
}
