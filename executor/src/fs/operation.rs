//! The future of something that a thread of the pool does.
//!
//! Neighbours: `remote` brings the result; `dns` uses this, too.

use std::fmt;
use std::future::Future;
use std::io;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::join_error::JoinError;
use crate::remote::RemoteJoinHandle;
use crate::runtime::spawn_blocking;

/// A call that a thread of the pool makes, and its result.
///
/// It has begun already, and goes on when this is dropped. Cancel safe in so far: a dropped wait
/// leaves nothing half done.
///
/// # Errors
/// Those of the call; and one of kind `Other` where the runtime ended before the call was made, which
/// then never is.
#[must_use = "the operation goes on, but its errors are lost"]
pub struct Operation<T> {
    handle: RemoteJoinHandle<io::Result<T>>,
}

impl<T: Send + 'static> Operation<T> {
    /// Hands `call` to the pool.
    #[track_caller]
    pub(crate) fn begin(call: impl FnOnce() -> io::Result<T> + Send + 'static) -> Operation<T> {
        Operation { handle: spawn_blocking(call) }
    }
}

impl<T> Operation<T> {
    pub(crate) fn with(handle: RemoteJoinHandle<io::Result<T>>) -> Operation<T> {
        Operation { handle }
    }

    /// Whether it is over, and awaiting it would not wait.
    pub fn is_finished(&self) -> bool {
        self.handle.is_finished()
    }
}

impl<T> Future for Operation<T> {
    type Output = io::Result<T>;

    /// # Panics
    /// Polled again after it was ready.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.handle).poll(context).map(|outcome| outcome.unwrap_or_else(failed))
    }
}

fn failed<T>(error: JoinError) -> io::Result<T> {
    match error.into_panic() {
        // The call is std's; should it panic, that is the caller's to know.
        Ok(payload) => resume_unwind(payload),
        Err(_) => Err(io::Error::other("the runtime ended before the operation began")),
    }
}

impl<T> fmt::Debug for Operation<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operation").field("finished", &self.is_finished()).finish()
    }
}
