//! From a reader to a writer, in one direction or in both.
//!
//! ```text
//!   One direction (`Transfer`):
//!        ┌──1 read n──► [buffer] ──2 write──► empty ──┐
//!   reading ◄─────────────────────────────────────────┘
//!        └──3 read 0──► flushing ──4 flush──► ending ──5 shutdown──► over(count)
//!                                      └─ copy: over at once
//! ```
//!
//! In both directions, each goes on by itself: the end of one is handed on as a half-close, and the
//! other may go on for long. An error of either ends both.
//!
//! Invariant: while nothing can be read, what was written before is flushed, so that no byte waits in
//! a writer's buffer for bytes that may never come.
//!
//! Neighbours: `read` and `write` have the traits.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::{AsyncRead, AsyncWrite};

/// How many bytes are moved at once.
const CAPACITY: usize = 8 * 1024;

/// Copies all that `reader` gives, up to its end, into `writer`, flushes it, and says how many bytes
/// that were. The writing direction stays open.
///
/// **Not** cancel safe: dropped, it drops what it has read and not yet written, up to 8 KiB. To wait
/// for something else in between, poll it by reference (`&mut`), and nothing is lost.
///
/// # Errors
/// The first of the reader or the writer.
pub fn copy<'a, R, W>(reader: &'a mut R, writer: &'a mut W) -> Copy<'a, R, W>
where
    R: AsyncRead + ?Sized,
    W: AsyncWrite + ?Sized,
{
    Copy { reader, writer, transfer: Transfer::new() }
}

/// Copies in both directions until both have ended, and says how many bytes went from `a` to `b` and
/// from `b` to `a`. The end of one direction is handed on (shutdown), and the other goes on.
///
/// **Not** cancel safe, as [`copy`].
///
/// # Errors
/// The first of either direction; the other ends with it.
pub fn copy_bidirectional<'a, A, B>(a: &'a mut A, b: &'a mut B) -> CopyBidirectional<'a, A, B>
where
    A: AsyncRead + AsyncWrite + ?Sized,
    B: AsyncRead + AsyncWrite + ?Sized,
{
    CopyBidirectional { a, b, forth: Transfer::new(), back: Transfer::new() }
}

/// What one direction must remember.
struct Transfer {
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    count: u64,
    /// Something was written that was not flushed since.
    unflushed: bool,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Moving,
    Flushing,
    Ending,
    Over,
}

impl Transfer {
    fn new() -> Transfer {
        let state = State::Moving;
        Transfer { buffer: Vec::new(), start: 0, end: 0, count: 0, unflushed: false, state }
    }

    /// Arrows 1 to 4.
    fn poll_copy<R, W>(
        &mut self,
        context: &mut Context<'_>,
        reader: &mut R,
        writer: &mut W,
    ) -> Poll<io::Result<()>>
    where
        R: AsyncRead + ?Sized,
        W: AsyncWrite + ?Sized,
    {
        while self.state == State::Moving {
            if self.start == self.end {
                ready!(self.poll_refill(context, reader, writer))?;
            } else {
                ready!(self.poll_drain(context, writer))?;
            }
        }
        if self.state == State::Flushing {
            ready!(writer.poll_flush(context))?;
            self.buffer = Vec::new();
            self.state = State::Ending;
        }
        Poll::Ready(Ok(()))
    }

    /// Arrows 1 and 3.
    fn poll_refill<R, W>(
        &mut self,
        context: &mut Context<'_>,
        reader: &mut R,
        writer: &mut W,
    ) -> Poll<io::Result<()>>
    where
        R: AsyncRead + ?Sized,
        W: AsyncWrite + ?Sized,
    {
        self.buffer.resize(CAPACITY, 0);
        let Poll::Ready(read) = reader.poll_read(context, &mut self.buffer) else {
            if self.unflushed {
                ready!(writer.poll_flush(context))?;
                self.unflushed = false;
            }
            return Poll::Pending;
        };
        (self.start, self.end) = (0, read?);
        if self.end == 0 {
            self.state = State::Flushing;
        }
        Poll::Ready(Ok(()))
    }

    /// Arrow 2.
    fn poll_drain<W>(&mut self, context: &mut Context<'_>, writer: &mut W) -> Poll<io::Result<()>>
    where
        W: AsyncWrite + ?Sized,
    {
        let rest = &self.buffer[self.start..self.end];
        match ready!(writer.poll_write(context, rest))? {
            0 => Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
            count => {
                self.start += count;
                self.count += count as u64;
                self.unflushed = true;
                Poll::Ready(Ok(()))
            }
        }
    }

    /// All arrows.
    fn poll_copy_and_end<R, W>(
        &mut self,
        context: &mut Context<'_>,
        reader: &mut R,
        writer: &mut W,
    ) -> Poll<io::Result<u64>>
    where
        R: AsyncRead + ?Sized,
        W: AsyncWrite + ?Sized,
    {
        ready!(self.poll_copy(context, reader, writer))?;
        if self.state == State::Ending {
            match ready!(writer.poll_shutdown(context)) {
                // Who has gone altogether needs no half-close.
                Err(error) if error.kind() != io::ErrorKind::NotConnected => {
                    return Poll::Ready(Err(error));
                }
                _ => self.state = State::Over,
            }
        }
        Poll::Ready(Ok(self.count))
    }
}

/// The future of [`copy`].
#[must_use = "futures do nothing unless awaited"]
pub struct Copy<'a, R: ?Sized, W: ?Sized> {
    reader: &'a mut R,
    writer: &'a mut W,
    transfer: Transfer,
}

impl<R: ?Sized, W: ?Sized> Copy<'_, R, W> {
    /// How many bytes were written so far.
    pub fn count(&self) -> u64 {
        self.transfer.count
    }
}

impl<R: AsyncRead + ?Sized, W: AsyncWrite + ?Sized> Future for Copy<'_, R, W> {
    type Output = io::Result<u64>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        ready!(this.transfer.poll_copy(context, this.reader, this.writer))?;
        Poll::Ready(Ok(this.transfer.count))
    }
}

impl<R: ?Sized, W: ?Sized> fmt::Debug for Copy<'_, R, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Copy").field("count", &self.count()).finish_non_exhaustive()
    }
}

/// The future of [`copy_bidirectional`].
#[must_use = "futures do nothing unless awaited"]
pub struct CopyBidirectional<'a, A: ?Sized, B: ?Sized> {
    a: &'a mut A,
    b: &'a mut B,
    forth: Transfer,
    back: Transfer,
}

impl<A: ?Sized, B: ?Sized> CopyBidirectional<'_, A, B> {
    /// How many bytes were written so far: from `a` to `b`, from `b` to `a`.
    pub fn counts(&self) -> (u64, u64) {
        (self.forth.count, self.back.count)
    }
}

impl<A, B> Future for CopyBidirectional<'_, A, B>
where
    A: AsyncRead + AsyncWrite + ?Sized,
    B: AsyncRead + AsyncWrite + ?Sized,
{
    type Output = io::Result<(u64, u64)>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        // Both are polled each time: each has a waiter of its own to leave.
        let forth = this.forth.poll_copy_and_end(context, this.a, this.b)?;
        let back = this.back.poll_copy_and_end(context, this.b, this.a)?;
        match (forth, back) {
            (Poll::Ready(forth), Poll::Ready(back)) => Poll::Ready(Ok((forth, back))),
            _ => Poll::Pending,
        }
    }
}

impl<A: ?Sized, B: ?Sized> fmt::Debug for CopyBidirectional<'_, A, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CopyBidirectional").field("counts", &self.counts()).finish_non_exhaustive()
    }
}
