//! Waiting for a moment instead of for a descriptor.
//!
//! ```text
//!   sleep(2 s) ── first poll ──► timer inserted ──► Pending … park returns … fired ──► Ready
//!                 dropped earlier ──► timer removed
//! ```
//!
//! Nothing here is early. How late it is, is up to the kernel, whose way out of a processor's sleep
//! takes some tens of microseconds, and to the tasks that run first.
//!
//! A deadline too far to be expressed is not an error: it means "never".
//!
//! Neighbours: `reactor` keeps the timers.

mod interval;
mod sleep;
mod timeout;

pub use interval::{Interval, MissedTicks, Tick, interval, interval_at};
pub use sleep::{Sleep, sleep, sleep_until};
pub use timeout::{Elapsed, Timeout, timeout, timeout_at};

pub use crate::reactor::{now, unix_time};

use std::time::Duration;

/// Sets a virtual clock forward, over deadlines that fire at the loop's next look at them.
///
/// # Panics
/// Where no reactor with a virtual clock is running on this thread: the kernel's clock is not ours
/// to set.
#[track_caller]
pub fn advance(duration: Duration) {
    let reactor = crate::reactor::Reactor::current();
    let clock = reactor.virtual_clock();
    clock.expect("`advance` needs a runtime with a virtual clock").advance(duration);
}
