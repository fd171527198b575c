//! Writing that may have to wait, and the futures that wait for it.
//!
//! ```text
//!   WriteAll { writer, rest }         poll: rest empty? ──yes──► Ready(Ok)
//!     ▲   └───wrote n: rest = rest[n..]────────┘ no: poll_write ──Pending──► Pending
//! ```
//!
//! Neighbours: `read` is the other direction; `buf_writer` gathers small writes.

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// What bytes can be written to.
pub trait AsyncWrite {
    /// Writes what fits, perhaps less than all.
    ///
    /// At `Pending` nothing was written, and the task of this poll is woken when it is worth another.
    ///
    /// # Errors
    /// Those of the descriptor; never `WouldBlock` or `Interrupted`. A peer that has gone is
    /// `BrokenPipe` or `ConnectionReset`, never a signal.
    fn poll_write(&mut self, context: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>>;

    /// Writes what fits from several buffers, in order, in one call.
    ///
    /// # Errors
    /// As [`poll_write`](AsyncWrite::poll_write).
    fn poll_write_vectored(
        &mut self,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>>;

    /// Hands on what this writer has kept back; a type without a buffer keeps nothing back.
    ///
    /// # Errors
    /// As [`poll_write`](AsyncWrite::poll_write).
    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Ends the writing direction: the peer reads what was written, then the end.
    ///
    /// # Errors
    /// `NotConnected` where the peer has gone already.
    fn poll_shutdown(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Writes what fits, waiting until something does.
    ///
    /// Cancel safe: a future dropped before it was ready has written nothing.
    ///
    /// # Errors
    /// As [`poll_write`](AsyncWrite::poll_write).
    fn write<'a>(&'a mut self, buffer: &'a [u8]) -> Write<'a, Self> {
        Write { writer: self, buffer }
    }

    /// Writes what fits from several buffers, waiting until something does.
    ///
    /// Cancel safe, as [`write`](AsyncWrite::write).
    ///
    /// # Errors
    /// As [`poll_write`](AsyncWrite::poll_write).
    fn write_vectored<'a>(&'a mut self, buffers: &'a [IoSlice<'a>]) -> WriteVectored<'a, Self> {
        WriteVectored { writer: self, buffers }
    }

    /// Writes all of the buffer.
    ///
    /// **Not** cancel safe: dropped halfway, nobody knows how much of it was written.
    ///
    /// # Errors
    /// `WriteZero` where the descriptor takes nothing more; as
    /// [`poll_write`](AsyncWrite::poll_write).
    fn write_all<'a>(&'a mut self, buffer: &'a [u8]) -> WriteAll<'a, Self> {
        WriteAll { writer: self, rest: buffer }
    }

    /// Hands on what this writer has kept back, waiting until all of it has gone.
    ///
    /// Cancel safe: what has not gone stays in the writer, and the next flush goes on with it.
    ///
    /// # Errors
    /// As [`poll_write`](AsyncWrite::poll_write).
    fn flush(&mut self) -> Flush<'_, Self> {
        Flush { writer: self }
    }

    /// Ends the writing direction, after a flush where the writer keeps something back.
    ///
    /// Cancel safe: the next shutdown goes on with it.
    ///
    /// # Errors
    /// As [`poll_shutdown`](AsyncWrite::poll_shutdown).
    fn shutdown(&mut self) -> Shutdown<'_, Self> {
        Shutdown { writer: self }
    }
}

/// The future of [`AsyncWrite::write`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Write<'a, W: ?Sized> {
    writer: &'a mut W,
    buffer: &'a [u8],
}

impl<W: AsyncWrite + ?Sized> Future for Write<'_, W> {
    type Output = io::Result<usize>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        this.writer.poll_write(context, this.buffer)
    }
}

/// The future of [`AsyncWrite::write_vectored`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct WriteVectored<'a, W: ?Sized> {
    writer: &'a mut W,
    buffers: &'a [IoSlice<'a>],
}

impl<W: AsyncWrite + ?Sized> Future for WriteVectored<'_, W> {
    type Output = io::Result<usize>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        this.writer.poll_write_vectored(context, this.buffers)
    }
}

/// The future of [`AsyncWrite::write_all`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct WriteAll<'a, W: ?Sized> {
    writer: &'a mut W,
    rest: &'a [u8],
}

impl<W: AsyncWrite + ?Sized> Future for WriteAll<'_, W> {
    type Output = io::Result<()>;

    #[inline(always)] // two users are too many for the compiler's own judgement; it is short
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if this.rest.is_empty() {
            return Poll::Ready(Ok(()));
        }
        match ready!(this.writer.poll_write(context, this.rest))? {
            all if all == this.rest.len() => this.rest = &[],
            count => return this.poll_after(count, context),
        }
        Poll::Ready(Ok(()))
    }
}

impl<W: AsyncWrite + ?Sized> WriteAll<'_, W> {
    /// Goes on after `count` bytes. Apart, for nearly always the first write has taken all.
    #[cold]
    #[inline(never)]
    fn poll_after(&mut self, mut count: usize, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.rest = &self.rest[count..];
            if self.rest.is_empty() {
                return Poll::Ready(Ok(()));
            }
            count = ready!(self.writer.poll_write(context, self.rest))?;
        }
    }
}

/// The future of [`AsyncWrite::flush`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Flush<'a, W: ?Sized> {
    writer: &'a mut W,
}

impl<W: AsyncWrite + ?Sized> Future for Flush<'_, W> {
    type Output = io::Result<()>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.get_mut().writer.poll_flush(context)
    }
}

/// The future of [`AsyncWrite::shutdown`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Shutdown<'a, W: ?Sized> {
    writer: &'a mut W,
}

impl<W: AsyncWrite + ?Sized> Future for Shutdown<'_, W> {
    type Output = io::Result<()>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.get_mut().writer.poll_shutdown(context)
    }
}
