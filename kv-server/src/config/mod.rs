//! What can be set: in a file, in the environment, by flags, and some of it by `CONFIG SET`.
//!
//! ```text
//!   file ──► environment ──► flags ──► Config ◄── CONFIG SET, while the server runs
//!     ▲            │            │         │
//!     │            └────────────┴─────────┤ each by the one table of settings
//!     └──────────── CONFIG REWRITE ───────┘
//! ```
//!
//! A setting is a field of [`Config`] and a row of [`settings()`]: the row says what the setting is
//! called, how its value is read and written, and whether it can change while the server runs. All
//! ways of setting it go through that row, so none knows a value that another refuses.

mod bind;
mod buffer_limits;
mod changes;
mod durability;
mod durable;
mod file;
mod redis;
mod rewrite;
mod setting;
mod settings;
mod values;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

pub use bind::Extra;
pub use changes::topics_address;
pub use file::load;
pub use rewrite::rewrite;
pub use setting::Setting;
pub use settings::{setting, settings};
pub use values::parse_size;

pub use crate::events::Notifications;
pub use durability::{Durability, SavePoint, SyncPolicy, is_file_name};

use crate::db::{Aging, Policy};

/// The settings of one server. The defaults are those of `kv-server --help`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where to listen; port 0 takes a free one.
    pub bind: SocketAddr,
    /// Further addresses to listen at, with the same port.
    pub bind_also: Vec<Extra>,
    /// Connections that the kernel completes and keeps until they are accepted.
    pub backlog: u32,
    /// Numbered databases.
    pub databases: u8,
    /// Clients at one time; those above are told so and closed.
    pub max_clients: usize,
    /// Bytes of unsent replies after which a client is not read from until it takes them.
    pub output_limit: usize,
    /// When a subscriber that does not keep up is cut off.
    pub pubsub_limit: OutputLimit,
    /// Bytes of one request that may arrive before it is complete; beyond, the client is closed.
    pub query_limit: usize,
    /// Bytes of one argument.
    pub max_bulk: u32,
    /// What clients must give before they may do anything; empty: nothing.
    pub password: Vec<u8>,
    /// Without a password, only clients of this machine are served.
    pub protected: bool,
    /// Commands that there are not, in lower case.
    pub disabled: Vec<String>,
    /// How far a client that is no subscriber may fall behind.
    pub normal_limit: OutputLimit,
    /// After how long a silence the system asks whether the peer's machine is still there; `None`: never.
    pub keepalive: Option<Duration>,
    /// What is published about keys.
    pub notifications: Notifications,
    /// Where to listen for people who type lines; `None`: nowhere.
    pub topics: Option<SocketAddr>,
    /// How long a client may be silent before it is closed; `None`: for ever.
    pub timeout: Option<Duration>,
    /// Bytes that the data and what clients make the server keep may take; 0: no limit.
    pub max_memory: usize,
    /// Which keys go when they would take more.
    pub policy: Policy,
    /// How many keys are looked at for each that goes.
    pub samples: u32,
    /// How fast the counters of use rise and fall, where the policy counts.
    pub aging: Aging,
    /// Microseconds from which on a command is written to the slow log; negative: none is.
    pub slowlog_threshold: i64,
    /// How many commands the slow log holds.
    pub slowlog_length: usize,
    /// What is worth a line of the log.
    pub log_level: LogLevel,
    /// Where the log goes; `None`: to stderr.
    pub log_file: Option<PathBuf>,
    /// Where to answer `GET /metrics`; `None`: nowhere.
    pub metrics: Option<SocketAddr>,
    /// The file that settings were read from, and are written back to.
    pub file: Option<PathBuf>,
    /// What is written to the disk, and when.
    pub durability: Durability,
    /// Who may call DEBUG.
    pub debug_access: DebugAccess,
}

/// Who may call DEBUG, which can stop the server for as long as the caller likes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DebugAccess {
    /// Nobody.
    #[default]
    No,
    /// Who connects from this machine, by a loopback address.
    Local,
    /// Everybody.
    Yes,
}

impl DebugAccess {
    const NAMES: [(&'static str, DebugAccess); 3] =
        [("no", DebugAccess::No), ("local", DebugAccess::Local), ("yes", DebugAccess::Yes)];
}

/// How far a client may fall behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutputLimit {
    /// Bytes that are not sent yet at which it is cut off at once; 0: no such limit.
    pub hard: usize,
    /// Bytes at which it is cut off if it stays above for `patience`; 0: no such limit.
    pub soft: usize,
    /// For how long.
    pub patience: Duration,
}

/// What is worth a line of the log, by Redis's names: each level includes those after it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogLevel {
    /// Everything, such as why a client was refused what it sent.
    Debug,
    /// What happens to single clients.
    Verbose,
    /// What who runs the server wants to know.
    #[default]
    Notice,
    /// What who runs the server must know.
    Warning,
}

/// The most that [`Config::query_limit`] can be: positions in a request have 32 bits.
pub const MAX_QUERY_LIMIT: usize = 2 << 30;

/// The most bytes that [`Config::password`] can have.
pub const MAX_PASSWORD: usize = 512;

/// The most that [`Config::max_bulk`] can be.
pub const MAX_BULK: u32 = 512 << 20;

impl Default for Config {
    fn default() -> Config {
        Config {
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 6379)),
            bind_also: Vec::new(),
            backlog: 511,
            databases: 16,
            max_clients: 10_000,
            output_limit: 8 << 20,
            pubsub_limit: OutputLimit::PUBSUB,
            query_limit: 1 << 30,
            max_bulk: MAX_BULK,
            password: Vec::new(),
            protected: true,
            disabled: Vec::new(),
            normal_limit: OutputLimit::NONE,
            keepalive: Some(Duration::from_secs(300)),
            notifications: Notifications::default(),
            topics: None,
            timeout: None,
            max_memory: 0,
            policy: Policy::default(),
            samples: 5,
            aging: Aging::default(),
            slowlog_threshold: 10_000,
            slowlog_length: 128,
            log_level: LogLevel::default(),
            log_file: None,
            metrics: None,
            file: None,
            durability: Durability::default(),
            debug_access: DebugAccess::No,
        }
    }
}

impl OutputLimit {
    /// As far as it likes.
    pub const NONE: OutputLimit = OutputLimit { hard: 0, soft: 0, patience: Duration::ZERO };

    /// What a subscriber may unless it is set otherwise.
    pub const PUBSUB: OutputLimit =
        OutputLimit { hard: 32 << 20, soft: 8 << 20, patience: Duration::from_secs(60) };

    /// Whether so many bytes are over the hard limit.
    #[inline]
    pub fn is_over(&self, backlog: usize) -> bool {
        self.hard > 0 && backlog > self.hard
    }
}
