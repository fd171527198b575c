//! What TCP connections and Unix streams have in common: bytes, in order, both ways.
//!
//! Invariants:
//! - Every byte that `poll_read` or `poll_write` says it moved was moved by that very call: dropping
//!   a future in between loses nothing.
//! - After a read or a write that moved less than was asked, no call is made before the kernel has
//!   spoken again; except that the end of the stream is always read.
//! - A read into an empty buffer asks nobody, and its 0 is not the end.
//!
//! Neighbours: `tcp_stream` and `unix_stream` give it names and options; `split` divides it.

use std::io::{self, IoSlice};
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::task::{Context, Poll};

use crate::event::Readiness;
use crate::source::Source;
use crate::sources::Direction;
use crate::sys::socket;

/// A connected stream socket. Its functions take `&self`; whoever hands them on sees to it that a
/// direction has one user.
#[derive(Debug)]
pub struct StreamSocket {
    source: Source<OwnedFd>,
}

impl StreamSocket {
    /// A socket that is connected already.
    #[track_caller]
    pub(super) fn connected(fd: OwnedFd) -> io::Result<StreamSocket> {
        Ok(StreamSocket { source: Source::new(fd)? })
    }

    /// A socket of which nothing may be tried before its attempt to connect has ended: the first
    /// word is the kernel's.
    pub(super) fn connecting(fd: OwnedFd) -> io::Result<StreamSocket> {
        Ok(StreamSocket { source: Source::assuming(fd, Readiness::NONE)? })
    }

    pub(super) fn poll_writable(&self, context: &mut Context<'_>) -> Poll<()> {
        self.source.poll_ready(context, Direction::Write)
    }

    /// Says that [`poll_writable`](StreamSocket::poll_writable) was wrong.
    pub(super) fn not_writable(&self) {
        self.source.drained(Direction::Write);
    }

    pub(super) fn poll_peek(
        &self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let peek = |fd: &OwnedFd| socket::receive(fd.as_fd(), buffer, true);
        self.source.poll_io(context, Direction::Read, peek)
    }

    #[inline]
    pub(super) fn poll_read(
        &self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if buffer.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let wanted = buffer.len();
        let read = move |fd: &OwnedFd| socket::receive(fd.as_fd(), buffer, false);
        self.source.poll_transfer(context, Direction::Read, wanted, read)
    }

    #[inline]
    pub(super) fn poll_write(
        &self,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        let write = move |fd: &OwnedFd| socket::send(fd.as_fd(), buffer);
        self.source.poll_transfer(context, Direction::Write, buffer.len(), write)
    }

    pub(super) fn poll_write_vectored(
        &self,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let buffers = &buffers[..buffers.len().min(socket::MAX_BUFFERS)];
        let wanted = buffers.iter().map(|buffer| buffer.len()).sum();
        let write = move |fd: &OwnedFd| socket::send_vectored(fd.as_fd(), buffers);
        self.source.poll_transfer(context, Direction::Write, wanted, write)
    }

    pub(super) fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        socket::shutdown(self.as_fd(), how)
    }
}

impl AsFd for StreamSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.source.get_ref().as_fd()
    }
}
