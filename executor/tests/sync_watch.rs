//! `watch`: the latest value, and no change is slept through.

#[path = "support/hooks.rs"]
mod hooks;
mod support;

use std::rc::Rc;
use std::task::Poll;

use executor::sync::watch::{Closed, channel};
use executor::{spawn, yield_now};
use hooks::{calling, panicking};
use support::drops::{Drops, on_drop};
use support::polls::{Wakes, now, poll_once, poll_with};
use support::{panic_of, run, soon};

#[test]
fn a_receiver_hears_of_the_latest_value_alone() {
    let (sender, mut receiver) = channel(0);
    assert!(!receiver.has_changed(), "the first value counts as seen");
    for value in 1..=3 {
        assert_eq!(sender.send(value), Ok(value - 1));
    }
    assert_eq!(now("a change", receiver.changed()), Ok(()));
    assert_eq!(*receiver.borrow(), 3);
    assert!(poll_once(&mut Box::pin(receiver.changed())).is_pending());
}

#[test]
fn every_receiver_hears_of_every_change_that_it_waits_for() {
    run(async {
        let (sender, receiver) = channel(0);
        let tasks: Vec<_> = (0..5)
            .map(|_| {
                let mut receiver = receiver.clone();
                spawn(async move {
                    let mut last = 0;
                    while receiver.changed().await.is_ok() {
                        assert!(last < *receiver.borrow(), "values only grow");
                        last = *receiver.borrow();
                    }
                    last
                })
            })
            .collect();
        drop(receiver);
        for value in 1..50 {
            sender.send(value).expect("there are receivers");
            if value % 7 == 0 {
                yield_now().await;
            }
        }
        drop(sender);
        for task in tasks {
            assert_eq!(soon("a receiver's end", task).await.expect("no panic"), 49);
        }
    });
}

#[test]
fn a_change_between_two_waits_is_not_lost_whoever_drops_what() {
    let (sender, mut receiver) = channel(0);
    let woken = Wakes::new();
    let mut changed = Box::pin(receiver.changed());
    assert!(poll_with(&mut changed, &woken.waker()).is_pending());
    sender.send(1).expect("there is a receiver");
    assert_eq!(woken.count(), 1);
    drop(changed);
    assert!(receiver.has_changed(), "a dropped wait has seen nothing");
    assert_eq!(now("the change", receiver.changed()), Ok(()));
    drop(receiver.changed());
    sender.send(2).expect("there is a receiver");
    assert_eq!(*receiver.borrow_and_update(), 2);
    assert!(!receiver.has_changed());
}

#[test]
fn wait_for_sees_the_value_of_now_first_and_gives_it() {
    let (sender, mut receiver) = channel(5);
    assert_eq!(
        *now("a value that is there", receiver.wait_for(|value| *value == 5)).expect("open"),
        5
    );
    {
        let mut wait = Box::pin(receiver.wait_for(|value| *value > 6));
        assert!(poll_once(&mut wait).is_pending());
        sender.send(6).expect("there is a receiver");
        assert!(poll_once(&mut wait).is_pending());
        sender.send(7).expect("there is a receiver");
        let Poll::Ready(Ok(value)) = poll_once(&mut wait) else { panic!("7 is more than 6") };
        assert_eq!(*value, 7);
    }
    drop(sender);
    assert!(now("what holds already", receiver.wait_for(|value| *value == 7)).is_ok());
    assert_eq!(now("what cannot come", receiver.wait_for(|value| *value == 8)).err(), Some(Closed));
}

#[test]
fn a_dropped_wait_for_a_value_or_the_receivers_end_wakes_nobody() {
    let (sender, mut receiver) = channel(0);
    let wakes = Wakes::new();
    let mut wait = Box::pin(receiver.wait_for(|value| *value == 2));
    assert!(poll_with(&mut wait, &wakes.waker()).is_pending());
    sender.send(1).expect("there is a receiver");
    assert!(poll_with(&mut wait, &wakes.waker()).is_pending(), "1 is not 2");
    assert_eq!(wakes.count(), 1);
    drop(wait);
    let mut closed = Box::pin(sender.closed());
    assert!(poll_with(&mut closed, &wakes.waker()).is_pending());
    drop(closed);
    sender.send(2).expect("there is a receiver");
    let found = now("what has come", receiver.wait_for(|value| *value == 2)).map(|value| *value);
    assert_eq!(found, Ok(2));
    drop(receiver);
    assert_eq!(wakes.count(), 1, "nobody waits any more");
    now("the receivers' end", sender.closed());
}

