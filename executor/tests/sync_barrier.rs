//! `Barrier`: nobody goes on before all have come, and who leaves does not count.

#[path = "support/hooks.rs"]
mod hooks;
mod support;

use std::cell::Cell;
use std::rc::Rc;
use std::task::Poll;

use executor::spawn;
use executor::sync::Barrier;
use hooks::{calling, panicking};
use support::drops::Log;
use support::polls::{Wakes, now, poll_once, poll_with};
use support::{panic_of, run, soon};

#[test]
fn nobody_goes_on_before_all_have_come_round_after_round() {
    run(async {
        let (barrier, log) = (Rc::new(Barrier::new(3)), Log::new());
        let tasks: Vec<_> = (0..3)
            .map(|_| {
                let (barrier, log) = (Rc::clone(&barrier), log.clone());
                spawn(async move {
                    let mut led = 0;
                    for round in 0..3 {
                        log.write(format!("{round} comes"));
                        led += u32::from(barrier.wait().await);
                        log.write(format!("{round} goes"));
                    }
                    led
                })
            })
            .collect();
        let mut leaders = 0;
        for task in tasks {
            leaders += soon("a task of the barrier", task).await.expect("no panic");
        }
        assert_eq!(leaders, 3, "one leader a round");
        let lines = log.take();
        for round in 0..3 {
            let last_came = lines.iter().rposition(|line| *line == format!("{round} comes"));
            let first_went = lines.iter().position(|line| *line == format!("{round} goes"));
            assert!(last_came < first_went, "{lines:?}");
        }
    });
}

#[test]
fn the_others_are_woken_in_the_order_in_which_they_came() {
    let barrier = Barrier::new(4);
    let order = Rc::new(Cell::new(0));
    let mut waits: Vec<_> = (0..3).map(|_| barrier.wait()).collect();
    for (place, wait) in waits.iter_mut().enumerate() {
        let order = Rc::clone(&order);
        let waker = calling(move || assert_eq!(order.replace(place + 1), place));
        assert!(poll_with(wait, &waker).is_pending());
    }
    assert!(now("the last to come", barrier.wait()), "it is the leader");
    assert_eq!(order.get(), 3);
    assert!(waits.iter_mut().all(|wait| poll_once(wait) == Poll::Ready(false)));
}

#[test]
fn who_stops_waiting_before_the_round_is_full_counts_no_longer() {
    let barrier = Barrier::new(2);
    drop(barrier.wait());
    let mut leaver = barrier.wait();
    assert!(poll_once(&mut leaver).is_pending());
    drop(leaver);
    let mut first = barrier.wait();
    assert!(poll_once(&mut first).is_pending(), "the leaver is not counted");
    assert!(now("the second", barrier.wait()));
    assert!(poll_once(&mut first).is_ready());
}

#[test]
fn who_stops_waiting_after_the_round_was_full_changes_nothing() {
    let barrier = Barrier::new(2);
    let mut leaver = barrier.wait();
    assert!(poll_once(&mut leaver).is_pending());
    assert!(now("the second", barrier.wait()));
    drop(leaver);
    let mut next = barrier.wait();
    assert!(poll_once(&mut next).is_pending(), "the next round begins with one");
    assert!(now("the last", barrier.wait()));
    assert!(poll_once(&mut next).is_ready());
}

#[test]
fn a_barrier_for_one_or_none_holds_nobody_up() {
    for size in [0, 1] {
        let barrier = Barrier::new(size);
        assert!(now("alone", barrier.wait()) && now("alone again", barrier.wait()));
    }
}

#[test]
fn a_waker_may_be_the_first_of_the_next_round() {
    let barrier = Rc::new(Barrier::new(2));
    let again = Rc::clone(&barrier);
    let came = Rc::new(Cell::new(false));
    let comes = Rc::clone(&came);
    let mut first = barrier.wait();
    let waker = calling(move || {
        let mut next = again.wait();
        assert!(poll_once(&mut next).is_pending(), "the round before is over");
        comes.set(true);
    });
    assert!(poll_with(&mut first, &waker).is_pending());
    assert!(now("the second", barrier.wait()));
    assert!(came.get());
}

#[test]
fn a_waker_that_panics_holds_nobody_back() {
    let barrier = Barrier::new(3);
    let woken = Wakes::new();
    let (mut first, mut second, mut last) = (barrier.wait(), barrier.wait(), barrier.wait());
    assert!(poll_with(&mut first, &panicking("a waker of ill will")).is_pending());
    assert!(poll_with(&mut second, &woken.waker()).is_pending());
    assert_eq!(panic_of(|| poll_once(&mut last)), "a waker of ill will");
    assert_eq!(woken.count(), 1);
    assert_eq!(poll_once(&mut last), Poll::Ready(true), "the leader had come");
    assert!(poll_once(&mut first).is_ready() && poll_once(&mut second).is_ready());
}
