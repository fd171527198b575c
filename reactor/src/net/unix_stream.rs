//! A stream between processes of one machine (unix(7)).
//!
//! Neighbours: `stream_socket` reads and writes; `connect` and `unix_listener` make it; `split`
//! divides it.

use std::future::Future;
use std::io::{self, IoSlice};
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::pin::Pin;
use std::task::{Context, Poll};

use super::connect::Attempt;
use super::split::{self, Divisible, OwnedReadHalf, OwnedWriteHalf, ReadHalf, WriteHalf};
use super::stream_socket::StreamSocket;
use super::{Credentials, UnixAddress};
use crate::io::{AsyncRead, AsyncWrite};
use crate::sys::{socket, unix};

/// A connection over a Unix socket.
#[derive(Debug)]
pub struct UnixStream {
    socket: StreamSocket,
}

impl UnixStream {
    /// Connects to a path, or to another [`UnixAddress`].
    ///
    /// Waits while the listener's queue is full; as nothing announces its end, by asking again each
    /// two milliseconds. Cancel safe: a dropped attempt closes its socket.
    ///
    /// # Errors
    /// `NotFound`: no such path. `ConnectionRefused`: a path that nobody listens at any more.
    /// `InvalidInput`: a name that is too long for a socket.
    ///
    /// # Panics
    /// When polled where no reactor is running on this thread.
    pub fn connect(address: impl Into<UnixAddress>) -> UnixConnect {
        UnixConnect { attempt: Attempt::new(address.into()) }
    }

    /// Two streams, connected to each other.
    ///
    /// # Errors
    /// No descriptors are left.
    ///
    /// # Panics
    /// Where no reactor is running on this thread.
    #[track_caller]
    pub fn pair() -> io::Result<(UnixStream, UnixStream)> {
        let (one, other) = unix::stream_pair()?;
        Ok((UnixStream::from_connected(one)?, UnixStream::from_connected(other)?))
    }

    /// Takes over a stream of the standard library, and makes it nonblocking.
    ///
    /// # Errors
    /// The kernel refuses to watch the descriptor.
    ///
    /// # Panics
    /// Where no reactor is running on this thread.
    #[track_caller]
    pub fn from_std(stream: std::os::unix::net::UnixStream) -> io::Result<UnixStream> {
        stream.set_nonblocking(true)?;
        UnixStream::from_connected(OwnedFd::from(stream))
    }

    #[track_caller]
    pub(super) fn from_connected(fd: OwnedFd) -> io::Result<UnixStream> {
        Ok(UnixStream { socket: StreamSocket::connected(fd)? })
    }

    /// Two halves that borrow the stream: one reads while the other writes, in one task.
    pub fn split(&mut self) -> (ReadHalf<'_, UnixStream>, WriteHalf<'_, UnixStream>) {
        split::split(self)
    }

    /// Two halves that own the stream together: for two tasks. The stream is closed when both are
    /// gone; dropping the writing half ends its direction.
    pub fn into_split(self) -> (OwnedReadHalf<UnixStream>, OwnedWriteHalf<UnixStream>) {
        split::into_split(self)
    }

    /// The name of our end; unnamed where it connected without being bound.
    ///
    /// # Errors
    /// Those of getsockname(2).
    pub fn local_addr(&self) -> io::Result<UnixAddress> {
        socket::local_address(self.as_fd())
    }

    /// The name of the other end.
    ///
    /// # Errors
    /// `NotConnected` where the peer has gone already, on some systems.
    pub fn peer_addr(&self) -> io::Result<UnixAddress> {
        socket::peer_address(self.as_fd())
    }

    /// Who is at the other end, as the kernel knows it: nothing that the peer could make up.
    ///
    /// # Errors
    /// Those of getsockopt(2), getpeereid(3).
    pub fn peer_credentials(&self) -> io::Result<Credentials> {
        unix::peer_credentials(self.as_fd())
    }
}

impl Divisible for UnixStream {
    fn socket(&self) -> &StreamSocket {
        &self.socket
    }
}

impl AsyncRead for UnixStream {
    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.socket.poll_read(context, buffer)
    }
}

impl AsyncWrite for UnixStream {
    fn poll_write(&mut self, context: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        self.socket.poll_write(context, buffer)
    }

    fn poll_write_vectored(
        &mut self,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.socket.poll_write_vectored(context, buffers)
    }

    fn poll_shutdown(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.socket.shutdown(Shutdown::Write))
    }
}

impl AsFd for UnixStream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// The future of [`UnixStream::connect`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct UnixConnect {
    attempt: Attempt<UnixAddress>,
}

impl Future for UnixConnect {
    type Output = io::Result<UnixStream>;

    /// # Panics
    /// Where no reactor is running on this thread; polled again after it was ready.
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let stream = self.get_mut().attempt.poll(context);
        stream.map(|stream| stream.map(|socket| UnixStream { socket }))
    }
}
