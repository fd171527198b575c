//! `spawn_blocking`, given up: by an abort, and by the end of its runtime.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use executor::{Builder, Handle, Runtime, spawn, spawn_blocking};
use futures::executor::block_on as foreign_block_on;
use support::drops::on_drop;
use support::gate::{Gate, held_by};
use support::{Watchdog, receive, run, soon, until};

/// A runtime whose pool has at most `limit` threads.
fn with_threads(limit: usize) -> Runtime {
    Builder::new().blocking_threads(limit).build().expect("a runtime")
}

#[test]
fn a_call_that_is_aborted_before_it_begins_never_does() {
    let _watchdog = Watchdog::start();
    with_threads(1).block_on(async {
        let (gate, ran) = (Gate::new(), Arc::new(AtomicBool::new(false)));
        let first = held_by(&gate);
        let runs = Arc::clone(&ran);
        let second = spawn_blocking(move || runs.store(true, Ordering::SeqCst));
        until("the first call to begin", || gate.arrived() == 1).await;
        second.abort();
        gate.open();
        soon("the first call", first).await.expect("it ended well");
        assert!(soon("the second call", second).await.expect_err("aborted").is_cancelled());
        assert!(!ran.load(Ordering::SeqCst));
    });
}

#[test]
fn a_call_that_has_begun_goes_on_to_its_end_in_spite_of_an_abort() {
    run(async {
        let gate = Gate::new();
        let call = held_by(&gate);
        until("the call to begin", || gate.arrived() == 1).await;
        call.abort();
        gate.open();
        soon("the call", call).await.expect("it ended well, for it had begun");
    });
}

#[test]
fn at_the_runtimes_end_begun_calls_are_waited_for_and_others_cancelled() {
    let _watchdog = Watchdog::start();
    let runtime = with_threads(1);
    let (ended, gate) = (Arc::new(AtomicBool::new(false)), Gate::new());
    let ends = Arc::clone(&ended);
    let (begun, waiting) = runtime.block_on(async {
        let inner = Arc::clone(&gate);
        let begun = spawn_blocking(move || {
            inner.pass();
            ends.store(true, Ordering::SeqCst);
            "result"
        });
        until("the call to begin", || gate.arrived() == 1).await;
        // Opened by the end itself: by the drop of the call that never begins.
        let opens = on_drop(move || gate.open());
        let waiting = spawn_blocking(move || drop(opens));
        (begun, waiting)
    });
    drop(runtime);
    assert!(ended.load(Ordering::SeqCst), "the runtime did not wait for the call that had begun");
    assert_eq!(foreign_block_on(begun).expect("it had begun"), "result");
    assert!(foreign_block_on(waiting).expect_err("it had not").is_cancelled());
}

#[test]
fn a_panic_in_the_drop_of_a_call_that_never_began_passes_nobody() {
    let _watchdog = Watchdog::start();
    let runtime = with_threads(1);
    let (gate, ended) = (Gate::new(), Arc::new(AtomicBool::new(false)));
    runtime.block_on(async {
        let (inner, ends) = (Arc::clone(&gate), Arc::clone(&ended));
        drop(spawn_blocking(move || {
            inner.pass();
            ends.store(true, Ordering::SeqCst);
        }));
        until("the call to begin", || gate.arrived() == 1).await;
        let opens = on_drop(move || {
            gate.open();
            panic!("in the drop of a call that never began");
        });
        drop(spawn_blocking(move || drop(opens)));
    });
    drop(runtime);
    assert!(ended.load(Ordering::SeqCst), "the runtime did not wait for the call that had begun");
}

#[test]
fn a_call_that_waits_for_a_task_does_not_stop_the_runtimes_end() {
    let _watchdog = Watchdog::start();
    let runtime = with_threads(1);
    let (answers, answer): (Sender<bool>, Receiver<bool>) = channel();
    let (go, gone) = channel::<()>();
    let handle: Handle = runtime.handle();
    runtime.block_on(async {
        let begun = Arc::new(AtomicBool::new(false));
        let begins = Arc::clone(&begun);
        drop(spawn_blocking(move || {
            begins.store(true, Ordering::SeqCst);
            receive("the runtime's end to begin", &gone);
            let task = handle.spawn(async {});
            let cancelled = foreign_block_on(task).is_err_and(|error| error.is_cancelled());
            answers.send(cancelled).expect("the test listens");
        }));
        until("the call to begin", || begun.load(Ordering::SeqCst)).await;
        // Dropped, and thus told, when the runtime drops its tasks: the end has begun.
        let says = on_drop(move || go.send(()).expect("the call listens"));
        spawn(async move {
            let _says = says;
            std::future::pending::<()>().await;
        })
        .detach();
    });
    support::note("the runtime's end");
    drop(runtime);
    assert!(receive("the call's answer", &answer), "its task was cancelled");
}
