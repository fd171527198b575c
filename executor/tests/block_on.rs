//! `block_on`: the root, its panics, its neighbours, and what must not be done inside.

mod support;

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::Duration;

use executor::{Metrics, Runtime, spawn, yield_now};
use support::drops::{Drops, on_drop};
use support::polls::Watch;
use support::{panic_of, run, runtime, soon, text_of, until};

#[test]
fn the_root_may_borrow_from_the_callers_stack() {
    let mut words = vec!["hello"];
    let length = run(async {
        words.push("world");
        yield_now().await;
        words.len()
    });
    assert_eq!(length, 2);
    assert_eq!(words, ["hello", "world"]);
}

#[test]
fn the_root_is_dropped_before_block_on_returns() {
    let drops = Drops::new();
    let value = drops.value();
    run(async move {
        let _value = &value;
        yield_now().await;
    });
    assert_eq!(drops.count(), 1);
}

#[test]
fn the_roots_destructor_may_still_use_the_runtime() {
    let _watchdog = support::Watchdog::start();
    let runtime = runtime();
    let ran = Rc::new(Cell::new(false));
    let runs = Rc::clone(&ran);
    let spawns = on_drop(move || spawn(async move { runs.set(true) }).detach());
    runtime.block_on(async move {
        let _spawns = &spawns;
        yield_now().await;
    });
    runtime.block_on(until("the task that the destructor spawned", || ran.get()));
}

#[test]
fn a_root_that_is_ready_at_once_costs_no_turn() {
    let _watchdog = support::Watchdog::start();
    let runtime = runtime();
    let watch = Watch::new();
    let _task = runtime.spawn(watch.parked());
    assert_eq!(runtime.block_on(async { 7 }), 7);
    assert_eq!(runtime.metrics().tasks, 1);
}

#[test]
fn the_roots_panic_is_the_callers_and_the_runtime_goes_on() {
    let _watchdog = support::Watchdog::start();
    let runtime = runtime();
    let watch = Watch::new();
    let task = runtime.spawn(watch.parked());
    runtime.block_on(until("the task's first poll", || watch.polls() == 1));
    let text = panic_of(|| runtime.block_on(async { panic!("the root's own words") }));
    assert_eq!(text, "the root's own words");
    assert!(panic_of(|| spawn(async {})).contains("no runtime"), "it is no longer current");
    watch.release();
    runtime.block_on(soon("the task from before the panic", task)).expect("it ended well");
    assert_eq!(runtime.metrics(), Metrics::default());
}

#[test]
fn a_nested_block_on_says_what_to_do_instead() {
    let text = run(async { panic_of(|| executor::block_on(async {})) });
    assert!(text.contains("a runtime is running on this thread already"), "{text}");
    assert!(text.contains("Await the future instead"), "{text}");
    assert!(text.contains("spawn_blocking"), "{text}");
}

#[test]
fn a_nested_block_on_harms_neither_runtime() {
    let inner = Rc::new(runtime());
    let inner_too = Rc::clone(&inner);
    run(async move {
        let task = spawn(async move { inner_too.block_on(async {}) });
        let error = soon("the task that nests", task).await.expect_err("it panicked");
        let payload = error.into_panic().expect("it panicked");
        assert!(text_of(payload.as_ref()).contains("running on this thread already"));
        let after = spawn(async { executor::metrics().tasks });
        assert_eq!(soon("a task after that", after).await.expect("it ended well"), 1);
    });
    assert_eq!(inner.block_on(async { 1 }), 1);
}

#[test]
fn a_block_on_in_spawn_blocking_is_a_runtime_of_its_own() {
    run(async {
        let inner = executor::spawn_blocking(|| {
            executor::block_on(async { spawn(async { 5 }).await.expect("the inner task") })
        });
        assert_eq!(soon("the inner runtime", inner).await.expect("it ended well"), 5);
    });
}

#[test]
fn a_runtime_that_is_dropped_inside_of_a_task_of_another_leaves_that_one_as_it_was() {
    let inner = runtime();
    let drops = Drops::new();
    let counted = drops.value();
    drop(inner.spawn(async move {
        let _counted = &counted;
        std::future::pending::<()>().await;
    }));
    run(async move {
        let watch = Watch::new();
        let parked = spawn(watch.parked());
        yield_now().await;
        // The inner task's destructor runs while the inner runtime is current; its wake is for us.
        let waker = watch.waker();
        watch.open();
        let wakes = on_drop(move || waker.wake());
        drop(inner.spawn(async move {
            let _wakes = &wakes;
            std::future::pending::<()>().await;
        }));
        drop(inner);
        assert_eq!(drops.count(), 1);
        soon("a task that the inner runtime's end woke", parked).await.expect("it ended well");
        executor::time::sleep(Duration::from_millis(1)).await;
        soon("a task of the outer runtime", spawn(async {})).await.expect("it ended well");
    });
}

