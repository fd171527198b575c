//! What commands may ask about the process and the runtime that they run in.
//!
//! Commands know no runtime; `INFO` wants to show it all the same. So the server hands them these
//! facts, and functions for those that change.

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

/// Facts about the process.
#[derive(Debug)]
pub(crate) struct Platform {
    /// The runtime's name.
    pub(crate) runtime: &'static str,
    /// What it waits with.
    pub(crate) backend: fn() -> &'static str,
    /// What it counts.
    pub(crate) metrics: fn() -> Metrics,
    /// Bytes of memory that are resident, if the system tells.
    pub(crate) resident_memory: fn() -> Option<u64>,
    /// The port that the server listens on.
    pub(crate) port: u16,
    /// When it began.
    pub(crate) started: Millis,
    /// Forty hexadecimal digits that no other run has.
    pub(crate) run_id: String,
    /// The most clients that the descriptors of this process allow.
    pub(crate) most_clients: usize,
}
