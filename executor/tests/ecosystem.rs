//! Code written for `futures` runs here unchanged; and our own futures say what they miss elsewhere.

mod support;

use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use executor::net::{TcpListener, TcpStream};
use executor::time::sleep;
use executor::{LocalHandle, signal, spawn};
use futures::channel::{mpsc, oneshot};
use futures::executor::block_on as foreign_block_on;
use futures::stream::FuturesUnordered;
use futures::task::{LocalSpawn, LocalSpawnExt, Spawn, SpawnExt};
use futures::{FutureExt, SinkExt, StreamExt};
use support::polls::{Watch, poll_once};
use support::{Watchdog, join, panic_of, run, runtime, soon, until};

/// Ready with `value` after so many milliseconds.
async fn after(milliseconds: u64, value: u32) -> u32 {
    sleep(Duration::from_millis(milliseconds)).await;
    value
}

#[test]
fn the_join_macro_runs_our_timers_at_once() {
    let all = async { futures::join!(after(3, 1), after(1, 2), after(2, 3)) };
    assert_eq!(run(soon("all three", all)), (1, 2, 3));
}

#[test]
fn the_select_macro_waits_for_the_first_of_ours() {
    let first = run(async {
        let (mut slow, mut quick) = (pin!(after(60_000, 1).fuse()), pin!(after(1, 2).fuse()));
        soon("the quick one", async {
            futures::select! {
                value = slow => value,
                value = quick => value,
            }
        })
        .await
    });
    assert_eq!(first, 2);
}

#[test]
fn futures_unordered_gives_a_thousand_timers_as_they_come() {
    run(async {
        let mut all: FuturesUnordered<_> = (0..1_000).map(|n| after(n % 5, n as u32)).collect();
        let mut sum = 0;
        while let Some(value) = soon("the next timer", all.next()).await {
            sum += value;
        }
        assert_eq!(sum, 499_500);
        assert_eq!(executor::metrics().tasks, 0, "all in one task: the root");
    });
}

#[test]
fn futures_unordered_takes_our_join_handles() {
    run(async {
        let tasks: FuturesUnordered<_> = (0..100_u32).map(|n| spawn(async move { n })).collect();
        let results =
            soon("all tasks", tasks.map(|result| result.expect("it ended")).collect::<Vec<_>>());
        let mut results = results.await;
        results.sort_unstable();
        assert!(results.into_iter().eq(0..100));
    });
}

#[test]
fn buffer_unordered_keeps_our_loop_going() {
    run(async {
        let streamed = futures::stream::iter(0..100)
            .map(|n| async move {
                sleep(Duration::from_micros(100)).await;
                n
            })
            .buffer_unordered(10)
            .fold(0, |sum, n| async move { sum + n });
        assert_eq!(soon("the stream", streamed).await, 4_950);
    });
}

#[test]
fn channels_of_futures_carry_between_our_tasks_and_threads() {
    run(async {
        let (mut numbers, mut received) = mpsc::channel(2);
        let (sum_to, sum) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            foreign_block_on(async move {
                for number in 0..1_000_u32 {
                    numbers.send(number).await.expect("the task listens");
                }
            });
        });
        let adding = spawn(async move {
            let mut sum = 0;
            while let Some(number) = received.next().await {
                sum += number;
            }
            sum_to.send(sum).expect("the root listens");
        });
        assert_eq!(soon("the sum", sum).await, Ok(499_500));
        soon("the task that adds", adding).await.expect("it ended well");
        join("the thread that sends", thread);
    });
}

#[test]
fn a_task_can_be_spawned_through_each_handles_local_spawn() {
    fn spawn_on(spawner: &impl LocalSpawn) -> Rc<Cell<bool>> {
        let ran = Rc::new(Cell::new(false));
        let runs = Rc::clone(&ran);
        let not_send = async move { runs.set(true) };
        spawner.status_local().expect("it takes tasks");
        spawner.spawn_local(not_send).expect("it takes tasks");
        ran
    }
    let _watchdog = Watchdog::start();
    let runtime = runtime();
    let ran = [spawn_on(&runtime), spawn_on(&runtime.local_handle())];
    let inside = Rc::new(Cell::new(false));
    runtime.block_on(async {
        let by_current = spawn_on(&LocalHandle::current());
        until("all three tasks", || ran.iter().all(|ran| ran.get()) && by_current.get()).await;
        inside.set(true);
    });
    assert!(inside.get());
}

