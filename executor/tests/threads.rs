//! Other threads: their wakes, their spawns, and what they can never do to a task.

mod support;

use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Instant;

use executor::{AbortHandle, Handle, JoinError, RemoteJoinHandle, Runtime, spawn};
use support::drops::on_drop;
use support::polls::{Watch, own_waker};
use support::{join, look_until, receive, run, runtime, soon, until};

fn is_send<T: Send>() {}

fn is_send_and_sync<T: Send + Sync>() {}

#[test]
fn what_other_threads_hold_may_be_sent_and_shared() {
    is_send_and_sync::<Waker>();
    is_send_and_sync::<Handle>();
    // Also where the result itself may only be sent.
    is_send_and_sync::<RemoteJoinHandle<Cell<u8>>>();
    is_send_and_sync::<executor::Builder>();
    is_send_and_sync::<executor::Metrics>();
    is_send::<JoinError>();
}

#[test]
fn what_belongs_to_the_executors_thread_cannot_leave_it() {
    /// Ambiguous, and so no program, for a type that is `Send`.
    trait AmbiguousIfSend<A> {
        fn stays() {}
    }
    impl<T: ?Sized> AmbiguousIfSend<()> for T {}
    impl<T: ?Sized + Send> AmbiguousIfSend<u8> for T {}
    <Runtime as AmbiguousIfSend<_>>::stays();
    <executor::LocalHandle as AmbiguousIfSend<_>>::stays();
    <executor::JoinHandle<()> as AmbiguousIfSend<_>>::stays();
    <AbortHandle as AmbiguousIfSend<_>>::stays();
}

#[test]
fn a_wake_from_another_thread_ends_the_park() {
    run(async {
        let (sender, wakers) = channel::<Waker>();
        let done = Arc::new(AtomicBool::new(false));
        let waking = thread::spawn({
            let done = Arc::clone(&done);
            move || {
                let waker = receive("the waker", &wakers);
                done.store(true, Ordering::SeqCst);
                waker.wake();
            }
        });
        let mut sent = false;
        let woken = poll_fn(|context| {
            if done.load(Ordering::SeqCst) {
                return Poll::Ready(());
            }
            if !std::mem::replace(&mut sent, true) {
                sender.send(context.waker().clone()).expect("the thread listens");
            }
            Poll::Pending
        });
        soon("the wake", woken).await;
        join("the thread that wakes", waking);
    });
}

#[test]
fn a_wake_from_another_thread_during_the_poll_is_not_lost() {
    run(async {
        let mut polls = 0;
        let task = poll_fn(|context| {
            polls += 1;
            if polls == 2 {
                return Poll::Ready(());
            }
            // The other thread wakes, and is through with it, while this poll still runs.
            let waker = context.waker().clone();
            join("the thread that wakes", thread::spawn(move || waker.wake()));
            Poll::Pending
        });
        soon("the second poll", task).await;
    });
}

/// A ball that a task and a thread send to each other.
#[derive(Default)]
struct Table {
    sent: AtomicUsize,
    back: AtomicUsize,
    player: Mutex<Option<Waker>>,
}

