//! The clocks: the only place that reads them.
//!
//! A deadline is an [`Instant`], a point on a clock that no administrator can set. Reading it costs
//! no system call on the systems we run on (vdso(7)), only some twenty nanoseconds; a turn of the
//! loop still reads it once rather than at each timer.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The present moment (`CLOCK_MONOTONIC` on Linux, clock_gettime(2)).
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// What the calendar says, as time since 1970-01-01 UTC (`CLOCK_REALTIME`); it may jump, either way.
/// Zero for a clock that is set to before that day.
pub(crate) fn unix_time() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
