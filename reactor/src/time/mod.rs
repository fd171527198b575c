//! Waiting for a moment instead of for a descriptor.
//!
//! ```text
//!   sleep(2 s) ── first poll ──► timer inserted ──► Pending … park returns … fired ──► Ready
//!                 dropped earlier ──► timer removed
//! ```
//!
//! Nothing here is early. How late it is, is up to the kernel (on Linux some 50 µs of timer slack,
//! prctl(2), and a thousandth of long waits) and to the tasks that run first.
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
