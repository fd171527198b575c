//! Reading and writing that may have to wait, and the futures that wait for it.
//!
//! The two traits ask for the least that a type can supply, a `poll_` function a direction; the
//! methods with a future come for free. The futures are state machines by hand: what each must
//! remember between two polls is what its struct holds.
//!
//! ```text
//!   WriteAll { writer, rest }         poll: rest empty? ──yes──► Ready(Ok)
//!     ▲   └───wrote n: rest = rest[n..]────────┘ no: poll_write ──Pending──► Pending
//! ```
//!
//! What is absent: `Pin<&mut Self>` receivers. Nothing here borrows from itself, so a plain
//! `&mut self` is enough, and shorter to explain.
//!
//! Neighbours: `net` implements both traits.

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// What bytes can be read from.
pub trait AsyncRead {
    /// Reads what is there, at most `buffer.len()` bytes. `Ready(Ok(0))` is the end, or an empty
    /// buffer, which is never waited for.
    ///
    /// At `Pending` nothing was read, and the task of this poll is woken when it is worth another.
    ///
    /// # Errors
    /// Those of the descriptor; never `WouldBlock` or `Interrupted`.
    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>>;

    /// Reads what is there, at most `buffer.len()` bytes, waiting until there is something. 0 is the
    /// end.
    ///
    /// Cancel safe: a future dropped before it was ready has read nothing.
    fn read<'a>(&'a mut self, buffer: &'a mut [u8]) -> Read<'a, Self> {
        Read { reader: self, buffer }
    }

    /// Fills the whole buffer.
    ///
    /// **Not** cancel safe: dropped halfway, what it had read is lost with the borrow of the buffer.
    /// Where that matters, keep the buffer in the connection and use [`read`](AsyncRead::read).
    ///
    /// # Errors
    /// `UnexpectedEof` where the end comes first.
    fn read_exact<'a>(&'a mut self, buffer: &'a mut [u8]) -> ReadExact<'a, Self> {
        ReadExact { reader: self, buffer, filled: 0 }
    }
}

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

    /// Ends the writing direction: the peer reads what was written, then the end.
    ///
    /// # Errors
    /// `NotConnected` where the peer has gone already.
    fn poll_shutdown(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Writes what fits, waiting until something does.
    ///
    /// Cancel safe: a future dropped before it was ready has written nothing.
    fn write<'a>(&'a mut self, buffer: &'a [u8]) -> Write<'a, Self> {
        Write { writer: self, buffer }
    }

    /// Writes what fits from several buffers, waiting until something does.
    ///
    /// Cancel safe, as [`write`](AsyncWrite::write).
    fn write_vectored<'a>(&'a mut self, buffers: &'a [IoSlice<'a>]) -> WriteVectored<'a, Self> {
        WriteVectored { writer: self, buffers }
    }

    /// Writes all of the buffer.
    ///
    /// **Not** cancel safe: dropped halfway, nobody knows how much of it was written.
    ///
    /// # Errors
    /// `WriteZero` where the descriptor takes nothing more.
    fn write_all<'a>(&'a mut self, buffer: &'a [u8]) -> WriteAll<'a, Self> {
        WriteAll { writer: self, rest: buffer }
    }

    /// Ends the writing direction.
    fn shutdown(&mut self) -> Shutdown<'_, Self> {
        Shutdown { writer: self }
    }
}

/// The future of [`AsyncRead::read`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Read<'a, R: ?Sized> {
    reader: &'a mut R,
    buffer: &'a mut [u8],
}

impl<R: AsyncRead + ?Sized> Future for Read<'_, R> {
    type Output = io::Result<usize>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        this.reader.poll_read(context, this.buffer)
    }
}

/// The future of [`AsyncRead::read_exact`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct ReadExact<'a, R: ?Sized> {
    reader: &'a mut R,
    buffer: &'a mut [u8],
    filled: usize,
}

impl<R: AsyncRead + ?Sized> Future for ReadExact<'_, R> {
    type Output = io::Result<()>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        while this.filled < this.buffer.len() {
            let unfilled = &mut this.buffer[this.filled..];
            match ready!(this.reader.poll_read(context, unfilled))? {
                0 => return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into())),
                count => this.filled += count,
            }
        }
        Poll::Ready(Ok(()))
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

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        while !this.rest.is_empty() {
            match ready!(this.writer.poll_write(context, this.rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => this.rest = &this.rest[count..],
            }
        }
        Poll::Ready(Ok(()))
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
