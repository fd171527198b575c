//! Asking a server to stop, from any thread.
//!
//! A flag that only ever goes up, and the waker of the task that looks at it. The waker is stored
//! before the flag is read, and the flag is raised before the waker is taken: whichever comes
//! first, the request is seen.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Waker};

/// Stops one server. Clones stop the same one.
#[derive(Clone, Debug)]
pub struct StopHandle(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    asked: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl StopHandle {
    pub(super) fn new() -> StopHandle {
        StopHandle(Arc::new(Inner { asked: AtomicBool::new(false), waker: Mutex::new(None) }))
    }

    /// Asks the server to stop; [`super::Server::run`] says how it does. Asking again changes
    /// nothing.
    pub fn stop(&self) {
        self.0.asked.store(true, Ordering::Release);
        let waker = self.0.waker.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Whether it was asked; if not, the task is woken when it is.
    pub(super) fn is_asked(&self, context: &Context<'_>) -> bool {
        // To clone the one, and to drop the other, is foreign code: under no lock.
        let waker = Some(context.waker().clone());
        let before = {
            let mut kept = self.0.waker.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *kept, waker)
        };
        drop(before);
        self.0.asked.load(Ordering::Acquire)
    }
}
