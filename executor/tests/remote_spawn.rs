//! Spawning from other threads: the result, the panic, the abort, and the runtime that is gone.

mod support;

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::thread;

use executor::{Handle, JoinError, RemoteJoinHandle, spawn};
use futures::executor::block_on as foreign_block_on;
use reactor::Reactor;
use support::drops::{Drops, bomb, on_drop};
use support::{Watchdog, join, panic_of, receive, run, runtime, soon, text_of, until};

/// Runs `call` on another thread with a handle, and the runtime here meanwhile.
fn from_another_thread<T: Send + 'static>(call: impl FnOnce(Handle) -> T + Send + 'static) -> T {
    run(async {
        let handle = Handle::current();
        let thread = thread::spawn(move || call(handle));
        until("the other thread", || thread.is_finished()).await;
        join("the other thread", thread)
    })
}

/// Waits as a thread without a runtime does, by somebody else's executor.
fn wait<T>(handle: RemoteJoinHandle<T>) -> Result<T, JoinError> {
    foreign_block_on(handle)
}

#[test]
fn a_result_comes_back_to_the_thread_that_spawned() {
    let result = from_another_thread(|handle| wait(handle.spawn(async { 6 * 7 })));
    assert_eq!(result.expect("the task ended well"), 42);
}

#[test]
fn a_message_is_found_though_a_task_parks_the_reactor_and_hears_of_it_first() {
    let result = run(async {
        let handle = Handle::current();
        let sent = join("the other thread", thread::spawn(move || handle.spawn(async { 6 * 7 })));
        Reactor::current().park(None).expect("the kernel lets a thread wait");
        soon("the message", sent).await
    });
    assert_eq!(result.expect("the task ended well"), 42);
}

#[test]
fn the_task_runs_on_the_runtimes_own_thread() {
    let here = thread::current().id();
    let there = from_another_thread(|handle| {
        wait(handle.spawn(async { thread::current().id() })).expect("the task ended well")
    });
    assert_eq!(there, here);
}

#[test]
fn the_task_may_use_all_that_the_runtime_has() {
    let sum = from_another_thread(|handle| {
        wait(handle.spawn_with(|| async {
            executor::time::sleep(std::time::Duration::from_millis(1)).await;
            spawn(async { 3 }).await.expect("the inner task ended well") + 4
        }))
    });
    assert_eq!(sum.expect("the task ended well"), 7);
}

#[test]
fn spawn_with_makes_a_future_that_need_not_be_send() {
    let result = from_another_thread(|handle| {
        wait(handle.spawn_with(|| {
            let stays = Rc::new(Cell::new(1));
            async move {
                executor::yield_now().await;
                stays.set(stays.get() + 1);
                stays.get()
            }
        }))
    });
    assert_eq!(result.expect("the task ended well"), 2);
}

#[test]
fn a_panic_comes_back_with_its_payload() {
    let error =
        from_another_thread(|handle| wait(handle.spawn(async { panic!("in the remote task") })))
            .expect_err("it panicked");
    assert!(error.is_panic());
    assert_eq!(text_of(error.into_panic().expect("a panic").as_ref()), "in the remote task");
}

#[test]
fn a_panic_in_the_making_of_the_future_is_the_tasks_too() {
    let error = from_another_thread(|handle| {
        let make = || -> std::future::Ready<()> { panic!("in the making") };
        wait(handle.spawn_with(make))
    })
    .expect_err("it panicked");
    assert_eq!(text_of(error.into_panic().expect("a panic").as_ref()), "in the making");
}

#[test]
fn an_abort_drops_the_future_on_the_runtimes_thread() {
    let here = thread::current().id();
    let (sender, events) = channel();
    let (error, dropped_on) = from_another_thread(move |handle| {
        let to_drop = sender.clone();
        let says = on_drop(move || to_drop.send(Some(thread::current().id())).expect("heard"));
        let task = handle.spawn(async move {
            let _says = says;
            sender.send(None).expect("the test listens");
            std::future::pending::<()>().await;
        });
        assert_eq!(receive("the first poll", &events), None);
        assert!(!task.is_finished());
        task.abort();
        let dropped_on = receive("the drop of the future", &events);
        (wait(task).expect_err("it was aborted"), dropped_on)
    });
    assert!(error.is_cancelled());
    assert_eq!(dropped_on, Some(here));
}

#[test]
fn an_abort_before_the_first_poll_lets_it_never_run() {
    let ran = Arc::new(AtomicBool::new(false));
    run(async {
        let handle = Handle::current();
        let runs = Arc::clone(&ran);
        let task = handle.spawn(async move { runs.store(true, Ordering::SeqCst) });
        task.abort();
        assert!(soon("the abort", task).await.expect_err("it was aborted").is_cancelled());
    });
    assert!(!ran.load(Ordering::SeqCst));
}

