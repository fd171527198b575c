//! The clocks: the only place that reads them.
//!
//! A deadline is an [`Instant`], a point on a clock that no administrator can set. Reading it costs
//! no system call on the systems we run on (vdso(7)), only some twenty nanoseconds; a turn of the
//! loop still reads it once rather than at each timer.

use std::time::{Duration, Instant};

/// The present moment (`CLOCK_MONOTONIC` on Linux, clock_gettime(2)).
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// What the calendar says, as time since 1970-01-01 UTC (`CLOCK_REALTIME`); it may jump, either way.
/// Zero for a clock that is set to before that day.
pub(crate) fn unix_time() -> Duration {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the kernel writes one `timespec` to where there is one, and keeps no pointer to it.
    let result = unsafe { libc::clock_gettime(libc::CLOCK_REALTIME, &raw mut now) };
    debug_assert_eq!(result, 0, "this clock is on every system");
    // Nanoseconds are below 10^9, and so fit; only a clock before 1970 has seconds that do not.
    u64::try_from(now.tv_sec).map_or(Duration::ZERO, |s| Duration::new(s, now.tv_nsec as u32))
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn the_calendar_is_that_of_the_standard_library() {
        let theirs = SystemTime::UNIX_EPOCH.elapsed().expect("later than 1970");
        // Somebody may set the clock between the two, by seconds; the units are what is tested.
        assert!(unix_time().abs_diff(theirs) < Duration::from_secs(3600));
    }
}
