//! A connection in two halves: one to read from, one to write to.
//!
//! ```text
//!   split:       &mut S ──► ReadHalf(&)   WriteHalf(&)      one task, no allocation
//!   into_split:  S ──► Rc ─► OwnedReadHalf  OwnedWriteHalf  two tasks of one thread
//! ```
//! `S` is a TCP or a Unix stream.
//!
//! Invariant: there is one half a direction, and it is used through `&mut`: each direction of the
//! source has one waiter.
//!
//! Neighbours: `stream_socket` does the work; `tcp_stream` and `unix_stream` are divided.

use std::fmt;
use std::io::{self, IoSlice};
use std::net::{Shutdown, SocketAddr};
use std::rc::Rc;
use std::task::{Context, Poll};

use super::TcpStream;
use super::stream_socket::StreamSocket;
use crate::io::{AsyncRead, AsyncWrite};

/// A stream that can be divided.
///
/// The trait cannot be named outside: it lets one implementation of the halves serve all streams.
pub trait Divisible {
    #[doc(hidden)]
    fn socket(&self) -> &StreamSocket;
}

pub(super) fn split<S>(stream: &mut S) -> (ReadHalf<'_, S>, WriteHalf<'_, S>) {
    (ReadHalf { stream }, WriteHalf { stream })
}

pub(super) fn into_split<S: Divisible>(stream: S) -> (OwnedReadHalf<S>, OwnedWriteHalf<S>) {
    let stream = Rc::new(stream);
    let writer = OwnedWriteHalf { stream: Rc::clone(&stream), shuts_down: true };
    (OwnedReadHalf { stream }, writer)
}

/// The reading half of `split`.
#[derive(Debug)]
pub struct ReadHalf<'a, S = TcpStream> {
    stream: &'a S,
}

/// The writing half of `split`.
#[derive(Debug)]
pub struct WriteHalf<'a, S = TcpStream> {
    stream: &'a S,
}

/// The reading half of `into_split`.
#[derive(Debug)]
pub struct OwnedReadHalf<S = TcpStream> {
    stream: Rc<S>,
}

/// The writing half of `into_split`. Dropped, it ends its direction, so that the peer
/// reads the end even while the other half lives on.
#[derive(Debug)]
pub struct OwnedWriteHalf<S: Divisible = TcpStream> {
    stream: Rc<S>,
    shuts_down: bool,
}

impl<S> OwnedReadHalf<S> {
    /// The whole stream, to ask it things.
    pub fn stream(&self) -> &S {
        &self.stream
    }
}

impl<S: Divisible> OwnedReadHalf<S> {
    /// Puts the two halves of one stream together again.
    ///
    /// # Errors
    /// The halves, where they are of different streams.
    pub fn reunite(self, writer: OwnedWriteHalf<S>) -> Result<S, ReuniteError<S>> {
        if !Rc::ptr_eq(&self.stream, &writer.stream) {
            return Err(ReuniteError(self, writer));
        }
        writer.forget();
        Ok(Rc::into_inner(self.stream).expect("the two halves were the only owners"))
    }
}

impl<S: Divisible> OwnedWriteHalf<S> {
    /// The whole stream, to ask it things.
    pub fn stream(&self) -> &S {
        &self.stream
    }

    /// Drops this half without ending its direction.
    pub fn forget(mut self) {
        self.shuts_down = false;
    }
}

impl OwnedReadHalf {
    /// The address at the other end.
    ///
    /// # Errors
    /// `NotConnected` where the peer has gone already.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.peer_addr()
    }
}

impl OwnedWriteHalf {
    /// The address at the other end.
    ///
    /// # Errors
    /// `NotConnected` where the peer has gone already.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.peer_addr()
    }
}

impl<S: Divisible> Drop for OwnedWriteHalf<S> {
    fn drop(&mut self) {
        if self.shuts_down {
            // Fails where the peer has gone already, and then there is nothing to end.
            let _ = self.stream.socket().shutdown(Shutdown::Write);
        }
    }
}

impl<S: Divisible> AsyncRead for ReadHalf<'_, S> {
    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.stream.socket().poll_read(context, buffer)
    }
}

impl<S: Divisible> AsyncRead for OwnedReadHalf<S> {
    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.stream.socket().poll_read(context, buffer)
    }
}

impl<S: Divisible> AsyncWrite for WriteHalf<'_, S> {
    fn poll_write(&mut self, context: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        self.stream.socket().poll_write(context, buffer)
    }

    fn poll_write_vectored(
        &mut self,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream.socket().poll_write_vectored(context, buffers)
    }

    fn poll_shutdown(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.stream.socket().shutdown(Shutdown::Write))
    }
}

impl<S: Divisible> AsyncWrite for OwnedWriteHalf<S> {
    fn poll_write(&mut self, context: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        self.stream.socket().poll_write(context, buffer)
    }

    fn poll_write_vectored(
        &mut self,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream.socket().poll_write_vectored(context, buffers)
    }

    fn poll_shutdown(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let ended = self.stream.socket().shutdown(Shutdown::Write);
        self.shuts_down &= ended.is_err();
        Poll::Ready(ended)
    }
}

/// The halves handed to [`OwnedReadHalf::reunite`] were of different streams; here they are again.
pub struct ReuniteError<S: Divisible = TcpStream>(
    /// The reading half.
    pub OwnedReadHalf<S>,
    /// The writing half.
    pub OwnedWriteHalf<S>,
);

impl<S: Divisible> fmt::Debug for ReuniteError<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReuniteError")
    }
}

impl<S: Divisible> fmt::Display for ReuniteError<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the two halves belong to different streams")
    }
}

impl<S: Divisible> std::error::Error for ReuniteError<S> {}
