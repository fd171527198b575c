//! Chapter 9: many futures on one thread, in four versions and the one that stayed.
//!
//! ```text
//!   v1_all          one waker for all: on any wake, everybody is polled
//!   v2_queue        a queue of who was woken, and as often as it was woken
//!   v3_flag_late    … once, but the flag is taken down after the poll: a wake in it is lost
//!   v4_flag_first   … and before it: right, as far as it goes
//!   executor        the one that stayed
//! ```
//! `contract` says what each of them has to do, and which does not; `baton` counts polls; `turns` draws
//! the queue of one run.

pub mod baton;
pub mod contract;
mod queue;
mod stayed;
pub mod turns;
pub mod v1_all;
pub mod v2_queue;
pub mod v3_flag_late;
pub mod v4_flag_first;

use std::future::Future;
use std::pin::Pin;

/// A task of any of the versions.
pub type Work = Pin<Box<dyn Future<Output = ()>>>;

/// Runs many futures on one thread.
pub trait Executor {
    /// Adds a task; a task may do so as well.
    fn spawn(&self, work: Work);

    /// Runs all tasks, until none is left.
    fn run(&self);
}
