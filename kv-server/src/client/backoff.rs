//! How long to wait before the next attempt to connect.
//!
//! ```text
//!  failures    0      1      2      3   …            chosen at random, evenly, between
//!  ceiling   first   ×2     ×4     ×8   … longest    half the ceiling and the ceiling
//! ```

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// Counts failures.
#[derive(Debug)]
pub(super) struct Backoff {
    first: Duration,
    longest: Duration,
    failures: u32,
}

impl Backoff {
    pub(super) fn new(first: Duration, longest: Duration) -> Backoff {
        Backoff { first, longest, failures: 0 }
    }

    /// The pause before the next attempt; it counts as failed until [`Backoff::reset`].
    pub(super) fn pause(&mut self) -> Duration {
        // The standard library's random keys are random enough to keep clients apart.
        let random = RandomState::new().hash_one(self.failures);
        let pause = self.pause_at(random);
        self.failures = self.failures.saturating_add(1);
        pause
    }

    /// The server answered.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    fn pause_at(&self, random: u64) -> Duration {
        let factor = 2_u32.saturating_pow(self.failures);
        let ceiling = self.first.saturating_mul(factor).min(self.longest);
        let half = ceiling / 2;
        let fraction = f64::from((random >> 32) as u32) / f64::from(u32::MAX);
        half + (ceiling - half).mul_f64(fraction)
    }
}

#[cfg(test)]
mod tests {
    use super::Backoff;
    use std::time::Duration;

    const FIRST: Duration = Duration::from_millis(50);
    const LONGEST: Duration = Duration::from_secs(2);

    #[test]
    fn pauses_double_up_to_the_longest_and_begin_anew_after_success() {
        let mut backoff = Backoff::new(FIRST, LONGEST);
        for ceiling in [50, 100, 200, 400, 800, 1600, 2000, 2000, 2000] {
            let ceiling = Duration::from_millis(ceiling);
            assert_eq!(backoff.pause_at(0), ceiling / 2);
            assert_eq!(backoff.pause_at(u64::MAX), ceiling);
            let pause = backoff.pause();
            assert!((ceiling / 2..=ceiling).contains(&pause), "{pause:?} of {ceiling:?}");
        }
        backoff.reset();
        assert_eq!(backoff.pause_at(u64::MAX), FIRST);
    }

    #[test]
    fn no_number_of_failures_overflows() {
        let mut backoff = Backoff::new(Duration::MAX, Duration::MAX);
        backoff.failures = u32::MAX;
        assert!(backoff.pause_at(0) >= Duration::MAX / 3);
        let none = Backoff::new(Duration::ZERO, Duration::ZERO);
        assert_eq!(none.pause_at(u64::MAX), Duration::ZERO);
    }
}
