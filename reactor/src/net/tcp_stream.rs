//! A TCP connection.
//!
//! Neighbours: `stream_socket` reads and writes; `connect`, `connect_any` and `tcp_listener` make it;
//! `split` divides it.

use std::future::Future;
use std::io::{self, IoSlice};
use std::net::{Shutdown, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use super::Keepalive;
use super::connect::{Attempt, Connect};
use super::connect_any::ConnectAny;
use super::split::{self, Divisible, OwnedReadHalf, OwnedWriteHalf, ReadHalf, WriteHalf};
use super::stream_socket::StreamSocket;
use crate::io::{AsyncRead, AsyncWrite};
use crate::sys::{options, socket};

/// A TCP connection.
#[derive(Debug)]
pub struct TcpStream {
    socket: StreamSocket,
}

impl TcpStream {
    /// Connects to `address`.
    ///
    /// Cancel safe: a dropped attempt closes its socket.
    ///
    /// # Errors
    /// Those of connect(2), such as `ConnectionRefused`, when they are known.
    ///
    /// # Panics
    /// When first polled where no reactor is running on this thread.
    pub fn connect(address: SocketAddr) -> Connect {
        Connect::new(Attempt::new(address))
    }

    /// Connects to the first of `addresses` that answers, tried in their order, one after the other.
    ///
    /// Cancel safe: a dropped attempt closes its socket.
    ///
    /// # Errors
    /// `InvalidInput` where there is no address. Otherwise an error of the last attempt's kind, which
    /// holds a [`ConnectAnyError`](super::ConnectAnyError) and names each address with what it said.
    ///
    /// # Panics
    /// When first polled where no reactor is running on this thread.
    pub fn connect_any(addresses: impl IntoIterator<Item = SocketAddr>) -> ConnectAny {
        ConnectAny::new(addresses.into_iter().collect())
    }

    /// Takes over a connection of the standard library, and makes it nonblocking.
    ///
    /// # Errors
    /// The kernel refuses to watch the descriptor.
    ///
    /// # Panics
    /// Where no reactor is running on this thread.
    #[track_caller]
    pub fn from_std(stream: std::net::TcpStream) -> io::Result<TcpStream> {
        stream.set_nonblocking(true)?;
        TcpStream::from_connected(OwnedFd::from(stream))
    }

    #[track_caller]
    pub(super) fn from_connected(fd: OwnedFd) -> io::Result<TcpStream> {
        Ok(TcpStream { socket: StreamSocket::connected(fd)? })
    }

    pub(super) fn from_socket(socket: StreamSocket) -> TcpStream {
        TcpStream { socket }
    }

    /// Looks at what is there to be read, without taking it.
    ///
    /// Cancel safe.
    ///
    /// # Errors
    /// Those of recv(2).
    pub fn peek<'a>(&'a mut self, buffer: &'a mut [u8]) -> Peek<'a> {
        Peek { stream: self, buffer }
    }

    /// [`peek`](TcpStream::peek) as a poll function.
    ///
    /// # Errors
    /// As [`peek`](TcpStream::peek).
    pub fn poll_peek(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.socket.poll_peek(context, buffer)
    }

    /// Two halves that borrow the stream: one reads while the other writes, in one task.
    pub fn split(&mut self) -> (ReadHalf<'_>, WriteHalf<'_>) {
        split::split(self)
    }

    /// Two halves that own the stream together: for two tasks. The connection is closed when both
    /// are gone; dropping the writing half ends its direction.
    pub fn into_split(self) -> (OwnedReadHalf, OwnedWriteHalf) {
        split::into_split(self)
    }

    /// Whether small writes go out at once (`TCP_NODELAY`).
    ///
    /// # Errors
    /// Those of getsockopt(2).
    pub fn nodelay(&self) -> io::Result<bool> {
        options::nodelay(self.as_fd())
    }

    /// Lets small writes go out at once, rather than wait for what was sent to be acknowledged
    /// (`TCP_NODELAY`).
    ///
    /// # Errors
    /// Those of setsockopt(2).
    pub fn set_nodelay(&self, on: bool) -> io::Result<()> {
        options::set_nodelay(self.as_fd(), on)
    }

    /// Makes closing throw away what was not sent yet, and reset the peer (`SO_LINGER` of zero).
    ///
    /// # Errors
    /// Those of setsockopt(2).
    pub fn reset_on_close(&self) -> io::Result<()> {
        socket::reset_on_close(self)
    }

    /// How long closing waits for what was not sent yet. `None`: not at all, and the kernel goes on
    /// sending by itself.
    ///
    /// # Errors
    /// Those of getsockopt(2).
    pub fn linger(&self) -> io::Result<Option<Duration>> {
        options::linger(self.as_fd())
    }

    /// Makes closing wait for what was not sent yet, at most `time` rounded up to seconds
    /// (`SO_LINGER`, socket(7)).
    ///
    /// On Linux that stops the whole thread when the stream is dropped, nonblocking or not. Zero does
    /// not wait; it is [`reset_on_close`](TcpStream::reset_on_close). To learn that all has arrived,
    /// shut the writing direction down and read to the end instead.
    ///
    /// # Errors
    /// Those of setsockopt(2).
    pub fn set_linger(&self, time: Option<Duration>) -> io::Result<()> {
        options::set_linger(self.as_fd(), time)
    }

    /// Whether a silent peer is asked for a sign of life.
    ///
    /// # Errors
    /// Those of getsockopt(2).
    pub fn keepalive(&self) -> io::Result<bool> {
        options::keepalive(self.as_fd())
    }

    /// Asks a silent peer for a sign of life, or not (`SO_KEEPALIVE`, tcp(7)).
    ///
    /// # Errors
    /// Those of setsockopt(2).
    pub fn set_keepalive(&self, keepalive: Option<Keepalive>) -> io::Result<()> {
        options::set_keepalive(self.as_fd(), keepalive)
    }

    /// The address at our end.
    ///
    /// # Errors
    /// Those of getsockname(2).
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        socket::local_address(self.as_fd())
    }

    /// The address at the other end.
    ///
    /// # Errors
    /// `NotConnected` where the peer has gone already.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        socket::peer_address(self.as_fd())
    }
}

impl Divisible for TcpStream {
    fn socket(&self) -> &StreamSocket {
        &self.socket
    }
}

impl AsyncRead for TcpStream {
    #[inline]
    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.socket.poll_read(context, buffer)
    }
}

impl AsyncWrite for TcpStream {
    #[inline]
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

impl AsFd for TcpStream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// The future of [`TcpStream::peek`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Peek<'a> {
    stream: &'a mut TcpStream,
    buffer: &'a mut [u8],
}

impl Future for Peek<'_> {
    type Output = io::Result<usize>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        this.stream.poll_peek(context, this.buffer)
    }
}
