//! The I/O traits of `tokio`, for crates that ask for them and for nothing else of it.
//!
//! Only the traits: a crate that spawns on tokio, or sleeps by it, needs tokio's own runtime, and says
//! so with a panic of its own.

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::ReadBuf;

use super::Compat;
use reactor::io::{AsyncRead, AsyncWrite, BufReader};

impl<T: AsyncRead> tokio::io::AsyncRead for Compat<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let unfilled = buffer.initialize_unfilled();
        let count = ready!(self.get_mut().inner.poll_read(context, unfilled))?;
        buffer.advance(count);
        Poll::Ready(Ok(()))
    }
}

impl<R: AsyncRead> tokio::io::AsyncBufRead for Compat<BufReader<R>> {
    fn poll_fill_buf(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        Pin::new(&mut self.get_mut().inner.fill_buf()).poll(context)
    }

    /// # Panics
    /// More than there are.
    fn consume(self: Pin<&mut Self>, count: usize) {
        self.get_mut().inner.consume(count);
    }
}

impl<T: AsyncWrite> tokio::io::AsyncWrite for Compat<T> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().inner.poll_write(context, buffer)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().inner.poll_write_vectored(context, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().inner.poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().poll_end(context)
    }
}
