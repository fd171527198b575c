//! Line by line.
//!
//! ```text
//!   next_line ──► stretch up to `\n` ──► without `\n` or `\r\n` ──► Some(line)
//!                      └─ the end, nothing before it ─────────────► None
//! ```
//!
//! Neighbours: `buf_reader` holds the part of a line that has come.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::AsyncRead;
use super::buf_reader::{BufReader, as_text};

impl<R: AsyncRead> BufReader<R> {
    /// Line by line, without their ends (`\n` or `\r\n`).
    pub fn lines(self) -> Lines<R> {
        Lines { reader: self, searched: 0 }
    }
}

/// The lines of a reader; see [`BufReader::lines`].
#[derive(Debug)]
pub struct Lines<R> {
    reader: BufReader<R>,
    /// How much of the line that is coming is known to have no end.
    searched: usize,
}

impl<R> Lines<R> {
    /// The reader, with the part of a line that has come.
    pub fn into_inner(self) -> BufReader<R> {
        self.reader
    }

    /// The reader.
    pub fn get_ref(&self) -> &BufReader<R> {
        &self.reader
    }
}

impl<R: AsyncRead> Lines<R> {
    /// The next line, without its end; `None` after the last. What comes after the last `\n` is a
    /// line too, if it is not empty.
    ///
    /// Cancel safe: the part of a line that has come stays in the reader.
    ///
    /// # Errors
    /// As [`BufReader::read_line`].
    pub fn next_line(&mut self) -> NextLine<'_, R> {
        NextLine { lines: self }
    }

    /// [`next_line`](Lines::next_line) as a poll function.
    ///
    /// # Errors
    /// As [`next_line`](Lines::next_line).
    pub fn poll_next_line(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<Option<String>>> {
        let count = ready!(self.reader.poll_stretch(context, b'\n', &mut self.searched))?;
        self.searched = 0;
        let line = as_text(without_end(&self.reader.buffer()[..count])).map(str::to_owned);
        self.reader.consume(count);
        Poll::Ready(line.map(|line| (count > 0).then_some(line)))
    }
}

fn without_end(line: &[u8]) -> &[u8] {
    let Some(line) = line.strip_suffix(b"\n") else { return line };
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// The future of [`Lines::next_line`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct NextLine<'a, R> {
    lines: &'a mut Lines<R>,
}

impl<R: AsyncRead> Future for NextLine<'_, R> {
    type Output = io::Result<Option<String>>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.get_mut().lines.poll_next_line(context)
    }
}
