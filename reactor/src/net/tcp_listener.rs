//! A socket that listens, and `accept` as a future.
//!
//! Accepting can fail in ways that say nothing about the listener:
//!
//! | errno | meaning | what happens here |
//! | --- | --- | --- |
//! | ECONNABORTED, EPROTO, network errors | that peer has gone | the next one is taken |
//! | EMFILE, ENFILE, ENOBUFS, ENOMEM | nothing is free for it | the error is returned, and the next accept rests first |
//!
//! The rest is what keeps a full server quiet. The connection that could not be taken stays in the
//! kernel's queue, the listener stays readable, and a loop that simply tries again would spin.
//!
//! Invariant: an error leaves the listener as able to accept as it was.
//!
//! Neighbours: `tcp_stream` is what comes out.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::TcpStream;
use crate::source::Source;
use crate::sources::Direction;
use crate::sys::socket;
use crate::time::{Sleep, sleep};

/// How many connections the kernel keeps that nobody has accepted yet, unless told otherwise.
const BACKLOG: u32 = 1024;

/// How long no accept is tried after one for which nothing was free.
const REST: Duration = Duration::from_millis(100);

/// A TCP socket that listens.
#[derive(Debug)]
pub struct TcpListener {
    source: Source<OwnedFd>,
    rest: Option<Sleep>,
}

impl TcpListener {
    /// Listens at the first of the addresses that can be bound; port 0 lets the kernel choose one.
    ///
    /// A *name* instead of an address is looked up on this thread, which blocks it meanwhile.
    ///
    /// # Errors
    /// The last address's error, such as `AddrInUse` or `PermissionDenied`.
    ///
    /// # Panics
    /// Where no reactor is running on this thread.
    #[track_caller]
    pub fn bind(addresses: impl ToSocketAddrs) -> io::Result<TcpListener> {
        TcpListener::bind_with_backlog(addresses, BACKLOG)
    }

    /// As [`bind`](TcpListener::bind), with room for `backlog` connections that nobody has accepted
    /// yet; the system may have a lower limit of its own (listen(2)).
    ///
    /// # Errors
    /// As [`bind`](TcpListener::bind).
    ///
    /// # Panics
    /// Where no reactor is running on this thread.
    #[track_caller]
    pub fn bind_with_backlog(
        addresses: impl ToSocketAddrs,
        backlog: u32,
    ) -> io::Result<TcpListener> {
        let mut last = io::Error::new(io::ErrorKind::InvalidInput, "there was no address to bind");
        for address in addresses.to_socket_addrs()? {
            match socket::listen(&address, backlog) {
                Ok(fd) => return Ok(TcpListener { source: Source::new(fd)?, rest: None }),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// The address at which it listens, with the port that the kernel chose.
    ///
    /// # Errors
    /// Those of getsockname(2).
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        socket::local_address(self.as_fd())
    }

    /// Waits for the next connection.
    ///
    /// Cancel safe: a dropped wait takes no connection with it.
    ///
    /// # Errors
    /// Only those that need the caller's attention: the process or the system is out of descriptors
    /// or memory. The listener goes on working, and the next accept waits a tenth of a second before
    /// it tries, so that a loop which ignores the error does not spin.
    pub fn accept(&mut self) -> Accept<'_> {
        Accept { listener: self }
    }

    /// [`accept`](TcpListener::accept) as a poll function.
    ///
    /// # Errors
    /// As [`accept`](TcpListener::accept).
    pub fn poll_accept(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        if let Some(rest) = &mut self.rest {
            ready!(Pin::new(rest).poll(context));
            self.rest = None;
        }
        let accept = |listener: &OwnedFd| loop {
            match socket::accept(listener.as_fd()) {
                Err(error) if concerns_one_peer(&error) => {}
                result => return result,
            }
        };
        let accepted = ready!(self.source.poll_io(context, Direction::Read, accept));
        if accepted.as_ref().is_err_and(is_shortage) {
            self.rest = Some(sleep(REST));
        }
        let (fd, address) = accepted?;
        Poll::Ready(Ok((TcpStream::from_connected(fd)?, address)))
    }
}

/// Errors that accept(2) passes on from the connection, and says to treat like EAGAIN.
fn concerns_one_peer(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, HostUnreachable, NetworkDown, NetworkUnreachable};
    matches!(error.kind(), ConnectionAborted | HostUnreachable | NetworkDown | NetworkUnreachable)
        || socket::is_protocol_error(error)
}

/// Nothing is free to take the connection with.
fn is_shortage(error: &io::Error) -> bool {
    socket::is_out_of_descriptors_or_memory(error)
}

impl AsFd for TcpListener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.source.get_ref().as_fd()
    }
}

/// The future of [`TcpListener::accept`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Accept<'a> {
    listener: &'a mut TcpListener,
}

impl Future for Accept<'_> {
    type Output = io::Result<(TcpStream, SocketAddr)>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.get_mut().listener.poll_accept(context)
    }
}
