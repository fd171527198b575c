//! `mpsc`: order, backpressure, and either side's end.

mod support;

use std::task::Poll;

use executor::sync::mpsc::{SendError, TryRecvError, TrySendError, channel, unbounded};
use executor::{spawn, yield_now};
use futures::executor::LocalPool;
use futures::task::LocalSpawnExt;
use support::drops::Log;
use support::polls::{Wakes, now, poll_once, poll_with};
use support::{panic_of, run, soon};

#[test]
fn values_come_out_in_the_order_in_which_they_went_in() {
    run(async {
        let (sender, mut receiver) = channel(4);
        let sending = spawn(async move {
            for number in 0..1_000 {
                sender.send(number).await.expect("the receiver is there");
            }
        });
        for number in 0..1_000 {
            assert_eq!(soon("a value", receiver.recv()).await, Some(number));
        }
        assert_eq!(soon("the end", receiver.recv()).await, None);
        soon("the sender", sending).await.expect("it ended well");
    });
}

#[test]
fn a_channel_holds_as_many_values_as_it_was_made_for() {
    let (sender, mut receiver) = channel(2);
    now("a slot", sender.send(1)).expect("the receiver is there");
    sender.try_send(2).expect("a slot is free");
    assert_eq!(sender.try_send(3), Err(TrySendError::Full(3)));
    let wakes = Wakes::new();
    let mut third = sender.send(3);
    assert!(poll_with(&mut third, &wakes.waker()).is_pending());
    assert_eq!(receiver.len(), 2);
    assert_eq!(receiver.try_recv(), Ok(1));
    assert_eq!(wakes.count(), 1, "a slot is free, and it is the waiting sender's");
    assert_eq!(poll_once(&mut third), Poll::Ready(Ok(())));
    assert_eq!((receiver.try_recv(), receiver.try_recv()), (Ok(2), Ok(3)));
    assert!(receiver.is_empty());
}

#[test]
fn senders_in_line_are_served_first_come_first_served() {
    let log = Log::new();
    run(async {
        let (sender, mut receiver) = channel(1);
        now("the first slot", sender.send(9)).expect("the receiver is there");
        for number in 0..4 {
            let (log, sender) = (log.clone(), sender.clone());
            spawn(async move {
                sender.send(number).await.expect("the receiver is there");
                log.write(number.to_string());
            })
            .detach();
            yield_now().await;
        }
        drop(sender);
        let mut values = Vec::new();
        while let Some(value) = soon("a value", receiver.recv()).await {
            values.push(value);
        }
        assert_eq!(values, [9, 0, 1, 2, 3]);
    });
    assert_eq!(log.take(), ["0", "1", "2", "3"]);
}

#[test]
fn a_latecomer_does_not_overtake_who_waits_in_line() {
    let (sender, mut receiver) = channel(1);
    sender.try_send(1).expect("a slot is free");
    let mut waiting = sender.send(2);
    assert!(poll_once(&mut waiting).is_pending());
    assert_eq!(receiver.try_recv(), Ok(1));
    // The slot is the waiter's, though it has not been polled yet.
    assert_eq!(sender.try_send(3), Err(TrySendError::Full(3)));
    assert!(poll_once(&mut sender.send(3)).is_pending());
    assert_eq!(poll_once(&mut waiting), Poll::Ready(Ok(())));
    assert_eq!(receiver.try_recv(), Ok(2));
}

#[test]
fn the_receiver_sees_the_end_when_the_last_sender_has_gone() {
    let (sender, mut receiver) = channel(2);
    let second = sender.clone();
    let wakes = Wakes::new();
    assert!(poll_with(&mut receiver.recv(), &wakes.waker()).is_pending());
    drop(sender);
    assert_eq!(wakes.count(), 0);
    second.try_send(1).expect("a slot is free");
    drop(second);
    assert_eq!(now("what is left", receiver.recv()), Some(1));
    assert_eq!(now("the end", receiver.recv()), None);
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
    let (sender, mut receiver) = channel::<u8>(1);
    assert!(poll_with(&mut receiver.recv(), &wakes.waker()).is_pending());
    drop(sender);
    assert_eq!(wakes.count(), 2, "once for the value, and once for the end");
}

#[test]
fn senders_get_their_values_back_when_the_receiver_has_gone() {
    let (sender, receiver) = channel(1);
    sender.try_send(1).expect("a slot is free");
    let wakes = Wakes::new();
    let mut waiting: Vec<_> = (2..5).map(|number| sender.send(number)).collect();
    for send in &mut waiting {
        assert!(poll_with(send, &wakes.waker()).is_pending());
    }
    drop(receiver);
    assert_eq!(wakes.count(), 3, "all that stood in line are told");
    for (send, number) in waiting.iter_mut().zip(2..) {
        assert_eq!(poll_once(send), Poll::Ready(Err(SendError(number))));
    }
    assert!(sender.is_closed());
    assert_eq!(sender.try_send(9), Err(TrySendError::Closed(9)));
    assert_eq!(now("an answer", sender.send(9)), Err(SendError(9)));
    assert_eq!(SendError(9).to_string(), "nobody receives what is sent");
}

#[test]
fn a_closed_receiver_gives_what_was_sent_and_then_the_end() {
    let (sender, mut receiver) = channel(2);
    sender.try_send(1).expect("a slot is free");
    sender.try_send(2).expect("a slot is free");
    let mut late = sender.send(3);
    assert!(poll_once(&mut late).is_pending());
    receiver.close();
    assert_eq!(poll_once(&mut late), Poll::Ready(Err(SendError(3))));
    assert_eq!(now("before the end", receiver.recv()), Some(1));
    assert_eq!(now("before the end", receiver.recv()), Some(2));
    assert_eq!(now("the end, though a sender lives", receiver.recv()), None);
    drop(late);
}

#[test]
fn an_unbounded_channel_never_holds_a_sender_back() {
    let (sender, mut receiver) = unbounded();
    for number in 0..10_000 {
        sender.clone().send(number).expect("the receiver is there");
    }
    assert_eq!(receiver.len(), 10_000);
    assert_eq!(now("the first", receiver.recv()), Some(0));
    receiver.close();
    assert!(sender.is_closed());
    assert_eq!(sender.send(1), Err(SendError(1)));
    drop(sender);
    assert_eq!(std::iter::from_fn(|| receiver.try_recv().ok()).count(), 9_999);
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn what_makes_no_sense_says_so() {
    assert!(panic_of(|| channel::<u8>(0)).contains("a capacity of at least one"));
    let (sender, _receiver) = channel(1);
    let mut send = sender.send(1);
    assert!(poll_once(&mut send).is_ready());
    assert_eq!(panic_of(|| poll_once(&mut send)), "a Send was polled after it was ready");
}

#[test]
fn it_works_under_a_foreign_executor() {
    let mut pool = LocalPool::new();
    let (sender, mut receiver) = channel(2);
    for sent in 0..3 {
        let sender = sender.clone();
        pool.spawner()
            .spawn_local(async move {
                for number in 0..100 {
                    sender.send(sent * 100 + number).await.expect("the receiver is there");
                }
            })
            .expect("the pool lives");
    }
    drop(sender);
    let mut values = pool.run_until(async {
        let mut values = Vec::new();
        while let Some(value) = receiver.recv().await {
            values.push(value);
        }
        values
    });
    values.sort_unstable();
    assert!(values.into_iter().eq(0..300));
}
