//! A client of any server that speaks Redis's protocol, on the same runtimes as the server.
//!
//! ```text
//!   your tasks                                          your one thread
//!   Client (clones) ──mpsc──► driver     Subscriber     blocking::Client
//!                                └── link ──┘               │
//!        connects again, with pauses │                      │
//!                                connection                 │
//!                     options, handshake, command ──────────┤
//!                         bytes ──► reply ──► Value ────────┘
//! ```
//!
//! ```no_run
//! use kv_server::client::{Client, Options};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! kv_server::rt::block_on(async {
//!     let client = Client::connect(Options::new("localhost", 6379)).await?;
//!     client.set("greeting", "hello").await?;
//!     assert_eq!(client.get("greeting").await?.as_deref(), Some(&b"hello"[..]));
//!     let reply = client.call(["OBJECT", "ENCODING", "greeting"]).await?;
//!     println!("{reply:?}");
//!     Ok::<(), kv_server::client::Error>(())
//! })??;
//! # Ok(())
//! # }
//! ```
//!
//! | you want | take |
//! | --- | --- |
//! | commands, from one task or many | [`Client`] |
//! | several commands by one write | [`Pipeline`] with [`Client::run`] |
//! | what others publish | [`Subscriber`] |
//! | no runtime | [`blocking::Client`] |
//!
//! What a server sends is no more trusted than what a client sends: its replies are bounded by
//! [`Limits`], and what is no reply closes the connection.

mod backoff;
pub mod blocking;
mod command;
mod connection;
mod driver;
mod error;
mod handle;
mod handshake;
mod link;
mod message;
mod options;
pub(crate) mod reply;
mod subscriber;
mod typed;
mod value;

pub use command::{Command, Pipeline};
pub use error::Error;
pub use handle::Client;
pub use message::Message;
pub use options::Options;
pub use reply::{Limits, Malformed};
pub use subscriber::Subscriber;
pub use typed::{Condition, Expiry, SetOptions};
pub use value::{ServerError, Value};
