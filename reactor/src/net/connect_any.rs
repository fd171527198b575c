//! A host with several addresses: each is tried in its turn.
//!
//! ```text
//!   addresses ─next─► Connect ──Ok──► Ready(stream)
//!       ▲               └──Err──► noted ──┐      none left: all that failed, as one error
//!       └─────────────────────────────────┘
//! ```
//!
//! Neighbours: `connect` makes each attempt.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec;

use super::TcpStream;
use super::connect::Connect;

/// The future of [`TcpStream::connect_any`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct ConnectAny {
    left: vec::IntoIter<SocketAddr>,
    current: Option<Connect>,
    tried: Vec<(SocketAddr, io::Error)>,
}

impl ConnectAny {
    pub(super) fn new(addresses: Vec<SocketAddr>) -> ConnectAny {
        ConnectAny { left: addresses.into_iter(), current: None, tried: Vec::new() }
    }
}

impl Future for ConnectAny {
    type Output = io::Result<TcpStream>;

    /// # Panics
    /// Where no reactor is running on this thread.
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        loop {
            let Some(current) = &mut this.current else {
                let Some(address) = this.left.next() else {
                    return Poll::Ready(Err(all_failed(std::mem::take(&mut this.tried))));
                };
                this.current = Some(TcpStream::connect(address));
                continue;
            };
            let address = current.address();
            let outcome = ready!(Pin::new(current).poll(context));
            this.current = None;
            match outcome {
                Ok(stream) => return Poll::Ready(Ok(stream)),
                Err(error) => this.tried.push((address, error)),
            }
        }
    }
}

fn all_failed(tried: Vec<(SocketAddr, io::Error)>) -> io::Error {
    match tried.last() {
        Some((_, last)) => io::Error::new(last.kind(), ConnectAnyError { tried }),
        None => io::Error::new(io::ErrorKind::InvalidInput, "there was no address to connect to"),
    }
}

/// None of several addresses could be connected to. It lies within the [`io::Error`] that
/// [`TcpStream::connect_any`] gives, whose kind is that of the last attempt.
#[derive(Debug)]
pub struct ConnectAnyError {
    tried: Vec<(SocketAddr, io::Error)>,
}

impl ConnectAnyError {
    /// Each address with its error, in the order of the attempts.
    pub fn tried(&self) -> &[(SocketAddr, io::Error)] {
        &self.tried
    }
}

impl fmt::Display for ConnectAnyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no address could be connected to")?;
        for (index, (address, error)) in self.tried.iter().enumerate() {
            let separator = if index == 0 { ": " } else { "; " };
            write!(f, "{separator}{address}: {error}")?;
        }
        Ok(())
    }
}

impl Error for ConnectAnyError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.tried.last().map(|(_, error)| error as &(dyn Error + 'static))
    }
}
