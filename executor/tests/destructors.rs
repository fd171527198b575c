//! Destructors that do things: wake, abort, join, spawn.
//!
//! A future is foreign code once more when it is dropped. Those here come back to the executor.

mod support;

use std::cell::{Cell, RefCell};
use std::future::pending;
use std::rc::Rc;
use std::task::Poll;

use executor::{JoinHandle, Metrics, spawn, yield_now};
use support::drops::{Drops, on_drop};
use support::polls::Watch;
use support::{panic_of, run, runtime, soon, until};

/// Waits for ever, and holds something meanwhile, from before its first poll.
async fn holds<D>(value: D) {
    pending::<()>().await;
    drop(value);
}

/// Asserts that a new task runs to its end.
async fn others_go_on() {
    assert_eq!(soon("a new task", spawn(async { 1 })).await.expect("it ended"), 1);
    assert_eq!(executor::metrics().tasks, 0);
}

#[test]
fn a_destructor_may_wake_its_own_task_and_others() {
    run(async {
        let watch = Watch::new();
        let other = spawn(watch.parked());
        yield_now().await;
        let own = Watch::new();
        let waking = {
            let (own, watch) = (own.clone(), watch.clone());
            on_drop(move || {
                own.waker().wake();
                watch.release();
            })
        };
        let parked = own.parked();
        let task = spawn(async move {
            let _waking = waking;
            parked.await;
        });
        yield_now().await;
        task.abort();
        assert!(soon("the abort", task).await.expect_err("aborted").is_cancelled());
        soon("the task that the destructor woke", other).await.expect("it ended well");
        assert_eq!(own.polls(), 1, "the aborted task is not polled again");
    });
}

#[test]
fn a_destructor_may_abort_and_detach_others_and_itself() {
    run(async {
        let drops = Drops::new();
        let (a, b) = (spawn(holds(drops.value())), spawn(holds(drops.value())));
        let own: Rc<RefCell<Option<JoinHandle<()>>>> = Rc::default();
        let aborting = {
            let own = Rc::clone(&own);
            on_drop(move || {
                a.abort();
                b.abort();
                drop((a, b));
                let own = own.take().expect("it was put there");
                own.abort();
                drop(own);
            })
        };
        let task = spawn(holds(aborting));
        let abort = task.abort_handle();
        own.replace(Some(task));
        yield_now().await;
        abort.abort();
        until("both drops", || drops.count() == 2).await;
        others_go_on().await;
    });
}

#[test]
fn a_destructor_may_ask_for_the_result_of_another() {
    run(async {
        let mut other = spawn(async { 5 });
        until("the other's end", || other.is_finished()).await;
        let seen = Rc::new(Cell::new(None));
        let asking = {
            let seen = Rc::clone(&seen);
            on_drop(move || seen.set(Some(support::polls::poll_once(&mut other).map(Result::ok))))
        };
        let task = spawn(holds(asking));
        task.abort();
        assert!(soon("the abort", task).await.is_err());
        assert_eq!(seen.get(), Some(Poll::Ready(Some(5))));
    });
}

#[test]
fn at_the_runtimes_end_destructors_may_still_do_all_of_it() {
    let _watchdog = support::Watchdog::start();
    let drops = Drops::new();
    let runtime = runtime();
    let (first, last) = (Watch::new(), Watch::new());
    let ends = [runtime.spawn(first.parked()), runtime.spawn(last.parked())];
    let (counted, waker_of) = (drops.clone(), (first.clone(), last.clone()));
    let busy = on_drop(move || {
        waker_of.0.waker().wake();
        waker_of.1.waker().wake();
        let [mut first, last] = ends;
        last.abort();
        let _ = support::polls::poll_once(&mut first);
        let child = spawn(holds(counted.value()));
        assert!(child.is_finished(), "there is nobody left to run it");
        let blocking = executor::spawn_blocking(|| ());
        drop(executor::Handle::current().spawn(async {}));
        let nested = panic_of(|| executor::block_on(async {}));
        assert!(nested.contains("running on this thread already"));
        drop((child, blocking));
        counted.value();
    });
    let task = runtime.spawn(holds(busy));
    runtime.block_on(until("the polls", || first.polls() + last.polls() == 2));
    drop(runtime);
    assert_eq!(drops.count(), 2, "the child's future, and the last line of the destructor");
    drop(task);
}

#[test]
fn handles_that_tasks_hold_of_each_other_are_no_leak() {
    let _watchdog = support::Watchdog::start();
    let drops = Drops::new();
    let runtime = runtime();
    let (to_first, first_gets) = executor::sync::oneshot::channel::<JoinHandle<()>>();
    let (to_second, second_gets) = executor::sync::oneshot::channel::<JoinHandle<()>>();
    let waits_for = |gets: executor::sync::oneshot::Receiver<JoinHandle<()>>| {
        let value = drops.value();
        async move {
            let _value = value;
            let other = gets.await.expect("the handle comes");
            let _ = other.await;
        }
    };
    let first = runtime.spawn(waits_for(first_gets));
    let second = runtime.spawn(waits_for(second_gets));
    assert!(to_first.send(second).is_ok() && to_second.send(first).is_ok());
    runtime.block_on(async {
        for _ in 0..200 {
            yield_now().await;
        }
    });
    assert_eq!((runtime.metrics().tasks, drops.count()), (2, 0));
    drop(runtime);
    assert_eq!(drops.count(), 2);
}

#[test]
fn a_task_that_holds_its_own_handle_is_no_leak() {
    let _watchdog = support::Watchdog::start();
    let drops = Drops::new();
    let value = drops.value();
    let runtime = runtime();
    let own: Rc<RefCell<Option<JoinHandle<()>>>> = Rc::default();
    let keeps = Rc::clone(&own);
    own.replace(Some(runtime.spawn(async move {
        let _value = value;
        let handle = keeps.take().expect("it was put there");
        let _ = handle.await; // never: it would have to end first
    })));
    runtime.block_on(until("its first poll", || own.borrow().is_none()));
    assert_eq!(runtime.metrics().tasks, 1);
    drop(runtime);
    assert_eq!(drops.count(), 1);
    assert_eq!(run(async { executor::metrics() }), Metrics::default());
}
