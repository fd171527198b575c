//! `join!`, `try_join!`, `select!`: who is polled when, who wins, and what becomes of the others.

mod support;

use std::cell::Cell;
use std::future::{Future, poll_fn, ready};
use std::rc::Rc;
use std::task::Poll;

use executor::future::{Futures, OneOf, Order};
use executor::{join, select, spawn, try_join, yield_now};
use support::drops::{Drops, Log};
use support::polls::{Watch, now, poll_once};
use support::{panic_of, run, soon};

/// Ready with `value` at its `polls`th poll; wakes itself until then, and panics after.
fn after<T>(polls: u32, value: T) -> impl Future<Output = T> {
    let (mut left, mut value) = (polls, Some(value));
    poll_fn(move |context| {
        left = left.saturating_sub(1);
        if left == 0 {
            return Poll::Ready(value.take().expect("nobody polls a future that is over"));
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
}

#[test]
fn join_gives_all_outputs_in_the_order_in_which_they_are_written() {
    run(async {
        assert_eq!(join!(after(2, 'a'), after(1, 2)), ('a', 2));
        assert_eq!(join!(after(3, 1), after(1, 2), after(2, 3)), (1, 2, 3));
        assert_eq!(join!(after(1, 1), after(4, 2), ready(3), after(2, "four")), (1, 2, 3, "four"));
        let five = join!(after(5, 1), after(4, 2), after(3, 3), after(2, 4), after(1, 5));
        assert_eq!(five, (1, 2, 3, 4, 5));
        let six = join!(ready(1), ready(2), ready(3), ready(4), ready(5), after(2, 6));
        assert_eq!(six, (1, 2, 3, 4, 5, 6));
        let seven = join!(ready(1), ready(2), ready(3), ready(4), ready(5), ready(6), after(2, 7));
        assert_eq!(seven, (1, 2, 3, 4, 5, 6, 7));
        let eight = join!(
            after(2, 1),
            ready(2),
            ready(3),
            ready(4),
            ready(5),
            ready(6),
            ready(7),
            after(3, 8),
        );
        assert_eq!(eight, (1, 2, 3, 4, 5, 6, 7, 8));
    });
}

#[test]
fn try_join_ends_with_the_first_failure_and_drops_the_others_where_they_wait() {
    run(async {
        let drops = Drops::new();
        let held = drops.value();
        let waits = async move {
            let _held = held;
            std::future::pending::<Result<u8, &str>>().await
        };
        let failed: Result<(u8, u8, u8), &str> =
            try_join!(waits, after(2, Err("no")), ready(Ok(3)));
        assert_eq!((failed, drops.count()), (Err("no"), 1));
        let good = try_join!(after(2, Ok::<_, &str>('a')), ready(Ok(2)), after(3, Ok("c")));
        assert_eq!(good, Ok(('a', 2, "c")));
    });
}

#[test]
fn the_first_that_is_over_wins_and_the_others_are_dropped() {
    run(async {
        let drops = Drops::new();
        let slow = |held| async move {
            let _held = held;
            std::future::pending::<()>().await;
        };
        let won = select! {
            () = slow(drops.value()) => "slow",
            value = after(3, "quick") => value,
            () = slow(drops.value()) => "slow too",
        };
        assert_eq!((won, drops.count()), ("quick", 2));
    });
}

#[test]
fn select_takes_two_to_eight_arms() {
    run(async {
        let never = std::future::pending::<u8>;
        assert_eq!(select! { a = never() => a, b = after(2, 2) => b }, 2);
        assert_eq!(select! { a = never() => a, b = never() => b, c = after(2, 3) => c }, 3);
        let four =
            select! { a = never() => a, b = never() => b, c = never() => c, d = ready(4) => d };
        assert_eq!(four, 4);
        let eight = select! {
            a = never() => a, b = never() => b, c = never() => c, d = never() => d,
            e = never() => e, f = never() => f, g = never() => g, h = after(4, 8) => h,
        };
        assert_eq!(eight, 8);
    });
}

#[test]
fn arms_are_ordinary_expressions_of_their_surroundings() {
    async fn count() -> Result<u32, std::num::ParseIntError> {
        let mut rounds = 0;
        loop {
            select! {
                biased;
                word = ready(["1", "2", "x"][rounds as usize % 3]) => {
                    rounds += 1;
                    if rounds == 5 { break }
                    if rounds != 3 { word.parse::<u32>()?; }
                    yield_now().await;
                },
                () = std::future::pending() => return Ok(0),
            }
        }
        "y".parse::<u32>().or(Ok(rounds))
    }
    run(async { assert_eq!(soon("five rounds", count()).await, Ok(5)) });
}

#[test]
fn a_biased_select_lets_the_first_that_is_ready_win_and_does_not_poll_the_rest() {
    run(async {
        let watch = Watch::new();
        for _ in 0..100 {
            select! {
                biased;
                () = ready(()) => {},
                () = watch.parked() => panic!("it is not ready"),
            }
        }
        assert_eq!(watch.polls(), 0);
    });
}

#[test]
fn a_fair_select_lets_each_that_is_ready_win_now_and_then() {
    run(async {
        let mut wins = [0; 3];
        for _ in 0..3000 {
            let place = select! {
                () = ready(()) => 0,
                () = ready(()) => 1,
                () = ready(()) => 2,
            };
            wins[place] += 1;
        }
        assert!(wins.iter().all(|wins| (700..1300).contains(wins)), "{wins:?}");
    });
}

#[test]
fn two_fair_selects_that_take_turns_stay_fair() {
    run(async {
        let mut wins = [[0; 2]; 2];
        for round in 0..2000 {
            let place = select! { () = ready(()) => 0, () = ready(()) => 1 };
            wins[round % 2][place] += 1;
        }
        assert!(wins.iter().flatten().all(|wins| (400..600).contains(wins)), "{wins:?}");
    });
}

#[test]
fn a_fair_select_begins_each_poll_at_the_next_place() {
    let log = Log::new();
    let parked = |name: &'static str| {
        let log = log.clone();
        poll_fn(move |_| {
            log.write(name);
            Poll::<()>::Pending
        })
    };
    let mut first = Box::pin((parked("a"), parked("b"), parked("c")).first(Order::Fair));
    let mut begun = Vec::new();
    for _ in 0..4 {
        assert!(poll_once(&mut first).is_pending());
        let polled = log.take();
        assert_eq!(polled.len(), 3, "each is polled once");
        begun.push(polled[0].clone());
    }
    assert_eq!(begun[0], begun[3]);
    assert!(begun[0] != begun[1] && begun[1] != begun[2] && begun[2] != begun[0], "{begun:?}");
}

#[test]
fn a_future_that_lost_can_go_on_if_it_was_lent() {
    run(async {
        let mut slow = std::pin::pin!(after(10, "slow"));
        let mut rounds = 0;
        let output = loop {
            select! {
                biased;
                output = &mut slow => break output,
                () = yield_now() => rounds += 1,
            }
        };
        assert!(output == "slow" && rounds > 2, "{output} after {rounds}");
    });
}

#[test]
fn a_panic_in_one_drops_the_others_and_passes_on() {
    let drops = Drops::new();
    let held = || {
        let held = drops.value();
        async move {
            let _held = held;
            std::future::pending::<()>().await;
        }
    };
    let text = panic_of(|| {
        run(async { join!(held(), async { panic!("one of three") }, held()) });
    });
    assert_eq!((text.as_str(), drops.count()), ("one of three", 2));
}

#[test]
fn dropped_at_any_poll_all_are_dropped_once() {
    for polls in 0..4 {
        let drops = Drops::new();
        let counted = |polls| {
            let held = drops.value();
            async move {
                let _held = held;
                after(polls, ()).await;
            }
        };
        let mut all = Box::pin((counted(1), counted(2), counted(9)).all());
        for _ in 0..polls {
            assert!(poll_once(&mut all).is_pending());
        }
        drop(all);
        assert_eq!(drops.count(), 3, "after {polls} polls");
    }
}

#[test]
fn a_wake_of_one_reaches_the_task_of_all() {
    run(async {
        let (one, two) = (Watch::new(), Watch::new());
        let done = Rc::new(Cell::new(false));
        let (waits, sees) = ((one.parked(), two.parked()), Rc::clone(&done));
        let task = spawn(async move {
            waits.all().await;
            sees.set(true);
        });
        yield_now().await;
        two.release();
        yield_now().await;
        assert!(!done.get());
        one.release();
        soon("both", task).await.expect("no panic");
        assert_eq!((one.polls(), two.polls()), (3, 2), "who is over is not polled again");
    });
}

#[test]
fn a_match_over_fewer_than_eight_needs_no_other_arm() {
    let text = match now("the first of two", (ready(1), ready("b")).first(Order::Biased)) {
        OneOf::First(number) => number.to_string(),
        OneOf::Second(text) => text.to_owned(),
    };
    assert_eq!(text, "1");
}
