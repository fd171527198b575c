//! What an executor of many has to do, asked of every version.
//!
//! A version that loses a wake sleeps for ever. So each claim is tried on a thread of its own, which is
//! left behind if it has not come back in time.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;

use super::stayed::Stayed;
use super::{Executor, v1_all, v2_queue, v3_flag_late, v4_flag_first};
use crate::ch06::Mailbox;
use crate::ch08::contract::BRIEFLY;

/// How long a version that is known to be right is waited for.
const LONG: Duration = Duration::from_secs(20);

/// What became of a claim.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It holds.
    Ok,
    /// Somebody was polled for nothing.
    Wasted,
    /// Not in the order of the wakes.
    Order,
    /// A wake was lost: the thread sleeps for ever.
    Lost,
    /// A panic took everybody down.
    Down,
}

/// A version, and what it makes of each of the [`CLAIMS`].
pub struct Version {
    /// Its name in the book.
    pub name: &'static str,
    /// One without tasks.
    pub make: fn() -> Rc<dyn Executor>,
    /// What is known of it.
    pub outcomes: [Outcome; CLAIMS.len()],
}

/// One thing that an executor has to do.
pub struct Claim {
    /// In words.
    pub words: &'static str,
    /// Whether it does.
    pub holds: fn(Rc<dyn Executor>) -> Outcome,
}

/// All versions.
pub const VERSIONS: [Version; 5] = {
    use Outcome::{Down, Lost, Ok, Order, Wasted};
    [
        Version {
            name: "v1_all",
            make: || Rc::new(v1_all::All::default()),
            outcomes: [Ok, Wasted, Order, Ok, Ok, Wasted, Down],
        },
        Version {
            name: "v2_queue",
            make: || Rc::new(v2_queue::Many::default()),
            outcomes: [Ok, Ok, Ok, Wasted, Ok, Wasted, Down],
        },
        Version {
            name: "v3_flag_late",
            make: || Rc::new(v3_flag_late::Many::default()),
            // The last but one by luck: who is over has left its flag up.
            outcomes: [Ok, Ok, Ok, Ok, Lost, Ok, Down],
        },
        Version {
            name: "v4_flag_first",
            make: || Rc::new(v4_flag_first::Many::default()),
            outcomes: [Ok, Ok, Ok, Ok, Ok, Wasted, Down],
        },
        Version { name: "executor", make: || Rc::new(Stayed::new()), outcomes: [Ok; 7] },
    ]
};

/// All claims.
pub const CLAIMS: [Claim; 7] = [
    Claim { words: "runs all, and those that they spawn", holds: runs_all },
    Claim { words: "polls nobody who was not woken", holds: polls_nobody_who_was_not_woken },
    Claim { words: "first woken, first polled", holds: first_woken_first_polled },
    Claim { words: "three wakes, one poll", holds: three_wakes_one_poll },
    Claim { words: "a wake in its own poll is kept", holds: keeps_a_wake_in_its_own_poll },
    Claim { words: "an old wake polls no stranger", holds: an_old_wake_polls_no_stranger },
    Claim { words: "a panic ends one task", holds: a_panic_ends_one_task },
];

/// Tries a claim on a version.
pub fn outcome(claim: &Claim, version: &Version, known: Outcome) -> Outcome {
    let (holds, make) = (claim.holds, version.make);
    let (sender, result) = mpsc::channel();
    thread::spawn(move || sender.send(holds(make())));
    let patience = if known == Outcome::Lost { BRIEFLY } else { LONG };
    match result.recv_timeout(patience) {
        Ok(outcome) => outcome,
        Err(RecvTimeoutError::Timeout) => Outcome::Lost,
        Err(RecvTimeoutError::Disconnected) => panic!("`{}` panicked", claim.words),
    }
}

/// Counts its polls, keeps its waker, and is over when it is told so.
#[derive(Clone, Default)]
pub(super) struct Watched {
    polls: Rc<Cell<usize>>,
    waker: Rc<RefCell<Option<Waker>>>,
    over: Rc<Cell<bool>>,
}

impl Watched {
    fn spawn(&self, executor: &Rc<dyn Executor>) {
        let watched = self.clone();
        executor.spawn(Box::pin(poll_fn(move |context| {
            watched.polls.set(watched.polls.get() + 1);
            let before = watched.waker.replace(Some(context.waker().clone()));
            drop(before);
            if watched.over.get() { Poll::Ready(()) } else { Poll::Pending }
        })));
    }

    fn wake(&self) {
        let waker = self.waker.borrow().clone();
        waker.expect("it was polled").wake();
    }

    fn end(&self) {
        self.over.set(true);
        self.wake();
    }

    /// `Ok`, if it was polled so often.
    fn polled(&self, times: usize) -> Outcome {
        if self.polls.get() == times { Outcome::Ok } else { Outcome::Wasted }
    }
}

/// Waits until all who are in the queue now have been polled; nobody wakes itself.
async fn others(executor: &Rc<dyn Executor>) {
    let mailbox = Rc::new(Mailbox::default());
    let last = Rc::clone(&mailbox);
    executor.spawn(Box::pin(async move { last.deliver("your turn") }));
    mailbox.next().await;
}

