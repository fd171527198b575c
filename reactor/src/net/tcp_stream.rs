//! A TCP connection, and `connect` as a future.
//!
//! ```text
//!   Connect:  start ──1 connect: in progress──► waiting ──2 writable──► ask SO_ERROR ──► Ready
//!               └────3 connected at once, or failed at once───────────────────────────────▲
//! ```
//!
//! Invariants:
//! - Every byte that `poll_read` or `poll_write` says it moved was moved by that very call: dropping
//!   a future in between loses nothing.
//! - After a read or a write that moved less than was asked, no call is made before the kernel has
//!   spoken again; except that the end of the stream is always read.
//!
//! Neighbours: `tcp_split` divides it; `tcp_listener` makes it too.

use std::future::Future;
use std::io::{self, IoSlice};
use std::net::{Shutdown, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::tcp_split::{self, OwnedReadHalf, OwnedWriteHalf, ReadHalf, WriteHalf};
use crate::event::Readiness;
use crate::io::{AsyncRead, AsyncWrite};
use crate::source::Source;
use crate::sources::Direction;
use crate::sys::socket;

/// A TCP connection.
#[derive(Debug)]
pub struct TcpStream {
    source: Source<OwnedFd>,
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
        Connect { address, attempt: None }
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
        Ok(TcpStream { source: Source::new(fd)? })
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
        let peek = |fd: &OwnedFd| socket::receive(fd.as_fd(), buffer, true);
        self.source.poll_io(context, Direction::Read, peek)
    }

    /// Two halves that borrow the stream: one reads while the other writes, in one task.
    pub fn split(&mut self) -> (ReadHalf<'_>, WriteHalf<'_>) {
        tcp_split::split(self)
    }

    /// Two halves that own the stream together: for two tasks. The connection is closed when both
    /// are gone; dropping the writing half ends its direction.
    pub fn into_split(self) -> (OwnedReadHalf, OwnedWriteHalf) {
        tcp_split::into_split(self)
    }

    /// Whether small writes go out at once (`TCP_NODELAY`).
    ///
    /// # Errors
    /// Those of getsockopt(2).
    pub fn nodelay(&self) -> io::Result<bool> {
        socket::nodelay(self.as_fd())
    }

    /// Lets small writes go out at once, rather than wait for what was sent to be acknowledged
    /// (`TCP_NODELAY`).
    ///
    /// # Errors
    /// Those of setsockopt(2).
    pub fn set_nodelay(&self, on: bool) -> io::Result<()> {
        socket::set_nodelay(self.source.get_ref(), on)
    }

    /// Makes closing throw away what was not sent yet, and reset the peer (`SO_LINGER` of zero).
    ///
    /// # Errors
    /// Those of setsockopt(2).
    pub fn reset_on_close(&self) -> io::Result<()> {
        socket::reset_on_close(self.source.get_ref())
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

    pub(super) fn read_shared(
        &self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if buffer.is_empty() {
            return Poll::Ready(Ok(0)); // the kernel would let it wait for data that it cannot take
        }
        let read = |fd: &OwnedFd| socket::receive(fd.as_fd(), buffer, false);
        let count = ready!(self.source.poll_io(context, Direction::Read, read))?;
        if 0 < count && count < buffer.len() {
            self.source.drained(Direction::Read);
        }
        Poll::Ready(Ok(count))
    }

    pub(super) fn write_shared(
        &self,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        let write = |fd: &OwnedFd| socket::send(fd.as_fd(), buffer);
        let count = ready!(self.source.poll_io(context, Direction::Write, write))?;
        if count < buffer.len() {
            self.source.drained(Direction::Write);
        }
        Poll::Ready(Ok(count))
    }

    pub(super) fn write_vectored_shared(
        &self,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let buffers = &buffers[..buffers.len().min(socket::MAX_BUFFERS)];
        let wanted: usize = buffers.iter().map(|buffer| buffer.len()).sum();
        let write = |fd: &OwnedFd| socket::send_vectored(fd.as_fd(), buffers);
        let count = ready!(self.source.poll_io(context, Direction::Write, write))?;
        if count < wanted {
            self.source.drained(Direction::Write);
        }
        Poll::Ready(Ok(count))
    }

    pub(super) fn shutdown_shared(&self, how: Shutdown) -> io::Result<()> {
        socket::shutdown(self.as_fd(), how)
    }
}

impl AsyncRead for TcpStream {
    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.read_shared(context, buffer)
    }
}

impl AsyncWrite for TcpStream {
    fn poll_write(&mut self, context: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        self.write_shared(context, buffer)
    }

    fn poll_write_vectored(
        &mut self,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.write_vectored_shared(context, buffers)
    }

    fn poll_shutdown(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.shutdown_shared(Shutdown::Write))
    }
}

impl AsFd for TcpStream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.source.get_ref().as_fd()
    }
}

/// The future of [`TcpStream::connect`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Connect {
    address: SocketAddr,
    /// The attempt that is under way.
    attempt: Option<TcpStream>,
}

impl Connect {
    /// Arrows 1 and 3.
    fn start(address: &SocketAddr) -> io::Result<(TcpStream, bool)> {
        let fd = socket::stream(address)?;
        let connected = match socket::connect(fd.as_fd(), address) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => false,
            Err(error) => return Err(error),
        };
        // Nothing may be tried before the attempt has ended: the first word is the kernel's.
        let source = Source::assuming(fd, Readiness::NONE)?;
        Ok((TcpStream { source }, connected))
    }
}

impl Future for Connect {
    type Output = io::Result<TcpStream>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let stream = match self.attempt.take() {
            Some(stream) => stream,
            None => match Connect::start(&self.address)? {
                (stream, true) => return Poll::Ready(Ok(stream)),
                (stream, false) => stream,
            },
        };
        if stream.source.poll_ready(context, Direction::Write).is_pending() {
            self.attempt = Some(stream);
            return Poll::Pending;
        }
        // Arrow 2. A wake-up may be spurious, and an attempt still under way holds no error: only
        // a socket that knows its peer is connected.
        if let Some(error) = socket::take_error(stream.as_fd())? {
            return Poll::Ready(Err(error));
        }
        match socket::peer_address(stream.as_fd()) {
            Err(error) if error.kind() == io::ErrorKind::NotConnected => {
                stream.source.drained(Direction::Write);
                let again = stream.source.poll_ready(context, Direction::Write);
                self.attempt = Some(stream);
                if again.is_ready() {
                    context.waker().wake_by_ref();
                }
                Poll::Pending
            }
            Err(error) => Poll::Ready(Err(error)),
            Ok(_) => Poll::Ready(Ok(stream)),
        }
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
