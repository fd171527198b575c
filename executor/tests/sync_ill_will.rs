//! Wakers whose drop or wake panics: the panic is the caller's, and nobody else loses anything by it.

#[path = "support/hooks.rs"]
mod hooks;
mod support;

use std::task::{Context, Poll, Waker};

use executor::cross;
use executor::sync::{Semaphore, broadcast, mpsc, oneshot, watch};
use hooks::{calling_when_dropped, panicking};
use support::drops::Drops;
use support::panic_of;
use support::polls::{Wakes, now, poll_once, poll_with};

const ILL_WILL: &str = "a waker of ill will";

/// A waker whose last clone panics as it goes.
fn panics_when_dropped() -> Waker {
    calling_when_dropped(|| panic!("{ILL_WILL}"))
}

#[test]
fn a_senders_waker_that_panics_as_it_goes_keeps_no_receiver_asleep() {
    let (mut sender, mut receiver) = oneshot::channel();
    let woken = Wakes::new();
    assert!(sender.poll_closed(&mut Context::from_waker(&panics_when_dropped())).is_pending());
    assert!(poll_with(&mut receiver, &woken.waker()).is_pending());
    assert_eq!(panic_of(|| sender.send(7)), ILL_WILL);
    assert_eq!(woken.count(), 1);
    assert_eq!(poll_once(&mut receiver), Poll::Ready(Ok(7)));
}

#[test]
fn a_large_request_whose_waker_panics_as_it_goes_lets_those_behind_it_through() {
    let semaphore = Semaphore::new(1);
    let (mut large, mut small) = (semaphore.acquire_many(2), semaphore.acquire());
    let woken = Wakes::new();
    assert!(poll_with(&mut large, &panics_when_dropped()).is_pending());
    assert!(poll_with(&mut small, &woken.waker()).is_pending());
    assert_eq!(panic_of(|| drop(large)), ILL_WILL);
    assert_eq!(woken.count(), 1);
    assert!(poll_once(&mut small).is_ready());
}

#[test]
fn a_receivers_waker_that_panics_as_it_goes_takes_the_receiver_along() {
    let (sender, mut receiver) = watch::channel(0);
    let waker = panics_when_dropped();
    assert!(receiver.poll_changed(&mut Context::from_waker(&waker)).is_pending());
    drop(waker);
    assert_eq!(panic_of(|| drop(receiver)), ILL_WILL);
    assert_eq!(sender.receiver_count(), 0);
    now("that the receivers are gone", sender.closed());

    let (sender, mut receiver) = broadcast::channel(1);
    let waker = panics_when_dropped();
    assert!(receiver.poll_recv(&mut Context::from_waker(&waker)).is_pending());
    drop(waker);
    assert_eq!(panic_of(|| drop(receiver)), ILL_WILL);
    assert_eq!(sender.receiver_count(), 0);
    assert!(sender.send(1).is_err(), "nobody receives");
}

#[test]
fn a_senders_waker_that_panics_keeps_no_value_from_its_drop() {
    let drops = Drops::new();
    let (sender, receiver) = mpsc::channel(1);
    sender.try_send(drops.value()).expect("a slot is free");
    let mut waiting = sender.send(drops.value());
    assert!(poll_with(&mut waiting, &panicking(ILL_WILL)).is_pending());
    assert_eq!(panic_of(|| drop(receiver)), ILL_WILL);
    assert_eq!(drops.count(), 1, "nobody can receive the value that was sent");
    assert!(matches!(poll_once(&mut waiting), Poll::Ready(Err(_))));
}

/// What holds of a channel with room for one, within a thread and between threads.
macro_rules! assert_no_value_is_lost {
    ($channel:expr) => {
        let (sender, mut receiver) = $channel;
        sender.try_send(1).expect("a slot is free");
        let mut waiting = sender.send(2);
        assert!(poll_with(&mut waiting, &panicking(ILL_WILL)).is_pending());
        assert_eq!(panic_of(|| poll_once(&mut receiver.recv())), ILL_WILL);
        assert_eq!(poll_once(&mut receiver.recv()), Poll::Ready(Some(1)));
        assert!(poll_once(&mut waiting).is_ready());
        assert_eq!(poll_once(&mut receiver.recv()), Poll::Ready(Some(2)));
        sender.try_send(3).expect("there is one slot again");
        assert!(sender.try_send(4).is_err(), "and no more than one");
    };
}

#[test]
fn a_senders_waker_that_panics_takes_no_value_from_the_receiver() {
    assert_no_value_is_lost!(mpsc::channel(1));
}

#[test]
fn a_senders_waker_that_panics_takes_no_value_from_the_receiver_on_another_thread() {
    assert_no_value_is_lost!(cross::bounded(1));
}

#[test]
fn a_permit_that_finds_no_room_for_itself_goes_without_a_panic() {
    let semaphore = Semaphore::new(usize::MAX);
    let permit = semaphore.try_acquire().expect("there are many");
    semaphore.add_permits(1);
    drop(permit);
    assert_eq!(semaphore.available(), usize::MAX);
}
