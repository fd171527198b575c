//! What wakes: readiness, timers, sockets and signals.
//!
//! This crate is the half of an async runtime that talks to the kernel. It is written by hand on
//! epoll and kqueue, with `libc` as its only dependency, in order to be read. The other half, what
//! *runs*, is the crate `executor`; this one knows nothing of tasks, only of `Waker`s.
//!
//! # Two layers
//! ```text
//!   net   time   signal            futures, by hand
//!   stdio   process
//!      source   io   budget        try, wait, try again
//!        reactor                   who waits for what; the one place that sleeps
//!   ─────────────────────────────  above: Wakers.  below: none.
//!   sources  timers  slab          tables
//!         poller                   descriptors in, events out
//!          event                   the words
//!   ─────────────────────────────  above: safe Rust.  below: the only system calls.
//!           sys                    epoll │ kqueue, sockets, signals, the clock
//! ```
//!
//! The lower layer by itself is enough for an event loop with callbacks; see [`poller::Poller`]. The
//! upper one turns "ready" into "woken".
//!
//! # A program of one future
//! A reactor needs somebody who polls. That is an executor's job; this is the smallest one:
//! ```
//! use std::future::Future;
//! use std::pin::pin;
//! use std::task::{Context, Poll, Waker};
//! use std::time::Duration;
//! use reactor::{Reactor, time};
//!
//! let reactor = Reactor::new()?;
//! let _entered = reactor.enter();
//! let mut sleep = pin!(time::sleep(Duration::from_millis(5)));
//! let mut context = Context::from_waker(Waker::noop());
//! while sleep.as_mut().poll(&mut context).is_pending() {
//!     reactor.park(None)?; // sleeps in the kernel until the timer is due
//! }
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # Threads
//! A reactor, its sockets and its timers stay on the thread that made them; the compiler sees to it.
//! Other threads end its wait through a [`poller::Notifier`].

pub mod budget;
pub mod event;
pub mod io;
pub mod net;
pub mod poller;
pub mod process;
mod reactor;
pub mod signal;
pub mod slab;
pub mod source;
mod sources;
pub mod stdio;
mod sys;
#[cfg(any(test, feature = "testing"))]
#[doc(hidden)]
pub mod testing;
pub mod time;
mod timers;
mod virtual_clock;

pub use reactor::{Entered, Reactor};
pub use sources::Direction;
pub use sys::affinity;
pub use virtual_clock::VirtualClock;
