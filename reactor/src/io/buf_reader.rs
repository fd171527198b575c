//! Reading by lines and other stretches of unknown length.
//!
//! ```text
//!   buffer  ┌── taken ──┬── here to be read ──┬── room ──┐
//!           0         start                  end      capacity
//!
//!   read_until: delimiter in [start, end)? ──yes──► handed out, start moves ──► Ready
//!      ▲            no, room made ─► poll_read ─Pending─► Pending (all stays here)
//!      └───────────────────────────────┘
//! ```
//!
//! Invariant: bytes leave the buffer only together with the `Ready` that hands them out. So whoever
//! drops a future that waits for the end of a line loses nothing of the line.
//!
//! Neighbours: `lines` goes on from line to line; `read` has the trait.

use std::fmt;
use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::{AsyncRead, AsyncWrite};

/// How many bytes are asked for at once, unless told otherwise.
const CAPACITY: usize = 8 * 1024;

/// Adds a buffer to what can be read from. What can be written to as well still can.
pub struct BufReader<R> {
    inner: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// The buffer's length when no long line makes it larger.
    capacity: usize,
    /// The longest stretch that is waited for.
    limit: usize,
}

impl<R> BufReader<R> {
    /// A buffer of 8 KiB, and lines as long as memory allows.
    pub fn new(inner: R) -> BufReader<R> {
        BufReader::with_capacity(CAPACITY, inner)
    }

    /// A buffer of `capacity` bytes, at least one. It grows for a longer line, and shrinks after it.
    pub fn with_capacity(capacity: usize, inner: R) -> BufReader<R> {
        let capacity = capacity.max(1);
        BufReader { inner, buffer: Vec::new(), start: 0, end: 0, capacity, limit: usize::MAX }
    }

    /// Lets lines be at most `bytes` long, with their end. Where input may be hostile, set this: a
    /// line that never ends would otherwise take all memory.
    #[must_use]
    pub fn with_limit(mut self, bytes: usize) -> BufReader<R> {
        self.limit = bytes;
        self
    }

    /// What has been read from the inner reader and not been taken yet.
    pub fn buffer(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// The inner reader.
    pub fn get_ref(&self) -> &R {
        &self.inner
    }

    /// The inner reader; what is read from it directly comes after what is in the buffer.
    pub fn get_mut(&mut self) -> &mut R {
        &mut self.inner
    }

    /// The inner reader; what is in the buffer is lost.
    pub fn into_inner(self) -> R {
        self.inner
    }

    /// Takes `count` bytes off the front of [`buffer`](BufReader::buffer).
    ///
    /// # Panics
    /// More than there are.
    pub fn consume(&mut self, count: usize) {
        assert!(count <= self.end - self.start, "{count} bytes to be consumed are not there");
        self.start += count;
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
            if self.buffer.len() > self.capacity {
                self.buffer = Vec::new();
            }
        }
    }
}

