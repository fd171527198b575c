//! Bytes in memory as a reader and as a writer, for what wants one and needs no kernel.
//!
//! Neither ever waits, so a loop over them alone never lets another task run.

use std::io::{self, IoSlice};
use std::task::{Context, Poll};

use super::{AsyncRead, AsyncWrite};

/// Reads from the front of the slice, which then begins behind what was read.
impl AsyncRead for &[u8] {
    fn poll_read(&mut self, _: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        let count = buffer.len().min(self.len());
        let (front, rest) = self.split_at(count);
        buffer[..count].copy_from_slice(front);
        *self = rest;
        Poll::Ready(Ok(count))
    }
}

/// Appends. Shutting down does nothing.
impl AsyncWrite for Vec<u8> {
    fn poll_write(&mut self, _: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        self.extend_from_slice(buffer);
        Poll::Ready(Ok(buffer.len()))
    }

    fn poll_write_vectored(
        &mut self,
        _: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let before = self.len();
        for buffer in buffers {
            self.extend_from_slice(buffer);
        }
        Poll::Ready(Ok(self.len() - before))
    }

    fn poll_shutdown(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
