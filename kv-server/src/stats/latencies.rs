//! How long the calls of one command took: a histogram of three kilobytes at most.
//!
//! ```text
//!   nanoseconds   0 1 2 … 63 │ 64 66 … 126 │ 128 132 … 252 │ …   up to a second, and all above
//!   calls         0 0 0 …  1 │  7 31 …   2 │   1   0 …   0 │
//! ```
//!
//! Each power of two has 32 places, so that no time is told wrong by more than three per cent. Only
//! calls that are timed come here, which is one in many for what takes constant time: a percentile of
//! such a sample is one of all.

/// Longer ones count as this long, as in Redis.
const LONGEST: u64 = 1_000_000_000;
/// Places for each power of two.
const PARTS: u64 = 32;

/// Times, and how often each came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Latencies {
    /// As long as the longest time needs.
    counts: Vec<u32>,
    total: u64,
}

impl Latencies {
    /// A call took so many nanoseconds.
    pub(crate) fn record(&mut self, nanoseconds: u64) {
        let place = place(nanoseconds.min(LONGEST));
        if place >= self.counts.len() {
            self.counts.resize(place + 1, 0);
        }
        self.counts[place] = self.counts[place].saturating_add(1);
        self.total += 1;
    }

    /// So many nanoseconds at most were taken by `percent` of the calls; `None` if there were none.
    pub(crate) fn percentile(&self, percent: f64) -> Option<u64> {
        let wanted = ((percent / 100.0 * self.total as f64 + 0.5) as u64).max(1);
        let mut seen = 0;
        let found = self.counts.iter().position(|&count| {
            seen += u64::from(count);
            seen >= wanted
        });
        found.map(longest)
    }
}

/// The place of a time.
fn place(nanoseconds: u64) -> usize {
    let shift = (nanoseconds | PARTS).ilog2() - PARTS.ilog2();
    let place = PARTS * u64::from(shift) + (nanoseconds >> shift);
    usize::try_from(place).unwrap_or(usize::MAX)
}

/// The longest time that comes to a place.
fn longest(place: usize) -> u64 {
    let place = place as u64;
    let shift = (place / PARTS).saturating_sub(1);
    ((place - PARTS * shift + 1) << shift) - 1
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, Latencies, longest, place};

    #[test]
    fn places_follow_one_another_and_are_narrow() {
        let mut from = 0;
        for at in 0..=place(LONGEST) {
            let to = longest(at);
            assert!(to >= from, "{at}");
            assert_eq!((place(from), place(to)), (at, at));
            assert!((to - from) as f64 <= from as f64 * 0.032, "{from} to {to} is one place");
            from = to + 1;
        }
        assert!(place(LONGEST) < 900, "{} places", place(LONGEST));
    }

    #[test]
    fn percentiles_are_those_of_what_was_recorded() {
        let mut latencies = Latencies::default();
        assert_eq!(latencies.percentile(50.0), None);
        for nanoseconds in 1..=1000 {
            latencies.record(nanoseconds * 1000);
        }
        for (percent, expected) in [(0.0, 1e3), (50.0, 5e5), (99.0, 9.9e5), (100.0, 1e6)] {
            let told = latencies.percentile(percent).expect("a time") as f64;
            assert!((told / expected - 1.0).abs() < 0.04, "p{percent}: {told}, not {expected}");
        }
        latencies.record(u64::MAX);
        let most = latencies.percentile(100.0).expect("a time");
        assert_eq!(place(most), place(LONGEST));
    }
}