#[test]
fn a_task_can_be_spawned_through_each_handles_spawn() {
    fn spawn_on(spawner: &impl Spawn) -> Arc<AtomicBool> {
        let ran = Arc::new(AtomicBool::new(false));
        let runs = Arc::clone(&ran);
        spawner.status().expect("it takes tasks");
        spawner.spawn(async move { runs.store(true, Ordering::SeqCst) }).expect("it takes tasks");
        ran
    }
    let _watchdog = Watchdog::start();
    let runtime = runtime();
    let ran = [spawn_on(&runtime), spawn_on(&runtime.local_handle()), spawn_on(&runtime.handle())];
    runtime.block_on(until("all three tasks", || ran.iter().all(|ran| ran.load(Ordering::SeqCst))));
}

#[test]
fn spawn_with_handle_gives_the_result_through_futures_own_handle() {
    let _watchdog = Watchdog::start();
    let runtime = runtime();
    let not_send = Rc::new(4);
    let local = runtime.spawn_local_with_handle(async move { *not_send }).expect("it takes tasks");
    let from_afar = runtime.handle().spawn_with_handle(async { 5 }).expect("it takes tasks");
    let both = runtime.block_on(soon("both", async { (local.await, from_afar.await) }));
    assert_eq!(both, (4, 5));
}

#[test]
fn handles_of_a_runtime_that_is_gone_say_shutdown() {
    let gone = runtime();
    let (local, remote) = (gone.local_handle(), gone.handle());
    drop(gone);
    assert!(local.spawn_local(async {}).is_err_and(|error| error.is_shutdown()));
    assert!(local.spawn(async {}).is_err());
    assert!(Spawn::spawn_obj(&remote, Box::pin(async {}).into()).is_err_and(|e| e.is_shutdown()));
    assert!(remote.status().is_err_and(|error| error.is_shutdown()));
    assert!(local.status_local().is_err_and(|error| error.is_shutdown()));
}

#[test]
fn shared_and_boxed_futures_run_here() {
    run(async {
        let shared = after(1, 8).boxed_local().shared();
        let tasks: Vec<_> = (0..10).map(|_| spawn(shared.clone())).collect();
        for task in tasks {
            assert_eq!(soon("a clone", task).await.expect("it ended well"), 8);
        }
    });
}

#[test]
fn catch_unwind_of_futures_stops_a_panic_before_we_see_it() {
    run(async {
        let panics = std::panic::AssertUnwindSafe(async { panic!("caught by futures") });
        let task = spawn(panics.catch_unwind());
        assert!(soon("the task", task).await.expect("no panic has reached us").is_err());
    });
}

#[test]
fn our_combinators_run_their_futures_and_theirs_ours() {
    let both = executor::join(futures::future::ready(1), after(1, 2));
    assert_eq!(run(soon("both", both)), (1, 2));
    let ours =
        futures::future::join(executor::yield_now(), executor::join(after(1, 3), after(1, 4)));
    assert_eq!(run(soon("ours in theirs", ours)), ((), (3, 4)));
}

#[test]
fn in_a_foreign_block_on_our_timers_and_sockets_say_what_is_missing() {
    type Call = fn();
    let calls: [(&str, Call); 6] = [
        ("sleep", || foreign_block_on(sleep(Duration::from_millis(1)))),
        ("a sleep for ever", || foreign_block_on(sleep(Duration::MAX))),
        ("timeout", || {
            let never = std::future::pending::<()>();
            assert!(foreign_block_on(executor::time::timeout(Duration::ZERO, never)).is_ok());
        }),
        ("bind", || drop(TcpListener::bind("127.0.0.1:0"))),
        ("connect", || {
            let address = ([127, 0, 0, 1], 1).into();
            assert!(foreign_block_on(TcpStream::connect(address)).is_ok());
        }),
        ("a signal", || drop(foreign_block_on(async { signal::ctrl_c() }))),
    ];
    let _watchdog = Watchdog::start();
    for (name, call) in calls {
        support::note(name);
        let text = panic_of(call);
        assert!(text.contains("no reactor is running on this thread"), "{name}: {text}");
    }
}

#[test]
fn in_a_foreign_block_on_spawn_says_what_is_missing() {
    let text = panic_of(|| foreign_block_on(async { drop(spawn(async {})) }));
    assert!(text.contains("`spawn` works only inside `block_on`"), "{text}");
}

#[test]
fn a_foreign_local_pool_may_be_driven_inside_of_our_task() {
    run(async {
        let task = spawn(async {
            let watch = Watch::new();
            let mut pool = futures::executor::LocalPool::new();
            pool.spawner().spawn_local(watch.parked()).expect("the pool lives");
            pool.run_until_stalled();
            watch.release();
            pool.run();
            watch.polls()
        });
        assert_eq!(soon("the task", task).await.expect("it ended well"), 2);
        let mut sleeping = Box::pin(sleep(Duration::from_millis(1)));
        assert!(poll_once(&mut sleeping).is_pending());
        soon("a sleep whose first poll had no waker", sleeping).await;
    });
}