fn runs_all(executor: Rc<dyn Executor>) -> Outcome {
    let (grandchild, within) = (Rc::new(Cell::new(false)), Rc::clone(&executor));
    let ended = Rc::clone(&grandchild);
    executor.spawn(Box::pin(async move {
        others(&within).await;
        within.spawn(Box::pin(async move { ended.set(true) }));
    }));
    // This one is woken from another thread, while the executor sleeps, or does not yet.
    let seen = Arc::new(AtomicBool::new(false));
    let mut asked = false;
    executor.spawn(Box::pin(poll_fn(move |context| {
        if std::mem::replace(&mut asked, true) {
            seen.store(true, Ordering::Release);
            return Poll::Ready(());
        }
        let (waker, seen) = (context.waker().clone(), Arc::clone(&seen));
        thread::spawn(move || {
            while !seen.load(Ordering::Acquire) {
                waker.wake_by_ref();
                thread::yield_now();
            }
        });
        Poll::Pending
    })));
    executor.run();
    assert!(grandchild.get(), "it came back while a task was left");
    Outcome::Ok
}

fn polls_nobody_who_was_not_woken(executor: Rc<dyn Executor>) -> Outcome {
    let (idle, within) = (Watched::default(), Rc::clone(&executor));
    idle.spawn(&executor);
    let watched = idle.clone();
    executor.spawn(Box::pin(async move {
        for _ in 0..10 {
            others(&within).await;
        }
        watched.end();
    }));
    executor.run();
    idle.polled(2)
}

/// Three tasks wait; they are woken in an order that is not theirs.
fn first_woken_first_polled(executor: Rc<dyn Executor>) -> Outcome {
    let order = Rc::new(RefCell::new(Vec::new()));
    let mailboxes: [Rc<Mailbox>; 3] = Default::default();
    for (number, mailbox) in mailboxes.iter().cloned().enumerate() {
        let order = Rc::clone(&order);
        executor.spawn(Box::pin(async move {
            mailbox.next().await;
            order.borrow_mut().push(number);
        }));
    }
    executor.spawn(Box::pin(async move {
        for number in [2, 0, 1] {
            mailboxes[number].deliver("your turn");
        }
    }));
    executor.run();
    if *order.borrow() == [2, 0, 1] { Outcome::Ok } else { Outcome::Order }
}

fn three_wakes_one_poll(executor: Rc<dyn Executor>) -> Outcome {
    let (woken, within) = (Watched::default(), Rc::clone(&executor));
    woken.spawn(&executor);
    let watched = woken.clone();
    executor.spawn(Box::pin(async move {
        for _ in 0..3 {
            watched.wake();
        }
        others(&within).await;
        watched.end();
    }));
    executor.run();
    woken.polled(3) // the first, one for three wakes, and the last
}

/// The task wakes itself, and says Pending: it must be polled once more.
fn keeps_a_wake_in_its_own_poll(executor: Rc<dyn Executor>) -> Outcome {
    let mut woken = false;
    executor.spawn(Box::pin(poll_fn(move |context| {
        if std::mem::replace(&mut woken, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })));
    executor.run();
    Outcome::Ok
}

/// A task is over. A wake of it is in the queue, and its waker lives on; another task has its place.
fn an_old_wake_polls_no_stranger(executor: Rc<dyn Executor>) -> Outcome {
    let (waker, stranger) = (Rc::new(RefCell::new(None)), Watched::default());
    let (left, newcomer, within) = (Rc::clone(&waker), stranger.clone(), Rc::clone(&executor));
    executor.spawn(Box::pin(poll_fn(move |context| {
        context.waker().wake_by_ref();
        left.replace(Some(context.waker().clone()));
        Poll::Ready(())
    })));
    executor.spawn(Box::pin(async move {
        newcomer.spawn(&within);
        others(&within).await;
        let old: Waker = waker.take().expect("the first task was polled");
        old.wake();
        others(&within).await;
        newcomer.end();
    }));
    executor.run();
    stranger.polled(2)
}

fn a_panic_ends_one_task(executor: Rc<dyn Executor>) -> Outcome {
    let (other, within) = (Rc::new(Cell::new(false)), Rc::clone(&executor));
    let ended = Rc::clone(&other);
    // Past the hook, which would print it: a panic is what is asked for here.
    executor.spawn(Box::pin(async { resume_unwind(Box::new("a task's own panic")) }));
    executor.spawn(Box::pin(async move {
        others(&within).await;
        ended.set(true);
    }));
    let all_well = catch_unwind(AssertUnwindSafe(|| executor.run())).is_ok();
    if all_well && other.get() { Outcome::Ok } else { Outcome::Down }
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
        let right = VERSIONS.iter().filter(|version| version.outcomes == [Outcome::Ok; 7]);
        let names: Vec<&str> = right.map(|version| version.name).collect();
        assert_eq!(names, ["executor"]);
    }
}
