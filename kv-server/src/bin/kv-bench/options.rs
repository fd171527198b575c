//! The command line.

use std::net::{SocketAddr, ToSocketAddrs};
use std::ops::RangeInclusive;
use std::time::Duration;

use clap::Parser;
use clap::builder::RangedU64ValueParser;

use crate::traffic::{Distribution, Mix, NUMBER_LENGTH};

/// Loads a server that speaks Redis's protocol, and says what it did.
///
/// Without --lock-step, --rate or --subscribers each connection sends as soon as it has its replies
/// (free-running). Latency as users feel it needs --rate: there it counts from the time at which a
/// request should have been sent, so that a server that stalls is not asked less.
///
/// Exit status: 0; 1 if the server answered with errors; 2 if the load could not be run.
///
/// Examples:
///   kv-bench --mix get=9,set=1 --distribution zipf --seconds 10
///   kv-bench --rate 20000 --seconds 30             latency at 20,000 requests a second
///   kv-bench --subscribers 100 -c 1 --pipeline 16  fan-out, 16 messages under way
///   kv-bench --subscribers 100 -c 1 --rate 500     how late 500 messages a second arrive
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, verbatim_doc_comment)]
pub(crate) struct Options {
    /// Where the server listens
    #[arg(long, short, value_name = "HOST:PORT", default_value = "127.0.0.1:6379",
          value_parser = address)]
    pub(crate) address: SocketAddr,

    /// Password to give before anything else
    #[arg(long, value_name = "PASSWORD")]
    pub(crate) password: Option<String>,

    /// Commands and their weights: get, set, incr, mset (10 keys), del, ping, publish
    #[arg(long, short, value_name = "NAME=WEIGHT,…", default_value = "get")]
    pub(crate) mix: Mix,

    /// Keys that there are
    #[arg(long, value_name = "N", default_value_t = 10_000,
          value_parser = clap::value_parser!(u64).range(1..=1_000_000_000_000))]
    pub(crate) keys: u64,

    /// How keys are chosen: uniform, or zipf:EXPONENT, by which few keys get most; zipf is zipf:1
    #[arg(long, value_name = "LAW", default_value = "uniform")]
    pub(crate) distribution: Distribution,

    /// Bytes of a value, or a range of which each size is as likely: 16-1024
    #[arg(long, value_name = "BYTES", default_value = "64", value_parser = sizes)]
    pub(crate) value_size: RangeInclusive<usize>,

    /// Connections that send
    #[arg(long, short, value_name = "N", default_value_t = 50,
          value_parser = RangedU64ValueParser::<usize>::new().range(1..=60_000))]
    pub(crate) connections: usize,

    /// Requests that a connection has under way at one time
    #[arg(long, short = 'P', value_name = "N", default_value_t = 1,
          value_parser = RangedU64ValueParser::<usize>::new().range(1..=10_000))]
    pub(crate) pipeline: usize,

    /// Connections that subscribe; the others publish to them, and wait until all messages have
    /// come before the next, or publish at their times, with --rate. Operations are messages then
    #[arg(long, value_name = "N", default_value_t = 0, conflicts_with = "mix",
          value_parser = RangedU64ValueParser::<usize>::new().range(0..=60_000))]
    pub(crate) subscribers: usize,

    /// Connections beside these, which ask once and are silent from then on
    #[arg(long, value_name = "N", default_value_t = 0,
          value_parser = RangedU64ValueParser::<usize>::new().range(0..=60_000))]
    pub(crate) idle: usize,

    /// Send to all connections, then wait for all, then again
    #[arg(long, conflicts_with = "rate")]
    pub(crate) lock_step: bool,

    /// Requests a second, at fixed times, however long the replies take (an open loop); with
    /// --subscribers, messages that are published a second
    #[arg(long, value_name = "N", conflicts_with = "pipeline",
          value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    pub(crate) rate: Option<u64>,

    /// How long to measure
    #[arg(long, short, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub(crate) seconds: Duration,

    /// Measure so many requests instead; rounded up to whole turns of all connections
    #[arg(long, short = 'n', value_name = "N", conflicts_with = "seconds",
          value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) requests: Option<u64>,

    /// How long to send before that, unmeasured
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = zero_or_more_seconds)]
    pub(crate) warm_up: Duration,

    /// Do not set the keys first; reads may find nothing
    #[arg(long)]
    pub(crate) no_fill: bool,

    /// Chooses among the possible loads; the same seed is the same load
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,

    /// Process of the server: its CPU time is read before and after (on Linux)
    #[arg(long, value_name = "PID")]
    pub(crate) server_process: Option<u32>,

    /// Print JSON instead of text
    #[arg(long)]
    pub(crate) json: bool,

    /// No progress bar
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