impl<R: AsyncRead> BufReader<R> {
    /// Waits until something is in the buffer, and shows it. Nothing is the end.
    ///
    /// Cancel safe: what was read stays in the buffer.
    ///
    /// # Errors
    /// Those of the inner reader.
    pub fn fill_buf(&mut self) -> FillBuf<'_, R> {
        FillBuf { reader: Some(self) }
    }

    /// Appends all up to and with the next `delimiter`, or the end, to `bytes`; says how many these
    /// were, 0 at the end.
    ///
    /// Cancel safe: until it is ready, nothing is appended, and what has come stays in the reader.
    ///
    /// # Errors
    /// Those of the inner reader, after which the bytes before it are still there to be read;
    /// `InvalidData` where the limit is reached without a delimiter: nothing is taken then, and the
    /// next call says the same.
    pub fn read_until<'a>(&'a mut self, delimiter: u8, bytes: &'a mut Vec<u8>) -> ReadUntil<'a, R> {
        ReadUntil { reader: self, delimiter, searched: 0, bytes }
    }

    /// Appends a line with its `\n`, or the rest before the end, to `line`; says how many bytes these
    /// were, 0 at the end.
    ///
    /// Cancel safe, as [`read_until`](BufReader::read_until).
    ///
    /// # Errors
    /// As [`read_until`](BufReader::read_until); `InvalidData` for a line that is not UTF-8, which is
    /// then taken and dropped, so that the next call gives the next line.
    pub fn read_line<'a>(&'a mut self, line: &'a mut String) -> ReadLine<'a, R> {
        ReadLine { reader: self, searched: 0, line }
    }

    /// Waits until the next stretch is complete, and gives its length. `searched` bytes are known to
    /// hold no delimiter: without that, a line that comes byte by byte costs its length squared.
    pub(super) fn poll_stretch(
        &mut self,
        context: &mut Context<'_>,
        delimiter: u8,
        searched: &mut usize,
    ) -> Poll<io::Result<usize>> {
        loop {
            let known = self.buffer();
            let found = known[*searched..].iter().position(|byte| *byte == delimiter);
            let length = found.map_or(known.len(), |at| *searched + at + 1);
            if length > self.limit || (found.is_none() && length == self.limit) {
                return Poll::Ready(Err(too_long(self.limit)));
            }
            if found.is_some() {
                return Poll::Ready(Ok(length));
            }
            *searched = length;
            if ready!(self.poll_more(context))? == 0 {
                return Poll::Ready(Ok(length));
            }
        }
    }

    /// Reads once into the room behind what is there, and makes such room first.
    fn poll_more(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.buffer.is_empty() {
            self.buffer.resize(self.capacity, 0);
        }
        if self.end == self.buffer.len() {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        if self.end == self.buffer.len() {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        let count = ready!(self.inner.poll_read(context, &mut self.buffer[self.end..]))?;
        self.end += count;
        Poll::Ready(Ok(count))
    }

    fn poll_fill(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.start == self.end {
            ready!(self.poll_more(context))?;
        }
        Poll::Ready(Ok(()))
    }
}

fn too_long(limit: usize) -> io::Error {
    let what = format!("no end of the line within {limit} bytes");
    io::Error::new(io::ErrorKind::InvalidData, what)
}

impl<R: AsyncRead> AsyncRead for BufReader<R> {
    /// Past an empty buffer, a large read goes to the inner reader directly.
    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if self.start == self.end && buffer.len() >= self.capacity {
            return self.inner.poll_read(context, buffer);
        }
        if buffer.is_empty() {
            return Poll::Ready(Ok(0));
        }
        ready!(self.poll_fill(context))?;
        let count = buffer.len().min(self.end - self.start);
        buffer[..count].copy_from_slice(&self.buffer()[..count]);
        self.consume(count);
        Poll::Ready(Ok(count))
    }
}

/// Past the buffer: writing has nothing to do with it.
impl<W: AsyncWrite> AsyncWrite for BufReader<W> {
    fn poll_write(&mut self, context: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        self.inner.poll_write(context, buffer)
    }

    fn poll_write_vectored(
        &mut self,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.inner.poll_write_vectored(context, buffers)
    }

    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner.poll_flush(context)
    }

    fn poll_shutdown(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner.poll_shutdown(context)
    }
}

impl<R: fmt::Debug> fmt::Debug for BufReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = self.end - self.start;
        f.debug_struct("BufReader").field("inner", &self.inner).field("held", &held).finish()
    }
}

/// The future of [`BufReader::fill_buf`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct FillBuf<'a, R> {
    /// `None` once it has been ready.
    reader: Option<&'a mut BufReader<R>>,
}

impl<'a, R: AsyncRead> Future for FillBuf<'a, R> {
    type Output = io::Result<&'a [u8]>;

    /// # Panics
    /// Polled again after it was ready.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let reader = self.reader.as_mut().expect("a FillBuf was polled after it was ready");
        ready!(reader.poll_fill(context))?;
        let reader = self.reader.take().expect("it was there above");
        Poll::Ready(Ok(reader.buffer()))
    }
}

/// The future of [`BufReader::read_until`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct ReadUntil<'a, R> {
    reader: &'a mut BufReader<R>,
    delimiter: u8,
    searched: usize,
    bytes: &'a mut Vec<u8>,
}

impl<R: AsyncRead> Future for ReadUntil<'_, R> {
    type Output = io::Result<usize>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let delimiter = this.delimiter;
        let count = ready!(this.reader.poll_stretch(context, delimiter, &mut this.searched))?;
        this.bytes.extend_from_slice(&this.reader.buffer()[..count]);
        this.reader.consume(count);
        this.searched = 0;
        Poll::Ready(Ok(count))
    }
}

/// The future of [`BufReader::read_line`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct ReadLine<'a, R> {
    reader: &'a mut BufReader<R>,
    searched: usize,
    line: &'a mut String,
}

impl<R: AsyncRead> Future for ReadLine<'_, R> {
    type Output = io::Result<usize>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let count = ready!(this.reader.poll_stretch(context, b'\n', &mut this.searched))?;
        let read = as_text(&this.reader.buffer()[..count]).map(|text| this.line.push_str(text));
        this.reader.consume(count);
        this.searched = 0;
        Poll::Ready(read.map(|()| count))
    }
}

pub(super) fn as_text(line: &[u8]) -> io::Result<&str> {
    std::str::from_utf8(line).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}
