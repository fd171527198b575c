//! A Unix socket that listens, and `accept` as a future.
//!
//! # The path
//! Binding makes a file, and nothing removes it: not the end of the listener, not that of the process.
//! A second bind then fails though nobody listens. To remove the file beforehand is no remedy that a
//! library may choose: it may be a *living* server's, which would go on in a deaf socket. So the error
//! says what is there, and the program decides; or takes an abstract name, where there are such.
//!
//! Neighbours: `acceptor` does the accepting; `unix_stream` is what comes out.

use std::future::Future;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::acceptor::{Acceptor, BACKLOG};
use super::{UnixAddress, UnixStream};
use crate::sys::socket;

/// A Unix socket that listens.
#[derive(Debug)]
pub struct UnixListener {
    acceptor: Acceptor,
}

impl UnixListener {
    /// Listens at a path, or at another [`UnixAddress`]. The path is never removed: neither before,
    /// nor when the listener is dropped.
    ///
    /// # Errors
    /// `AddrInUse` where something is at the path, also the name that a listener which is gone left
    /// behind; `InvalidInput` for a name that is too long for a socket; those of bind(2).
    ///
    /// # Panics
    /// Where no reactor is running on this thread.
    #[track_caller]
    pub fn bind(address: impl Into<UnixAddress>) -> io::Result<UnixListener> {
        UnixListener::bind_with_backlog(address, BACKLOG)
    }

    /// As [`bind`](UnixListener::bind), with room for `backlog` connections that nobody has accepted
    /// yet; who connects to a full listener waits.
    ///
    /// # Errors
    /// As [`bind`](UnixListener::bind).
    ///
    /// # Panics
    /// Where no reactor is running on this thread.
    #[track_caller]
    pub fn bind_with_backlog(
        address: impl Into<UnixAddress>,
        backlog: u32,
    ) -> io::Result<UnixListener> {
        let address = address.into();
        let fd = socket::stream(&address)?;
        bind(fd.as_fd(), &address)?;
        socket::listen(fd.as_fd(), backlog)?;
        Ok(UnixListener { acceptor: Acceptor::new(fd)? })
    }

    /// The name at which it listens.
    ///
    /// # Errors
    /// Those of getsockname(2).
    pub fn local_addr(&self) -> io::Result<UnixAddress> {
        socket::local_address(self.as_fd())
    }

    /// Waits for the next connection. Its address is unnamed, unless the peer was bound first.
    ///
    /// Cancel safe: a dropped wait takes no connection with it.
    ///
    /// # Errors
    /// As [`TcpListener::accept`](super::TcpListener::accept).
    pub fn accept(&mut self) -> UnixAccept<'_> {
        UnixAccept { listener: self }
    }

    /// [`accept`](UnixListener::accept) as a poll function.
    ///
    /// # Errors
    /// As [`accept`](UnixListener::accept).
    pub fn poll_accept(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<(UnixStream, UnixAddress)>> {
        let (fd, address) = ready!(self.acceptor.poll_accept(context))?;
        Poll::Ready(Ok((UnixStream::from_connected(fd)?, address)))
    }
}

/// As bind(2), with an error that says what is wrong with the path.
pub(super) fn bind(socket: BorrowedFd<'_>, address: &UnixAddress) -> io::Result<()> {
    socket::bind(socket, address).map_err(|error| match address.as_pathname() {
        Some(path) if error.kind() == io::ErrorKind::AddrInUse => io::Error::new(
            error.kind(),
            format!(
                "{}: something is here already, perhaps the name of a socket that is gone: \
                 if nobody uses it, remove it first",
                path.display()
            ),
        ),
        _ => error,
    })
}

impl AsFd for UnixListener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.acceptor.as_fd()
    }
}

/// The future of [`UnixListener::accept`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct UnixAccept<'a> {
    listener: &'a mut UnixListener,
}

impl Future for UnixAccept<'_> {
    type Output = io::Result<(UnixStream, UnixAddress)>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.get_mut().listener.poll_accept(context)
    }
}
