//! Reading that may have to wait, and the futures that wait for it.
//!
//! The trait asks for the least that a type can supply, one `poll_` function; the methods with a
//! future come for free.
//!
//! ```text
//!   ReadExact { reader, buffer, filled }   poll: filled all? ──yes──► Ready(Ok)
//!     ▲   └──read n: filled += n────────────────┘ no: poll_read ──Pending──► Pending
//!     └────────────────────────────────────────────────┘  0: UnexpectedEof
//! ```
//!
//! Neighbours: `write` is the other direction; `buf_reader` reads by lines.

use std::future::Future;
use std::io;
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
    ///
    /// # Errors
    /// As [`poll_read`](AsyncRead::poll_read).
    fn read<'a>(&'a mut self, buffer: &'a mut [u8]) -> Read<'a, Self> {
        Read { reader: self, buffer }
    }

    /// Fills the whole buffer.
    ///
    /// **Not** cancel safe: dropped halfway, what it had read is lost with the borrow of the buffer.
    /// Where that matters, keep the buffer in the connection and use [`read`](AsyncRead::read).
    ///
    /// # Errors
    /// `UnexpectedEof` where the end comes first; as [`poll_read`](AsyncRead::poll_read).
    fn read_exact<'a>(&'a mut self, buffer: &'a mut [u8]) -> ReadExact<'a, Self> {
        ReadExact { reader: self, buffer, filled: 0 }
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

    #[inline]
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
