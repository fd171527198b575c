//! `spawn_blocking`: results, the bounds of the pool, and a loop that goes on meanwhile.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use executor::{Builder, RemoteJoinHandle, Runtime, spawn, spawn_blocking};
use futures::executor::block_on as foreign_block_on;
use support::gate::{Gate, held_by};
use support::{Watchdog, join, receive, run, soon, text_of, until};

/// A runtime whose pool has at most `limit` threads.
fn with_threads(limit: usize) -> Runtime {
    Builder::new().blocking_threads(limit).build().expect("a runtime")
}

#[test]
fn the_result_of_a_blocking_call_comes_back() {
    run(async {
        let here = thread::current().id();
        let call = spawn_blocking(|| (thread::current().id(), "result"));
        let (there, result) = soon("the call", call).await.expect("it ended well");
        assert_eq!(result, "result");
        assert_ne!(there, here, "it would have blocked the loop");
    });
}

#[test]
fn a_panic_of_a_blocking_call_comes_back_and_the_pool_goes_on() {
    let _watchdog = Watchdog::start();
    with_threads(1).block_on(async {
        for _ in 0..3 {
            let call = spawn_blocking(|| panic!("in the blocking call"));
            let error = soon("the call", call).await.expect_err("it panicked");
            let payload = error.into_panic().expect("it panicked");
            assert_eq!(text_of(payload.as_ref()), "in the blocking call");
        }
        assert_eq!(soon("a call after", spawn_blocking(|| 1)).await.expect("it ended well"), 1);
    });
}

#[test]
fn never_more_calls_than_the_limit_run_at_once() {
    const LIMIT: usize = 3;
    let _watchdog = Watchdog::start();
    let runtime = with_threads(LIMIT);
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    runtime.block_on(async {
        let gate = Gate::new();
        let calls: Vec<_> = (0..50)
            .map(|_| {
                let (gate, now, most) = (Arc::clone(&gate), Arc::clone(&now), Arc::clone(&most));
                spawn_blocking(move || {
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    gate.pass();
                    now.fetch_sub(1, Ordering::SeqCst);
                })
            })
            .collect();
        until("as many calls as there may be", || gate.arrived() == LIMIT).await;
        assert_eq!(executor::metrics().blocking_threads, LIMIT);
        gate.open();
        for call in calls {
            soon("a call", call).await.expect("it ended well");
        }
    });
    assert_eq!(most.load(Ordering::SeqCst), LIMIT);
}

#[test]
fn a_limit_of_zero_is_one() {
    let _watchdog = Watchdog::start();
    let result = with_threads(0).block_on(async { soon("the call", spawn_blocking(|| 2)).await });
    assert_eq!(result.expect("it ended well"), 2);
}

#[test]
fn as_many_calls_as_the_limit_do_run_at_once() {
    // Each waits for all the others: fewer threads at once would never end.
    run(async {
        let barrier = Arc::new(std::sync::Barrier::new(16));
        let calls: Vec<_> = (0..16)
            .map(|_| {
                let barrier = Arc::clone(&barrier);
                spawn_blocking(move || barrier.wait().is_leader())
            })
            .collect();
        let mut leaders = 0;
        for call in calls {
            leaders += usize::from(soon("a call", call).await.expect("it ended well"));
        }
        assert_eq!(leaders, 1);
    });
}

#[test]
fn idle_threads_leave_and_come_again() {
    let _watchdog = Watchdog::start();
    let keep_alive = Duration::from_millis(1);
    let runtime = Builder::new().blocking_keep_alive(keep_alive).build().expect("a runtime");
    runtime.block_on(async {
        for round in 0..20 {
            let calls: Vec<_> = (0..4).map(|n| spawn_blocking(move || n + round)).collect();
            for (n, call) in calls.into_iter().enumerate() {
                assert_eq!(soon("a call", call).await.expect("it ended well"), n + round);
            }
            until("the idle threads to leave", || executor::metrics().blocking_threads == 0).await;
        }
    });
}

#[test]
fn no_call_is_forgotten_by_threads_that_leave_and_come() {
    // The time that a thread stays is about the time between two calls: each call races with a leave.
    let _watchdog = Watchdog::start();
    let keep_alive = Duration::from_micros(50);
    let runtime = Builder::new().blocking_threads(2).blocking_keep_alive(keep_alive).build();
    runtime.expect("a runtime").block_on(async {
        for number in 0..3_000_u32 {
            let call = spawn_blocking(move || number);
            assert_eq!(soon("a call", call).await.expect("it ended well"), number);
        }
    });
}

#[test]
fn the_loop_goes_on_while_a_call_blocks() {
    run(async {
        let gate = Gate::new();
        let call = held_by(&gate);
        until("the call to begin", || gate.arrived() == 1).await;
        executor::time::sleep(Duration::from_millis(1)).await;
        soon("a task", spawn(async {})).await.expect("it ended well");
        assert!(!call.is_finished());
        gate.open();
        soon("the call", call).await.expect("it ended well");
    });
}

#[test]
fn a_foreign_executor_may_wait_for_a_call() {
    let (sender, receiver) = channel();
    let waiter = thread::spawn(move || {
        let call: RemoteJoinHandle<u32> = receive("the handle", &receiver);
        foreign_block_on(call).expect("it ended well")
    });
    run(async {
        sender.send(spawn_blocking(|| 11)).expect("the thread listens");
        until("the other thread", || waiter.is_finished()).await;
    });
    assert_eq!(join("the other thread", waiter), 11);
}