impl Options {
    /// What single options cannot know.
    pub(crate) fn check(&self) -> Result<(), String> {
        if let Some(rate) = self.rate
            && rate.saturating_mul(self.seconds.as_secs().max(1)) > 1_000_000_000
        {
            return Err("more than a thousand million requests: lower --rate or --seconds".into());
        }
        if self.rate.is_some() && self.subscribers > 0 && *self.value_size.start() < NUMBER_LENGTH {
            return Err(format!(
                "--rate with --subscribers: a message holds its number, so --value-size is at \
                 least {NUMBER_LENGTH}"
            ));
        }
        if let Some(process) = self.server_process {
            crate::cpu::of(process)
                .map_err(|error| format!("no CPU time of process {process}: {error}"))?;
        }
        Ok(())
    }

    /// The way of the load, in a word.
    pub(crate) fn way(&self) -> &'static str {
        match () {
            () if self.subscribers > 0 && self.rate.is_some() => "open loop fan-out",
            () if self.subscribers > 0 => "fan-out",
            () if self.rate.is_some() => "open loop",
            () if self.lock_step => "lock-step",
            () => "free-running",
        }
    }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let mut found = text.to_socket_addrs().map_err(|error| error.to_string())?;
    found.next().ok_or_else(|| "this host has no address".to_owned())
}

fn sizes(text: &str) -> Result<RangeInclusive<usize>, String> {
    const MOST: usize = 64 << 20;
    let (least, most) = text.split_once('-').unwrap_or((text, text));
    match (least.trim().parse(), most.trim().parse()) {
        (Ok(least), Ok(most)) if least <= most && most <= MOST => Ok(least..=most),
        (Ok(_), Ok(_)) => Err(format!("from less to more, and at most {MOST}")),
        _ => Err("a number of bytes such as 64, or a range such as 16-1024".to_owned()),
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    match zero_or_more_seconds(text)? {
        Duration::ZERO => Err("more than zero".to_owned()),
        duration => Ok(duration),
    }
}

fn zero_or_more_seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "a number of seconds such as 2.5".to_owned())?;
    let day = 86_400.0;
    match Duration::try_from_secs_f64(seconds) {
        Ok(duration) if seconds <= day => Ok(duration),
        _ => Err("between 0 and 86400, a day".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<Options, String> {
        let all = std::iter::once(&"kv-bench").chain(arguments);
        Options::try_parse_from(all).map_err(|error| error.to_string())
    }

    #[test]
    fn each_way_of_load_is_chosen_by_its_option_and_excludes_the_others() {
        let way = |arguments: &[&str]| parsed(arguments).expect("good options").way();
        assert_eq!(way(&[]), "free-running");
        assert_eq!(way(&["--lock-step"]), "lock-step");
        assert_eq!(way(&["--rate", "1000"]), "open loop");
        assert_eq!(way(&["--subscribers", "3"]), "fan-out");
        assert_eq!(way(&["--subscribers", "3", "--rate", "1000"]), "open loop fan-out");
        for wrong in [
            &["--rate", "1000", "--lock-step"][..],
            &["--rate", "1000", "--pipeline", "2"],
            &["--requests", "5", "--seconds", "1"],
            &["--subscribers", "3", "--mix", "get"],
        ] {
            let error = parsed(wrong).expect_err("these exclude each other");
            assert!(error.contains("cannot be used with"), "{error}");
        }
    }

    #[test]
    fn messages_of_an_open_loop_have_room_for_their_number() {
        let check = |size: &str| {
            parsed(&["--subscribers=3", "--rate=9", size]).expect("good options").check()
        };
        assert_eq!(check("--value-size=16-20"), Ok(()));
        let error = check("--value-size=15-20").expect_err("there is no room");
        assert!(error.contains("at least 16"), "{error}");
    }

    #[test]
    fn bad_values_are_refused_with_what_is_allowed() {
        for (arguments, part) in [
            (["--value-size", "9-3"], "from less to more"),
            (["--value-size", "big"], "a range such as"),
            (["--seconds", "0"], "more than zero"),
            (["--seconds", "-1"], "between 0 and 86400"),
            (["--mix", "gett"], "get, set, incr"),
            (["--distribution", "normal"], "zipf:EXPONENT"),
            (["--connections", "0"], "1..=60000"),
        ] {
            let [option, value] = arguments;
            let error = parsed(&[&format!("{option}={value}")]).expect_err("a bad value");
            assert!(error.contains(part), "{error}");
        }
    }
}
