//! The command line.

use std::net::SocketAddr;
use std::time::Duration;

use clap::Parser;
use clap::builder::RangedU64ValueParser;
use kv_server::config::{Config, MAX_BULK, MAX_QUERY_LIMIT, PubsubLimit, parse_size};

/// A key-value and publish/subscribe server that Redis clients can talk to.
///
/// Sizes are bytes, or have a unit: 64kb, 8mb, 1gb (1024-based), 64k, 8m, 1g (1000-based).
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub(crate) struct Options {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:6379")]
    bind: SocketAddr,

    /// Clients at one time; those above get an error and are closed. The process's limit of open
    /// files is raised to fit, or this number lowered
    #[arg(long, value_name = "N", default_value_t = 10_000,
          value_parser = RangedU64ValueParser::<usize>::new().range(1..=10_000_000))]
    max_clients: usize,

    /// Bytes of unsent replies after which a client is not read from until it takes them; it is
    /// held back, never closed
    #[arg(long, value_name = "SIZE", default_value = "8mb", value_parser = positive_size)]
    output_limit: usize,

    /// Bytes of unsent messages at which a subscriber is closed: HARD at once, SOFT if it stays
    /// above for SECONDS; 0 is no limit. HARD alone means no other limit
    #[arg(long, value_name = "HARD[:SOFT:SECONDS]", default_value = "32mb:8mb:60",
          value_parser = pubsub_limit)]
    pubsub_limit: PubsubLimit,

    /// Bytes of one request that may arrive before it is complete; beyond, the client is closed
    #[arg(long, value_name = "SIZE", default_value = "1gb", value_parser = query_limit)]
    query_limit: usize,

    /// Bytes that one argument (a key, a value, a message) may have
    #[arg(long, value_name = "SIZE", default_value = "512mb", value_parser = max_bulk)]
    max_bulk: u32,

    /// Seconds that a client may be silent before it is closed; 0 is for ever. Subscribers may
    /// be silent
    #[arg(long, value_name = "SECONDS", default_value_t = 0,
          value_parser = clap::value_parser!(u32).range(..=i64::from(i32::MAX)))]
    timeout: u32,

    /// Numbered databases, for SELECT
    #[arg(long, value_name = "N", default_value_t = 16,
          value_parser = clap::value_parser!(u8).range(1..))]
    databases: u8,

    /// Connections that may wait to be accepted; the system may allow fewer
    #[arg(long, value_name = "N", default_value_t = 511,
          value_parser = clap::value_parser!(u32).range(1..=65_535))]
    backlog: u32,
}

impl Options {
    /// The settings that the command line asks for.
    pub(crate) fn into_config(self) -> Config {
        Config {
            bind: self.bind,
            backlog: self.backlog,
            databases: self.databases,
            max_clients: self.max_clients,
            output_limit: self.output_limit,
            pubsub_limit: self.pubsub_limit,
            query_limit: self.query_limit,
            max_bulk: self.max_bulk,
            timeout: (self.timeout > 0).then(|| Duration::from_secs(self.timeout.into())),
        }
    }
}

fn size(text: &str) -> Result<usize, String> {
    let size = parse_size(text).and_then(|size| usize::try_from(size).ok());
    size.ok_or_else(|| "a size is a number of bytes, or has a unit as in 64kb, 8mb, 1gb".into())
}

fn positive_size(text: &str) -> Result<usize, String> {
    size(text).and_then(|size| if size > 0 { Ok(size) } else { Err("must not be 0".into()) })
}

fn query_limit(text: &str) -> Result<usize, String> {
    match size(text)? {
        size if (1 << 20..=MAX_QUERY_LIMIT).contains(&size) => Ok(size),
        _ => Err("must be between 1mb and 2gb".into()),
    }
}

fn max_bulk(text: &str) -> Result<u32, String> {
    match u32::try_from(size(text)?) {
        Ok(size) if (1 << 20..=MAX_BULK).contains(&size) => Ok(size),
        _ => Err("must be between 1mb and 512mb".into()),
    }
}

fn pubsub_limit(text: &str) -> Result<PubsubLimit, String> {
    let parts: Vec<&str> = text.split(':').collect();
    match parts[..] {
        [hard] => Ok(PubsubLimit { hard: size(hard)?, soft: 0, patience: Duration::ZERO }),
        [hard, soft, seconds] => {
            let seconds: u32 = seconds.parse().map_err(|_| "SECONDS must be a number")?;
            let patience = Duration::from_secs(seconds.into());
            Ok(PubsubLimit { hard: size(hard)?, soft: size(soft)?, patience })
        }
        _ => Err("give HARD, or HARD:SOFT:SECONDS as in 32mb:8mb:60".into()),
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::{Config, Options};

    fn parse(arguments: &[&str]) -> Result<Config, String> {
        let arguments = [&["kv-server"], arguments].concat();
        Options::try_parse_from(arguments)
            .map(Options::into_config)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_definition_is_sound() {
        Options::command().debug_assert();
    }

    #[test]
    fn the_defaults_are_those_of_the_library() {
        assert_eq!(parse(&[]), Ok(Config::default()));
    }

    #[test]
    fn limits_take_units() {
        let config = parse(&["--output-limit", "64kb", "--pubsub-limit", "1mb:512kb:5"]);
        let config = config.expect("valid options");
        assert_eq!(config.output_limit, 65_536);
        assert_eq!(config.pubsub_limit.hard, 1 << 20);
        assert_eq!(config.pubsub_limit.soft, 512 << 10);
        assert_eq!(config.pubsub_limit.patience.as_secs(), 5);
        let config = parse(&["--pubsub-limit", "1048576"]).expect("valid options");
        assert_eq!((config.pubsub_limit.hard, config.pubsub_limit.soft), (1 << 20, 0));
    }

    #[test]
    fn invalid_values_are_refused_by_name() {
        for (flag, value) in [
            ("--bind", "6379"),
            ("--bind", "127.0.0.1"),
            ("--max-clients", "0"),
            ("--max-clients", "many"),
            ("--output-limit", "0"),
            ("--output-limit", "8 mb"),
            ("--pubsub-limit", "1mb:2mb"),
            ("--pubsub-limit", "1mb:2mb:x"),
            ("--query-limit", "1kb"),
            ("--max-bulk", "1gb"),
            ("--max-bulk", "1000"),
            ("--timeout", "-1"),
            ("--databases", "0"),
            ("--databases", "300"),
            ("--backlog", "0"),
        ] {
            let error = parse(&[&format!("{flag}={value}")]).expect_err(value);
            assert!(error.contains(flag), "{flag}={value}: {error}");
        }
    }
}
