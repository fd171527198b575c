//! The last moments of a connection that we end: the client was sent its replies, perhaps an error,
//! and the end of the stream. It may still be sending.
//!
//! To close over bytes that nobody read would reset the connection, and a reset destroys what the
//! client has not read yet: our last words. So what comes is read and dropped, until the client
//! closes, or has sent too much, or takes too long.

use std::task::{Context, Poll};
use std::time::Duration;

use super::{STEPS, Scratch};
use crate::rt::{self, TcpStream, Timer};

/// How long the client has to read and close.
const PATIENCE: Duration = Duration::from_secs(1);
/// How much of what it sends is dropped.
const BYTES: usize = 4 << 20;

/// Waits for the client to close.
pub(super) struct Lingering {
    timer: Timer,
    left: usize,
}

impl Lingering {
    pub(super) fn new() -> Lingering {
        let mut timer = Timer::new();
        timer.arm_at(rt::now() + PATIENCE);
        Lingering { timer, left: BYTES }
    }

    /// Ready when the connection may be closed.
    pub(super) fn poll(
        &mut self,
        context: &mut Context<'_>,
        scratch: &mut Scratch,
        stream: &mut TcpStream,
    ) -> Poll<()> {
        for _ in 0..STEPS {
            match stream.poll_read(context, &mut scratch.input) {
                Poll::Ready(Ok(0) | Err(_)) => return Poll::Ready(()),
                Poll::Ready(Ok(count)) if count >= self.left => return Poll::Ready(()),
                Poll::Ready(Ok(count)) => self.left -= count,
                Poll::Pending => return self.timer.poll_elapsed(context),
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
