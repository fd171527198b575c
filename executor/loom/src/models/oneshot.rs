//! `cross::oneshot`: sent, dropped or closed, nobody sleeps on.

use loom::thread;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::{Counted, alive, check};
use crate::cross::{RecvError, oneshot};
use crate::park::block_on;

#[test]
fn a_value_reaches_a_receiver_whenever_it_goes_to_sleep() {
    check(None, || {
        let (sender, receiver) = oneshot();
        let sends = thread::spawn(move || sender.send(7).expect("the receiver waits"));
        assert_eq!(block_on(receiver), Ok(7));
        sends.join().unwrap();
    });
}

#[test]
fn a_sender_that_goes_wakes_the_receiver() {
    check(None, || {
        let (sender, receiver) = oneshot::<u32>();
        let drops = thread::spawn(move || drop(sender));
        assert_eq!(block_on(receiver), Err(RecvError));
        drops.join().unwrap();
    });
}

#[test]
fn a_receiver_that_changes_its_waker_is_woken_by_the_last() {
    check(None, || {
        let (sender, mut receiver) = oneshot();
        let sends = thread::spawn(move || sender.send(7).expect("the receiver waits"));
        let first = Pin::new(&mut receiver).poll(&mut Context::from_waker(Waker::noop()));
        match first {
            Poll::Ready(value) => assert_eq!(value, Ok(7)),
            Poll::Pending => assert_eq!(block_on(receiver), Ok(7)),
        }
        sends.join().unwrap();
    });
}

#[test]
fn a_value_whose_receiver_goes_is_given_back_or_dropped_and_never_both() {
    check(None, || {
        let count = Arc::default();
        let (sender, receiver) = oneshot();
        let value = Counted::new(&count);
        let sends = thread::spawn(move || drop(sender.send(value)));
        drop(receiver);
        sends.join().unwrap();
        assert_eq!(alive(&count), 0);
    });
}