#[test]
fn runtimes_of_several_threads_do_not_touch_each_other() {
    let threads: Vec<_> = (0..4)
        .map(|number| {
            std::thread::spawn(move || {
                run(async move {
                    let tasks: Vec<_> =
                        (0..100).map(|n| spawn(async move { n * number })).collect();
                    let mut sum = 0;
                    for task in tasks {
                        sum += soon("a task", task).await.expect("it ended well");
                    }
                    sum
                })
            })
        })
        .collect();
    for (number, thread) in threads.into_iter().enumerate() {
        assert_eq!(support::join("a runtime's thread", thread), 4950 * number);
    }
}

#[test]
fn a_runtime_may_be_made_used_and_dropped_many_times() {
    let _watchdog = support::Watchdog::start();
    for round in 0..500 {
        let runtime = Runtime::new().expect("descriptors are given back");
        let task = runtime.spawn(async move { round });
        assert_eq!(runtime.block_on(task).expect("the task ended well"), round);
    }
}

#[test]
fn a_stray_unpark_neither_ends_a_park_nor_is_eaten_by_one() {
    // An executor that sleeps by `thread::park` shares its token with all code of the thread.
    run(async {
        std::thread::current().unpark();
        let polls = Rc::new(Cell::new(0));
        let counted = Rc::clone(&polls);
        let mut sleep = executor::time::sleep(Duration::from_millis(20));
        std::future::poll_fn(move |context| {
            counted.set(counted.get() + 1);
            std::pin::Pin::new(&mut sleep).poll(context)
        })
        .await;
        assert_eq!(polls.get(), 2, "one poll to begin, and one when the time was over");
    });
    let before = std::time::Instant::now();
    std::thread::park_timeout(support::PATIENCE);
    assert!(before.elapsed() < support::PATIENCE, "the token was eaten");
}

#[test]
fn yield_now_in_the_root_lets_tasks_from_before_block_on_run_once() {
    let _watchdog = support::Watchdog::start();
    let runtime = runtime();
    let watch = Watch::new();
    let _task = runtime.spawn(watch.parked());
    runtime.block_on(yield_now());
    assert_eq!(watch.polls(), 1, "it was ready before the root yielded");
}

#[test]
fn an_idle_runtime_uses_no_processor_time() {
    // A loop that spins would use nearly all of the observed time, on a busy machine at least a part.
    let Some(before) = processor_time() else {
        eprintln!("not observed: this system has no /proc/thread-self/schedstat");
        return;
    };
    let _watchdog = support::Watchdog::start();
    let runtime = runtime();
    let idle = Duration::from_millis(300);
    runtime.block_on(async {
        // What could keep a loop awake: a peer that sends what nobody reads, a task that waits.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a listener");
        let address = listener.local_addr().expect("its address");
        let stream = executor::net::TcpStream::connect(address).await.expect("a connection");
        let (mut peer, _) = listener.accept().expect("the other end");
        std::io::Write::write_all(&mut peer, b"nobody reads this").expect("room for some bytes");
        let _waits = spawn(std::future::pending::<()>());
        executor::time::sleep(idle).await;
        drop((stream, peer));
    });
    let used = processor_time().expect("it was there before").saturating_sub(before);
    assert!(used < idle / 4, "{used:?} of processor time in {idle:?} of idleness");
}

/// What this thread has used so far.
fn processor_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

#[test]
fn a_runtime_in_a_thread_local_goes_down_with_its_thread() {
    // A panic in the destructor of a thread-local ends the process: so, in one of its own.
    support::process::alone("a_runtime_in_a_thread_local_goes_down_with_its_thread", || {
        thread_local! {
            static RUNTIME: Runtime = runtime();
        }
        let (sender, dropped) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            RUNTIME.with(|runtime| {
                let says = on_drop(move || sender.send(()).expect("the test listens"));
                runtime
                    .spawn(async move {
                        let _says = says;
                        std::future::pending::<()>().await;
                    })
                    .detach();
                runtime.block_on(yield_now());
            });
        });
        support::receive("the task's drop", &dropped);
        support::join("the thread", thread);
    });
}

#[test]
fn a_panic_in_block_on_leaves_the_thread_fit_for_another_runtime() {
    let first = catch_unwind(AssertUnwindSafe(|| {
        executor::block_on(async {
            let _task = spawn(std::future::pending::<()>());
            yield_now().await;
            panic!("the first runtime goes down in a panic")
        })
    }));
    assert!(first.is_err());
    run(async {
        assert_eq!(soon("a task", spawn(async { 3 })).await.expect("it ended well"), 3);
    });
}
