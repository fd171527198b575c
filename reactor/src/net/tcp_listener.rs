//! A socket that listens, and `accept` as a future.
//!
//! Neighbours: `acceptor` does the accepting; `tcp_stream` is what comes out; `tcp_socket` sets more
//! before it listens.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::TcpStream;
use super::acceptor::{Acceptor, BACKLOG};
use crate::sys::{options, socket};

/// A TCP socket that listens.
#[derive(Debug)]
pub struct TcpListener {
    acceptor: Acceptor,
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
            match listen(&address, backlog) {
                Ok(fd) => return TcpListener::from_listening(fd),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    #[track_caller]
    pub(super) fn from_listening(fd: OwnedFd) -> io::Result<TcpListener> {
        Ok(TcpListener { acceptor: Acceptor::new(fd)? })
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
        let (fd, address) = ready!(self.acceptor.poll_accept(context))?;
        Poll::Ready(Ok((TcpStream::from_connected(fd)?, address)))
    }
}

/// `SO_REUSEADDR` lets a server come back while old connections linger.
fn listen(address: &SocketAddr, backlog: u32) -> io::Result<OwnedFd> {
    let fd = socket::stream(address)?;
    options::set_reuse_address(fd.as_fd(), true)?;
    socket::bind(fd.as_fd(), address)?;
    socket::listen(fd.as_fd(), backlog)?;
    Ok(fd)
}

impl AsFd for TcpListener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.acceptor.as_fd()
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
