//! Destructors that panic: of a future, of its output, of a panic's payload.
//!
//! A future, its output and a panic's payload are foreign code once more when they are dropped.

mod support;

use std::future::{Future, pending};
use std::panic::panic_any;
use std::pin::Pin;
use std::task::{Context, Poll};

use executor::{JoinHandle, spawn, yield_now};
use support::drops::{Drops, bomb};
use support::{run, runtime, soon, text_of, until};

/// Ready at once, and holds something until it is dropped; an `async` block would drop it before.
struct ReadyWith<T, D> {
    output: Option<T>,
    _holds: D,
}

impl<T: Unpin, D: Unpin> Future for ReadyWith<T, D> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<T> {
        Poll::Ready(self.output.take().expect("polled once"))
    }
}

/// Waits for ever, and holds something meanwhile, from before its first poll.
async fn holds<D>(value: D) {
    pending::<()>().await;
    drop(value);
}

/// Asserts that a new task runs to its end.
async fn others_go_on() {
    assert_eq!(soon("a task after the panic", spawn(async { 1 })).await.expect("it ended"), 1);
    assert_eq!(executor::metrics().tasks, 0);
}

#[test]
fn a_panic_in_the_drop_of_a_future_that_was_ready_leaves_the_result() {
    run(async {
        let drops = Drops::new();
        let future = ReadyWith { output: Some(7), _holds: bomb("in the future's drop", &drops) };
        let result = soon("the task", spawn(future)).await;
        assert_eq!(result.expect("it was ready before"), 7);
        assert_eq!(drops.count(), 1);
        others_go_on().await;
    });
}

#[test]
fn a_panic_in_the_drop_of_an_aborted_future_is_the_tasks() {
    run(async {
        let drops = Drops::new();
        let task = spawn(holds(bomb("in the aborted future's drop", &drops)));
        yield_now().await;
        task.abort();
        let error = soon("the abort", task).await.expect_err("it was aborted");
        let payload = error.into_panic().expect("nothing dies silently");
        assert_eq!(text_of(payload.as_ref()), "in the aborted future's drop");
        assert_eq!(drops.count(), 1);
        others_go_on().await;
    });
}

#[test]
fn a_panic_in_the_drop_of_a_future_that_panicked_leaves_the_first_panic() {
    struct PanicsTwice;
    impl Future for PanicsTwice {
        type Output = ();
        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
            panic!("the first")
        }
    }
    impl Drop for PanicsTwice {
        fn drop(&mut self) {
            panic!("the second");
        }
    }
    run(async {
        let error = soon("the task", spawn(PanicsTwice)).await.expect_err("it panicked");
        assert_eq!(text_of(error.into_panic().expect("it panicked").as_ref()), "the first");
        others_go_on().await;
    });
}

#[test]
fn panics_in_the_drops_of_many_futures_at_the_runtimes_end_pass_nobody() {
    let _watchdog = support::Watchdog::start();
    let drops = Drops::new();
    let runtime = runtime();
    let detached = runtime.spawn(holds(bomb("in a detached future's drop", &drops)));
    detached.detach();
    let kept: Vec<_> =
        (0..3).map(|_| runtime.spawn(holds(bomb("in a future's drop", &drops)))).collect();
    drop(runtime);
    assert_eq!(drops.count(), 4);
    assert!(kept.iter().all(JoinHandle::is_finished));
}

#[test]
fn panics_in_the_drops_of_many_outputs_at_the_runtimes_end_pass_nobody() {
    // The second of two panics in one unwinding ends the process: so, in one of its own.
    let test = "panics_in_the_drops_of_many_outputs_at_the_runtimes_end_pass_nobody";
    support::process::alone(test, || {
        let _watchdog = support::Watchdog::start();
        let drops = Drops::new();
        let runtime = runtime();
        let outputs = (0..3).map(|_| bomb("in an output's drop", &drops));
        let kept: Vec<_> = outputs.map(|output| runtime.spawn(async { output })).collect();
        runtime.block_on(until("the tasks' ends", || kept.iter().all(JoinHandle::is_finished)));
        drop(runtime);
        assert_eq!(drops.count(), 3);
    });
}

#[test]
fn a_panic_in_the_drop_of_an_output_that_nobody_wants_passes_nobody() {
    run(async {
        let drops = Drops::new();
        let output = bomb("in the output's drop", &drops);
        spawn(async { output }).detach();
        until("the drop of the output", || drops.count() == 1).await;
        others_go_on().await;
    });
}

#[test]
fn a_panic_in_the_drop_of_an_output_passes_nobody_who_drops_its_handle() {
    // Whether a handle is dropped before its task ends or after is a matter of chance; what
    // becomes of a panic in the output's drop must not be.
    run(async {
        let drops = Drops::new();
        let output = bomb("in the output's drop", &drops);
        let task = spawn(async { output });
        until("the task's end", || task.is_finished()).await;
        drop(task);
        assert_eq!(drops.count(), 1);
        others_go_on().await;
    });
}

#[test]
fn a_panic_in_the_drop_of_a_payload_passes_nobody() {
    /// The payload of a panic whose destructor panics with another of these.
    struct Nested(u32);
    impl Drop for Nested {
        fn drop(&mut self) {
            if self.0 > 0 {
                panic_any(Nested(self.0 - 1));
            }
        }
    }
    run(async {
        spawn(async { panic_any(Nested(1)) }).detach();
        spawn(async { panic_any(Nested(2)) }).detach();
        until("both panics", || executor::metrics().tasks == 0).await;
        others_go_on().await;
    });
}

#[test]
fn a_future_is_dropped_before_its_result_is_known() {
    run(async {
        let drops = Drops::new();
        let task = spawn(ReadyWith { output: Some(()), _holds: drops.value() });
        soon("the task", task).await.expect("it was ready");
        assert_eq!(drops.count(), 1);
    });
}
