//! `mpsc`, given up at each point: no slot, no value and no waker is lost, or kept for nothing.

mod support;

use std::sync::Arc;
use std::task::Poll;

use executor::sync::mpsc::{Sender, TrySendError, channel};
use executor::{spawn, yield_now};
use support::drops::Drops;
use support::polls::{Wakes, now, poll_once, poll_with};
use support::{run, soon};

#[test]
fn the_capacity_is_kept_whatever_is_cancelled() {
    let (sender, mut receiver) = channel(3);
    for round in 0..50 {
        let mut waiting: Vec<_> = (0..8).map(|number| sender.send(number)).collect();
        let entered = waiting.iter_mut().map(poll_once).filter(Poll::is_ready).count();
        assert_eq!(entered, 3, "in round {round}");
        // Some receive their slot and are dropped with it, some are dropped in the line.
        assert!(receiver.try_recv().is_ok() && receiver.try_recv().is_ok());
        waiting.truncate(4 + round % 4);
        drop(waiting);
        while receiver.try_recv().is_ok() {}
    }
    for number in 0..3 {
        assert_eq!(sender.try_send(number), Ok(()));
    }
    assert_eq!(sender.try_send(9), Err(TrySendError::Full(9)));
}

#[test]
fn a_sender_that_got_a_slot_and_is_dropped_passes_it_on() {
    let (sender, mut receiver) = channel(1);
    sender.try_send(1).expect("a slot is free");
    let (mut first, mut second) = (sender.send(2), sender.send(3));
    let wakes = Wakes::new();
    assert!(poll_once(&mut first).is_pending());
    assert!(poll_with(&mut second, &wakes.waker()).is_pending());
    assert_eq!(receiver.try_recv(), Ok(1));
    assert_eq!(wakes.count(), 0, "the slot is the first one's");
    drop(first);
    assert_eq!(wakes.count(), 1, "the slot was lost");
    assert_eq!(poll_once(&mut second), Poll::Ready(Ok(())));
    assert_eq!(receiver.try_recv(), Ok(3));
}

#[test]
fn a_dropped_wait_for_a_value_takes_none() {
    let (sender, mut receiver) = channel(2);
    let wakes = Wakes::new();
    {
        let mut waiting = receiver.recv();
        assert!(poll_with(&mut waiting, &wakes.waker()).is_pending());
    }
    sender.try_send(1).expect("a slot is free");
    assert_eq!(now("the value", receiver.recv()), Some(1));
}

#[test]
fn the_wakers_of_the_last_polls_are_the_ones_that_are_woken() {
    let (sender, mut receiver) = channel(1);
    let (before, after) = (Wakes::new(), Wakes::new());
    for wakes in [&before, &after] {
        assert!(poll_with(&mut receiver.recv(), &wakes.waker()).is_pending());
    }
    sender.try_send(1).expect("a slot is free");
    assert_eq!((before.count(), after.count()), (0, 1));
    assert_eq!((Arc::strong_count(&before), Arc::strong_count(&after)), (1, 1));
    let mut waiting = sender.send(2);
    for wakes in [&before, &after] {
        assert!(poll_with(&mut waiting, &wakes.waker()).is_pending());
    }
    assert_eq!(receiver.try_recv(), Ok(1));
    assert_eq!((before.count(), after.count()), (0, 2));
}

#[test]
fn each_value_is_dropped_exactly_once_wherever_it_is() {
    let drops = Drops::new();
    let (sender, mut receiver) = channel(2);
    now("a slot", sender.send(drops.value())).expect("the receiver is there");
    now("a slot", sender.send(drops.value())).expect("the receiver is there");
    let mut in_line = sender.send(drops.value());
    assert!(poll_once(&mut in_line).is_pending());
    let not_polled = sender.send(drops.value());
    assert_eq!(drops.count(), 0);
    drop(now("a value", receiver.recv()));
    assert_eq!(drops.count(), 1, "received");
    drop(not_polled);
    assert_eq!(drops.count(), 2, "in a future that was never polled");
    drop(in_line);
    assert_eq!(drops.count(), 3, "in a future with a slot");
    drop(receiver);
    assert_eq!(drops.count(), 4, "in the channel");
    assert!(sender.try_send(drops.value()).is_err());
    assert_eq!(drops.count(), 5, "refused");
}

#[test]
fn an_aborted_task_takes_its_value_and_its_place_with_it() {
    run(async {
        let drops = Drops::new();
        let (sender, mut receiver) = channel(1);
        let send = |sender: &Sender<_>| {
            let (sender, value) = (sender.clone(), drops.value());
            spawn(async move { sender.send(value).await.is_ok() })
        };
        let tasks = [send(&sender), send(&sender), send(&sender)];
        yield_now().await;
        let [first, second, third] = tasks;
        second.abort();
        assert!(soon("the abort", second).await.is_err());
        assert_eq!(drops.count(), 1);
        assert!(soon("the first", first).await.expect("it ended well"));
        assert!(soon("a value", receiver.recv()).await.is_some());
        assert!(soon("the third", third).await.expect("it ended well"));
        assert!(soon("a value", receiver.recv()).await.is_some());
    });
}
