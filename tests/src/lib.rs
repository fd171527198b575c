//! The harness for what crosses crates: real processes, real sockets, real clients.
//!
//! ```text
//!   tests/*.rs ──► Server ──► Process ──► the kv-server binary (built once, by cargo)
//!       │             └─────► Process ──► redis-server, the oracle, if it is installed
//!       ├────────► Wire ····· one raw TCP connection: bytes out, bytes in
//!       ├────────► Fake ····· a server by script, for clients under test
//!       └────────► structure  the workspace's own sources, read as the compiler reads them
//! ```
//!
//! Three rules hold throughout:
//! - A test never sleeps in the hope that something has happened by then. It waits for a
//!   condition, with a deadline, and says what it waited for when that passes ([`wait`]).
//! - What a test claims of the server it claims of Redis too, unless it says why not
//!   ([`on_every_peer`]): an expectation that Redis does not meet is a wrong expectation.
//! - A tool that is missing is said to be missing, aloud, and is an error in CI ([`tools`]).
//!
//! Two environment variables steer a run: `PEERS` (`kv-server`, `redis`, or both) and
//! `KV_SERVER_BIN` (test this binary instead of building one).

pub mod binary;
pub mod fake;
pub mod process;
pub mod procfs;
pub mod reply;
pub mod server;
pub mod structure;
pub mod tools;
pub mod trace;
pub mod wait;
pub mod wire;

pub use fake::Fake;
pub use server::{Server, on_every_peer};
pub use wait::{PATIENCE, wait_for, wait_until};
pub use wire::{Wire, command};
