//! A connection in two halves: one to read from, one to write to.
//!
//! ```text
//!   split:       &mut TcpStream ──► ReadHalf(&)   WriteHalf(&)      one task, no allocation
//!   into_split:  TcpStream ──► Rc ─► OwnedReadHalf  OwnedWriteHalf  two tasks of one thread
//! ```
//!
//! Invariant: there is one half a direction, and it is used through `&mut`: each direction of the
//! source has one waiter.
//!
//! Neighbours: `tcp_stream` does the work.

use std::fmt;
use std::io::{self, IoSlice};
use std::net::{Shutdown, SocketAddr};
use std::rc::Rc;
use std::task::{Context, Poll};

use super::TcpStream;
use crate::io::{AsyncRead, AsyncWrite};

pub(super) fn split(stream: &mut TcpStream) -> (ReadHalf<'_>, WriteHalf<'_>) {
    (ReadHalf { stream }, WriteHalf { stream })
}

pub(super) fn into_split(stream: TcpStream) -> (OwnedReadHalf, OwnedWriteHalf) {
    let stream = Rc::new(stream);
    let writer = OwnedWriteHalf { stream: Rc::clone(&stream), shuts_down: true };
    (OwnedReadHalf { stream }, writer)
}

/// The reading half of [`TcpStream::split`].
#[derive(Debug)]
pub struct ReadHalf<'a> {
    stream: &'a TcpStream,
}

/// The writing half of [`TcpStream::split`].
#[derive(Debug)]
pub struct WriteHalf<'a> {
    stream: &'a TcpStream,
}

/// The reading half of [`TcpStream::into_split`].
#[derive(Debug)]
pub struct OwnedReadHalf {
    stream: Rc<TcpStream>,
}

/// The writing half of [`TcpStream::into_split`]. Dropped, it ends its direction, so that the peer
/// reads the end even while the other half lives on.
#[derive(Debug)]
pub struct OwnedWriteHalf {
    stream: Rc<TcpStream>,
    shuts_down: bool,
}

impl OwnedReadHalf {
    /// The address at the other end.
    ///
    /// # Errors
    /// `NotConnected` where the peer has gone already.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.peer_addr()
    }

    /// Puts the two halves of one stream together again.
    ///
    /// # Errors
    /// The halves, where they are of different streams.
    pub fn reunite(self, writer: OwnedWriteHalf) -> Result<TcpStream, ReuniteError> {
        if !Rc::ptr_eq(&self.stream, &writer.stream) {
            return Err(ReuniteError(self, writer));
        }
        writer.forget();
        Ok(Rc::into_inner(self.stream).expect("the two halves were the only owners"))
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

    /// Drops this half without ending its direction.
    pub fn forget(mut self) {
        self.shuts_down = false;
    }
}

impl Drop for OwnedWriteHalf {
    fn drop(&mut self) {
        if self.shuts_down {
            // Fails where the peer has gone already, and then there is nothing to end.
            let _ = self.stream.shutdown_shared(Shutdown::Write);
        }
    }
}

impl AsyncRead for ReadHalf<'_> {
    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.stream.read_shared(context, buffer)
    }
}

impl AsyncRead for OwnedReadHalf {
    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.stream.read_shared(context, buffer)
    }
}

impl AsyncWrite for WriteHalf<'_> {
    fn poll_write(&mut self, context: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        self.stream.write_shared(context, buffer)
    }

    fn poll_write_vectored(
        &mut self,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream.write_vectored_shared(context, buffers)
    }

    fn poll_shutdown(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.stream.shutdown_shared(Shutdown::Write))
    }
}

impl AsyncWrite for OwnedWriteHalf {
    fn poll_write(&mut self, context: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        self.stream.write_shared(context, buffer)
    }

    fn poll_write_vectored(
        &mut self,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream.write_vectored_shared(context, buffers)
    }

    fn poll_shutdown(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let ended = self.stream.shutdown_shared(Shutdown::Write);
        self.shuts_down &= ended.is_err();
        Poll::Ready(ended)
    }
}

/// The halves handed to [`OwnedReadHalf::reunite`] were of different streams; here they are again.
pub struct ReuniteError(pub OwnedReadHalf, pub OwnedWriteHalf);

impl fmt::Debug for ReuniteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReuniteError")
    }
}

impl fmt::Display for ReuniteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the two halves belong to different streams")
    }
}

impl std::error::Error for ReuniteError {}
