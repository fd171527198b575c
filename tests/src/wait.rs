//! Waiting for a condition, never for a length of time.
//!
//! A fixed sleep is wrong twice: too long on a fast machine and too short on a loaded one.
//! Here a test names the condition; the deadline only decides when to give up, and is so
//! generous that reaching it means that something is broken.

use std::thread;
use std::time::{Duration, Instant};

/// How long anything in this crate may take before a test calls it broken.
///
/// Far above what is ever needed: a debug build under strace on a busy two-core machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The pause between two looks at a condition that nothing can announce.
const PAUSE: Duration = Duration::from_millis(5);

/// Looks until `look` returns a value, and returns that.
///
/// # Panics
/// When `within` has passed; the message says what was waited for.
#[track_caller]
pub fn wait_for<T>(what: &str, within: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < within, "waited {within:?} in vain for: {what}");
        thread::sleep(PAUSE);
    }
}

/// Looks until `condition` holds.
///
/// # Panics
/// When `within` has passed; the message says what was waited for.
#[track_caller]
pub fn wait_until(what: &str, within: Duration, mut condition: impl FnMut() -> bool) {
    wait_for(what, within, || condition().then_some(()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_that_comes_true_ends_the_wait() {
        let mut looks = 0;
        wait_until("the third look", PATIENCE, || {
            looks += 1;
            looks == 3
        });
        assert_eq!(looks, 3);
    }

    #[test]
    #[should_panic(expected = "in vain for: something that never comes")]
    fn a_deadline_says_what_was_waited_for() {
        wait_until("something that never comes", Duration::ZERO, || false);
    }
}