#[test]
fn a_change_is_heard_before_the_senders_end() {
    let (sender, mut receiver) = channel(0);
    let other = sender.clone();
    sender.send(1).expect("there is a receiver");
    drop(sender);
    assert_eq!(now("the change", receiver.changed()), Ok(()));
    let woken = Wakes::new();
    let mut changed = Box::pin(receiver.changed());
    assert!(poll_with(&mut changed, &woken.waker()).is_pending(), "one sender is left");
    drop(other);
    assert_eq!(woken.count(), 1);
    assert_eq!(poll_once(&mut changed), Poll::Ready(Err(Closed)));
}

#[test]
fn a_sender_without_receivers_keeps_its_value_to_itself_and_may_wait_for_that() {
    let (sender, receiver) = channel(0);
    let woken = Wakes::new();
    let mut closed = Box::pin(sender.closed());
    assert!(poll_with(&mut closed, &woken.waker()).is_pending());
    let other = receiver.clone();
    drop(receiver);
    assert!(poll_with(&mut closed, &woken.waker()).is_pending());
    drop(other);
    assert_eq!(woken.count(), 1);
    assert!(poll_once(&mut closed).is_ready());
    assert_eq!(sender.send(1).expect_err("nobody looks").0, 1);
    assert!(sender.send_if_modified(|value| std::mem::replace(value, 2) == 0));
    let late = sender.subscribe();
    assert_eq!((*late.borrow(), late.has_changed(), sender.receiver_count()), (2, false, 1));
}

#[test]
fn a_change_that_is_none_wakes_nobody() {
    let (sender, mut receiver) = channel(0);
    let woken = Wakes::new();
    let mut changed = Box::pin(receiver.changed());
    assert!(poll_with(&mut changed, &woken.waker()).is_pending());
    assert!(!sender.send_if_modified(|_| false));
    assert_eq!(woken.count(), 0);
    assert!(sender.send_if_modified(|value| std::mem::replace(value, 1) == 0));
    assert_eq!(woken.count(), 1);
}

#[test]
fn receivers_are_woken_in_the_order_of_waiting_and_a_panic_stops_nobody() {
    let (sender, mut one) = channel(0);
    let (mut two, mut three) = (one.clone(), one.clone());
    let (again, woken) = (sender.clone(), Wakes::new());
    let (mut first, mut second) = (Box::pin(one.changed()), Box::pin(two.changed()));
    let mut third = Box::pin(three.changed());
    let waker =
        calling(move || assert_eq!(*again.borrow(), 1, "the value is free to be looked at"));
    assert!(poll_with(&mut first, &waker).is_pending());
    assert!(poll_with(&mut second, &panicking("a waker of ill will")).is_pending());
    assert!(poll_with(&mut third, &woken.waker()).is_pending());
    assert_eq!(panic_of(|| sender.send(1)), "a waker of ill will");
    assert_eq!(woken.count(), 1);
    assert!(poll_once(&mut first).is_ready() && poll_once(&mut second).is_ready());
}

#[test]
fn values_are_dropped_outside_of_the_channel_and_once() {
    let drops = Drops::new();
    let (sender, receiver) = channel(drops.value());
    drop(sender.send(drops.value()));
    assert_eq!(drops.count(), 1);
    drop((sender, receiver));
    assert_eq!(drops.count(), 2);

    let (sender, receiver) = channel(None);
    let sender = Rc::new(sender);
    let (again, looks) = (Rc::downgrade(&sender), receiver.clone());
    let comes_back = on_drop(move || {
        assert!(looks.borrow().is_none());
        assert!(again.upgrade().is_none_or(|sender| sender.send_if_modified(|_| true)));
    });
    drop(sender.send(Some(Box::new(comes_back) as Box<dyn std::any::Any>)));
    drop(sender.send(None));
    assert!(receiver.has_changed());
}

#[test]
fn a_reference_that_is_held_makes_a_send_panic_and_not_hang() {
    let (sender, receiver) = channel(0);
    let held = receiver.borrow();
    assert!(panic_of(|| sender.send(1)).contains("borrow"));
    drop(held);
    assert_eq!(sender.send(1), Ok(0));
}
