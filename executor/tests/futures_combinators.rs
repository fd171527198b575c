//! `join`, `join_all`, `race`, `select`: who is polled, who wins, and what becomes of the others.

mod support;

use std::cell::Cell;
use std::future::{Future, pending, poll_fn, ready};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};

use executor::{Either, join, join_all, race, select, spawn, yield_now};
use support::drops::{Drops, Log};
use support::polls::{Wakes, Watch, now, poll_once, poll_with};
use support::{panic_of, run, soon};

/// Ready with `output` at its poll number `polls`, having woken itself at each before. Polled once
/// more, it panics, as many futures do.
async fn ready_at<T>(polls: u32, output: T) -> T {
    for _ in 1..polls {
        yield_now().await;
    }
    output
}

#[test]
fn join_gives_both_outputs_in_the_order_of_its_arguments() {
    assert_eq!(now("both", join(ready(1), ready("a"))), (1, "a"));
    run(async {
        assert_eq!(soon("both", join(ready_at(3, 1), ready_at(1, 2))).await, (1, 2));
        assert_eq!(soon("both", join(ready_at(1, 1), ready_at(3, 2))).await, (1, 2));
    });
}

#[test]
fn join_polls_nobody_again_who_was_ready() {
    // `ready_at` is an `async fn`: it would panic.
    let mut both = pin!(join(ready_at(1, ()), ready_at(5, ())));
    let mut polls = 0;
    while poll_once(&mut both).is_pending() {
        polls += 1;
        assert!(polls < 10, "never ready");
    }
    assert_eq!(polls, 4);
}

#[test]
fn join_polls_its_first_argument_first() {
    let log = Log::new();
    let says = |word: &'static str| {
        let log = log.clone();
        poll_fn(move |_| {
            log.write(word);
            Poll::Ready(())
        })
    };
    now("both", join(says("a"), says("b")));
    now("all", join_all([says("c"), says("d"), says("e")]));
    now("one", race(says("f"), says("g")));
    now("one", select(says("h"), says("i")));
    assert_eq!(log.take(), ["a", "b", "c", "d", "e", "f", "h"]);
}

#[test]
fn join_runs_both_at_once() {
    // Each waits for the other: one after the other they would never end.
    run(async {
        let (to_a, from_b) = executor::sync::oneshot::channel();
        let (to_b, from_a) = executor::sync::oneshot::channel();
        let a = async move {
            to_b.send(1).expect("b listens");
            from_b.await
        };
        let b = async move {
            let got = from_a.await.expect("a sends");
            to_a.send(got + 1).expect("a listens");
            got
        };
        assert_eq!(soon("both", join(a, b)).await, (Ok(2), 1));
    });
}

#[test]
fn join_all_keeps_the_order_of_its_futures() {
    run(async {
        let futures = [4, 1, 3, 2].map(|polls| ready_at(polls, polls));
        assert_eq!(soon("all", join_all(futures)).await, [4, 1, 3, 2]);
        let nothing: Vec<std::future::Ready<()>> = Vec::new();
        assert_eq!(soon("nothing", join_all(nothing)).await, []);
        let handles = (0..100).map(|n| spawn(async move { n }));
        let results = soon("all tasks", join_all(handles)).await;
        assert!(results.into_iter().map(Result::unwrap).eq(0..100));
    });
}

#[test]
fn join_all_polls_nobody_again_who_was_ready() {
    let mut all = pin!(join_all([1, 5, 3].map(|polls| ready_at(polls, polls))));
    let mut polls = 0;
    while poll_once(&mut all).is_pending() {
        polls += 1;
        assert!(polls < 10, "never ready");
    }
    assert_eq!(polls, 4);
}

#[test]
fn race_gives_the_first_and_has_dropped_the_other() {
    run(async {
        let drops = Drops::new();
        let loser = |value| async move {
            pending::<()>().await;
            drop(value);
        };
        let first = soon("the left", race(ready_at(2, 1), loser(drops.value()))).await;
        assert_eq!((first, drops.count()), (Either::Left(1), 1));
        let second = soon("the right", race(loser(drops.value()), ready_at(2, 2))).await;
        assert_eq!((second, drops.count()), (Either::Right(2), 2));
    });
}

#[test]
fn the_first_wins_where_both_are_ready() {
    assert_eq!(now("one", race(ready(1), ready(2))), Either::Left(1));
    match now("one", select(ready(1), ready(2))) {
        Either::Left((output, other)) => assert_eq!((output, now("the other", other)), (1, 2)),
        Either::Right(_) => panic!("the second won"),
    }
}

