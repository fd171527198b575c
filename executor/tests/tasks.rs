//! Spawning and joining: who runs when, who gets what, and what is left at the end.

mod support;

use std::cell::{Cell, RefCell};
use std::future::pending;
use std::rc::Rc;
use std::time::Duration;

use executor::net::TcpListener;
use executor::{JoinHandle, Metrics, Runtime, spawn, yield_now};
use support::drops::{Log, on_drop};
use support::polls::Watch;
use support::{panic_of, run, runtime, soon, until};

#[test]
fn a_tasks_result_comes_out_of_its_handle() {
    let result = run(async { soon("the task", spawn(async { 6 * 7 })).await });
    assert_eq!(result.expect("the task ended well"), 42);
}

#[test]
fn a_result_needs_to_be_neither_send_nor_small() {
    run(async {
        let shared = soon("the task", spawn(async { Rc::new(RefCell::new([7_u64; 1000])) })).await;
        assert_eq!(shared.expect("the task ended well").borrow()[999], 7);
        let empty = soon("the task", spawn(async {})).await;
        assert!(empty.is_ok());
    });
}

#[test]
fn a_task_first_runs_after_its_spawner_has_let_go() {
    let log = Log::new();
    run(async {
        let task = spawn({
            let log = log.clone();
            async move { log.write("task") }
        });
        log.write("spawned");
        soon("the task", task).await.expect("the task ended well");
    });
    assert_eq!(log.take(), ["spawned", "task"]);
}

#[test]
fn turns_are_first_in_first_out() {
    let log = Log::new();
    run(async {
        let tasks: Vec<_> = (0..4)
            .map(|number| {
                let log = log.clone();
                spawn(async move {
                    for turn in 0..3 {
                        log.write(format!("{turn}:{number}"));
                        yield_now().await;
                    }
                })
            })
            .collect();
        for task in tasks {
            soon("a task", task).await.expect("the task ended well");
        }
    });
    let expected = (0..3).flat_map(|turn| (0..4).map(move |number| format!("{turn}:{number}")));
    assert_eq!(log.take(), expected.collect::<Vec<_>>());
}

#[test]
fn parked_tasks_run_in_the_order_in_which_they_are_woken() {
    let log = Log::new();
    run(async {
        let watches: Vec<Watch> = (0..4).map(|_| Watch::new()).collect();
        let tasks = (0..4).map(|number| {
            let (log, parked) = (log.clone(), watches[number].parked());
            spawn(async move {
                parked.await;
                log.write(number.to_string());
            })
        });
        let tasks: Vec<JoinHandle<()>> = tasks.collect();
        yield_now().await;
        for number in [2, 0, 3, 1] {
            watches[number].release();
        }
        for task in tasks {
            soon("a task", task).await.expect("the task ended well");
        }
    });
    assert_eq!(log.take(), ["2", "0", "3", "1"]);
}

#[test]
fn tasks_spawn_tasks_to_any_depth() {
    fn nested(depth: u32) -> JoinHandle<u32> {
        spawn(async move {
            match depth {
                0 => 0,
                _ => nested(depth - 1).await.expect("the inner task ended well") + 1,
            }
        })
    }
    let depth = run(async { soon("the innermost task", nested(200)).await });
    assert_eq!(depth.expect("the task ended well"), 200);
}

#[test]
fn a_destructor_may_spawn() {
    run(async {
        let ran = Rc::new(Cell::new(false));
        let ran_too = Rc::clone(&ran);
        let spawner = on_drop(move || spawn(async move { ran_too.set(true) }).detach());
        let task = spawn(async move {
            let _spawner = spawner;
            pending::<()>().await;
        });
        yield_now().await;
        task.abort();
        assert!(soon("the abort", task).await.is_err());
        until("the task that the destructor spawned", || ran.get()).await;
    });
}

#[test]
fn a_handle_may_be_awaited_in_another_task_than_the_spawner() {
    run(async {
        let first = spawn(async {
            yield_now().await;
            "result"
        });
        let second = spawn(first);
        let result = soon("the second task", second).await.expect("the second task ended well");
        assert_eq!(result.expect("the first task ended well"), "result");
    });
}

#[test]
fn a_handle_that_moves_to_another_task_wakes_the_one_that_asked_last() {
    run(async {
        let watch = Watch::new();
        let mut handle = spawn(watch.parked());
        yield_now().await;
        let wakes = support::polls::Wakes::new();
        assert!(support::polls::poll_with(&mut handle, &wakes.waker()).is_pending());
        let second = spawn(handle);
        yield_now().await;
        watch.release();
        let result = soon("the task that asked last", second).await;
        result.expect("it ended well").expect("so did the task");
        assert_eq!(wakes.count(), 0, "who asked before is nobody's business");
    });
}

