//! The process's own standard streams, without blocking the loop.
//!
//! They are shared: with the shell that started the process, with what else runs in that terminal. To
//! make them nonblocking would change them for all of these. So they stay as they are, and each
//! operation asks first:
//!
//! ```text
//!   read: poll(2) "now?" ──yes──► read(2)          wait, as for any source, for the kernel's word
//!             └──────no, so WouldBlock──────────────► Pending
//! ```
//!
//! A thread that blocks in a read would be the other way. It would hold up the end of the program
//! until somebody types; here, a dropped read leaves nothing behind.
//!
//! A stream may be a regular file (`< file`, `> file`), which cannot be waited for and need not be: it
//! is read and written at once.
//!
//! Limits: another process that reads the same terminal may take what we have just been told of, and
//! our read then waits for the next line with the whole thread. Std's own `print!` and `stdin()` have
//! buffers of their own: who mixes both sees their bytes out of order.
//!
//! Neighbours: `source` waits; `io::BufReader` makes lines.

use std::fmt;
use std::io::{self, IoSlice};
use std::os::fd::{AsFd, BorrowedFd};
use std::task::{Context, Poll, ready};

use crate::budget;
use crate::io::{AsyncRead, AsyncWrite};
use crate::source::Source;
use crate::sources::Direction;
use crate::sys::descriptor;

/// The standard input.
pub struct Stdin {
    stream: Stream<io::Stdin>,
}

/// The standard output.
pub struct Stdout {
    stream: Stream<io::Stdout>,
}

/// The standard error.
pub struct Stderr {
    stream: Stream<io::Stderr>,
}

/// The standard input, for this reactor.
///
/// # Errors
/// `AlreadyExists` while another [`Stdin`] of this reactor lives; what the kernel says, such as
/// for an input that is closed.
///
/// # Panics
/// Where no reactor is running on this thread.
#[track_caller]
pub fn stdin() -> io::Result<Stdin> {
    Ok(Stdin { stream: Stream::new(io::stdin())? })
}

/// The standard output, for this reactor.
///
/// # Errors
/// As [`stdin`].
///
/// # Panics
/// Where no reactor is running on this thread.
#[track_caller]
pub fn stdout() -> io::Result<Stdout> {
    Ok(Stdout { stream: Stream::new(io::stdout())? })
}

/// The standard error, for this reactor.
///
/// # Errors
/// As [`stdin`].
///
/// # Panics
/// Where no reactor is running on this thread.
#[track_caller]
pub fn stderr() -> io::Result<Stderr> {
    Ok(Stderr { stream: Stream::new(io::stderr())? })
}

/// A descriptor that may block and must be left as it is.
enum Stream<T: AsFd> {
    Waits(Source<T>),
    /// A regular file, or another thing that is always ready.
    Always(T),
}

impl<T: AsFd> Stream<T> {
    #[track_caller]
    fn new(io: T) -> io::Result<Stream<T>>
    where
        T: Standard,
    {
        match Source::new(io) {
            Ok(source) => Ok(Stream::Waits(source)),
            Err(error) if cannot_be_waited_for(&error) => Ok(Stream::Always(T::again())),
            Err(error) => Err(error),
        }
    }

    fn poll<R>(
        &self,
        context: &mut Context<'_>,
        direction: Direction,
        mut operation: impl FnMut(BorrowedFd<'_>) -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        match self {
            Stream::Waits(source) => source.poll_io(context, direction, |io| operation(io.as_fd())),
            Stream::Always(io) => {
                ready!(budget::poll_available(context));
                loop {
                    match operation(io.as_fd()) {
                        Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                        result => {
                            budget::spend();
                            return Poll::Ready(result);
                        }
                    }
                }
            }
        }
    }
}

/// What epoll says to a regular file, and kqueue to some devices.
fn cannot_be_waited_for(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::InvalidInput)
}

/// A stream of which std hands out as many handles as one likes.
trait Standard {
    fn again() -> Self;
}

impl Standard for io::Stdin {
    fn again() -> io::Stdin {
        io::stdin()
    }
}

impl Standard for io::Stdout {
    fn again() -> io::Stdout {
        io::stdout()
    }
}

impl Standard for io::Stderr {
    fn again() -> io::Stderr {
        io::stderr()
    }
}

impl AsyncRead for Stdin {
    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if buffer.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let read = |fd: BorrowedFd<'_>| descriptor::read_if_ready(fd, buffer);
        self.stream.poll(context, Direction::Read, read)
    }
}

impl<T: AsFd> Stream<T> {
    fn poll_write(&self, context: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        let write = |fd: BorrowedFd<'_>| descriptor::write_if_ready(fd, buffer);
        self.poll(context, Direction::Write, write)
    }

    fn poll_write_vectored(
        &self,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let first = buffers.iter().find(|buffer| !buffer.is_empty());
        self.poll_write(context, first.map_or(&[], |buffer| buffer))
    }
}

impl AsyncWrite for Stdout {
    fn poll_write(&mut self, context: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        self.stream.poll_write(context, buffer)
    }

    /// Writes from the first buffer that is not empty.
    fn poll_write_vectored(
        &mut self,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream.poll_write_vectored(context, buffers)
    }

    /// Nothing is kept back, and the stream is the process's own: it stays open.
    fn poll_shutdown(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stderr {
    fn poll_write(&mut self, context: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        self.stream.poll_write(context, buffer)
    }

    /// Writes from the first buffer that is not empty.
    fn poll_write_vectored(
        &mut self,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream.poll_write_vectored(context, buffers)
    }

    /// Nothing is kept back, and the stream is the process's own: it stays open.
    fn poll_shutdown(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl fmt::Debug for Stdin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stdin")
    }
}

impl fmt::Debug for Stdout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stdout")
    }
}

impl fmt::Debug for Stderr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stderr")
    }
}
