//! A server that speaks Redis's protocol, on our own runtime or on tokio.
//!
//! ```text
//!  pure code: bytes and data                 commands            the world outside
//!  ┌──────┐ ┌────┐ ┌────┐ ┌────────┐        ┌───────┐      ┌────────────┐  ┌────────┐
//!  │ resp │ │glob│ │ db │ │ pubsub │ ◄───── │  cmd  │ ◄─── │ connection │◄─│ server │◄─ main
//!  └──────┘ └────┘ └────┘ └────────┘        └───────┘      └────────────┘  └────────┘
//!               ▲ outbox, clients, state ▲                        │  rt (own | tokio)
//! ```
//!
//! Imports run from right to left, never back, in this order:
//! `resp`, `glob`, `db`, `events`, `ledger`, `transaction`, `message`, `outbox`, `clients`, `watches`,
//! `config`, `logging`, `log`, `journal`, `persistence`, `pubsub`, `platform`, `stats`, `slowlog`,
//! `state`, `fan_out`, `cmd`, `topics`, `rt`, `connection`, `server`, `client`, and the binaries.
//! Only the last four touch [`rt`], the runtime; all else is plain code that is given bytes and a
//! time, and gives back bytes (`log` touches files, too). [`client`] is the other end of the wire,
//! and shares nothing with the server but `resp` and `rt`.
//!
//! Where to begin reading: [`resp`] (what a request is), `cmd/strings.rs` (what a command is),
//! `connection/mod.rs` (one poll of a connection), [`rt`] (what a runtime must supply).
//!
//! # Topics
//!
//! A second listener serves people with telnet or nc, on the same channels: `SUB news`, then
//! `UPDATED news it rains` comes when somebody types `PUB news it rains` or calls `PUBLISH`. The
//! module `topics` has the rules.

#![forbid(unsafe_code)]

pub mod client;
mod clients;
mod cmd;
pub mod config;
mod connection;
pub mod db;
mod events;
mod fan_out;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
pub mod glob;
mod journal;
mod ledger;
mod log;
pub mod logging;
mod message;
mod outbox;
mod persistence;
mod platform;
pub mod pubsub;
pub mod resp;
pub mod rt;
pub mod server;
mod slowlog;
mod state;
mod stats;
mod topics;
mod transaction;
mod watches;

pub use clients::Slot;