#[test]
fn an_abort_after_the_end_keeps_the_result() {
    run(async {
        let task = Handle::current().spawn(async { 1 });
        until("the end of the task", || task.is_finished()).await;
        task.abort();
        assert_eq!(soon("the result", task).await.expect("it ended before"), 1);
    });
}

#[test]
fn a_dropped_handle_lets_the_task_go_on() {
    run(async {
        let ran = Arc::new(AtomicBool::new(false));
        let runs = Arc::clone(&ran);
        drop(Handle::current().spawn(async move {
            executor::yield_now().await;
            runs.store(true, Ordering::SeqCst);
        }));
        until("the end of the detached task", || ran.load(Ordering::SeqCst)).await;
    });
}

#[test]
fn a_handle_of_a_runtime_that_is_gone_says_cancelled() {
    let _watchdog = Watchdog::start();
    let handle = {
        let runtime = runtime();
        runtime.handle()
    };
    let (sender, dropped) = channel();
    let says = on_drop(move || sender.send(()).expect("the test listens"));
    let task = handle.spawn(async move { drop(says) });
    receive("the drop of the future", &dropped);
    assert!(task.is_finished());
    assert!(wait(task).expect_err("nobody ran it").is_cancelled());
}

#[test]
fn tasks_of_other_threads_go_down_with_the_runtime() {
    let _watchdog = Watchdog::start();
    let runtime = runtime();
    let handle = runtime.handle();
    let (begun_sender, begun) = channel();
    let waiting = handle.spawn(async move {
        begun_sender.send(()).expect("the test listens");
        std::future::pending::<()>().await;
    });
    runtime.block_on(until("the first poll", || begun.try_recv().is_ok()));
    let not_seen_yet = handle.spawn(async {});
    let waiter = thread::spawn(move || (wait(waiting), wait(not_seen_yet)));
    drop(runtime);
    let (waiting, not_seen_yet) = join("the thread that waits for both", waiter);
    assert!(waiting.expect_err("it was waiting").is_cancelled());
    assert!(not_seen_yet.expect_err("it was on its way").is_cancelled());
}

#[test]
fn spawns_from_eight_threads_during_the_shutdown_all_get_an_answer() {
    let _watchdog = Watchdog::start();
    for _ in 0..20 {
        let runtime = runtime();
        let (sender, begun) = channel();
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let (handle, sender) = (runtime.handle(), sender.clone());
                thread::spawn(move || {
                    let early: Vec<_> = (0..200).map(|n| handle.spawn(async move { n })).collect();
                    sender.send(()).expect("the test listens");
                    let late = (200..400).map(|n| handle.spawn(async move { n }));
                    let answers = early.into_iter().chain(late).map(wait);
                    answers.enumerate().all(|(n, answer)| match answer {
                        Ok(result) => result == n,
                        Err(error) => error.is_cancelled(),
                    })
                })
            })
            .collect();
        receive("the first thread", &begun);
        runtime.block_on(executor::yield_now());
        drop(runtime);
        for thread in threads {
            assert!(join("a thread that spawns", thread), "neither its result nor cancelled");
        }
    }
}

#[test]
fn a_remote_handle_that_is_polled_after_its_result_says_so() {
    run(async {
        let mut task = Handle::current().spawn(async {});
        soon("the task", &mut task).await.expect("it ended well");
        let text = panic_of(|| support::polls::poll_once(&mut task));
        assert_eq!(text, "a RemoteJoinHandle was polled after it had given its result");
    });
}

#[test]
fn a_remote_handle_wakes_the_one_that_asked_last() {
    run(async {
        let (open, gate) = executor::sync::oneshot::channel::<()>();
        let mut task = Handle::current().spawn_with(|| async { 5 });
        let wakes = support::polls::Wakes::new();
        assert!(support::polls::poll_with(&mut task, &wakes.waker()).is_pending());
        let asking = spawn(async move {
            let _ = gate.await;
            task.await
        });
        assert!(open.send(()).is_ok());
        let result = soon("the task that asked last", asking).await.expect("it ended well");
        assert_eq!(result.expect("the remote task ended well"), 5);
    });
}

#[test]
fn a_panic_in_the_drop_of_a_remote_future_is_not_taken_for_an_abort() {
    run(async {
        let polled = Arc::new(AtomicBool::new(false));
        let polls = Arc::clone(&polled);
        let task = Handle::current().spawn_with(move || {
            let bomb = bomb("in the remote future's drop", &Drops::new());
            async move {
                let _bomb = &bomb;
                polls.store(true, Ordering::SeqCst);
                std::future::pending::<()>().await;
            }
        });
        until("the first poll", || polled.load(Ordering::SeqCst)).await;
        task.abort();
        let error = soon("the abort", task).await.expect_err("it was aborted");
        assert!(error.is_panic(), "nothing dies silently: {error}");
    });
}
