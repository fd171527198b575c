//! What wakes, as it stands after chapter 5: who waits for what.
//!
//! ```text
//!   sources  slab                  tables
//!         poller                   descriptors in, events out
//!          event                   the words
//!   ─────────────────────────────  above: safe Rust.  below: the only system calls.
//!           sys                    epoll │ kqueue, sockets, signals, the clock
//! ```
#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "sys is written once, for all chapters"
)]

pub mod event;
pub mod poller;
pub mod slab;
mod sources;
mod sys;
#[cfg(test)]
mod testing;

pub use sources::Direction;
pub use sys::affinity;
