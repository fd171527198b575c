//! A million of each: nothing here has a limit that a program would meet.

mod support;

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

use executor::sync::Notify;
use executor::time::sleep;
use executor::{JoinHandle, Metrics, spawn, yield_now};
use support::drops::Drops;
use support::{Watchdog, run, runtime, soon, until};

const MILLION: usize = 1_000_000;

#[test]
fn a_million_tasks_wait_at_once_and_are_all_woken() {
    let _watchdog = Watchdog::start();
    let runtime = runtime();
    runtime.block_on(async {
        let wakers: Rc<RefCell<Vec<Waker>>> = Rc::new(RefCell::new(Vec::with_capacity(MILLION)));
        let ended = Rc::new(Cell::new(0));
        for _ in 0..MILLION {
            let (wakers, ended, mut asked) = (Rc::clone(&wakers), Rc::clone(&ended), false);
            spawn(poll_fn(move |context| {
                if asked {
                    ended.set(ended.get() + 1);
                    return Poll::Ready(());
                }
                asked = true;
                wakers.borrow_mut().push(context.waker().clone());
                Poll::Pending
            }))
            .detach();
        }
        until("a million first polls", || wakers.borrow().len() == MILLION).await;
        assert_eq!(executor::metrics().tasks, MILLION);
        for waker in wakers.take() {
            waker.wake();
        }
        until("a million ends", || ended.get() == MILLION).await;
    });
    assert_eq!(runtime.metrics(), Metrics::default());
}

#[test]
fn a_million_waiting_tasks_are_dropped_with_their_runtime() {
    let _watchdog = Watchdog::start();
    let drops = Drops::new();
    let runtime = runtime();
    runtime.block_on(async {
        for _ in 0..MILLION {
            let value = drops.value();
            spawn(async move {
                let _value = value;
                std::future::pending::<()>().await;
            })
            .detach();
        }
        yield_now().await;
    });
    assert_eq!((runtime.metrics().tasks, drops.count()), (MILLION, 0));
    drop(runtime);
    assert_eq!(drops.count(), MILLION);
}

#[test]
fn a_million_tasks_are_aborted_one_by_one() {
    let _watchdog = Watchdog::start();
    let runtime = runtime();
    runtime.block_on(async {
        let notify = Rc::new(Notify::new());
        let tasks: Vec<JoinHandle<()>> = (0..MILLION)
            .map(|_| {
                let notify = Rc::clone(&notify);
                spawn(async move { notify.notified().await })
            })
            .collect();
        yield_now().await;
        for task in &tasks {
            task.abort();
        }
        for task in tasks {
            assert!(task.await.is_err_and(|error| error.is_cancelled()));
        }
        // Not one of the aborted is still in the line.
        let waiter = spawn(async move {
            let notified = notify.notified();
            notify.notify_one();
            notified.await;
        });
        soon("the only waiter that is left", waiter).await.expect("it ended well");
    });
    assert_eq!(runtime.metrics(), Metrics::default());
}

#[test]
fn a_hundred_thousand_timers_fire_once_each_and_never_early() {
    const TIMERS: u64 = 100_000;
    let _watchdog = Watchdog::start();
    let runtime = runtime();
    runtime.block_on(async {
        let fired = Rc::new(Cell::new(0));
        let start = Instant::now();
        for number in 0..TIMERS {
            let fired = Rc::clone(&fired);
            // In no order: each prime step lands elsewhere in a tenth of a second.
            let delay = Duration::from_micros(number * 7_919 % 100_000);
            spawn(async move {
                let due = Instant::now() + delay;
                sleep(delay).await;
                assert!(Instant::now() >= due, "early");
                fired.set(fired.get() + 1);
            })
            .detach();
        }
        until("all timers", || executor::metrics().tasks == 0).await;
        assert_eq!(fired.get(), TIMERS);
        assert!(start.elapsed() >= Duration::from_micros(99_999));
    });
    assert_eq!(runtime.metrics(), Metrics::default());
}

#[test]
fn a_hundred_thousand_timers_are_dropped_without_a_trace() {
    let _watchdog = Watchdog::start();
    let runtime = runtime();
    let tasks: Vec<_> =
        (0..100_000).map(|_| runtime.spawn(sleep(Duration::from_secs(3600)))).collect();
    runtime.block_on(async {
        until("the timers to be armed", || executor::metrics().timers >= 100_000).await;
        for task in tasks {
            task.abort();
        }
        until("the timers to go", || executor::metrics().tasks == 0).await;
    });
    assert_eq!(runtime.metrics(), Metrics::default());
}

#[test]
fn a_chain_of_a_hundred_thousand_tasks_ends_without_deep_recursion() {
    // Each waits for the one before it: the last result runs through all of them.
    run(async {
        let mut last = spawn(async { 0_u32 });
        for _ in 0..100_000 {
            let before = last;
            last = spawn(async move { before.await.expect("the one before ended well") + 1 });
        }
        assert_eq!(soon("the last of the chain", last).await.expect("it ended well"), 100_000);
    });
}

#[test]
fn the_places_of_finished_tasks_are_used_again() {
    run(async {
        for _ in 0..10_000 {
            soon("a task", spawn(async {})).await.expect("it ended well");
        }
        let place = format!("{:?}", spawn(async {}));
        assert!(place.starts_with("JoinHandle(0."), "ten thousand tasks later: {place}");
    });
}
