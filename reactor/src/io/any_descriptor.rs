//! Any descriptor as a reader and as a writer: read(2), write(2).
//!
//! Nothing is assumed of a short read: a terminal gives a line at a time, an eventfd a number, and a
//! reader goes on until the kernel says that there is no more. That is one call more than a socket of
//! `net` needs, which knows what it is.
//!
//! Neighbours: `source` waits; `sys::descriptor` keeps a broken pipe from being a signal.

use std::io::{self, IoSlice};
use std::net::Shutdown;
use std::os::fd::AsFd;
use std::task::{Context, Poll};

use super::{AsyncRead, AsyncWrite};
use crate::source::Source;
use crate::sources::Direction;
use crate::sys::{descriptor, socket};

impl<T: AsFd> AsyncRead for Source<T> {
    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if buffer.is_empty() {
            return Poll::Ready(Ok(0));
        }
        self.poll_io(context, Direction::Read, |io| socket::read(io.as_fd(), buffer))
    }
}

impl<T: AsFd> AsyncWrite for Source<T> {
    fn poll_write(&mut self, context: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_io(context, Direction::Write, |io| descriptor::write(io.as_fd(), buffer))
    }

    /// Writes from the first buffer that is not empty.
    fn poll_write_vectored(
        &mut self,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let first = buffers.iter().find(|buffer| !buffer.is_empty());
        self.poll_write(context, first.map_or(&[], |buffer| buffer))
    }

    /// # Errors
    /// `Unsupported` for what is no socket: a pipe's writing end is ended by dropping it.
    fn poll_shutdown(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let ended = socket::shutdown(self.get_ref().as_fd(), Shutdown::Write);
        Poll::Ready(ended.map_err(|error| match socket::is_not_a_socket(&error) {
            true => io::Error::new(io::ErrorKind::Unsupported, "no socket: drop it to end it"),
            false => error,
        }))
    }
}
