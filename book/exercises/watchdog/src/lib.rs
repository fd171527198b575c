//! A forgotten wake makes a program hang. A test that uses this fails instead, and says what to look at.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// How long a test waits: more than any of the exercises needs on a slow machine. One that is busy with
/// much else may be given more, in seconds, by the variable `EXERCISES_PATIENCE`.
pub fn patience() -> Duration {
    let given = std::env::var("EXERCISES_PATIENCE").ok().and_then(|seconds| seconds.parse().ok());
    Duration::from_secs(given.unwrap_or(5))
}

/// Does `work` on another thread, and waits for it, but not for ever.
///
/// # Panics
/// With `advice`, when `work` has not come back in time, or has panicked.
pub fn within<T: Send + 'static>(advice: &str, work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, result) = mpsc::channel();
    thread::spawn(move || sender.send(work()));
    let patience = patience();
    match result.recv_timeout(patience) {
        Ok(value) => value,
        Err(RecvTimeoutError::Disconnected) => panic!("\n  What to do next: {advice}\n"),
        Err(RecvTimeoutError::Timeout) => panic!(
            "\n  Nothing has happened for {} s: somebody sleeps, and nobody wakes it.\n  What to do \
             next: {advice}\n",
            patience.as_secs()
        ),
    }
}
