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
//! `resp`, `glob`, `db`, `config`, `outbox`, `clients`, `pubsub`, `platform`, `state`, `cmd`, `rt`,
//! `connection`, `server`, and the binary. Only the last three touch [`rt`], the runtime; all else
//! is plain code that is given bytes and a time, and gives back bytes.
//!
//! Where to begin reading: [`resp`] (what a request is), `cmd/strings.rs` (what a command is),
//! `connection/mod.rs` (one poll of a connection), [`rt`] (what a runtime must supply).

#![forbid(unsafe_code)]

mod clients;
mod cmd;
pub mod config;
mod connection;
pub mod db;
pub mod glob;
mod outbox;
mod platform;
pub mod pubsub;
pub mod resp;
pub mod rt;
pub mod server;
mod state;

pub use clients::Slot;
