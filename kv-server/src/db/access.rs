//! When a row was used last, or how often: 32 bits that decide what goes when memory is full.
//!
//! ```text
//!   lru:  seconds since 1970 of the last use                                   (32 bits)
//!   lfu:  minutes since 1970, modulo 2¹⁶, of the last decay (24..8) │ counter  (8 bits)
//! ```
//!
//! The counter is logarithmic: it goes up with a probability that shrinks as it grows, so that 255
//! stands for about a million uses; and it goes down by one for each so many minutes without use.
//! New rows begin at [`FRESH`], so that they are not gone before they could be used a second time.
//!
//! Reading a clock for each use would cost more than the use: the time is set once for a batch.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use super::Policy;

/// The counter of a row that was just made.
const FRESH: u32 = 5;
/// The bits of the counter.
const COUNTER: u32 = 0xff;
/// The bits of the minutes.
const MINUTES: u32 = 0xffff;

/// How fast the counters of use rise and fall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aging {
    /// The greater, the more uses it takes to count one.
    pub log_factor: u32,
    /// Minutes without use that take one off; 0: nothing does.
    pub decay_time: u32,
}

impl Default for Aging {
    fn default() -> Aging {
        Aging { log_factor: 10, decay_time: 1 }
    }
}

/// Notes uses.
#[derive(Debug)]
pub(super) struct Access {
    /// Whether uses are counted; otherwise the last one's time is noted.
    counts: bool,
    /// The time, as it is noted: seconds, or minutes.
    time: u32,
    aging: Aging,
    pub(super) random: Random,
}

impl Access {
    pub(super) fn new() -> Access {
        let aging = Aging::default();
        Access { counts: false, time: 0, aging, random: Random::new() }
    }

    /// Notes uses as this policy needs them.
    pub(super) fn set_policy(&mut self, policy: Policy, aging: Aging) {
        self.aging = aging;
        self.counts = policy.counts();
    }

    /// The unix time of the uses that come now.
    #[inline]
    pub(super) fn set_time(&mut self, now: Duration) {
        let seconds = now.as_secs() as u32;
        self.time = if self.counts { (seconds / 60) & MINUTES } else { seconds };
    }

    /// The stamp of a row that is made now.
    #[inline]
    pub(super) fn fresh(&self) -> u32 {
        if self.counts { self.time << 8 | FRESH } else { self.time }
    }

    /// Notes a use.
    #[inline]
    pub(super) fn touch(&mut self, stamp: &mut u32) {
        if self.counts {
            self.count(stamp);
        } else {
            *stamp = self.time;
        }
    }

    #[cold]
    fn count(&mut self, stamp: &mut u32) {
        let counter = self.frequency(*stamp);
        let above = u64::from(counter.saturating_sub(FRESH));
        // One use in `above × factor + 1` counts.
        let counts = self.random.below(above * u64::from(self.aging.log_factor) + 1) == 0;
        let counter = if counts { (counter + 1).min(COUNTER) } else { counter };
        *stamp = self.time << 8 | counter;
    }

    /// The counter as it is now, time having taken its part.
    pub(super) fn frequency(&self, stamp: u32) -> u32 {
        let counter = stamp & COUNTER;
        let passed = self.time.wrapping_sub(stamp >> 8) & MINUTES;
        let lost = passed.checked_div(self.aging.decay_time).unwrap_or(0);
        counter.saturating_sub(lost)
    }

    /// Seconds without use.
    pub(super) fn idle(&self, stamp: u32) -> u32 {
        self.time.saturating_sub(stamp)
    }

    /// How little a row is worth keeping.
    pub(super) fn score(&self, stamp: u32) -> u32 {
        if self.counts { COUNTER - self.frequency(stamp) } else { self.idle(stamp) }
    }
}

/// Random numbers that need not be secret: xorshift64*.
#[derive(Debug)]
pub(super) struct Random(u64);

impl Random {
    fn new() -> Random {
        Random::seeded(RandomState::new().build_hasher().finish())
    }

    pub(super) fn seeded(seed: u64) -> Random {
        Random(seed | 1)
    }

    /// A number below `limit`, which is not 0.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let bits = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d);
        // The high half of the product: as even as a division, without one.
        ((u128::from(bits) * u128::from(limit)) >> 64) as u64
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Access, Aging, FRESH, Policy, Random};

    fn counting(aging: Aging) -> Access {
        let mut access = Access::new();
        access.random = Random::seeded(1);
        access.set_policy(Policy::AllKeysLfu, aging);
        access.set_time(Duration::from_millis(1_700_000_000_000));
        access
    }

    #[test]
    fn the_last_use_is_noted_in_seconds() {
        let mut access = Access::new();
        access.set_time(Duration::from_millis(1_700_000_000_999));
        let mut stamp = access.fresh();
        assert_eq!(stamp, 1_700_000_000);
        access.set_time(Duration::from_millis(1_700_000_010_000));
        assert_eq!((access.idle(stamp), access.score(stamp)), (10, 10));
        access.touch(&mut stamp);
        assert_eq!(access.idle(stamp), 0);
        access.set_time(Duration::from_millis(1_600_000_000_000));
        assert_eq!(access.idle(stamp), 0, "also if the clock goes back");
    }

    #[test]
    fn the_counter_grows_as_the_logarithm_of_uses() {
        // What Redis's own documentation gives for a factor of 10, within what chance does.
        for (uses, expected) in [(100, 8..=12), (1000, 15..=21), (100_000, 125..=160)] {
            let mut access = counting(Aging::default());
            let mut stamp = access.fresh();
            (0..uses).for_each(|_| access.touch(&mut stamp));
            let counter = access.frequency(stamp);
            assert!(expected.contains(&counter), "{counter} after {uses} uses");
        }
        let mut access = counting(Aging { log_factor: 0, decay_time: 1 });
        let mut stamp = access.fresh();
        (0..1000).for_each(|_| access.touch(&mut stamp));
        assert_eq!(access.frequency(stamp), 255, "it stops there");
    }

    #[test]
    fn the_counter_decays_with_the_minutes() {
        let mut access = counting(Aging { log_factor: 10, decay_time: 2 });
        let stamp = access.fresh();
        access.set_time(Duration::from_millis(1_700_000_000_000 + 5 * 60_000));
        assert_eq!(access.frequency(stamp), FRESH - 2);
        access.set_time(Duration::from_millis(1_700_000_000_000 + 500 * 60_000));
        assert_eq!(access.frequency(stamp), 0);
        access.set_policy(Policy::AllKeysLfu, Aging { log_factor: 10, decay_time: 0 });
        assert_eq!(access.frequency(stamp), FRESH, "0 is never");
    }
}
