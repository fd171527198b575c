//! `park::block_on`: one future on a plain thread, no reactor, and no wake-up lost.

mod support;

use std::future::{Future, poll_fn, ready};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;

use executor::park::block_on;
use executor::{cross, sync};
use support::{Watchdog, join, panic_of, receive, run};

#[test]
fn a_future_that_is_ready_needs_no_wake() {
    assert_eq!(block_on(ready(7)), 7);
}

#[test]
fn a_wake_before_the_thread_sleeps_is_kept() {
    let _watchdog = Watchdog::start();
    let mut polls = 0;
    block_on(poll_fn(|context| {
        polls += 1;
        context.waker().wake_by_ref();
        context.waker().wake_by_ref();
        if polls == 3 { Poll::Ready(()) } else { Poll::Pending }
    }));
    assert_eq!(polls, 3);
}

#[test]
fn a_wake_from_another_thread_ends_the_sleep() {
    let _watchdog = Watchdog::start();
    let (wakers, received) = mpsc::channel::<Waker>();
    let wakes = thread::spawn(move || receive("the waker", &received).wake());
    let mut polls = 0;
    block_on(poll_fn(|context| {
        polls += 1;
        if polls == 2 {
            return Poll::Ready(());
        }
        wakers.send(context.waker().clone()).expect("the other thread waits for it");
        Poll::Pending
    }));
    join("the other thread", wakes);
}

#[test]
fn an_unpark_that_is_not_for_us_polls_nothing_and_is_not_taken_away() {
    let _watchdog = Watchdog::start();
    let polls = Arc::new(AtomicUsize::new(0));
    let (sender, receiver) = cross::oneshot();
    let (counts, (asleep, is_asleep)) = (Arc::clone(&polls), mpsc::channel());
    let sleeper = thread::spawn(move || {
        let mut receiver = pin!(receiver);
        let value = block_on(poll_fn(|context| {
            counts.fetch_add(1, Ordering::SeqCst);
            let polled = receiver.as_mut().poll(context);
            let _ = asleep.send(());
            polled
        }));
        // The token of an `unpark` that came while we waited is still std's, for whom it was meant.
        thread::park_timeout(Duration::from_secs(60));
        value
    });
    receive("the first poll", &is_asleep);
    for _ in 0..100 {
        sleeper.thread().unpark();
    }
    sender.send("word").expect("the receiver waits");
    assert_eq!(join("the sleeper", sleeper), Ok("word"));
    assert_eq!(polls.load(Ordering::SeqCst), 2, "the first, and the one that it was woken for");
}

#[test]
fn a_stale_waker_does_no_harm() {
    let mut kept = None;
    block_on(poll_fn(|context| {
        kept = Some(context.waker().clone());
        Poll::Ready(())
    }));
    let kept = kept.expect("it was polled");
    kept.wake_by_ref();
    assert_eq!(block_on(async { 1 }), 1);
    kept.wake();
}

#[test]
fn calls_nest_each_with_a_parker_of_its_own() {
    let _watchdog = Watchdog::start();
    let (sender, receiver) = cross::oneshot();
    let value = block_on(async move {
        let sends = thread::spawn(move || sender.send(20));
        let inner = block_on(receiver).expect("it is sent");
        join("the sender", sends).expect("it is received");
        executor::yield_now().await;
        inner + 1
    });
    assert_eq!(value, 21);
}

#[test]
fn our_own_locks_and_channels_work_without_a_runtime() {
    let mutex = sync::Mutex::new(1);
    let (sender, mut receiver) = sync::mpsc::channel(1);
    let sum = block_on(async {
        let sends = async move {
            for value in 0..10 {
                sender.send(value).await.expect("there is a receiver");
            }
            drop(sender);
        };
        let receives = async {
            while let Some(value) = receiver.recv().await {
                *mutex.lock().await += value;
            }
        };
        executor::join!(sends, receives);
        *mutex.lock().await
    });
    assert_eq!(sum, 46);
}

#[test]
fn inside_a_runtime_it_panics_and_says_what_to_do_instead() {
    let text = run(async { panic_of(|| block_on(ready(()))) });
    assert!(text.contains("Await the future") && text.contains("spawn_blocking"), "{text}");
}

#[test]
fn sockets_timers_and_tasks_panic_in_it_and_do_not_hang() {
    let text = panic_of(|| block_on(executor::time::sleep(Duration::from_millis(1))));
    assert!(text.contains("runtime") || text.contains("reactor"), "{text}");
    let text = panic_of(|| block_on(async { executor::spawn(async {}).detach() }));
    assert!(text.contains("no runtime"), "{text}");
}

#[test]
fn a_panic_of_the_future_is_the_callers() {
    assert_eq!(panic_of(|| block_on(async { panic!("mine") })), "mine");
}
