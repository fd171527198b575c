//! What can be set: by flags when the server starts, some of it by `CONFIG SET` while it runs.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// The settings of one server. The defaults are those of `kv-server --help`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where to listen; port 0 takes a free one.
    pub bind: SocketAddr,
    /// Connections that the kernel completes and keeps until they are accepted.
    pub backlog: u32,
    /// Numbered databases.
    pub databases: u8,
    /// Clients at one time; those above are told so and closed.
    pub max_clients: usize,
    /// Bytes of unsent replies after which a client is not read from until it takes them.
    pub output_limit: usize,
    /// When a subscriber that does not keep up is cut off.
    pub pubsub_limit: PubsubLimit,
    /// Bytes of one request that may arrive before it is complete; beyond, the client is closed.
    pub query_limit: usize,
    /// Bytes of one argument.
    pub max_bulk: u32,
    /// How long a client may be silent before it is closed; `None`: for ever.
    pub timeout: Option<Duration>,
}

/// How far a subscriber may fall behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PubsubLimit {
    /// Bytes of unsent messages at which it is cut off at once; 0: no such limit.
    pub hard: usize,
    /// Bytes at which it is cut off if it stays above for `patience`; 0: no such limit.
    pub soft: usize,
    /// For how long.
    pub patience: Duration,
}

/// The most that [`Config::query_limit`] can be: positions in a request have 32 bits.
pub const MAX_QUERY_LIMIT: usize = 2 << 30;

/// The most that [`Config::max_bulk`] can be.
pub const MAX_BULK: u32 = 512 << 20;

impl Default for Config {
    fn default() -> Config {
        Config {
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 6379)),
            backlog: 511,
            databases: 16,
            max_clients: 10_000,
            output_limit: 8 << 20,
            pubsub_limit: PubsubLimit::default(),
            query_limit: 1 << 30,
            max_bulk: MAX_BULK,
            timeout: None,
        }
    }
}

impl Default for PubsubLimit {
    fn default() -> PubsubLimit {
        PubsubLimit { hard: 32 << 20, soft: 8 << 20, patience: Duration::from_secs(60) }
    }
}

/// Reads a number of bytes as Redis writes it: `1024`, `64kb` (1024 each), `64k` (1000 each), and
/// likewise `m`, `mb`, `g`, `gb`, in any case.
pub fn parse_size(text: &str) -> Option<u64> {
    let text = text.to_ascii_lowercase();
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let factor = match unit {
        "" | "b" => 1,
        "k" => 1000,
        "kb" => 1 << 10,
        "m" => 1000 * 1000,
        "mb" => 1 << 20,
        "g" => 1000 * 1000 * 1000,
        "gb" => 1 << 30,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::parse_size;

    #[test]
    fn sizes_have_units_of_a_thousand_and_of_1024() {
        assert_eq!(parse_size("0"), Some(0));
        assert_eq!(parse_size("17b"), Some(17));
        assert_eq!(parse_size("64k"), Some(64_000));
        assert_eq!(parse_size("64KB"), Some(65_536));
        assert_eq!(parse_size("2m"), Some(2_000_000));
        assert_eq!(parse_size("2Mb"), Some(2 << 20));
        assert_eq!(parse_size("1g"), Some(1_000_000_000));
        assert_eq!(parse_size("1gb"), Some(1 << 30));
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for text in ["", "mb", "-1", "1.5mb", "1 mb", "1tb", "99999999999gb", "ö"] {
            assert_eq!(parse_size(text), None, "{text}");
        }
    }
}
