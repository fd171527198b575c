//! What may befall a task, as far as there are tasks: each claim is tried on a thread of its own, under a
//! deadline, because what is wrong here hangs.

use std::cell::{Cell, RefCell};
use std::future::{Future, pending, poll_fn};
use std::rc::Rc;
use std::sync::mpsc;
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;

use crate::{Runtime, block_on, spawn};

/// Fails, and says so, where `claim` panics or takes too long.
#[track_caller]
fn within_20_s(claim: impl FnOnce() + Send + 'static) {
    let (sender, done) = mpsc::channel();
    thread::spawn(move || {
        claim();
        sender.send(())
    });
    let done = done.recv_timeout(Duration::from_secs(20));
    assert!(done.is_ok(), "the claim panicked, or waited for 20 s in vain: {done:?}");
}

/// Lets all others run who are in the queue now.
async fn others() {
    spawn(async {}).await.expect("it ends well");
}

/// Does something when it is dropped.
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

#[test]
fn a_panic_is_the_result_of_its_task_and_the_others_go_on() {
    within_20_s(|| {
        block_on(async {
            let bad = spawn(async { std::panic::resume_unwind(Box::new("no")) });
            let good = spawn(async { 7 });
            let error = bad.await.expect_err("it panicked");
            assert_eq!(error.to_string(), "the task panicked: no");
            assert_eq!(good.await.expect("it ends well"), 7);
        });
    });
}

#[test]
fn an_aborted_task_drops_what_it_has_in_its_next_turn_and_not_before() {
    within_20_s(|| {
        block_on(async {
            let dropped = Rc::new(Cell::new(false));
            let says = Rc::clone(&dropped);
            let task = spawn(async move {
                let _has = OnDrop(move || says.set(true));
                pending::<()>().await;
            });
            others().await;
            task.abort();
            assert!(!dropped.get(), "abort only enqueues");
            let error = task.await.expect_err("it was aborted");
            assert!(error.is_cancelled() && dropped.get());
        });
    });
}

#[test]
fn a_detached_task_goes_on_and_a_dropped_runtime_drops_it() {
    within_20_s(|| {
        let (polls, drops) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        let (polled, dropped) = (Rc::clone(&polls), Rc::clone(&drops));
        let runtime = Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let has = OnDrop(move || dropped.set(dropped.get() + 1));
            let task = spawn(async move {
                let _has = has;
                polled.set(polled.get() + 1);
                pending::<()>().await;
            });
            drop(task);
            others().await;
        });
        assert_eq!((polls.get(), drops.get()), (1, 0));
        drop(runtime);
        assert_eq!((polls.get(), drops.get()), (1, 1));
    });
}

#[test]
fn a_destructor_may_spawn_and_may_wake_even_when_the_runtime_is_dropped() {
    within_20_s(|| {
        let waker: Rc<RefCell<Option<Waker>>> = Rc::default();
        let runtime = Runtime::new().expect("a runtime");
        let (own, has) = (Rc::clone(&waker), OnDrop(move || drop(spawn(async {}))));
        let task = runtime.spawn(async move {
            let _has = has;
            let waker = Rc::clone(&own);
            let _wakes = OnDrop(move || own.take().expect("it was polled").wake());
            poll_fn(|context| {
                waker.replace(Some(context.waker().clone()));
                Poll::<()>::Pending
            })
            .await;
        });
        runtime.block_on(others());
        drop(runtime);
        assert!(task.is_finished() && waker.take().is_none());
    });
}

#[test]
fn a_wake_from_another_thread_ends_the_sleep() {
    within_20_s(|| {
        for _ in 0..100 {
            let mut woken = false;
            block_on(poll_fn(move |context| {
                if std::mem::replace(&mut woken, true) {
                    return Poll::Ready(());
                }
                let waker = context.waker().clone();
                thread::spawn(move || waker.wake());
                Poll::Pending
            }));
        }
    });
}

#[test]
fn a_waker_outlives_its_runtime_and_does_nothing() {
    within_20_s(|| {
        let waker = block_on(async {
            let task = spawn(poll_fn(|context| Poll::Ready(context.waker().clone())));
            task.await.expect("it ends well")
        });
        waker.wake_by_ref();
        thread::spawn(move || waker.wake()).join().expect("no panic");
    });
}

#[test]
fn a_handle_is_awaited_by_the_root_or_a_task_or_not_at_all() {
    within_20_s(|| {
        let sum = block_on(async {
            let one = spawn(async { 1 });
            let two = spawn(async move { 1 + one.await.expect("it ends well") });
            two.await.expect("it ends well")
        });
        assert_eq!(sum, 2);
        let runtime = Runtime::new().expect("a runtime");
        let task = runtime.spawn(pending::<()>());
        drop(runtime);
        let mut task = std::pin::pin!(task);
        let polled = task.as_mut().poll(&mut std::task::Context::from_waker(Waker::noop()));
        assert!(matches!(polled, Poll::Ready(Err(error)) if error.is_cancelled()));
    });
}
