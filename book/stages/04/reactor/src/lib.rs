//! What wakes, as it stands after chapter 4: descriptors in, events out.
//!
//! ```text
//!         poller  slab             descriptors in, events out; a table with generations
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
mod sys;

pub use sys::affinity;
