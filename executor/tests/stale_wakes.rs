//! Wakers that outlive what they were made for: they wake nobody, and least of all somebody else.

mod support;

use std::future::poll_fn;
use std::task::{Poll, Waker};

use executor::{spawn, yield_now};
use support::polls::{Watch, own_waker};
use support::{run, runtime, soon};

/// The waker of a task that is over.
async fn stale_waker() -> Waker {
    soon("a task that ends at once", spawn(own_waker())).await.expect("it ended well")
}

/// By value, as most code wakes; the other way is `wake_by_ref`.
fn wake_a_clone(waker: &Waker) {
    let clone = waker.clone();
    clone.wake();
}

/// Where the task lies, as its handle prints it: "JoinHandle(place.generation)".
fn place<T>(handle: &executor::JoinHandle<T>) -> String {
    let text = format!("{handle:?}");
    text.split('.').next().unwrap_or_default().to_owned()
}

#[test]
fn a_wake_after_completion_is_ignored() {
    run(async {
        let stale = stale_waker().await;
        stale.wake_by_ref();
        wake_a_clone(&stale);
        let other = Watch::new();
        let _task = spawn(other.parked());
        for _ in 0..5 {
            yield_now().await;
        }
        assert_eq!(other.polls(), 1);
        assert_eq!(executor::metrics().tasks, 1);
        stale.wake();
    });
}

#[test]
fn a_stale_waker_does_not_wake_who_has_the_place_now() {
    run(async {
        let first = spawn(own_waker());
        let place_before = place(&first);
        let stale = soon("the first task", first).await.expect("it ended well");
        let watch = Watch::new();
        let second = spawn(watch.parked());
        assert_eq!(place(&second), place_before, "the test needs the place to be used again");
        yield_now().await;
        stale.wake_by_ref();
        let from_afar = stale.clone();
        support::join("a thread that wakes", std::thread::spawn(move || from_afar.wake()));
        for _ in 0..10 {
            yield_now().await;
        }
        assert_eq!(watch.polls(), 1, "a waker of the task before it woke this one");
        watch.release();
        soon("the second task", second).await.expect("its own waker works");
    });
}

#[test]
fn a_stale_wake_that_is_still_queued_does_not_reach_who_has_the_place_now() {
    run(async {
        // Wakes itself and ends in the same poll: its key stays in the queue.
        let first = spawn(poll_fn(|context| {
            context.waker().wake_by_ref();
            Poll::Ready(())
        }));
        let place_before = place(&first);
        let spawned = spawn(async move {
            first.await.expect("it ended well");
            let watch = Watch::new();
            let second = spawn(watch.parked());
            (watch, second)
        });
        let (watch, second) = soon("the spawner", spawned).await.expect("it ended well");
        assert_eq!(place(&second), place_before, "the test needs the place to be used again");
        for _ in 0..5 {
            yield_now().await;
        }
        assert_eq!(watch.polls(), 1);
    });
}

#[test]
fn clones_of_a_waker_wake_the_same_task_and_know_it() {
    run(async {
        let (a, b) = (own_waker().await, own_waker().await);
        assert!(a.will_wake(&b) && a.will_wake(&a.clone()));
        let other = stale_waker().await;
        assert!(!a.will_wake(&other));
    });
}

#[test]
fn a_root_that_wakes_itself_and_ends_leaves_no_poll_to_the_next_root() {
    let _watchdog = support::Watchdog::start();
    let runtime = runtime();
    let stale = runtime.block_on(async {
        let waker = own_waker().await;
        waker.wake_by_ref();
        waker
    });
    let watch = Watch::new();
    let root = async {
        let releaser = spawn({
            let watch = watch.clone();
            async move {
                for _ in 0..3 {
                    stale.wake_by_ref();
                    yield_now().await;
                }
                watch.release();
            }
        });
        watch.parked().await;
        drop(releaser);
    };
    runtime.block_on(root);
    assert_eq!(watch.polls(), 2, "the first poll, and the one for the release");
}

#[test]
fn a_wake_behind_thousands_of_stale_ones_is_heard() {
    // The loop takes messages in portions. Portions of stale wakes queue nothing, and yet it must
    // not go to sleep on the rest.
    let _watchdog = support::Watchdog::start();
    let runtime = runtime();
    let watch = Watch::new();
    let task = runtime.spawn(watch.parked());
    let stale: Vec<Waker> = runtime.block_on(async {
        let ended: Vec<_> = (0..10_000).map(|_| spawn(own_waker())).collect();
        let wakers = executor::join_all(ended).await;
        wakers.into_iter().map(|waker| waker.expect("it ended well")).collect()
    });
    // Nothing runs now: each of these is a message.
    stale.iter().for_each(Waker::wake_by_ref);
    watch.release();
    runtime.block_on(task).expect("it ended well");
}
