//! `JoinSet`: joined in the order of their ends, aborted together, and none is lost.

mod support;

use std::cell::Cell;
use std::rc::Rc;

use executor::sync::Notify;
use executor::{JoinSet, metrics, spawn, yield_now};
use support::drops::{Drops, bomb, on_drop};
use support::polls::{Wakes, Watch, poll_once, poll_with};
use support::{panic_of, run, runtime, soon, until};

#[test]
fn tasks_are_joined_in_the_order_in_which_they_end() {
    run(async {
        let mut set = JoinSet::new();
        let watches: Vec<Watch> = (0..5).map(|_| Watch::new()).collect();
        for (number, watch) in watches.iter().enumerate() {
            let parked = watch.parked();
            set.spawn(async move {
                parked.await;
                number
            });
        }
        yield_now().await;
        for end in [3, 0, 4, 1, 2] {
            watches[end].release();
        }
        for end in [3, 0, 4, 1, 2] {
            let result = soon("the next that ends", set.join_next()).await;
            assert_eq!(result.expect("a member").expect("no panic"), end);
        }
        assert!(set.is_empty() && set.join_next().await.is_none());
    });
}

#[test]
fn a_wait_is_woken_by_the_next_end_only() {
    run(async {
        let (mut set, watch, woken) = (JoinSet::new(), Watch::new(), Wakes::new());
        set.spawn(watch.parked());
        set.spawn(std::future::pending());
        yield_now().await;
        {
            let mut next = Box::pin(set.join_next());
            assert!(poll_with(&mut next, &woken.waker()).is_pending());
            yield_now().await;
            assert_eq!(woken.count(), 0);
            watch.release();
            until("the wake", || woken.count() == 1).await;
            assert!(poll_once(&mut next).is_ready());
        }
        assert_eq!(set.len(), 1);
    });
}

#[test]
fn a_dropped_wait_takes_no_result_along() {
    run(async {
        let mut set = JoinSet::new();
        set.spawn(async { 1 });
        drop(set.join_next());
        {
            let mut next = Box::pin(set.join_next());
            assert!(poll_once(&mut next).is_pending());
            yield_now().await;
        }
        assert_eq!(soon("the result", set.join_next()).await.expect("a member").expect("ended"), 1);
    });
}

#[test]
fn a_panic_is_the_members_own_result() {
    run(async {
        let mut set = JoinSet::new();
        set.spawn(async { panic!("a bad member") });
        set.spawn(async { 2 });
        let first = soon("the bad one", set.join_next()).await.expect("a member");
        assert_eq!(first.expect_err("it panicked").to_string(), "the task panicked: a bad member");
        assert_eq!(
            soon("the good one", set.join_next()).await.expect("a member").expect("ended"),
            2
        );
    });
}

#[test]
fn an_abort_by_handle_and_one_of_all_give_cancelled_results() {
    run(async {
        let mut set = JoinSet::new();
        let handle = set.spawn(std::future::pending::<()>());
        for _ in 0..3 {
            set.spawn(std::future::pending());
        }
        handle.abort();
        let aborted = soon("the aborted one", set.join_next()).await.expect("a member");
        assert!(aborted.expect_err("aborted").is_cancelled() && handle.is_finished());
        assert_eq!(set.len(), 3);
        set.abort_all();
        while let Some(result) = soon("an aborted one", set.join_next()).await {
            assert!(result.expect_err("aborted").is_cancelled());
        }
        assert_eq!(metrics().tasks, 0);
    });
}

#[test]
fn what_ended_before_the_abort_keeps_its_result() {
    run(async {
        let mut set = JoinSet::new();
        set.spawn(async { 1 });
        yield_now().await;
        set.abort_all();
        assert_eq!(soon("the result", set.join_next()).await.expect("a member").expect("ended"), 1);
    });
}

