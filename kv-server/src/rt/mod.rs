//! All that this server asks of a runtime, under names that mean the same on each.
//!
//! ```text
//!   connection, server, client, main
//!        │  block_on · spawn · spawn_blocking · TcpListener · TcpStream · Timer · sleep · Signals · clocks
//!        ▼
//!   rt ──┬── own    our reactor and executor        (feature "own", the default)
//!        └── tokio  tokio's `LocalRuntime`          (feature "tokio"; it wins where both are on)
//! ```
//!
//! The two files export the same names, and nowhere else does the source ask which runtime it
//! runs on. Reading `tokio.rs` one sees how little a runtime must supply:
//!
//! | name | what it must do |
//! | --- | --- |
//! | [`block_on`] | run one future, and the tasks that it spawns, on this thread |
//! | [`spawn`] | run a future that is not `Send`, detached; its panic is reported and harms no other |
//! | [`spawn_blocking`] | run a call that blocks (a file's) on another thread, and give back its result |
//! | [`TcpListener`] | accept without blocking |
//! | [`TcpStream`] | connect, read and write without blocking; try first, wait second |
//! | [`Timer`] | one deadline that can be moved or dropped; costs nothing until it is armed |
//! | [`Signals`] | SIGINT and SIGTERM as events |
//! | [`mpsc`], [`oneshot`] | let tasks talk: many values, bounded, to one receiver; one value, once |
//! | [`now`], [`unix_time`] | the two clocks; nothing else in this crate reads one |
//! | [`metrics`] | what the runtime knows about itself, for `INFO` |
//!
//! Contracts that the callers build on:
//!
//! - A `poll_…` that returns `Pending` wakes the task once that operation may get further. Reading
//!   and writing wait independently of each other.
//! - Waking a task only puts it into a queue. It never polls there and then, so a task may be woken
//!   while the server's state is borrowed.
//! - Dropping a socket, a timer or a signal leaves no registration behind.
//! - A write to a peer that has gone is an error, never a signal (SIGPIPE).

#[cfg(all(feature = "own", not(feature = "tokio")))]
mod own;
#[cfg(feature = "tokio")]
mod tokio;

#[cfg(all(feature = "own", not(feature = "tokio")))]
pub use own::{
    NAME, Signals, TcpListener, TcpStream, Timer, backend, block_on, metrics, mpsc, now, oneshot,
    sleep, spawn, spawn_blocking, unix_time,
};
#[cfg(feature = "tokio")]
pub use tokio::{
    NAME, Signals, TcpListener, TcpStream, Timer, backend, block_on, metrics, mpsc, now, oneshot,
    sleep, spawn, spawn_blocking, unix_time,
};

#[cfg(not(any(feature = "own", feature = "tokio")))]
compile_error!(
    "kv-server needs a runtime: build it with the default feature \"own\", \
     or with `--no-default-features --features tokio`"
);

pub use crate::platform::Metrics;

/// How often a silent peer is asked for a sign of life before its connection is given up.
const PROBES: u32 = 3;

/// Which signal asked the process to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT: Ctrl-C at a terminal.
    Interrupt,
    /// SIGTERM: what `kill` and service managers send.
    Terminate,
}

impl Signal {
    /// The exit status by which a shell recognises a process that this signal ended.
    pub fn exit_status(self) -> u8 {
        match self {
            Signal::Interrupt => 130,
            Signal::Terminate => 143,
        }
    }
}
