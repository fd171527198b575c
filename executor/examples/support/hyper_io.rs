//! hyper on our sockets: one adapter, for what hyper asks of a connection.
//!
//! ```text
//!   hyper ── hyper::rt::{Read, Write} ──► HyperIo ── AsyncRead, AsyncWrite ──► TcpStream
//! ```
//!
//! hyper lends a buffer that may be uninitialised, and our `poll_read` takes one that is not. To go
//! from one to the other without `unsafe`, the bytes are read here first and copied.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use executor::io::{AsyncRead, AsyncWrite};
use executor::net::TcpStream;
use hyper::rt::ReadBufCursor;

/// A connection of ours, as hyper wants to see it.
#[derive(Debug)]
pub(crate) struct HyperIo {
    stream: TcpStream,
    read: Box<[u8; 8 * 1024]>,
}

impl HyperIo {
    pub(crate) fn new(stream: TcpStream) -> HyperIo {
        HyperIo { stream, read: Box::new([0; 8 * 1024]) }
    }
}

impl hyper::rt::Read for HyperIo {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let HyperIo { stream, read } = self.get_mut();
        let room = buffer.remaining().min(read.len());
        let count = ready!(stream.poll_read(context, &mut read[..room]))?;
        buffer.put_slice(&read[..count]);
        Poll::Ready(Ok(()))
    }
}

impl hyper::rt::Write for HyperIo {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.stream.poll_write(context, buffer)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(())) // nothing is held back here
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream.poll_write_vectored(context, buffers)
    }
}
