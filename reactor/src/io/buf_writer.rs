//! Many small writes, made into few calls.
//!
//! ```text
//!   buffer  ┌── gone ──┬── to be written ──┬── room ──┐
//!           0        gone                len      capacity
//!
//!   write: room? ─yes─► copied, Ready      flush: poll_write the middle ─► gone moves ─► all: Ready
//!            └─no─► flush first ─────────────┘      └─Pending─► Pending
//! ```
//!
//! Invariant: `gone` moves with each write that the inner writer made, before anything else happens: a
//! flush that is dropped halfway is taken up where it was, and no byte goes twice.
//!
//! What is absent: a flush at the drop. It would have to wait. What was not flushed is lost, so flush.
//!
//! Neighbours: `write` has the trait.

use std::fmt;
use std::io::{self, IoSlice};
use std::task::{Context, Poll, ready};

use super::{AsyncRead, AsyncWrite};

/// How many bytes are gathered, unless told otherwise.
const CAPACITY: usize = 8 * 1024;

/// Adds a buffer to what can be written to. What can be read from as well still can.
///
/// `write` is cancel safe: ready means that the bytes are in the buffer or written, not ready that
/// they are neither. [`flush`](AsyncWrite::flush) is cancel safe, and so is `shutdown`, which flushes
/// first. `write_all` is not: dropped halfway, nobody knows how much of it the buffer took.
pub struct BufWriter<W> {
    inner: W,
    buffer: Vec<u8>,
    gone: usize,
    capacity: usize,
}

impl<W> BufWriter<W> {
    /// A buffer of 8 KiB.
    pub fn new(inner: W) -> BufWriter<W> {
        BufWriter::with_capacity(CAPACITY, inner)
    }

    /// A buffer of `capacity` bytes.
    pub fn with_capacity(capacity: usize, inner: W) -> BufWriter<W> {
        BufWriter { inner, buffer: Vec::with_capacity(capacity), gone: 0, capacity }
    }

    /// What was not handed on yet.
    pub fn buffer(&self) -> &[u8] {
        &self.buffer[self.gone..]
    }

    /// The inner writer.
    pub fn get_ref(&self) -> &W {
        &self.inner
    }

    /// The inner writer; what is written to it directly overtakes what is in the buffer.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.inner
    }

    /// The inner writer; what is in the buffer is lost, so flush before.
    pub fn into_inner(self) -> W {
        self.inner
    }
}

impl<W: AsyncWrite> BufWriter<W> {
    /// Hands the buffer on to the inner writer.
    fn poll_empty(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.gone < self.buffer.len() {
            match ready!(self.inner.poll_write(context, &self.buffer[self.gone..]))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => self.gone += count,
            }
        }
        self.buffer.clear();
        self.gone = 0;
        Poll::Ready(Ok(()))
    }

    /// Ready when `count` more bytes have room, or when the buffer is empty.
    fn poll_room(&mut self, context: &mut Context<'_>, count: usize) -> Poll<io::Result<()>> {
        if self.buffer.len() + count > self.capacity {
            return self.poll_empty(context);
        }
        Poll::Ready(Ok(()))
    }
}

impl<W: AsyncWrite> AsyncWrite for BufWriter<W> {
    /// Past an empty buffer, what is as large as the buffer goes to the inner writer directly.
    fn poll_write(&mut self, context: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_room(context, buffer.len()))?;
        if buffer.len() >= self.capacity {
            return self.inner.poll_write(context, buffer);
        }
        self.buffer.extend_from_slice(buffer);
        Poll::Ready(Ok(buffer.len()))
    }

    fn poll_write_vectored(
        &mut self,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let count = buffers.iter().map(|buffer| buffer.len()).sum();
        ready!(self.poll_room(context, count))?;
        if count >= self.capacity {
            return self.inner.poll_write_vectored(context, buffers);
        }
        for buffer in buffers {
            self.buffer.extend_from_slice(buffer);
        }
        Poll::Ready(Ok(count))
    }

    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_empty(context))?;
        self.inner.poll_flush(context)
    }

    fn poll_shutdown(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_flush(context))?;
        self.inner.poll_shutdown(context)
    }
}

/// Past the buffer: reading has nothing to do with it.
impl<R: AsyncRead> AsyncRead for BufWriter<R> {
    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.inner.poll_read(context, buffer)
    }
}

impl<W: fmt::Debug> fmt::Debug for BufWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = self.buffer().len();
        f.debug_struct("BufWriter").field("inner", &self.inner).field("held", &held).finish()
    }
}