impl Table {
    /// The thread's side: waits for each ball, and gives it back a little later or a little sooner.
    fn oppose(&self, balls: usize) {
        for ball in 1..=balls {
            let mut looks = 0_u32;
            let given_up = Instant::now() + support::PATIENCE;
            while self.sent.load(Ordering::Acquire) < ball {
                looks += 1;
                if looks.is_multiple_of(64) {
                    thread::yield_now();
                    assert!(Instant::now() < given_up, "waited in vain for ball {ball}");
                }
            }
            for _ in 0..ball * 7919 % 256 {
                std::hint::spin_loop();
            }
            self.back.store(ball, Ordering::Release);
            let waker = self.player.lock().expect("nobody panics").take();
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }

    /// The task's side. It is stored whom to wake first, and looked for the ball after; the opponent
    /// does it the other way round.
    fn poll_back(&self, ball: usize, context: &mut Context<'_>) -> Poll<()> {
        let waker = context.waker().clone();
        let before = self.player.lock().expect("nobody panics").replace(waker);
        drop(before);
        if self.back.load(Ordering::Acquire) >= ball { Poll::Ready(()) } else { Poll::Pending }
    }
}

#[test]
fn no_wake_is_lost_in_a_hundred_thousand_ping_pongs() {
    // Between "the queue is empty" and "parked" lies the moment in which a wake could be lost. The
    // balls come back at many different moments; one that is lost ends the test by its deadline.
    const BALLS: usize = 100_000;
    let table = Arc::new(Table::default());
    let opponent = Arc::clone(&table);
    let opponent = thread::spawn(move || opponent.oppose(BALLS));
    run(async {
        for ball in 1..=BALLS {
            table.sent.store(ball, Ordering::Release);
            soon("the ball", poll_fn(|context| table.poll_back(ball, context))).await;
        }
    });
    join("the opponent", opponent);
}

#[test]
fn ten_thousand_wakes_from_eight_threads_during_the_shutdown_are_harmless() {
    let _watchdog = support::Watchdog::start();
    for _ in 0..5 {
        let runtime = runtime();
        let watches: Vec<Watch> = (0..16).map(|_| Watch::new()).collect();
        for watch in &watches {
            runtime.spawn(watch.parked()).detach();
        }
        let root = runtime.block_on(async {
            until("the first polls", || watches.iter().all(|watch| watch.polls() > 0)).await;
            own_waker().await
        });
        let wakers: Arc<[Waker]> =
            watches.iter().map(Watch::waker).chain(std::iter::once(root)).collect();
        let begun = Arc::new(AtomicUsize::new(0));
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let (wakers, begun) = (Arc::clone(&wakers), Arc::clone(&begun));
                thread::spawn(move || {
                    for round in 0..10_000 {
                        wakers[round % wakers.len()].wake_by_ref();
                        begun.fetch_add(1, Ordering::Relaxed);
                    }
                })
            })
            .collect();
        look_until("the storm to begin", || begun.load(Ordering::Relaxed) > 100);
        runtime.block_on(executor::yield_now());
        drop(runtime);
        drop(watches);
        for thread in threads {
            join("a thread that wakes", thread);
        }
        drop(wakers);
    }
}

#[test]
fn a_foreign_thread_that_drops_the_last_waker_drops_no_future() {
    let here = thread::current().id();
    let (sender, dropped_on) = channel();
    let _watchdog = support::Watchdog::start();
    let runtime = runtime();
    let not_send = Rc::new(());
    let says = on_drop(move || sender.send(thread::current().id()).expect("the test listens"));
    let watch = Watch::new();
    let parked = watch.parked();
    let task = runtime.spawn(async move {
        let _held = (not_send, says);
        parked.await;
    });
    runtime.block_on(until("the first poll", || watch.polls() == 1));
    let waker = watch.waker();
    watch.forget_waker();
    join("a thread that drops the last waker", thread::spawn(move || drop(waker)));
    assert!(dropped_on.try_recv().is_err(), "the future lives on");
    assert_eq!(runtime.metrics().tasks, 1);
    task.abort();
    runtime.block_on(async { assert!(soon("the abort", task).await.is_err()) });
    assert_eq!(receive("the drop of the future", &dropped_on), here);
}

#[test]
fn a_foreign_thread_that_holds_a_waker_after_the_end_may_use_it() {
    let (waker, root) = run(async {
        let task = spawn(own_waker());
        (soon("the task", task).await.expect("it ended well"), own_waker().await)
    });
    let thread = thread::spawn(move || {
        waker.wake_by_ref();
        root.wake_by_ref();
        let clones = (waker.clone(), root.clone());
        drop((waker, root));
        clones.0.wake();
        clones.1.wake();
    });
    join("the thread with stale wakers", thread);
}

#[test]
fn a_wake_from_a_thread_whose_runtime_is_another_reaches_its_own() {
    run(async {
        let watch = Watch::new();
        let task = spawn(watch.parked());
        executor::yield_now().await;
        watch.open();
        let waker = watch.waker();
        // There, a runtime is running too: not the one that the waker belongs to.
        let other = thread::spawn(move || run(async move { waker.wake() }));
        soon("the task", task).await.expect("it ended well");
        join("the other runtime's thread", other);
        assert_eq!(watch.polls(), 2);
    });
}
