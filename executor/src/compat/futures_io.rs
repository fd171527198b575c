//! The traits of `futures`: readers, writers and streams.
//!
//! | ours | theirs |
//! | --- | --- |
//! | `Compat<T>`, `T: AsyncRead` | `futures_io::AsyncRead` |
//! | `Compat<BufReader<R>>` | `futures_io::AsyncBufRead`, too |
//! | `Compat<T>`, `T: AsyncWrite` | `futures_io::AsyncWrite`; `poll_close` ends the writing direction |
//! | `Compat<TcpListener>` | `Stream<Item = io::Result<TcpStream>>`, without an end |
//! | `Compat<UnixListener>` | `Stream<Item = io::Result<UnixStream>>`, without an end |
//! | `Compat<Lines<R>>` | `Stream<Item = io::Result<String>>` |
//! | `Compat<Interval>` | `Stream<Item = Instant>`, without an end |
//! | `mpsc::Receiver<T>`, `cross::Receiver<T>` | `Stream<Item = T>`, ends with the last sender |
//! | `broadcast::Receiver<T>` | `Stream<Item = Result<T, Lagged>>`, ends with the last sender |
//! | `watch::Receiver<T>` | `Stream<Item = T>`, each change; ends with the last sender |
//! | `SenderSink<T>` | `Sink<T>`, made of either sender of `mpsc`; see `sink` |
//!
//! Cancel safety: a stream's `next` that is dropped has taken no item with it.
//!
//! The writers' functions say the same here, in `hyper` and in `tokio_io`: each world has its own trait, and
//! one `impl` is all that it is told by. A macro would be shorter, and hide that nothing happens in them.

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use futures_core::Stream;

use super::Compat;
use crate::cross;
use crate::sync::{broadcast, mpsc, watch};
use reactor::io::{AsyncRead, AsyncWrite, BufReader, Lines};
use reactor::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use reactor::time::Interval;

impl<T: AsyncRead> futures_io::AsyncRead for Compat<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().inner.poll_read(context, buffer)
    }
}

impl<T: AsyncWrite> futures_io::AsyncWrite for Compat<T> {
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

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().inner.poll_flush(context)
    }

    fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().poll_end(context)
    }
}

impl<R: AsyncRead> futures_io::AsyncBufRead for Compat<BufReader<R>> {
    fn poll_fill_buf(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        Pin::new(&mut self.get_mut().inner.fill_buf()).poll(context)
    }

    /// # Panics
    /// More than there are.
    fn consume(self: Pin<&mut Self>, count: usize) {
        self.get_mut().inner.consume(count);
    }
}

/// As std's `incoming`: each connection, or why it could not be taken. It goes on after an error.
impl Stream for Compat<TcpListener> {
    type Item = io::Result<TcpStream>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let accepted = ready!(self.get_mut().inner.poll_accept(context));
        Poll::Ready(Some(accepted.map(|(stream, _)| stream)))
    }
}

/// As that of the TCP listener.
impl Stream for Compat<UnixListener> {
    type Item = io::Result<UnixStream>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let accepted = ready!(self.get_mut().inner.poll_accept(context));
        Poll::Ready(Some(accepted.map(|(stream, _)| stream)))
    }
}

/// Each line, until the end.
impl<R: AsyncRead> Stream for Compat<Lines<R>> {
    type Item = io::Result<String>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().inner.poll_next_line(context).map(Result::transpose)
    }
}

/// Each tick, as the moment for which it was planned.
impl Stream for Compat<Interval> {
    type Item = Instant;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Instant>> {
        self.get_mut().inner.poll_tick(context).map(Some)
    }
}

/// Each value, until none is left and no sender either.
impl<T> Stream for mpsc::Receiver<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        self.get_mut().poll_recv(context)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len(), None)
    }
}

/// Each value, until none is left and no sender either.
impl<T> Stream for cross::Receiver<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        self.get_mut().poll_recv(context)
    }
}

/// Each value, and in their place how many were missed, until none is left and no sender either.
impl<T: Clone> Stream for broadcast::Receiver<T> {
    type Item = Result<T, broadcast::Lagged>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let received = ready!(self.get_mut().poll_recv(context));
        Poll::Ready(match received {
            Ok(value) => Some(Ok(value)),
            Err(broadcast::RecvError::Lagged(missed)) => Some(Err(broadcast::Lagged(missed))),
            Err(broadcast::RecvError::Closed) => None,
        })
    }
}

/// A clone of the value each time that it has changed since it was last seen, until no sender is left.
/// What has been seen already, as the value at the start, is no item; what changes twice in between is one.
impl<T: Clone> Stream for watch::Receiver<T> {
    type Item = T;

    /// # Panics
    /// Where the value's `clone` changes it through its own channel.
    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let receiver = self.get_mut();
        let changed = ready!(receiver.poll_changed(context));
        Poll::Ready(changed.ok().map(|()| receiver.borrow().clone()))
    }
}
