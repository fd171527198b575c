//! What happened so far: counters since the start, or since `CONFIG RESETSTAT`.
//!
//! Nothing ticks. What is told "per second" is taken from a window of at least a second, which
//! whoever comes after its end closes: a batch of commands, or `INFO` itself. After a quiet hour the
//! window has an hour, and the rate is that of the hour.
//!
//! How long commands take is measured where it is cheap, beside what the command does itself: see
//! [`CommandStats`].

mod latencies;

use crate::db::Millis;
use latencies::Latencies;

/// Counters.
#[derive(Debug, Default)]
pub(crate) struct Stats {
    pub(crate) commands: u64,
    pub(crate) connections: u64,
    pub(crate) rejected_connections: u64,
    pub(crate) input_bytes: u64,
    pub(crate) output_bytes: u64,
    pub(crate) hits: u64,
    pub(crate) misses: u64,
    /// What the databases had counted when the counters were reset.
    pub(crate) expired_before: u64,
    /// Keys that went because memory was full.
    pub(crate) evicted: u64,
    /// Subscribers that were cut off because they did not keep up.
    pub(crate) slow_clients: u64,
    /// Error replies, by their codes: capital letters, and not many.
    pub(crate) errors: Vec<(Box<str>, u64)>,
    /// Indexed by the commands' numbers.
    pub(crate) by_command: Vec<CommandStats>,
    /// The most memory that was ever seen to be used.
    pub(crate) peak_memory: usize,
    pub(crate) rates: Rates,
}

/// What happened to the calls of one command.
///
/// Reading the clock twice costs as much as a GET does. So a command that takes constant time is
/// timed once in [`CommandStats::SAMPLE`] calls, and the time of all is what that comes to.
#[derive(Clone, Debug, Default)]
pub(crate) struct CommandStats {
    pub(crate) calls: u64,
    /// Not even tried: wrong number of arguments, no permission, no memory.
    pub(crate) rejected: u64,
    /// Answered with an error.
    pub(crate) failed: u64,
    /// How many of the calls were timed …
    pub(crate) timed: u64,
    /// … and what they took, all together …
    pub(crate) nanoseconds: u64,
    /// … and each.
    pub(crate) latencies: Latencies,
}

impl CommandStats {
    /// One call in so many is timed.
    pub(crate) const SAMPLE: u64 = 64;

    /// A call was timed.
    pub(crate) fn record(&mut self, nanoseconds: u64) {
        self.timed += 1;
        self.nanoseconds += nanoseconds;
        self.latencies.record(nanoseconds);
    }

    /// Microseconds that all calls took.
    pub(crate) fn microseconds(&self) -> u64 {
        if self.timed == 0 {
            return 0;
        }
        let all = u128::from(self.nanoseconds) * u128::from(self.calls) / u128::from(self.timed);
        u64::try_from(all / 1000).unwrap_or(u64::MAX)
    }
}

/// What happens in a second.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rates {
    /// When the window began, and what was counted then: commands, bytes in, bytes out.
    since: Millis,
    counted: [u64; 3],
    /// The rates of the last whole window.
    last: [f64; 3],
}

impl Rates {
    /// The shortest window.
    const WINDOW: Millis = 1000;

    /// Whether it is time for [`Stats::close_window`].
    #[inline]
    fn is_over(&self, now: Millis) -> bool {
        now - self.since >= Rates::WINDOW || now < self.since
    }
}

impl Stats {
    /// Counters at zero for so many commands. `expired_before` as in the field.
    pub(crate) fn new(commands: usize, expired_before: u64) -> Stats {
        let by_command = vec![CommandStats::default(); commands];
        Stats { by_command, expired_before, ..Stats::default() }
    }

    /// Whether it is time for [`Stats::close_window`].
    #[inline]
    pub(crate) fn is_window_over(&self, now: Millis) -> bool {
        self.rates.is_over(now)
    }

    /// Ends the window of the rates, and begins the next.
    #[cold]
    pub(crate) fn close_window(&mut self, now: Millis, memory: usize) {
        self.peak_memory = self.peak_memory.max(memory);
        let counted = [self.commands, self.input_bytes, self.output_bytes];
        let Rates { since, counted: before, last } = &mut self.rates;
        if *since > 0 && now > *since {
            let seconds = (now - *since) as f64 / 1000.0;
            for index in 0..counted.len() {
                last[index] = counted[index].saturating_sub(before[index]) as f64 / seconds;
            }
        }
        (*since, *before) = (now, counted);
    }

    /// Commands, bytes in and bytes out in a second.
    pub(crate) fn rates(&self) -> [f64; 3] {
        self.rates.last
    }

    /// An error was answered; its code is its first word. `DEBUG ERROR` answers with whatever it is
    /// told to: what looks like no code, and what comes when there are many, counts as `ERR`.
    #[cold]
    pub(crate) fn count_error(&mut self, text: &[u8]) {
        const MOST: usize = 64;
        const LONGEST: usize = 32;
        let code = text.split(|&byte| byte == b' ').next().unwrap_or_default();
        let is_code =
            (1..=LONGEST).contains(&code.len()) && code.iter().all(u8::is_ascii_uppercase);
        let is_known = |(known, _): &(Box<str>, u64)| known.as_bytes() == code;
        let counts = is_code && (self.errors.len() < MOST || self.errors.iter().any(is_known));
        let code = if counts { code } else { b"ERR" };
        match self.errors.iter_mut().find(|(known, _)| known.as_bytes() == code) {
            Some((_, count)) => *count += 1,
            None => self.errors.push((String::from_utf8_lossy(code).into(), 1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CommandStats, Stats};

    #[test]
    fn the_rate_is_that_of_a_window_of_a_second_or_longer() {
        let mut stats = Stats::new(0, 0);
        assert!(stats.is_window_over(5_000));
        stats.close_window(5_000, 0);
        stats.commands += 300;
        assert!(!stats.is_window_over(5_999));
        assert!(stats.is_window_over(6_000));
        stats.close_window(6_500, 0);
        assert_eq!(stats.rates()[0], 200.0);
        stats.close_window(3_606_500, 0);
        assert_eq!(stats.rates()[0], 0.0, "an hour of silence");
    }

    #[test]
    fn a_sample_stands_for_all_calls() {
        let stats =
            CommandStats { calls: 640, timed: 10, nanoseconds: 5_000, ..CommandStats::default() };
        assert_eq!(stats.microseconds(), 320);
        assert_eq!(CommandStats::default().microseconds(), 0);
    }

    #[test]
    fn errors_are_counted_by_their_codes() {
        let mut stats = Stats::new(0, 0);
        for text in ["ERR one", "WRONGPASS two", "ERR three"] {
            stats.count_error(text.as_bytes());
        }
        assert_eq!(stats.errors, [("ERR".into(), 2), ("WRONGPASS".into(), 1)]);
    }

    #[test]
    fn what_is_no_code_makes_no_counter() {
        let mut stats = Stats::new(0, 0);
        for text in ["A\"b\nc d", "", " x", "lower case", &"X".repeat(33)] {
            stats.count_error(text.as_bytes());
        }
        assert_eq!(stats.errors, [("ERR".into(), 5)]);
        for number in 0..10_000_u32 {
            let digits = number.to_string();
            let mut text: Vec<u8> = digits.bytes().map(|digit| digit - b'0' + b'A').collect();
            text.extend_from_slice(b" text");
            stats.count_error(&text);
        }
        assert!(stats.errors.len() <= 65, "{} codes", stats.errors.len());
        assert_eq!(stats.errors.iter().map(|(_, count)| count).sum::<u64>(), 10_005);
    }
}
