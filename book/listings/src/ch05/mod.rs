//! Chapter 5: from an event back to whoever it is for, three times wrong, and right.
//!
//! ```text
//!                      the table is by   before the close
//!   v1_number          number            nothing
//!   v2_deregister      number            the registration is taken back
//!   v3_generation      token             nothing
//!   v4_both            token             the registration is taken back
//! ```
//! `contract` says what each of them has to do, and which does not; `reuse` is one run of it, drawn.

use std::io;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use reactor::event::{Event, Events, Token};
use reactor::poller::Poller;

pub mod contract;
pub mod numbers;
pub mod reuse;
pub mod v1_number;
pub mod v2_deregister;
pub mod v3_generation;
pub mod v4_both;

/// Sockets, who owns them, and what the kernel says of them.
pub trait Registry {
    /// Takes a socket in, and has the kernel watch it.
    ///
    /// # Errors
    /// What the kernel says.
    fn open(&mut self, name: &'static str, socket: UnixStream) -> io::Result<Token>;

    /// Closes the socket that was taken in under `token`.
    ///
    /// # Errors
    /// What the kernel says.
    fn close(&mut self, token: Token) -> io::Result<()>;

    /// Whom an event of this token is for.
    fn owner(&self, token: Token) -> Option<&'static str>;

    /// Where the sockets are registered.
    fn poller(&self) -> &Poller;

    /// How this version writes a token down.
    fn spell(&self, token: Token) -> String;
}

/// What the kernel has to say now, in one batch.
///
/// # Errors
/// What the kernel says to the question itself.
pub fn batch(registry: &dyn Registry) -> io::Result<Vec<Event>> {
    let mut events = Events::new();
    registry.poller().wait(&mut events, Some(Duration::ZERO))?;
    Ok(events.iter().copied().collect())
}
