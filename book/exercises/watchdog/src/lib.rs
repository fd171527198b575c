//! A forgotten wake makes a program hang. A test that uses this fails instead, and says what to look at.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// More than any of the exercises needs on a slow machine.
const PATIENCE: Duration = Duration::from_secs(5);

/// Does `work` on another thread, and waits for it, but not for ever.
///
/// # Panics
/// With `advice`, when `work` has not come back in time, or has panicked.
pub fn within<T: Send + 'static>(advice: &str, work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, result) = mpsc::channel();
    thread::spawn(move || sender.send(work()));
    match result.recv_timeout(PATIENCE) {
        Ok(value) => value,
        Err(RecvTimeoutError::Disconnected) => panic!("\n  What to do next: {advice}\n"),
        Err(RecvTimeoutError::Timeout) => panic!(
            "\n  Nothing has happened for {} s: somebody sleeps, and nobody wakes it.\n  What to do \
             next: {advice}\n",
            PATIENCE.as_secs()
        ),
    }
}
