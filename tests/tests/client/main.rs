//! The client library: against our server, against Redis, and against servers of the worst kind.
//!
//! It runs on the runtime that the suite tests: with the feature `tokio`, client and server are both
//! on tokio.

mod blocking;
mod calls;
mod hostile;
mod losses;
mod subscriptions;
mod support;