#[test]
fn is_finished_turns_true_when_awaiting_would_not_wait() {
    run(async {
        let watch = Watch::new();
        let mut handle = spawn(watch.parked());
        let abort = handle.abort_handle();
        assert!(!handle.is_finished(), "before its first poll");
        yield_now().await;
        assert!(!handle.is_finished(), "while it is parked");
        watch.release();
        assert!(!handle.is_finished(), "while it is queued");
        until("the end of the task", || handle.is_finished()).await;
        assert!(abort.is_finished());
        assert!(support::polls::poll_once(&mut handle).is_ready());
        assert!(handle.is_finished() && abort.is_finished(), "after the result was taken");
    });
}

#[test]
fn tasks_that_were_spawned_before_block_on_run_in_it() {
    let runtime = runtime();
    let early = runtime.spawn(async { 1 });
    let result = runtime.block_on(soon("the task from before", early));
    assert_eq!(result.expect("the task ended well"), 1);
}

#[test]
fn tasks_survive_from_one_block_on_to_the_next() {
    let _watchdog = support::Watchdog::start();
    let runtime = runtime();
    let watch = Watch::new();
    let task = runtime.spawn(watch.parked());
    runtime.block_on(until("its first poll", || watch.polls() == 1));
    runtime.block_on(until("something else", || true));
    assert_eq!(watch.polls(), 1, "a parked task is polled once, whatever runs beside it");
    watch.release();
    runtime.block_on(soon("the task of two calls ago", task)).expect("the task ended well");
}

#[test]
fn two_runtimes_of_one_thread_take_turns_and_hear_each_other() {
    let _watchdog = support::Watchdog::start();
    let (left, right) = (runtime(), runtime());
    let watch = Watch::new();
    let on_left = left.spawn(watch.parked());
    left.block_on(until("its first poll", || watch.polls() == 1));
    let asked = Rc::new(Cell::new(false));
    let on_right = right.spawn({
        let asked = Rc::clone(&asked);
        async move {
            asked.set(true);
            on_left.await
        }
    });
    right.block_on(until("the task on the right to ask", || asked.get()));
    watch.release();
    left.block_on(until("the end of the task on the left", || left.metrics().tasks == 0));
    let result = right.block_on(soon("the news from the left", on_right));
    result.expect("the task on the right ended well").expect("so did the one on the left");
}

#[test]
fn outside_a_runtime_each_way_in_says_what_is_missing() {
    type Call = fn();
    let calls: [(&str, Call); 5] = [
        ("spawn", || drop(spawn(async {}))),
        ("spawn_blocking", || drop(executor::spawn_blocking(|| {}))),
        ("metrics", || assert_eq!(executor::metrics(), Metrics::default())),
        ("Handle::current", || drop(executor::Handle::current())),
        ("LocalHandle::current", || drop(executor::LocalHandle::current())),
    ];
    for (name, call) in calls {
        let text = panic_of(call);
        assert!(text.contains(&format!("`{name}` works only inside `block_on`")), "{name}: {text}");
    }
    run(async {});
    assert!(panic_of(|| drop(spawn(async {}))).contains("no runtime"), "after a block_on, too");
}

#[test]
fn metrics_count_what_is_alive_and_return_to_zero() {
    let _watchdog = support::Watchdog::start();
    let runtime = Runtime::new().expect("a runtime");
    assert_eq!(runtime.metrics(), Metrics::default());
    let tasks: Vec<_> = (0..3).map(|_| runtime.spawn(wait_for_a_peer_or_a_long_time())).collect();
    runtime.block_on(async {
        until("the tasks to wait", || executor::metrics().sources == 3).await;
        yield_now().await; // the timer of `until` is gone
        let now = executor::metrics();
        assert_eq!((now.tasks, now.sources, now.timers), (3, 3, 3));
        for task in tasks {
            task.abort();
            assert!(soon("the abort", task).await.is_err());
        }
    });
    assert_eq!(runtime.metrics(), Metrics::default());
}

/// A task with one source and one timer.
async fn wait_for_a_peer_or_a_long_time() {
    let mut listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let waiting = executor::time::timeout(Duration::from_secs(3600), listener.accept());
    assert!(waiting.await.is_ok(), "nobody comes, and the hour is long");
}
