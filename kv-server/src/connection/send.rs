//! Sending: what waits in the outbox, from where it lies; and replies, from where they were made.
//!
//! As much is offered as there is, and what the socket does not take stays. The buffer of an outbox goes
//! back to the spare ones with the last of its bytes.

use std::io;
use std::task::{Context, Poll, ready};

use super::Conversation;
use crate::state::State;
use crate::stats::Stats;

impl Conversation {
    /// Sends what waits; ready when nothing does.
    #[inline]
    pub(super) fn poll_flush(
        &mut self,
        context: &mut Context<'_>,
        state: &mut State,
    ) -> Poll<io::Result<()>> {
        loop {
            let unsent = state.clients.unsent(self.slot);
            if unsent.is_empty() {
                return Poll::Ready(Ok(()));
            }
            let count = ready!(self.poll_write(context, unsent, &mut state.stats))?;
            state.clients.advance(self.slot, count);
        }
    }

    /// Sends `bytes`, of which so many are `sent` already, in one write if the socket takes it all.
    #[inline]
    pub(super) fn poll_send(
        &mut self,
        context: &mut Context<'_>,
        state: &mut State,
        bytes: &[u8],
        sent: &mut usize,
    ) -> Poll<io::Result<()>> {
        while *sent < bytes.len() {
            *sent += ready!(self.poll_write(context, &bytes[*sent..], &mut state.stats))?;
        }
        Poll::Ready(Ok(()))
    }

    /// Sends what the socket takes of `bytes`.
    #[inline]
    fn poll_write(
        &mut self,
        context: &mut Context<'_>,
        bytes: &[u8],
        stats: &mut Stats,
    ) -> Poll<io::Result<usize>> {
        let count = ready!(self.stream.poll_write(context, bytes))?;
        if count == 0 {
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        stats.output_bytes += count as u64;
        Poll::Ready(Ok(count))
    }
}