#[test]
fn a_dropped_set_aborts_its_tasks() {
    run(async {
        let drops = Drops::new();
        let mut set = JoinSet::new();
        for polled in [true, false] {
            let held = drops.value();
            set.spawn(async move {
                let _held = held;
                std::future::pending::<()>().await;
            });
            if polled {
                yield_now().await;
            }
        }
        drop(set);
        until("both are gone", || drops.count() == 2).await;
        assert_eq!(metrics().tasks, 0);
    });
}

#[test]
fn detached_tasks_go_on_and_the_set_can_be_used_again() {
    run(async {
        let (mut set, go, ended) = (JoinSet::new(), Rc::new(Notify::new()), Rc::new(Cell::new(0)));
        for _ in 0..3 {
            let (go, ended) = (Rc::clone(&go), Rc::clone(&ended));
            set.spawn(async move {
                go.notified().await;
                ended.set(ended.get() + 1);
            });
        }
        yield_now().await;
        set.detach_all();
        assert!(set.is_empty() && set.join_next().await.is_none());
        set.spawn(async {});
        assert!(soon("the new one", set.join_next()).await.expect("a member").is_ok());
        drop(set);
        go.notify_waiters();
        until("the detached ones end", || ended.get() == 3).await;
    });
}

#[test]
fn shutdown_waits_until_all_are_gone_whatever_their_destructors_do() {
    run(async {
        let (mut set, drops) = (JoinSet::new(), Drops::new());
        for text in ["one bomb", "two bombs"] {
            let bomb = bomb(text, &drops);
            set.spawn(async move {
                let _bomb = bomb;
                std::future::pending::<()>().await;
            });
        }
        let held = drops.value();
        set.spawn(async move {
            let _spawns = on_drop(|| spawn(async {}).detach());
            let _held = held;
            std::future::pending().await
        });
        yield_now().await;
        soon("all are gone", set.shutdown()).await;
        assert_eq!((drops.count(), set.len()), (3, 0));
    });
}

#[test]
fn try_join_next_gives_what_has_ended_and_nothing_else() {
    run(async {
        let mut set = JoinSet::new();
        assert!(set.try_join_next().is_none());
        set.spawn(async { 1 });
        assert!(set.try_join_next().is_none(), "it has not run");
        yield_now().await;
        assert_eq!(set.try_join_next().expect("it has ended").expect("no panic"), 1);
        assert!(set.try_join_next().is_none() && set.is_empty());
    });
}

#[test]
fn a_member_may_hold_what_drops_the_set() {
    run(async {
        let set = Rc::new(std::cell::RefCell::new(Some(JoinSet::new())));
        let (theirs, dropped) = (Rc::clone(&set), Drops::new());
        let held = dropped.value();
        set.borrow_mut().as_mut().expect("it is there").spawn(async move {
            let _held = held;
            yield_now().await;
            drop(theirs.take()); // aborts itself, in its own poll
            std::future::pending::<()>().await;
        });
        until("the member is gone", || dropped.count() == 1).await;
    });
}

#[test]
fn a_set_outlives_its_runtime_and_says_that_its_tasks_are_cancelled() {
    let mut set = JoinSet::new();
    let runtime = runtime();
    runtime.block_on(async {
        set.spawn(std::future::pending::<()>());
    });
    drop(runtime);
    let mut next = Box::pin(set.join_next());
    let std::task::Poll::Ready(Some(Err(error))) = poll_once(&mut next) else {
        panic!("the task went down with its runtime")
    };
    assert!(error.is_cancelled());
}

#[test]
fn a_spawn_without_a_runtime_panics_and_leaves_no_member() {
    let mut set = JoinSet::new();
    assert!(panic_of(|| set.spawn(async {})).contains("no runtime"));
    assert!(set.is_empty());
}

#[test]
fn a_hundred_thousand_members_are_joined_in_time() {
    run(async {
        let mut set = JoinSet::new();
        for number in 0..100_000_u64 {
            set.spawn(async move { number });
        }
        let mut sum = 0;
        while let Some(result) = set.join_next().await {
            sum += result.expect("no panic");
        }
        assert_eq!(sum, 100_000 * 99_999 / 2);
    });
}
