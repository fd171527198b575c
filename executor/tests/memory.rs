//! How much memory a task takes, counted allocation by allocation.
//!
//! A binary of its own, for the allocator that counts is the whole program's. It counts each thread by
//! itself, so the tests do not disturb each other.

mod support;

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use allocation_counter::{AllocationInfo, measure};
use executor::{Runtime, spawn, yield_now};
use support::polls::Watch;
use support::{Watchdog, runtime, until};

/// Waits for ever, and is as large as a pointer.
struct EightBytes(#[allow(dead_code, reason = "it is there to be large")] u64);

impl Future for EightBytes {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }
}

/// What is allocated while `runtime` runs `body`.
fn measured<F: Future>(runtime: &Runtime, body: F) -> AllocationInfo {
    measure(|| drop(runtime.block_on(body)))
}

/// Just below a power of two: tables that double have hardly any room left over, so that what is
/// counted is what a task takes, and not by how much the tables happen to be too large.
const TASKS: u64 = (1 << 17) - 64;

/// Bytes and allocations of a task, where `TASKS` of them are spawned and then wait.
fn of_each_task<F: Future>(spawn_all: F) -> (f64, f64) {
    assert_eq!(size_of::<EightBytes>(), 8);
    let _watchdog = Watchdog::start();
    let runtime = runtime();
    let info = measured(&runtime, spawn_all);
    assert_eq!(runtime.metrics().tasks as u64, TASKS);
    let each = |total: i64| total as f64 / TASKS as f64;
    let (bytes, allocations) = (each(info.bytes_current), each(info.count_current));
    println!("{bytes:.2} bytes in {allocations:.4} allocations a task");
    (bytes, allocations)
}

#[test]
fn a_parked_task_takes_at_most_120_bytes_in_two_allocations() {
    let (bytes, allocations) = of_each_task(async {
        for number in 0..TASKS {
            spawn(EightBytes(number)).detach();
            if number % 64 == 0 {
                yield_now().await;
            }
        }
        yield_now().await;
    });
    assert!(bytes <= 120.0, "{bytes:.2} bytes a task");
    assert!(allocations <= 2.001, "{allocations:.4} allocations a task");
}

#[test]
fn tasks_that_were_all_queued_at_once_take_a_place_in_the_queue_more() {
    let (bytes, allocations) = of_each_task(async {
        (0..TASKS).for_each(|number| spawn(EightBytes(number)).detach());
        yield_now().await;
    });
    assert!(bytes <= 128.0, "{bytes:.2} bytes a task");
    assert!(allocations <= 2.001, "{allocations:.4} allocations a task");
}

#[test]
fn a_spawn_and_its_join_allocate_at_most_twice() {
    const ROUNDS: u64 = 10_000;
    let _watchdog = Watchdog::start();
    let runtime = runtime();
    let rounds = async |rounds| {
        for number in 0..rounds {
            spawn(async move { std::hint::black_box(number) }).await.expect("it ended well");
        }
    };
    measured(&runtime, rounds(100)); // tables grow to their size
    let info = measured(&runtime, rounds(ROUNDS));
    let allocations = info.count_total as f64 / ROUNDS as f64;
    println!("{allocations:.4} allocations a spawn and join");
    assert!(allocations <= 2.001, "{allocations:.4} allocations a spawn and join");
    assert!(info.count_current <= 1 && info.bytes_current <= 64, "nothing piles up: {info:?}");
}

#[test]
fn a_task_without_a_result_to_keep_allocates_once_in_the_steady_state() {
    const ROUNDS: u64 = 10_000;
    let _watchdog = Watchdog::start();
    let runtime = runtime();
    let rounds = async |rounds| {
        for number in 0..rounds {
            let task = async move { assert!(std::hint::black_box(number) < rounds) };
            spawn(task).await.expect("it ended well");
        }
    };
    measured(&runtime, rounds(100));
    let allocations = measured(&runtime, rounds(ROUNDS)).count_total as f64 / ROUNDS as f64;
    println!("{allocations:.4} allocations a spawn and join");
    assert!(allocations <= 1.001, "{allocations:.4} allocations: the future's box, and no more");
}

#[test]
fn waking_and_running_a_task_allocates_nothing() {
    let _watchdog = Watchdog::start();
    let runtime = runtime();
    let yields = async |turns| {
        for _ in 0..turns {
            yield_now().await;
        }
    };
    let tasks: Vec<_> = (0..10)
        .map(|_| {
            runtime.spawn(async {
                loop {
                    yield_now().await;
                }
            })
        })
        .collect();
    measured(&runtime, yields(1_000));
    let info = measured(&runtime, yields(10_000));
    // One is the root's header, which each `block_on` makes.
    assert!(info.count_total <= 1, "{info:?} for ten thousand turns of eleven futures");
    drop(tasks);
}

#[test]
fn a_channel_that_is_in_use_allocates_nothing() {
    let _watchdog = Watchdog::start();
    let runtime = runtime();
    let (sender, mut receiver) = executor::sync::mpsc::channel(16);
    let echo = runtime.spawn(async move { while sender.send([0_u64; 4]).await.is_ok() {} });
    let mut values = async |count| {
        for _ in 0..count {
            receiver.recv().await.expect("the sender is there");
        }
    };
    measured(&runtime, values(1_000));
    let info = measured(&runtime, values(10_000));
    assert!(info.count_total <= 1, "{info:?} for ten thousand values");
    drop(echo);
}

#[test]
fn any_number_of_wakes_of_one_task_is_one_message() {
    let _watchdog = Watchdog::start();
    let runtime = runtime();
    let watch = Watch::new();
    let _task = runtime.spawn(watch.parked());
    runtime.block_on(until("its first poll", || watch.polls() == 1));
    let waker = watch.waker();
    waker.wake_by_ref(); // nothing runs now: it is sent
    let info = measure(|| (0..10_000).for_each(|_| waker.wake_by_ref()));
    assert_eq!(info.count_total, 0, "the others find it sent");
}

#[test]
fn all_memory_of_a_runtime_comes_back() {
    let _watchdog = Watchdog::start();
    measure(|| drop(runtime())); // what a thread's first runtime sets up once
    let info = measure(|| {
        let runtime = runtime();
        runtime.block_on(async {
            for number in 0..10_000 {
                spawn(EightBytes(number)).detach();
                drop(spawn(async move { number }));
            }
            let timers = (0..1_000).map(|_| spawn(executor::time::sleep(support::PATIENCE)));
            timers.for_each(executor::JoinHandle::detach);
            yield_now().await;
        });
    });
    assert_eq!((info.count_current, info.bytes_current), (0, 0), "{info:?}");
}

#[test]
fn wakes_that_are_under_way_at_the_runtimes_end_are_no_leak() {
    // A wake in the channel holds its task's header, which holds the channel.
    let _watchdog = Watchdog::start();
    measure(|| drop(runtime()));
    let info = measure(|| {
        let runtime = runtime();
        for number in 0..1_000 {
            runtime.spawn(EightBytes(number)).detach();
            drop(runtime.handle().spawn(async move { number }));
        }
    });
    assert_eq!((info.count_current, info.bytes_current), (0, 0), "{info:?}");
}
