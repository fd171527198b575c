//! What runs, as it stands after chapter 9: many futures on one thread, which nothing wakes but other
//! tasks and other threads.
//!
//! ```text
//!   runtime                          block_on, spawn; the loop            (stands in until chapter 10)
//!   join  join_error  names          results, and who they are of
//!   context  park                    "the current runtime"; waiting without one
//!        scheduler                   the tasks that live; one poll
//!     task ── table ── ready_queue   header and stage; where the tasks lie; who is next
//!   ───────────────────────────────
//!         reactor                    a poller, with nothing registered: a place to sleep
//! ```
#![forbid(unsafe_code)]
#![allow(dead_code, reason = "the files are written once, for all chapters")]

mod context;
mod join;
mod join_error;
mod names;
pub mod park;
#[allow(unused_imports, reason = "the names are for all chapters")]
mod primitives;
mod ready_queue;
mod runtime;
mod scheduler;
mod spawn_named;
mod table;
mod task;
#[cfg(test)]
mod tests;
mod unwind;

pub use join::{AbortHandle, JoinHandle};
pub use join_error::JoinError;
pub use runtime::{Runtime, block_on, spawn};
pub use spawn_named::spawn_named;
