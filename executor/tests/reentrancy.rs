//! Channels that are used by what is dropped or woken inside of them.
//!
//! A value's destructor, a waker's destructor and a waker's wake are foreign code. Each here comes
//! back to the very channel that called it; under a borrow, that would be a panic.

mod support;

use std::cell::RefCell;
use std::sync::Arc;
use std::task::{Poll, Wake, Waker};

use executor::sync::mpsc::{Receiver, Sender, channel, unbounded};
use support::drops::{Drops, Tally, on_drop};
use support::polls::{now, poll_once, poll_with};

/// Calls a function when it is woken, and another when its last clone is dropped.
struct Calls {
    on_wake: fn(),
    on_drop: fn(),
}

impl Wake for Calls {
    fn wake(self: Arc<Self>) {
        (self.on_wake)();
    }
}

impl Drop for Calls {
    fn drop(&mut self) {
        (self.on_drop)();
    }
}

fn waker(on_wake: fn(), on_drop: fn()) -> Waker {
    Waker::from(Arc::new(Calls { on_wake, on_drop }))
}

fn nothing() {}

thread_local! {
    static SENDER: RefCell<Option<Sender<u32>>> = const { RefCell::new(None) };
    static RECEIVER: RefCell<Option<Receiver<u32>>> = const { RefCell::new(None) };
}

/// Makes a channel of which each end is within reach of the functions below.
fn reachable(capacity: usize) {
    let (sender, receiver) = channel(capacity);
    SENDER.set(Some(sender));
    RECEIVER.set(Some(receiver));
}

fn with_sender<R>(call: impl FnOnce(&Sender<u32>) -> R) -> R {
    // Cloned, so that only the channel's own borrows can be in the way.
    let sender = SENDER.with_borrow(Clone::clone).expect("the sender is there");
    call(&sender)
}

fn try_recv() -> Option<u32> {
    let mut receiver = RECEIVER.take().expect("the receiver is not in use");
    let value = receiver.try_recv().ok();
    RECEIVER.set(Some(receiver));
    value
}

fn send_seven() {
    with_sender(|sender| sender.try_send(7).expect("a slot is free"));
}

#[test]
fn a_value_may_send_to_its_own_channel_when_it_is_dropped() {
    let drops = Drops::new();
    let (sender, receiver) = unbounded();
    for _ in 0..3 {
        let (again, counted) = (sender.clone(), drops.value());
        let value: Box<dyn std::any::Any> = Box::new(on_drop(move || {
            assert!(again.is_closed());
            assert!(again.send(Box::new(1) as Box<dyn std::any::Any>).is_err());
            drop(counted);
        }));
        assert!(sender.send(value).is_ok());
    }
    drop(receiver);
    assert_eq!(drops.count(), 3);
}

#[test]
fn a_value_that_holds_the_sender_of_its_own_channel_is_no_leak() {
    struct Circle {
        _sender: Sender<Circle>,
        _counted: Tally,
    }
    let drops = Drops::new();
    let (sender, receiver) = channel(2);
    for _ in 0..2 {
        let circle = Circle { _sender: sender.clone(), _counted: drops.value() };
        assert!(sender.try_send(circle).is_ok());
    }
    drop(sender);
    drop(receiver);
    assert_eq!(drops.count(), 2);
}

#[test]
fn the_receivers_waker_may_receive_when_it_is_woken() {
    fn receives() {
        assert_eq!(try_recv(), Some(7));
    }
    reachable(1);
    let mut receiver = RECEIVER.take().expect("it was put there");
    assert!(poll_with(&mut receiver.recv(), &waker(receives, nothing)).is_pending());
    RECEIVER.set(Some(receiver));
    send_seven();
    assert_eq!(try_recv(), None, "the waker has taken it");
    send_seven();
}

#[test]
fn a_senders_waker_may_send_when_it_is_woken() {
    fn sends() {
        with_sender(|sender| assert!(poll_once(&mut sender.send(8)).is_pending(), "not its turn"));
    }
    reachable(1);
    send_seven();
    with_sender(|sender| {
        let mut waiting = sender.send(9);
        assert!(poll_with(&mut waiting, &waker(sends, nothing)).is_pending());
        assert_eq!(try_recv(), Some(7));
        assert_eq!(poll_once(&mut waiting), Poll::Ready(Ok(())));
    });
    assert_eq!(try_recv(), Some(9));
}

#[test]
fn a_waker_may_send_when_it_is_replaced_or_dropped() {
    reachable(2);
    let mut receiver = RECEIVER.take().expect("it was put there");
    assert!(poll_with(&mut receiver.recv(), &waker(nothing, send_seven)).is_pending());
    assert_eq!(now("what the waker before sends as it goes", receiver.recv()), Some(7));
    assert!(poll_with(&mut receiver.recv(), &waker(nothing, nothing)).is_pending());
    RECEIVER.set(Some(receiver));
}

#[test]
fn a_senders_waker_may_receive_when_it_is_replaced_or_dropped() {
    fn receives() {
        assert!(try_recv().is_some());
    }
    reachable(1);
    send_seven();
    with_sender(|sender| {
        let mut waiting = sender.send(1);
        assert!(poll_with(&mut waiting, &waker(nothing, receives)).is_pending());
        assert!(poll_once(&mut waiting).is_pending(), "the waker before goes, and frees a slot");
        assert_eq!(poll_once(&mut waiting), Poll::Ready(Ok(())));
        let mut in_line = sender.send(2);
        assert!(poll_with(&mut in_line, &waker(nothing, receives)).is_pending());
        drop(in_line); // and its waker with it
        sender.try_send(3).expect("the waker has freed a slot");
    });
    assert_eq!(try_recv(), Some(3));
}

#[test]
fn a_receivers_waker_may_drop_the_channel() {
    fn drops_the_receiver() {
        RECEIVER.take();
    }
    reachable(1);
    let mut receiver = RECEIVER.take().expect("it was put there");
    assert!(poll_with(&mut receiver.recv(), &waker(drops_the_receiver, nothing)).is_pending());
    RECEIVER.set(Some(receiver));
    with_sender(|sender| {
        sender.try_send(1).expect("a slot is free");
        assert!(sender.is_closed(), "the waker has dropped the receiver");
    });
}
