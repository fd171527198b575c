//! What was counted and timed.

use std::time::Duration;

use hdrhistogram::Histogram;

/// Counts and times of one connection, or of all.
#[derive(Debug, Clone)]
pub(crate) struct Measured {
    /// Requests that were answered; with subscribers, messages that arrived.
    pub(crate) operations: u64,
    /// Replies that were errors.
    pub(crate) errors: u64,
    /// What the first of them said.
    pub(crate) first_error: Option<String>,
    /// In nanoseconds, each within a thousandth.
    pub(crate) latency: Histogram<u64>,
}

impl Measured {
    pub(crate) fn new() -> Measured {
        let latency = Histogram::new(3).expect("three digits are possible");
        Measured { operations: 0, errors: 0, first_error: None, latency }
    }

    /// Counts a reply that took so long.
    pub(crate) fn count(&mut self, reply: &[u8], latency: Duration) {
        self.operations += 1;
        let nanoseconds = u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX);
        self.latency.record(nanoseconds).expect("a histogram that grows takes any number");
        self.look_for_error(reply);
    }

    /// Looks at a reply that is no operation of itself.
    pub(crate) fn look_for_error(&mut self, reply: &[u8]) {
        if reply.first() == Some(&b'-') {
            self.errors += 1;
            self.first_error
                .get_or_insert_with(|| String::from_utf8_lossy(&reply[1..]).trim_end().to_owned());
        }
    }

    /// Adds what another has counted.
    pub(crate) fn add(&mut self, other: &Measured) {
        self.operations += other.operations;
        self.errors += other.errors;
        if self.first_error.is_none() {
            self.first_error.clone_from(&other.first_error);
        }
        self.latency.add(&other.latency).expect("a histogram that grows takes any other");
    }

    /// The latency that `share` of the operations did not exceed, in microseconds.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        self.latency.value_at_quantile(share) as f64 / 1000.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_keep_counts_quantiles_and_the_first_error() {
        let mut sum = Measured::new();
        for part in 0..10_u64 {
            let mut measured = Measured::new();
            for number in 1..=100 {
                measured.count(b"+OK\r\n", Duration::from_micros(part * 100 + number));
            }
            if part == 3 {
                measured.count(b"-ERR this\r\n", Duration::from_micros(1));
            }
            sum.add(&measured);
        }
        assert_eq!((sum.operations, sum.errors), (1001, 1));
        assert_eq!(sum.first_error.as_deref(), Some("ERR this"));
        assert!((495.0..505.0).contains(&sum.quantile(0.5)), "{}", sum.quantile(0.5));
        assert!((985.0..995.0).contains(&sum.quantile(0.99)), "{}", sum.quantile(0.99));
    }
}
