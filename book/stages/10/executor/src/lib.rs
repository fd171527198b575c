//! What runs, as it stands after chapter 10: tasks on one thread, woken by the `reactor`.
//!
//! ```text
//!   runtime   handle                 block_on, spawn; the loop; other threads' way in
//!   join                             results
//!   blocking  remote                 threads that may block; what crosses threads (chapter 14)
//!   context  park                    "the current runtime"; waiting without one
//!        scheduler                   the tasks that live; one poll
//!     task ── table ── ready_queue   header and stage; where the tasks lie; who is next
//!   ───────────────────────────────
//!         reactor                    what wakes
//! ```
#![forbid(unsafe_code)]
#![allow(dead_code, reason = "some of it is for later chapters")]

mod blocking;
mod context;
mod handle;
mod join;
mod join_error;
mod names;
pub mod park;
#[allow(unused_imports, reason = "the names are for all chapters")]
mod primitives;
mod ready_queue;
mod remote;
mod runtime;
mod scheduler;
mod spawn_named;
mod table;
mod task;
mod unwind;

pub use handle::{Handle, LocalHandle};
pub use join::{AbortHandle, JoinHandle};
pub use join_error::JoinError;
pub use reactor::{Direction, source, time};
pub use remote::RemoteJoinHandle;
pub use runtime::{Builder, Metrics, Runtime, block_on, metrics, spawn, spawn_blocking};
pub use spawn_named::spawn_named;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod ways_to_wake;
