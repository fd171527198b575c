//! From a host's name to its addresses, by the threads that may block.
//!
//! The system's resolver knows files, name servers and more, as the machine is set up, and can only be
//! waited for by a thread (getaddrinfo(3)).
//!
//! ```text
//!   lookup ── a literal address? ──yes──► ready at once, no thread
//!                 └─no─► pool: getaddrinfo ──► addresses, in the resolver's order
//!   connect: lookup ──► TcpStream::connect_any: each in its turn
//! ```
//!
//! Neighbours: `fs::Operation` waits for the thread; `net` connects.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use reactor::net::{ConnectAny, TcpStream};

use crate::fs::Operation;

/// Looks up all addresses of `host`, which may be a name or an address (`"::1"`, `"[::1]"`).
///
/// The look-up has begun when this returns. Cancel safe: a dropped one goes on, and nobody hears of
/// it.
///
/// # Errors
/// The resolver's, of a kind that differs from system to system, with the name in its text;
/// `InvalidInput` for an empty name or one with a NUL.
///
/// # Panics
/// Where no runtime is running on this thread and `host` is no literal address.
#[track_caller]
pub fn lookup(host: &str, port: u16) -> Lookup {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    if let Ok(address) = bare.parse::<IpAddr>() {
        return Lookup { state: State::Known(Some(SocketAddr::new(address, port))) };
    }
    let host = host.to_owned();
    Lookup { state: State::Asking(Operation::begin(move || resolve(&host, port))) }
}

/// Runs on a thread of the pool.
fn resolve(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    if host.is_empty() || host.contains('\0') {
        let what = format!("{host:?} is no host's name");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
    }
    match (host, port).to_socket_addrs() {
        Ok(addresses) => Ok(addresses.collect()),
        Err(error) => Err(io::Error::new(error.kind(), format!("{host}: {error}"))),
    }
}

/// Looks `host` up and connects to the first of its addresses that answers.
///
/// Cancel safe: a dropped attempt closes its socket.
///
/// # Errors
/// As [`lookup`], and as [`TcpStream::connect_any`].
///
/// # Panics
/// As [`lookup`].
#[track_caller]
pub fn connect(host: &str, port: u16) -> Connect {
    Connect { stage: Stage::Asking(lookup(host, port)) }
}

/// The future of [`lookup`].
#[must_use = "futures do nothing unless awaited"]
pub struct Lookup {
    state: State,
}

enum State {
    /// `None` once it has been ready.
    Known(Option<SocketAddr>),
    Asking(Operation<Vec<SocketAddr>>),
}

impl Future for Lookup {
    type Output = io::Result<Vec<SocketAddr>>;

    /// # Panics
    /// Polled again after it was ready.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.state {
            State::Known(address) => {
                let address = address.take().expect("a Lookup was polled after it was ready");
                Poll::Ready(Ok(vec![address]))
            }
            State::Asking(operation) => Pin::new(operation).poll(context),
        }
    }
}

impl fmt::Debug for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lookup")
    }
}

/// The future of [`connect`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Connect {
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Asking(Lookup),
    Connecting(ConnectAny),
}

impl Future for Connect {
    type Output = io::Result<TcpStream>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            self.stage = match &mut self.stage {
                Stage::Asking(lookup) => {
                    let addresses = ready!(Pin::new(lookup).poll(context))?;
                    Stage::Connecting(TcpStream::connect_any(addresses))
                }
                Stage::Connecting(attempt) => return Pin::new(attempt).poll(context),
            };
        }
    }
}
