//! `cross`: channels between threads, awaited in executors and waited for by plain threads.

#[path = "support/hooks.rs"]
mod hooks;
mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::thread;

use executor::cross::{
    RecvError, SendError, TryRecvError, TrySendError, bounded, oneshot, unbounded,
};
use executor::{Runtime, spawn, spawn_blocking};
use hooks::panicking;
use support::polls::{Wakes, now, poll_once, poll_with};
use support::{Watchdog, join, panic_of, run, runtime, soon};

/// Counts those that live, on any thread.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(alive: &Arc<AtomicUsize>) -> Counted {
        alive.fetch_add(1, Ordering::SeqCst);
        Counted(Arc::clone(alive))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[test]
fn values_of_many_threads_all_arrive_each_threads_in_order() {
    run(async {
        const THREADS: usize = 4;
        const VALUES: usize = 10_000;
        let (sender, mut receiver) = unbounded();
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let sender = sender.clone();
                thread::spawn(move || {
                    (0..VALUES).for_each(|value| sender.try_send((thread, value)).expect("open"));
                })
            })
            .collect();
        drop(sender);
        let mut next = [0; THREADS];
        while let Some((thread, value)) = soon("the next value", receiver.recv()).await {
            assert_eq!(value, next[thread]);
            next[thread] += 1;
        }
        assert_eq!(next, [VALUES; THREADS]);
        threads.into_iter().for_each(|thread| join("a sender", thread));
    });
}

#[test]
fn a_bounded_channel_holds_fast_threads_back() {
    run(async {
        let (sender, mut receiver) = bounded(2);
        let sent = Arc::new(AtomicUsize::new(0));
        let counts = Arc::clone(&sent);
        let thread = thread::spawn(move || {
            for value in 0..1000 {
                sender.blocking_send(value).expect("there is a receiver");
                counts.fetch_add(1, Ordering::SeqCst);
            }
        });
        for received in 0..1000 {
            assert_eq!(soon("the next value", receiver.recv()).await, Some(received));
            assert!(
                sent.load(Ordering::SeqCst) <= received + 3,
                "two in the channel, one under way"
            );
        }
        assert_eq!(soon("the end", receiver.recv()).await, None);
        join("the sender", thread);
    });
}

#[test]
fn two_executors_talk_to_each_other() {
    let _watchdog = Watchdog::start();
    let (questions, mut asked) = bounded::<(u32, executor::cross::OneshotSender<u32>)>(4);
    let answers = thread::spawn(move || {
        Runtime::new().expect("a runtime").block_on(async move {
            while let Some((question, reply)) = asked.recv().await {
                spawn(async move { reply.send(question * 2).expect("it is waited for") }).detach();
            }
        });
    });
    runtime().block_on(async move {
        for question in 0..200 {
            let (reply, replied) = oneshot();
            questions.send((question, reply)).await.expect("the other executor runs");
            assert_eq!(soon("the reply", replied).await, Ok(question * 2));
        }
    });
    join("the other executor", answers);
}

#[test]
fn a_plain_thread_receives_what_an_executor_sends() {
    run(async {
        let (sender, mut receiver) = bounded(1);
        let sums = spawn_blocking(move || {
            let mut sum = 0;
            while let Some(value) = receiver.blocking_recv() {
                sum += value;
            }
            sum
        });
        for value in 0..100 {
            soon("a slot", sender.send(value)).await.expect("the thread receives");
        }
        drop(sender);
        assert_eq!(soon("the sum", sums).await.expect("no panic"), 4950);
    });
}

#[test]
fn senders_in_line_are_served_first_come_first_served() {
    let (sender, mut receiver) = bounded(1);
    sender.try_send(0).expect("it is empty");
    let mut line: Vec<_> = (1..4).map(|value| sender.send(value)).collect();
    let wakes: Vec<_> = line.iter().map(|_| Wakes::new()).collect();
    for (send, wakes) in line.iter_mut().zip(&wakes) {
        assert!(poll_with(send, &wakes.waker()).is_pending());
    }
    for place in 0..3 {
        assert_eq!(receiver.try_recv(), Ok(place as u32));
        assert!(matches!(sender.try_send(9), Err(TrySendError::Full(9))), "overtaken");
        assert_eq!(wakes[place].count(), 1);
        assert_eq!(poll_once(&mut line[place]), Poll::Ready(Ok(())));
    }
}

#[test]
fn a_send_dropped_at_any_await_point_sends_nothing_and_passes_its_slot_on() {
    for granted in [false, true] {
        let alive = Arc::default();
        let (sender, mut receiver) = bounded(1);
        drop(sender.send(Counted::new(&alive)));
        assert!(sender.try_send(Counted::new(&alive)).is_ok());
        let mut leaver = sender.send(Counted::new(&alive));
        let (mut next, woken) = (sender.send(Counted::new(&alive)), Wakes::new());
        assert!(poll_once(&mut leaver).is_pending());
        assert!(poll_with(&mut next, &woken.waker()).is_pending());
        if granted {
            assert!(receiver.try_recv().is_ok());
            drop(leaver);
        } else {
            drop(leaver);
            assert!(receiver.try_recv().is_ok());
        }
        assert_eq!(woken.count(), 1);
        assert!(poll_once(&mut next).is_ready());
        assert_eq!(alive.load(Ordering::SeqCst), 1, "the one in the channel");
        drop(next);
        drop((sender, receiver));
        assert_eq!(alive.load(Ordering::SeqCst), 0);
    }
}