#[test]
fn select_gives_the_loser_back_unharmed() {
    run(async {
        let watch = Watch::new();
        let slow = watch.parked();
        let slow = match soon("the quick one", select(slow, Box::pin(ready_at(3, 7)))).await {
            Either::Right((slow, output)) => {
                assert_eq!(output, 7);
                slow
            }
            Either::Left(_) => panic!("it is parked"),
        };
        let polls = watch.polls();
        assert!(polls > 0);
        watch.open();
        match soon("the slow one", select(slow, pending::<()>())).await {
            Either::Left(((), _)) => assert_eq!(watch.polls(), polls + 1),
            Either::Right(_) => panic!("it never ends"),
        }
    });
}

#[test]
fn select_polled_after_it_was_ready_says_so() {
    let mut select = select(ready(1), pending::<()>());
    assert!(poll_once(&mut select).is_ready());
    assert_eq!(panic_of(|| poll_once(&mut select)), "a Select was polled after it was ready");
}

#[test]
fn a_wake_of_either_side_reaches_the_task() {
    let (left, right) = (Watch::new(), Watch::new());
    let wakes = Wakes::new();
    let mut both = pin!(join(left.parked(), right.parked()));
    assert!(poll_with(&mut both, &wakes.waker()).is_pending());
    left.release();
    assert_eq!(wakes.count(), 1);
    assert!(poll_with(&mut both, &wakes.waker()).is_pending());
    assert_eq!((left.polls(), right.polls()), (2, 2));
    right.release();
    assert_eq!(wakes.count(), 2);
    assert!(poll_with(&mut both, &wakes.waker()).is_ready());
    assert_eq!((left.polls(), right.polls()), (2, 3), "the one that was ready is left alone");
}

#[test]
fn a_panic_in_one_drops_the_other_and_is_the_callers() {
    async fn panics() {
        yield_now().await;
        panic!("in one of them");
    }
    async fn holds<T>(value: T) {
        pending::<()>().await;
        drop(value);
    }
    run(async {
        let drops = Drops::new();
        let tasks = [
            spawn({
                let other = holds(drops.value());
                async {
                    let _ = join(panics(), other).await;
                }
            }),
            spawn({
                let other = holds(drops.value());
                async {
                    let _ = race(other, panics()).await;
                }
            }),
            spawn({
                let other = holds(drops.value());
                async {
                    let _ = select(Box::pin(panics()), Box::pin(other)).await;
                }
            }),
        ];
        for (number, task) in tasks.into_iter().enumerate() {
            let error = soon("a task", task).await.expect_err("it panicked");
            assert_eq!(error.to_string(), "the task panicked: in one of them");
            assert!(drops.count() > number);
        }
        assert_eq!(drops.count(), 3);
    });
}

#[test]
fn dropping_a_combinator_drops_all_in_it() {
    let drops = Drops::new();
    let holds = || {
        let value = drops.value();
        Box::pin(async move {
            pending::<()>().await;
            drop(value);
        })
    };
    fn poll_and_drop(future: impl Future) {
        assert!(poll_once(&mut pin!(future)).is_pending());
    }
    poll_and_drop(join(holds(), holds()));
    poll_and_drop(race(holds(), holds()));
    poll_and_drop(select(holds(), holds()));
    poll_and_drop(join_all([holds(), holds(), holds()]));
    assert_eq!(drops.count(), 9);
    // An output that was there already goes, too.
    let (output, slow) = (drops.value(), holds());
    poll_and_drop(join(async move { output }, slow));
    let mixed: [Pin<Box<dyn Future<Output = _>>>; 2] =
        [Box::pin(ready(Some(drops.value()))), Box::pin(pending())];
    poll_and_drop(join_all(mixed));
    assert_eq!(drops.count(), 12);
}

#[test]
fn yield_now_is_ready_at_its_second_poll_and_wakes_once() {
    let wakes = Wakes::new();
    let mut yielding = yield_now();
    assert!(poll_with(&mut yielding, &wakes.waker()).is_pending());
    assert_eq!(wakes.count(), 1);
    assert!(poll_with(&mut yielding, &wakes.waker()).is_ready());
    assert_eq!(wakes.count(), 1);
}

#[test]
fn a_combinator_inside_of_a_combinator_polls_each_leaf_once_a_wake() {
    let polls = Rc::new(Cell::new(0));
    let leaf = || {
        let polls = Rc::clone(&polls);
        poll_fn(move |_: &mut Context<'_>| {
            polls.set(polls.get() + 1);
            Poll::<()>::Pending
        })
    };
    let mut tree = pin!(join(race(leaf(), leaf()), join_all([leaf(), leaf()])));
    for round in 1..=3 {
        assert!(poll_once(&mut tree).is_pending());
        assert_eq!(polls.get(), 4 * round);
    }
}
