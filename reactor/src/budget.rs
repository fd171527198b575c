//! How much I/O a task may do in one poll before it must let the others run.
//!
//! A socket whose peer is fast enough is always ready. A task that reads it in a loop then never
//! meets a `Pending`, and without a `Pending` nobody else runs. So each completed operation costs one
//! unit of a budget that the executor fills before each poll; when it is used up, the next operation
//! wakes its task and answers `Pending` although it could go on.
//!
//! ```text
//!   executor: fill(128) ─► poll ─► read ok (127) ─► read ok (126) … ─► (0): wake self, Pending
//!                                                                          └─► back of the queue
//! ```
//!
//! Outside an executor that fills it, the budget is [`UNLIMITED`]: there would be nobody to fill it
//! again.
//!
//! Neighbours: `source` asks before each operation and pays after; the executor's channels do too.

use std::cell::Cell;
use std::task::{Context, Poll};

/// As good as no limit, for no thread does so many operations: the budget of one on which no executor is
/// running.
pub const UNLIMITED: i64 = i64::MAX;

thread_local! {
    /// Signed, so that paying needs no question: an operation within another may spend the last unit of
    /// both.
    static LEFT: Cell<i64> = const { Cell::new(UNLIMITED) };
}

/// Sets what the task that is polled next may do; for executors.
#[inline]
pub fn fill(units: i64) {
    LEFT.set(units);
}

/// What is left to this thread's task; nothing, if it is zero or below.
pub fn left() -> i64 {
    LEFT.get()
}

/// Ready while something is left. Otherwise the task is woken, so that it is polled again after the
/// others had their turn, and must answer `Pending`.
#[inline]
pub fn poll_available(context: &mut Context<'_>) -> Poll<()> {
    if LEFT.get() <= 0 { used_up(context) } else { Poll::Ready(()) }
}

#[cold]
#[inline(never)]
fn used_up(context: &mut Context<'_>) -> Poll<()> {
    context.waker().wake_by_ref();
    Poll::Pending
}

/// Pays for one completed operation.
#[inline]
pub fn spend() {
    LEFT.set(LEFT.get() - 1);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::counter;

    #[test]
    fn an_empty_budget_wakes_the_task_and_says_pending() {
        let woken = counter();
        let waker = woken.waker();
        let mut context = Context::from_waker(&waker);
        fill(1);
        assert!(poll_available(&mut context).is_ready());
        spend();
        assert!(poll_available(&mut context).is_pending());
        assert_eq!(woken.count(), 1);
        spend();
        assert!(poll_available(&mut context).is_pending(), "below zero is used up, too");
        fill(UNLIMITED);
        spend();
        assert!(left() > i64::MAX / 2);
    }
}
