//! Wakers: what a wake does, what it does not, and how often.

mod support;

use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use executor::{spawn, yield_now};
use support::polls::{Watch, own_waker};
use support::{run, runtime, soon, until};

/// By value, as most code wakes; the other way is `wake_by_ref`.
fn wake_a_clone(waker: &Waker) {
    let clone = waker.clone();
    clone.wake();
}

#[test]
fn a_new_task_is_polled_once_and_then_only_when_it_is_woken() {
    run(async {
        let watch = Watch::new();
        let _task = spawn(watch.parked());
        for _ in 0..10 {
            yield_now().await;
        }
        assert_eq!(watch.polls(), 1);
        watch.waker().wake();
        for _ in 0..10 {
            yield_now().await;
        }
        assert_eq!(watch.polls(), 2);
    });
}

#[test]
fn wake_during_poll_requeues_once() {
    run(async {
        let polls = Rc::new(Cell::new(0));
        let counted = Rc::clone(&polls);
        let _task = spawn(poll_fn(move |context| {
            counted.set(counted.get() + 1);
            if counted.get() == 1 {
                for _ in 0..5 {
                    context.waker().wake_by_ref();
                    wake_a_clone(context.waker());
                }
            }
            Poll::<()>::Pending
        }));
        for _ in 0..10 {
            yield_now().await;
        }
        assert_eq!(polls.get(), 2, "the first poll, and one for all ten wakes in it");
    });
}

#[test]
fn wakes_of_a_parked_task_coalesce() {
    run(async {
        let watch = Watch::new();
        let _task = spawn(watch.parked());
        yield_now().await;
        let waker = watch.waker();
        for _ in 0..100 {
            waker.wake_by_ref();
            wake_a_clone(&waker);
        }
        for _ in 0..10 {
            yield_now().await;
        }
        assert_eq!(watch.polls(), 2);
    });
}

#[test]
fn wakes_from_another_thread_coalesce_too() {
    run(async {
        let watch = Watch::new();
        let _task = spawn(watch.parked());
        yield_now().await;
        let waker = watch.waker();
        let waking = std::thread::spawn(move || {
            for _ in 0..1000 {
                waker.wake_by_ref();
            }
        });
        // The loop stands still meanwhile, for this very thread waits here.
        support::join("the thread that wakes", waking);
        until("the wake", || watch.polls() > 1).await;
        for _ in 0..10 {
            yield_now().await;
        }
        assert_eq!(watch.polls(), 2);
    });
}

#[test]
fn a_wake_only_enqueues_and_never_polls() {
    run(async {
        let watch = Watch::new();
        let _task = spawn(watch.parked());
        yield_now().await;
        let waker = watch.waker();
        let waking = spawn(async move {
            for _ in 0..10 {
                waker.wake_by_ref();
            }
            watch.polls()
        });
        let seen = soon("the task that wakes", waking).await.expect("it ended well");
        assert_eq!(seen, 1, "the woken task was polled inside of the wake");
    });
}

#[test]
fn a_task_that_wakes_itself_is_not_polled_inside_of_its_poll() {
    run(async {
        let depth = Rc::new(Cell::new(0));
        let task = spawn(poll_fn(move |context| {
            depth.set(depth.get() + 1);
            context.waker().wake_by_ref();
            assert_eq!(depth.get(), 1, "entered again");
            depth.set(0);
            Poll::Ready(())
        }));
        soon("the task", task).await.expect("it was not entered again");
    });
}

#[test]
fn a_spurious_wake_ends_no_wait() {
    run(async {
        let (sender, receiver) = executor::sync::oneshot::channel::<u8>();
        let (to_many, mut from_many) = executor::sync::mpsc::channel::<u8>(1);
        let (notify, gate) = (Rc::new(executor::sync::Notify::new()), Watch::new());
        let notified = Rc::clone(&notify);
        let waker = Rc::new(Cell::new(None));
        let (waker_of, inner) = (Rc::clone(&waker), spawn(gate.parked()));
        let task = spawn(async move {
            waker_of.set(Some(own_waker().await));
            let one = receiver.await.expect("it is sent");
            let two = from_many.recv().await.expect("it is sent");
            notified.notified().await;
            inner.await.expect("it ended well");
            executor::time::sleep(std::time::Duration::from_millis(1)).await;
            (one, two)
        });
        yield_now().await;
        let waker: Waker = waker.take().expect("the task was polled");
        // Before each of the things that it waits for, in turn, come wakes for nothing.
        let spurious = async |count| {
            for _ in 0..count {
                waker.wake_by_ref();
                yield_now().await;
                assert!(!task.is_finished());
            }
        };
        spurious(3).await;
        sender.send(1).expect("the task waits");
        spurious(3).await;
        to_many.try_send(2).expect("a slot is free");
        spurious(3).await;
        notify.notify_one();
        spurious(3).await;
        gate.release();
        waker.wake_by_ref();
        assert_eq!(soon("the task", task).await.expect("it ended well"), (1, 2));
    });
}

#[test]
fn a_wake_between_two_block_ons_is_heard_in_the_next() {
    let _watchdog = support::Watchdog::start();
    let runtime = runtime();
    let (here, there) = (Watch::new(), Watch::new());
    let tasks = (runtime.spawn(here.parked()), runtime.spawn(there.parked()));
    runtime.block_on(until("both first polls", || here.polls() + there.polls() == 2));
    here.release();
    there.open();
    let waker = there.waker();
    support::join("a thread that wakes", std::thread::spawn(move || waker.wake()));
    runtime.block_on(async {
        soon("the task woken from this thread", tasks.0).await.expect("it ended well");
        soon("the task woken from another", tasks.1).await.expect("it ended well");
    });
}

#[test]
fn a_task_woken_in_one_block_on_runs_in_the_next() {
    let _watchdog = support::Watchdog::start();
    let runtime = runtime();
    let watch = Watch::new();
    let task = runtime.spawn(watch.parked());
    runtime.block_on(until("its first poll", || watch.polls() == 1));
    // The root ends in the poll in which it wakes: the task stays queued.
    runtime.block_on(async { watch.release() });
    assert_eq!(watch.polls(), 1);
    runtime.block_on(soon("the queued task", task)).expect("it ended well");
    assert_eq!(watch.polls(), 2);
}

#[test]
fn a_full_house_of_wakes_blocks_no_waker() {
    // Nobody drains the channel meanwhile: a bounded one would stop this thread for ever.
    let _watchdog = support::Watchdog::start();
    let runtime = runtime();
    let watches: Vec<Watch> = (0..10_000).map(|_| Watch::new()).collect();
    let tasks: Vec<_> = watches.iter().map(|watch| runtime.spawn(watch.parked())).collect();
    runtime.block_on(until("all first polls", || watches.iter().all(|watch| watch.polls() == 1)));
    watches.iter().for_each(Watch::open);
    let wakers: Vec<Waker> = watches.iter().map(Watch::waker).collect();
    let waking = std::thread::spawn(move || wakers.into_iter().for_each(Waker::wake));
    support::join("ten thousand wakes", waking);
    runtime.block_on(async {
        for task in tasks {
            soon("a woken task", task).await.expect("it ended well");
        }
    });
    assert!(watches.iter().all(|watch| watch.polls() == 2), "one poll for each wake");
}
