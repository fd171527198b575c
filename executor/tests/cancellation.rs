//! `CancellationToken`: heard by all below, and forgotten by all when it goes.

#[path = "support/hooks.rs"]
mod hooks;
mod support;

use std::cell::Cell;
use std::rc::Rc;

use executor::{CancellationToken, spawn, yield_now};
use hooks::{calling, panicking};
use support::drops::Drops;
use support::polls::{Wakes, Watch, now, poll_once, poll_with};
use support::{panic_of, run, soon};

#[test]
fn a_cancelled_token_is_cancelled_for_all_its_clones_and_for_good() {
    let token = CancellationToken::new();
    let clone = token.clone();
    assert!(!clone.is_cancelled());
    token.cancel();
    token.cancel();
    assert!(clone.is_cancelled());
    now("a token that is cancelled", clone.cancelled());
    now("and again", clone.cancelled());
}

#[test]
fn the_news_goes_down_and_not_up() {
    let root = CancellationToken::new();
    let (left, right) = (root.child_token(), root.child_token());
    let below = left.child_token();
    left.cancel();
    assert!(below.is_cancelled() && left.is_cancelled());
    assert!(!root.is_cancelled() && !right.is_cancelled());
    root.cancel();
    assert!(right.is_cancelled());
    assert!(left.child_token().is_cancelled(), "born cancelled");
}

#[test]
fn an_inner_token_that_was_dropped_still_hands_the_news_down() {
    let root = CancellationToken::new();
    let below = root.child_token().child_token().child_token();
    root.cancel();
    assert!(below.is_cancelled());
}

#[test]
fn all_who_wait_are_woken_once_after_the_whole_tree_is_marked() {
    let root = CancellationToken::new();
    let children: Vec<_> = (0..3).map(|_| root.child_token()).collect();
    let seen = Rc::new(Cell::new(0));
    let mut waits: Vec<_> = children.iter().map(|child| Box::pin(child.cancelled())).collect();
    for wait in &mut waits {
        let (all, seen) = (children.clone(), Rc::clone(&seen));
        let waker = calling(move || {
            assert!(all.iter().all(CancellationToken::is_cancelled));
            seen.set(seen.get() + 1);
        });
        assert!(poll_with(wait, &waker).is_pending());
    }
    root.cancel();
    assert_eq!(seen.get(), 3);
    assert!(waits.iter_mut().all(|wait| poll_once(wait).is_ready()));
}

#[test]
fn a_waker_that_panics_keeps_the_news_from_nobody() {
    let root = CancellationToken::new();
    let (one, two, woken) = (root.child_token(), root.child_token(), Wakes::new());
    let (mut first, mut second) = (Box::pin(one.cancelled()), Box::pin(two.cancelled()));
    let mut third = Box::pin(root.cancelled());
    for (wait, waker) in [(&mut first, panicking("ill will")), (&mut second, woken.waker())] {
        assert!(poll_with(wait, &waker).is_pending());
    }
    assert!(poll_with(&mut third, &woken.waker()).is_pending());
    assert_eq!(panic_of(|| root.cancel()), "ill will");
    assert_eq!(woken.count(), 2);
    assert!(poll_once(&mut first).is_ready() && poll_once(&mut second).is_ready());
}

#[test]
fn a_dropped_wait_is_not_woken() {
    let (token, woken) = (CancellationToken::new(), Wakes::new());
    let mut wait = Box::pin(token.cancelled());
    assert!(poll_with(&mut wait, &woken.waker()).is_pending());
    drop(wait);
    token.cancel();
    assert_eq!(woken.count(), 0);
}

#[test]
fn a_future_runs_until_its_token_is_cancelled_and_is_then_dropped() {
    run(async {
        let (token, drops) = (CancellationToken::new(), Drops::new());
        let (theirs, held) = (token.clone(), drops.value());
        let task = spawn(async move {
            let work = async move {
                let _held = held;
                std::future::pending::<()>().await;
            };
            theirs.run_until_cancelled(work).await
        });
        yield_now().await;
        token.cancel();
        assert_eq!(soon("the task's end", task).await.expect("no panic"), None);
        assert_eq!(drops.count(), 1);
    });
}

#[test]
fn a_result_that_is_there_is_not_thrown_away_but_nothing_begins_after_the_end() {
    let (token, watch) = (CancellationToken::new(), Watch::new());
    {
        let mut run = Box::pin(token.run_until_cancelled(watch.parked()));
        assert!(poll_once(&mut run).is_pending());
        watch.open();
        token.cancel();
        assert_eq!(now("both are there", run), Some(()));
    }
    let polls = watch.polls();
    assert_eq!(now("a token that is cancelled", token.run_until_cancelled(watch.parked())), None);
    assert_eq!(watch.polls(), polls);
}

#[test]
fn a_guard_cancels_when_it_is_dropped_and_not_when_it_is_disarmed() {
    let token = CancellationToken::new();
    let token = token.drop_guard().disarm();
    assert!(!token.is_cancelled());
    let guard = token.clone().drop_guard();
    drop(guard);
    assert!(token.is_cancelled());
}

#[test]
fn children_that_are_gone_leave_nothing_behind() {
    let root = CancellationToken::new();
    let (left, right) = (root.child_token(), root.child_token());
    let below = left.child_token();
    drop((left, right));
    assert!(format!("{root:?}").contains("children: 1"), "an inner node lives for those below it");
    drop(below);
    assert!(format!("{root:?}").contains("children: 0"), "{root:?}");
}

#[test]
fn a_chain_of_a_hundred_thousand_is_cancelled_and_dropped_without_recursion() {
    let root = CancellationToken::new();
    let mut last = root.clone();
    let mut all = Vec::new();
    for _ in 0..100_000 {
        last = last.child_token();
        all.push(last.clone());
    }
    drop(all);
    root.cancel();
    assert!(last.is_cancelled());
    drop(root);
    drop(last);
}
