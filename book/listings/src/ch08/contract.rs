//! What a `block_on` has to do, asked of every version.
//!
//! A version that loses a wake sleeps for ever. So each claim is tried on a thread of its own, which is
//! left behind if it has not come back in time.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use super::{v1_spin, v2_sleep, v3_thread_park};

/// A future of any of the claims.
pub type Work = Pin<Box<dyn Future<Output = u32>>>;

/// A version of `block_on`.
pub type BlockOn = fn(Work) -> u32;

/// How long a version that is known to be wrong is waited for. It decides nothing for a right one.
pub const BRIEFLY: Duration = Duration::from_millis(300);

/// How long a version that is known to be right is waited for.
const LONG: Duration = Duration::from_secs(20);

/// So often the one who watches lets others run, however long it takes on a busy machine.
const TURNS: usize = 1000;

/// So many polls without a wake are not spurious any more.
const BUSY: usize = 20;

/// What became of a claim.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It holds.
    Ok,
    /// A wake was lost: the thread sleeps for ever.
    Lost,
    /// The thread polled again and again while nobody had woken it.
    Busy,
}

/// A version, and what it makes of each of the [`CLAIMS`].
pub struct Version {
    /// Its name in the book.
    pub name: &'static str,
    /// Itself.
    pub block_on: BlockOn,
    /// What is known of it.
    pub outcomes: [Outcome; CLAIMS.len()],
}

/// One thing that a `block_on` has to do.
pub struct Claim {
    /// In words.
    pub words: &'static str,
    /// Whether it does.
    pub holds: fn(BlockOn) -> Outcome,
}

/// All versions.
pub const VERSIONS: [Version; 4] = {
    use Outcome::{Busy, Lost, Ok};
    [
        version("v1_spin", v1_spin::block_on, [Ok, Ok, Ok, Ok, Busy]),
        version("v2_sleep", v2_sleep::block_on, [Ok, Ok, Lost, Lost, Ok]),
        version("v3_thread_park", v3_thread_park::block_on, [Ok, Ok, Ok, Lost, Ok]),
        version("executor::park", executor::park::block_on, [Ok, Ok, Ok, Ok, Ok]),
    ]
};

const fn version(name: &'static str, block_on: BlockOn, outcomes: [Outcome; 5]) -> Version {
    Version { name, block_on, outcomes }
}

/// All claims.
pub const CLAIMS: [Claim; 5] = [
    Claim { words: "returns the value", holds: returns_the_value },
    Claim { words: "goes on when woken, again and again", holds: goes_on_when_woken },
    Claim { words: "a wake before the sleep is kept", holds: keeps_a_wake_before_the_sleep },
    Claim { words: "nobody else takes the wake", holds: nobody_else_takes_the_wake },
    Claim { words: "does not poll unless woken", holds: does_not_poll_unless_woken },
];

/// Tries a claim on a version.
pub fn outcome(claim: &Claim, version: &Version, known: Outcome) -> Outcome {
    let (holds, block_on) = (claim.holds, version.block_on);
    let (sender, result) = mpsc::channel();
    thread::spawn(move || sender.send(holds(block_on)));
    let patience = if known == Outcome::Lost { BRIEFLY } else { LONG };
    match result.recv_timeout(patience) {
        Ok(outcome) => outcome,
        Err(RecvTimeoutError::Timeout) => Outcome::Lost,
        Err(RecvTimeoutError::Disconnected) => panic!("`{}` panicked", claim.words),
    }
}

fn returns_the_value(block_on: BlockOn) -> Outcome {
    assert_eq!(block_on(Box::pin(async { 7 })), 7);
    Outcome::Ok
}

fn goes_on_when_woken(block_on: BlockOn) -> Outcome {
    let come = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&come);
    let mut first = true;
    let value = block_on(Box::pin(poll_fn(move |context| {
        if std::mem::take(&mut first) {
            let (waker, seen) = (context.waker().clone(), Arc::clone(&seen));
            thread::spawn(move || {
                while !seen.load(Ordering::Acquire) {
                    waker.wake_by_ref();
                    thread::yield_now();
                }
            });
            return Poll::Pending;
        }
        seen.store(true, Ordering::Release);
        Poll::Ready(7)
    })));
    assert_eq!(value, 7);
    Outcome::Ok
}

/// The task is woken while it is being polled: it must be polled once more.
fn keeps_a_wake_before_the_sleep(block_on: BlockOn) -> Outcome {
    assert_eq!(block_on(Box::pin(woken_in_its_poll(|| {}))), 7);
    Outcome::Ok
}

/// … and between that wake and the sleep, something else on this thread waits, and goes on.
fn nobody_else_takes_the_wake(block_on: BlockOn) -> Outcome {
    let neighbour = move || assert_eq!(block_on(Box::pin(woken_in_its_poll(|| {}))), 7);
    assert_eq!(block_on(Box::pin(woken_in_its_poll(neighbour))), 7);
    Outcome::Ok
}

/// Wakes itself, does something else, and says Pending; the next time, it is ready.
fn woken_in_its_poll(then: impl FnOnce() + 'static) -> impl Future<Output = u32> {
    let mut then = Some(then);
    poll_fn(move |context| match then.take() {
        None => Poll::Ready(7),
        Some(then) => {
            context.waker().wake_by_ref();
            then();
            Poll::Pending
        }
    })
}

fn does_not_poll_unless_woken(block_on: BlockOn) -> Outcome {
    let polls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&polls);
    let busy = Arc::new(AtomicBool::new(false));
    let (woken, told) = (Arc::new(AtomicBool::new(false)), Arc::clone(&busy));
    block_on(Box::pin(poll_fn(move |context| {
        if polls.fetch_add(1, Ordering::Relaxed) == 0 {
            let (waker, polls) = (context.waker().clone(), Arc::clone(&counted));
            let (woken, told) = (Arc::clone(&woken), Arc::clone(&told));
            thread::spawn(move || {
                let (until, mut turns) = (Instant::now() + BRIEFLY, 0);
                while polls.load(Ordering::Relaxed) < BUSY
                    && (turns < TURNS || Instant::now() < until)
                {
                    turns += 1;
                    thread::yield_now();
                }
                told.store(polls.load(Ordering::Relaxed) >= BUSY, Ordering::Relaxed);
                woken.store(true, Ordering::Release);
                waker.wake();
            });
        }
        if woken.load(Ordering::Acquire) { Poll::Ready(7) } else { Poll::Pending }
    })));
    if busy.load(Ordering::Relaxed) { Outcome::Busy } else { Outcome::Ok }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_does_what_the_book_says_of_it() {
        for version in &VERSIONS {
            for (claim, known) in CLAIMS.iter().zip(version.outcomes) {
                let found = outcome(claim, version, known);
                assert_eq!(found, known, "{}: {}", version.name, claim.words);
            }
        }
    }

    #[test]
    fn only_the_one_that_stayed_keeps_all_of_the_contract() {
        let right = VERSIONS.iter().filter(|version| version.outcomes == [Outcome::Ok; 5]);
        let names: Vec<&str> = right.map(|version| version.name).collect();
        assert_eq!(names, ["executor::park"]);
    }
}
