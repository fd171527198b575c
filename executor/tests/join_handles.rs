//! Handles: what they say about a task that ended, panicked, was aborted, or went down.

mod support;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use executor::{JoinError, spawn, yield_now};
use support::polls::Watch;
use support::{panic_of, run, runtime, soon, until};

#[test]
fn a_task_that_is_aborted_in_the_poll_in_which_it_ends_keeps_its_result() {
    run(async {
        let own: Rc<RefCell<Option<executor::AbortHandle>>> = Rc::default();
        let ends = Rc::clone(&own);
        let task = spawn(async move {
            ends.take().expect("it was put there").abort();
            8
        });
        own.replace(Some(task.abort_handle()));
        assert_eq!(soon("the task", task).await.expect("it was ready"), 8);
    });
}

#[test]
fn a_panicking_task_takes_nobody_along() {
    run(async {
        let others: Vec<_> = (0..3)
            .map(|number| {
                spawn(async move {
                    yield_now().await;
                    number
                })
            })
            .collect();
        let panicking = spawn(async { panic!("in the midst of the others") });
        let error: JoinError =
            soon("the panicking task", panicking).await.expect_err("it panicked");
        assert!(error.is_panic() && !error.is_cancelled());
        assert_eq!(error.to_string(), "the task panicked: in the midst of the others");
        for (number, other) in others.into_iter().enumerate() {
            assert_eq!(soon("another task", other).await.expect("it ended well"), number);
        }
    });
}

#[test]
fn a_payload_of_any_type_comes_out_of_the_handle() {
    run(async {
        let task = spawn(async { std::panic::panic_any(42_u8) });
        let error = soon("the task", task).await.expect_err("it panicked");
        assert_eq!(error.to_string(), "the task panicked");
        let payload = error.into_panic().expect("it panicked");
        assert_eq!(payload.downcast_ref::<u8>(), Some(&42));
    });
}

#[test]
fn an_aborted_tasks_error_says_cancelled_and_has_no_payload() {
    run(async {
        let task = spawn(std::future::pending::<()>());
        task.abort();
        task.abort();
        let error = soon("the abort", task).await.expect_err("it was aborted");
        assert!(error.is_cancelled() && !error.is_panic());
        assert_eq!(error.to_string(), "the task was cancelled");
        assert!(error.into_panic().expect_err("nobody panicked").is_cancelled());
    });
}

#[test]
fn a_handle_that_is_polled_after_its_result_says_so() {
    run(async {
        let mut task = spawn(async { 1 });
        soon("the task", &mut task).await.expect("it ended well");
        let text = panic_of(|| support::polls::poll_once(&mut task));
        assert_eq!(text, "a JoinHandle was polled after it had given its result");
    });
}

#[test]
fn a_handle_whose_runtime_is_gone_says_cancelled() {
    let _watchdog = support::Watchdog::start();
    let gone = runtime();
    let (waiting, finished) = (gone.spawn(std::future::pending::<()>()), gone.spawn(async {}));
    gone.block_on(until("the second task's end", || finished.is_finished()));
    // One waiter has asked already, and is woken by the end.
    let other = runtime();
    let asked = Rc::new(Cell::new(false));
    let asking = other.spawn({
        let asked = Rc::clone(&asked);
        async move {
            asked.set(true);
            waiting.await
        }
    });
    other.block_on(until("the question", || asked.get()));
    drop(gone);
    other.block_on(async {
        let error = soon("the task that asked before", asking).await.expect("it ended well");
        assert!(error.expect_err("it never ends").is_cancelled());
        let error = soon("the one that asks now", finished).await;
        assert!(error.expect_err("its result went down unasked").is_cancelled());
    });
}

#[test]
fn a_handle_whose_runtime_is_gone_can_still_be_used_and_dropped() {
    let _watchdog = support::Watchdog::start();
    let gone = runtime();
    let task = gone.spawn(std::future::pending::<()>());
    let (abort, local) = (task.abort_handle(), gone.local_handle());
    drop(gone);
    abort.abort();
    task.abort();
    assert!(task.is_finished() && abort.is_finished());
    assert!(local.spawn(async {}).is_err(), "there is nobody to run it");
    drop(task);
}

#[test]
fn a_wait_for_a_handle_that_is_dropped_leaves_the_result_where_it_is() {
    run(async {
        let watch = Watch::new();
        let parked = watch.parked();
        let mut task = spawn(async move {
            parked.await;
            9
        });
        yield_now().await;
        let impatient = executor::time::timeout(Duration::from_millis(1), &mut task).await;
        assert!(impatient.is_err(), "the task is parked");
        watch.release();
        assert_eq!(soon("the second wait", task).await.expect("it ended well"), 9);
    });
}
