//! `cross::bounded` and `unbounded`: no wake-up, no value and no slot is lost.

use loom::thread;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::{Counted, alive, check};
use crate::cross::{bounded, unbounded};
use crate::park::block_on;

#[test]
fn values_of_two_threads_and_their_end_reach_the_receiver() {
    check(2, || {
        let (sender, mut receiver) = unbounded();
        let other = sender.clone();
        let one = thread::spawn(move || block_on(sender.send(1)).expect("the receiver is there"));
        let two = thread::spawn(move || block_on(other.send(2)).expect("the receiver is there"));
        let first = block_on(receiver.recv()).expect("two were sent");
        let second = block_on(receiver.recv()).expect("two were sent");
        assert_eq!(first + second, 3);
        assert_eq!(block_on(receiver.recv()), None);
        one.join().unwrap();
        two.join().unwrap();
    });
}

#[test]
fn the_last_value_is_seen_before_the_senders_end() {
    check(None, || {
        let (sender, mut receiver) = unbounded();
        let sends = thread::spawn(move || sender.try_send(1).expect("there is no limit"));
        assert_eq!(block_on(receiver.recv()), Some(1));
        assert_eq!(block_on(receiver.recv()), None);
        sends.join().unwrap();
    });
}

#[test]
fn a_sender_that_waits_for_a_slot_gets_it_when_a_value_is_taken() {
    check(3, || {
        let (sender, mut receiver) = bounded(1);
        let sends = thread::spawn(move || {
            for value in 0..2 {
                block_on(sender.send(value)).expect("the receiver is there");
            }
        });
        for value in 0..2 {
            assert_eq!(block_on(receiver.recv()), Some(value));
        }
        sends.join().unwrap();
    });
}

#[test]
fn a_sender_that_waits_hears_of_the_receivers_end_and_no_value_is_lost() {
    check(3, || {
        let count = Arc::default();
        let (sender, receiver) = bounded(1);
        let values = [Counted::new(&count), Counted::new(&count)];
        let sends = thread::spawn(move || {
            for value in values {
                // Whether there is still a receiver depends on the order; waiting for ever must not.
                drop(block_on(sender.send(value)));
            }
        });
        drop(receiver);
        sends.join().unwrap();
        assert_eq!(alive(&count), 0);
    });
}

#[test]
fn a_wait_that_is_dropped_gives_its_slot_on_whenever_it_was_granted() {
    check(3, || {
        let (sender, mut receiver) = bounded(1);
        let other = sender.clone();
        block_on(sender.send(1)).expect("the receiver is there");
        let leaves = thread::spawn(move || {
            let mut send = pin!(other.send(2));
            send.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready()
        });
        assert_eq!(block_on(receiver.recv()), Some(1));
        let sent = leaves.join().unwrap();
        if sent {
            assert_eq!(block_on(receiver.recv()), Some(2));
        }
        // The slot is free again, and not in the hands of one who is gone.
        sender.try_send(3).expect("the channel is empty");
    });
}

#[test]
fn a_receive_that_is_dropped_takes_no_value_whenever_it_was_sent() {
    check(None, || {
        let (sender, mut receiver) = unbounded();
        let sends = thread::spawn(move || sender.try_send(1).expect("there is no limit"));
        let received = pin!(receiver.recv()).as_mut().poll(&mut Context::from_waker(Waker::noop()));
        match received {
            Poll::Ready(value) => assert_eq!(value, Some(1)),
            Poll::Pending => assert_eq!(block_on(receiver.recv()), Some(1)),
        }
        sends.join().unwrap();
    });
}
