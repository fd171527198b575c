//! Handles of tasks, and sets of them, that are polled with a waker whose clone comes back.
//!
//! A waker's functions may be written by hand, and then to clone it runs somebody's code: here it ends
//! the very task that is waited for. Who had looked before, and kept the clone after, would wait for ever.

mod support;

use std::cell::RefCell;
use std::future::{Future, pending, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::task::{Context, Poll, Waker};
use std::thread;

use executor::{JoinHandle, JoinSet, Runtime, spawn};
use reactor::testing::calls_when_cloned;
use support::{join, receive, run, runtime, soon};

thread_local! {
    static RUNTIME: RefCell<Option<Runtime>> = const { RefCell::new(None) };
    static OTHER: RefCell<Option<JoinHandle<()>>> = const { RefCell::new(None) };
}

fn polled<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}

#[test]
fn a_clone_that_runs_the_task_to_its_end_is_told_its_result() {
    let runtime = runtime();
    let mut task = runtime.spawn(async { 7 });
    RUNTIME.set(Some(runtime));
    let runs = calls_when_cloned(|| {
        RUNTIME.with_borrow(|runtime| runtime.as_ref().expect("it is there").block_on(async {}));
    });
    match polled(&mut task, &runs) {
        Poll::Ready(Ok(output)) => assert_eq!(output, 7),
        other => panic!("the clone has run the task, but its handle says {other:?}"),
    }
}

#[test]
fn a_clone_that_drops_the_runtime_of_the_task_is_told_that_it_was_cancelled() {
    let runtime = runtime();
    let mut task = runtime.spawn(pending::<()>());
    RUNTIME.set(Some(runtime));
    let drops = calls_when_cloned(|| drop(RUNTIME.take()));
    match polled(&mut task, &drops) {
        Poll::Ready(Err(error)) => assert!(error.is_cancelled(), "{error}"),
        other => panic!("the clone has dropped the runtime, but the handle says {other:?}"),
    }
}

#[test]
fn a_clone_may_spawn_and_abort_and_the_next_waker_is_the_one_that_is_woken() {
    run(async {
        let mut task = spawn(async { 7 });
        OTHER.set(Some(spawn(pending::<()>())));
        let spawns = calls_when_cloned(|| {
            spawn(async {}).detach();
            OTHER.with_borrow(|other| other.as_ref().expect("it is there").abort());
        });
        assert!(polled(&mut task, &spawns).is_pending());
        let awaited = poll_fn(|context| polled(&mut task, context.waker()));
        assert_eq!(soon("the task", awaited).await.expect("it ended well"), 7);
        let other = OTHER.take().expect("it is there");
        assert!(soon("the other", other).await.expect_err("it was aborted").is_cancelled());
    });
}

#[test]
fn a_clone_that_ends_a_sets_task_is_told_its_result() {
    let other = runtime();
    let mut set = JoinSet::new();
    other.block_on(async { set.spawn(pending::<()>()) });
    RUNTIME.set(Some(other));
    let drops = calls_when_cloned(|| drop(RUNTIME.take()));
    let mut join = pin!(set.join_next());
    run(async {
        match polled(&mut join, &drops) {
            Poll::Ready(Some(Err(error))) => assert!(error.is_cancelled(), "{error}"),
            joined => panic!("the clone has dropped the runtime, but the set says {joined:?}"),
        }
    });
}

#[test]
fn a_clone_may_wait_for_the_end_of_work_on_another_thread() {
    let (give, given) = channel();
    let (go, told) = channel();
    let (say, ended) = channel();
    let other = thread::spawn(move || {
        let runtime = runtime();
        give.send(runtime.handle().spawn(async { 7 })).expect("it is waited for");
        receive("the word to run", &told);
        runtime.block_on(async {}); // its first poll comes after that of the task
        say.send(()).expect("it is waited for");
    });
    let mut task = receive("the task's handle", &given);
    let ended = Mutex::new(ended);
    // Under the handle's lock, this would wait in vain: the other thread needs it to tell the result.
    let waits = calls_when_cloned(move || {
        go.send(()).expect("the other thread waits");
        receive("the end of the task", &ended.lock().expect("nobody panicked"));
    });
    match polled(&mut task, &waits) {
        Poll::Ready(Ok(output)) => assert_eq!(output, 7),
        other => panic!("the task has ended, but its handle says {other:?}"),
    }
    join("the other thread", other);
}