#[test]
fn a_dropped_receive_takes_no_value_along() {
    let (sender, mut receiver) = unbounded();
    let woken = Wakes::new();
    let mut recv = receiver.recv();
    assert!(poll_with(&mut recv, &woken.waker()).is_pending());
    sender.try_send(1).expect("open");
    assert_eq!(woken.count(), 1);
    drop(recv);
    assert_eq!(now("the value", receiver.recv()), Some(1));
}

#[test]
fn a_receiver_that_goes_gives_senders_their_values_back() {
    let alive = Arc::default();
    let (sender, receiver) = bounded(1);
    assert!(sender.try_send(Counted::new(&alive)).is_ok());
    let (mut waits, woken) = (sender.send(Counted::new(&alive)), Wakes::new());
    assert!(poll_with(&mut waits, &woken.waker()).is_pending());
    drop(receiver);
    assert_eq!((woken.count(), alive.load(Ordering::SeqCst)), (1, 1), "the queued one is dropped");
    assert!(matches!(poll_once(&mut waits), Poll::Ready(Err(SendError(_)))));
    assert!(matches!(sender.try_send(Counted::new(&alive)), Err(TrySendError::Closed(_))));
    assert!(now("a send to nobody", sender.send(Counted::new(&alive))).is_err());
    let (sender, receiver) = unbounded();
    drop(receiver);
    assert!(matches!(sender.try_send(1), Err(TrySendError::Closed(1))));
}

#[test]
fn the_last_senders_end_is_heard_after_all_was_taken() {
    let (sender, mut receiver) = unbounded();
    let other = sender.clone();
    sender.try_send(1).expect("open");
    drop(sender);
    assert_eq!((receiver.try_recv(), receiver.try_recv()), (Ok(1), Err(TryRecvError::Empty)));
    let woken = Wakes::new();
    assert!(poll_with(&mut receiver.recv(), &woken.waker()).is_pending());
    drop(other);
    assert_eq!(woken.count(), 1);
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn values_are_dropped_and_wakers_woken_under_no_lock() {
    /// Comes back to its channel when it is dropped.
    struct Restless(Option<executor::cross::Sender<Restless>>);
    impl Drop for Restless {
        fn drop(&mut self) {
            if let Some(sender) = self.0.take() {
                assert!(matches!(sender.try_send(Restless(None)), Err(TrySendError::Closed(_))));
            }
        }
    }
    let (sender, receiver) = bounded(2);
    assert!(sender.try_send(Restless(Some(sender.clone()))).is_ok());
    drop(receiver);
    let (sender, mut receiver) = bounded(1);
    let mut recv = receiver.recv();
    assert!(poll_with(&mut recv, &panicking("a waker of ill will")).is_pending());
    assert_eq!(panic_of(|| sender.try_send(1)), "a waker of ill will");
    assert_eq!(poll_once(&mut recv), Poll::Ready(Some(1)), "the value is there");
}

#[test]
fn a_oneshot_gives_its_value_or_says_that_there_is_none() {
    let _watchdog = Watchdog::start();
    let (sender, receiver) = oneshot();
    let sends = thread::spawn(move || sender.send(1));
    assert_eq!(receiver.blocking_recv(), Ok(1));
    join("the sender", sends).expect("it was received");
    let (sender, receiver) = oneshot::<u8>();
    drop(sender);
    assert_eq!(receiver.blocking_recv(), Err(RecvError));
    let (sender, mut receiver) = oneshot();
    assert!(poll_once(&mut receiver).is_pending() && !sender.is_closed());
    drop(receiver);
    assert!(sender.is_closed());
    assert_eq!(sender.send(2), Err(2));
}

#[test]
fn a_wait_for_a_oneshot_that_is_dropped_takes_no_value_along() {
    let _watchdog = Watchdog::start();
    let (sender, mut receiver) = oneshot();
    let wakes = Wakes::new();
    let mut wait = Box::pin(async { (&mut receiver).await });
    assert!(poll_with(&mut wait, &wakes.waker()).is_pending());
    let sends = thread::spawn(move || sender.send(1));
    join("the sender", sends).expect("it can be received");
    assert_eq!(wakes.count(), 1);
    drop(wait);
    assert_eq!(receiver.blocking_recv(), Ok(1));
}

#[test]
fn a_oneshots_value_is_dropped_once_whoever_goes_first() {
    let alive = Arc::default();
    let (sender, receiver) = oneshot();
    assert!(sender.send(Counted::new(&alive)).is_ok());
    assert_eq!(alive.load(Ordering::SeqCst), 1);
    drop(receiver);
    assert_eq!(alive.load(Ordering::SeqCst), 0);
    let (sender, mut receiver) = oneshot();
    assert!(sender.send(Counted::new(&alive)).is_ok());
    let Poll::Ready(Ok(value)) = poll_once(&mut receiver) else { panic!("it was sent") };
    assert_eq!(poll_once(&mut receiver).map(|again| again.is_err()), Poll::Ready(true));
    drop(value);
    assert_eq!(alive.load(Ordering::SeqCst), 0);
}

#[test]
fn blocking_calls_inside_a_runtime_panic_and_do_not_hang() {
    run(async {
        let (sender, mut receiver) = bounded::<u8>(1);
        let (_kept, single) = oneshot::<u8>();
        for text in [
            panic_of(|| sender.blocking_send(1)),
            panic_of(|| receiver.blocking_recv()),
            panic_of(|| single.blocking_recv()),
        ] {
            assert!(text.contains("Await the future"), "{text}");
        }
    });
}
