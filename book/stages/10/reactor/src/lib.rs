//! What wakes, as it stands after chapter 10: descriptors and deadlines, and the one place that sleeps.
//!
//! ```text
//!   time                           futures, by hand
//!      source        budget        try, wait, try again
//!        reactor                   who waits for what; the one place that sleeps
//!   ─────────────────────────────  above: Wakers.  below: none.
//!   sources  timers  slab          tables
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

pub mod budget;
pub mod event;
pub mod poller;
mod reactor;
pub mod slab;
pub mod source;
mod sources;
mod sys;
#[cfg(test)]
mod testing;
pub mod time;
mod timers;
mod virtual_clock;

pub use reactor::{Entered, Reactor};
pub use sources::Direction;
pub use sys::affinity;
pub use virtual_clock::VirtualClock;
