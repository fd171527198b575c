//! What hyper asks of a runtime: bytes, timers, and somebody who runs futures.
//!
//! ```text
//!   Compat<TcpStream>   hyper::rt::{Read, Write}
//!   HyperTimer          hyper::rt::Timer ──► Pin<Box<dyn Sleep>>, which must be Send + Sync
//!   LocalHandle,        hyper::rt::Executor: spawn, and let go
//!   Handle
//! ```
//!
//! hyper's cursor over memory that was not written yet can be moved on after reading straight into it
//! only by `unsafe`. So bytes are read into a buffer of the thread and copied once; that is cheaper
//! than clearing hyper's own buffer before each read would be.

use std::cell::Cell;
use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper::rt::{Executor, ReadBufCursor, Sleep, Timer};

use super::{Compat, ThreadBound};
use crate::handle::{Handle, LocalHandle};
use reactor::io::{AsyncRead, AsyncWrite};
use reactor::time;

/// The most bytes that one read takes.
const SCRATCH: usize = 16 * 1024;

thread_local! {
    /// Empty until the first read, and while one is going on.
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

impl<T: AsyncRead> hyper::rt::Read for Compat<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut cursor: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let mut scratch = BUFFER.take();
        scratch.resize(SCRATCH, 0);
        let wanted = &mut scratch[..SCRATCH.min(cursor.remaining())];
        let read = self.get_mut().inner.poll_read(context, wanted);
        if let Poll::Ready(Ok(count)) = read {
            cursor.put_slice(&scratch[..count]);
        }
        BUFFER.set(scratch);
        read.map_ok(|_| ())
    }
}

impl<T: AsyncWrite> hyper::rt::Write for Compat<T> {
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

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().inner.poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().poll_end(context)
    }
}

/// Gives hyper our timers, for its time limits.
///
/// The timers are those of the runtime that polls them; a poll elsewhere panics.
#[derive(Debug, Clone, Copy, Default)]
pub struct HyperTimer;

impl Timer for HyperTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        Box::pin(HyperSleep { sleep: ThreadBound::new(time::sleep(duration)) })
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(HyperSleep { sleep: ThreadBound::new(time::sleep_until(deadline)) })
    }

    fn now(&self) -> Instant {
        time::now()
    }

    fn reset(&self, sleep: &mut Pin<Box<dyn Sleep>>, new_deadline: Instant) {
        match sleep.as_mut().downcast_mut_pin::<HyperSleep>() {
            Some(ours) => ours.get_mut().sleep.with(|sleep| sleep.reset(new_deadline)),
            None => *sleep = self.sleep_until(new_deadline),
        }
    }
}

/// One of our sleeps, `Send` and `Sync` as hyper wants it, and still on its thread.
struct HyperSleep {
    sleep: ThreadBound<time::Sleep>,
}

impl Future for HyperSleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.get_mut().sleep).poll(context)
    }
}

impl Sleep for HyperSleep {}

/// A runtime that is gone drops the future, as it did with all its others.
impl<F> Executor<F> for LocalHandle
where
    F: Future + 'static,
    F::Output: 'static,
{
    fn execute(&self, future: F) {
        if let Ok(task) = self.spawn(future) {
            task.detach();
        }
    }
}

/// A runtime that is gone drops the future, as it did with all its others.
impl<F> Executor<F> for Handle
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    fn execute(&self, future: F) {
        drop(self.spawn(future));
    }
}
