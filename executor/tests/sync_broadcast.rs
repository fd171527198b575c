//! `broadcast`: all receive all, in order, and the slow hear how much they missed.

#[path = "support/hooks.rs"]
mod hooks;
mod support;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::Poll;

use executor::sync::broadcast::{Receiver, RecvError, Sender, TryRecvError, channel};
use executor::{spawn, yield_now};
use hooks::{calling, panicking};
use support::polls::{Wakes, now, poll_once, poll_with};
use support::{panic_of, run, soon};

/// Counts clones and drops; `alive` is what there is of it.
struct Counted {
    alive: Rc<Cell<usize>>,
    clones: Rc<Cell<usize>>,
}

impl Counted {
    fn new(alive: &Rc<Cell<usize>>, clones: &Rc<Cell<usize>>) -> Counted {
        alive.set(alive.get() + 1);
        Counted { alive: Rc::clone(alive), clones: Rc::clone(clones) }
    }
}

impl Clone for Counted {
    fn clone(&self) -> Counted {
        self.clones.set(self.clones.get() + 1);
        Counted::new(&self.alive, &self.clones)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.alive.set(self.alive.get() - 1);
    }
}

#[test]
fn all_receive_all_in_order() {
    run(async {
        let (sender, receiver) = channel(16);
        let receivers = [receiver, sender.subscribe(), sender.subscribe()];
        let tasks = receivers.map(|mut receiver| {
            spawn(async move {
                let mut seen = Vec::new();
                while let Ok(value) = receiver.recv().await {
                    seen.push(value);
                }
                seen
            })
        });
        for value in 0..100 {
            assert_eq!(sender.send(value).expect("there are receivers"), 3);
            yield_now().await;
        }
        drop(sender);
        for task in tasks {
            let seen = soon("a receiver's end", task).await.expect("no panic");
            assert_eq!(seen, (0..100).collect::<Vec<i32>>());
        }
    });
}

#[test]
fn who_is_too_slow_hears_how_much_and_goes_on_with_the_oldest_that_is_left() {
    let (sender, mut slow) = channel(3);
    for value in 0..5 {
        sender.send(value).expect("there is a receiver");
    }
    assert_eq!(now("the news", slow.recv()), Err(RecvError::Lagged(2)));
    for value in 2..5 {
        assert_eq!(now("a value", slow.recv()), Ok(value));
    }
    assert_eq!(slow.try_recv(), Err(TryRecvError::Empty));
}

#[test]
fn a_receiver_sees_only_what_is_sent_after_it_came_to_be() {
    let (sender, mut first) = channel(4);
    sender.send(1).expect("there is a receiver");
    let (mut second, mut third) = (sender.subscribe(), first.resubscribe());
    assert_eq!(sender.send(2).expect("there are receivers"), 3);
    assert_eq!((first.try_recv(), first.try_recv()), (Ok(1), Ok(2)));
    assert_eq!((second.try_recv(), third.try_recv()), (Ok(2), Ok(2)));
    assert_eq!((sender.receiver_count(), second.try_recv()), (3, Err(TryRecvError::Empty)));
}

#[test]
fn a_value_leaves_with_its_last_receiver_who_gets_it_uncloned() {
    let (alive, clones) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    let (sender, mut one) = channel(8);
    let mut two = sender.subscribe();
    assert!(sender.send(Counted::new(&alive, &clones)).is_ok());
    drop(one.try_recv().expect("it was sent"));
    assert_eq!((alive.get(), clones.get()), (1, 1), "the second has not seen it");
    drop(two.try_recv().expect("it was sent"));
    assert_eq!((alive.get(), clones.get()), (0, 1), "the last one took it");
}

#[test]
fn a_receiver_that_leaves_holds_no_value_back() {
    let (alive, clones) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    let (sender, mut reader) = channel(8);
    let idle = sender.subscribe();
    for _ in 0..4 {
        assert!(sender.send(Counted::new(&alive, &clones)).is_ok());
    }
    while reader.try_recv().is_ok() {}
    assert_eq!(alive.get(), 4, "the idle one holds them");
    drop(idle);
    assert_eq!(alive.get(), 0);
    assert!(sender.send(Counted::new(&alive, &clones)).is_ok());
    assert_eq!(alive.get(), 1);
    drop(reader);
    assert_eq!(alive.get(), 0);
    assert!(sender.send(Counted::new(&alive, &clones)).is_err(), "there is nobody left");
    assert_eq!(alive.get(), 0);
}

#[test]
fn a_pushed_out_value_is_dropped_though_nobody_took_it() {
    let (alive, clones) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    let (sender, receiver) = channel(2);
    for _ in 0..10 {
        assert!(sender.send(Counted::new(&alive, &clones)).is_ok());
    }
    assert_eq!(alive.get(), 2);
    drop(sender);
    assert_eq!(alive.get(), 2, "they can still be received");
    drop(receiver);
    assert_eq!((alive.get(), clones.get()), (0, 0));
}

#[test]
fn the_last_senders_end_is_heard_after_all_was_taken() {
    let (sender, mut receiver) = channel(4);
    let other = sender.clone();
    sender.send(1).expect("there is a receiver");
    drop(sender);
    let woken = Wakes::new();
    assert_eq!(now("a value", receiver.recv()), Ok(1));
    let mut recv = receiver.recv();
    assert!(poll_with(&mut recv, &woken.waker()).is_pending(), "one sender is left");
    drop(other);
    assert_eq!(woken.count(), 1);
    assert_eq!(poll_once(&mut recv), Poll::Ready(Err(RecvError::Closed)));
    drop(recv);
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn receivers_are_woken_in_the_order_in_which_they_began_to_wait() {
    let (sender, first) = channel(4);
    let mut receivers: Vec<Receiver<u8>> = vec![first, sender.subscribe(), sender.subscribe()];
    let order = Rc::new(RefCell::new(Vec::new()));
    let mut waits: Vec<_> = receivers.iter_mut().map(Receiver::recv).collect();
    for place in [2, 0, 1] {
        let order = Rc::clone(&order);
        let waker = calling(move || order.borrow_mut().push(place));
        assert!(poll_with(&mut waits[place], &waker).is_pending());
    }
    sender.send(7).expect("there are receivers");
    assert_eq!(*order.borrow(), [2, 0, 1]);
    assert!(waits.iter_mut().all(|wait| poll_once(wait) == Poll::Ready(Ok(7))));
}

#[test]
fn a_wait_dropped_at_any_await_point_takes_no_value_along() {
    let (sender, mut receiver) = channel(4);
    drop(receiver.recv());
    for value in 0..2 {
        let mut recv = receiver.recv();
        assert!(poll_once(&mut recv).is_pending());
        sender.send(value).expect("there is a receiver");
        drop(recv);
        assert_eq!(now("the value", receiver.recv()), Ok(value));
    }
    let mut recv = receiver.recv();
    assert!(poll_once(&mut recv).is_pending());
    drop(recv);
    sender.send(9).expect("there is a receiver");
    assert_eq!(receiver.try_recv(), Ok(9));
}

#[test]
fn a_wait_that_is_forgotten_is_taken_up_by_the_next() {
    let (sender, mut receiver) = channel(4);
    let (forgotten, last) = (Wakes::new(), Wakes::new());
    let mut recv = receiver.recv();
    assert!(poll_with(&mut recv, &forgotten.waker()).is_pending());
    std::mem::forget(recv);
    let mut recv = receiver.recv();
    assert!(poll_with(&mut recv, &last.waker()).is_pending());
    sender.send(1).expect("there is a receiver");
    assert_eq!((forgotten.count(), last.count()), (0, 1), "a receiver has one place in line");
    assert_eq!(poll_once(&mut recv), Poll::Ready(Ok(1)));
}

/// A value that sends again, and subscribes, when it is dropped or cloned.
struct Restless(Option<Sender<Restless>>);

impl Restless {
    fn come_back(&self) {
        if let Some(sender) = &self.0 {
            drop(sender.subscribe());
            let _ = sender.send(Restless(None));
        }
    }
}

impl Clone for Restless {
    fn clone(&self) -> Restless {
        self.come_back();
        Restless(None)
    }
}

impl Drop for Restless {
    fn drop(&mut self) {
        self.come_back();
    }
}

#[test]
fn a_value_may_come_back_to_its_channel_when_it_is_cloned_or_dropped() {
    let (sender, mut one) = channel(2);
    let mut two = sender.subscribe();
    let send = |value| sender.send(value).is_ok();
    assert!(send(Restless(Some(sender.clone()))));
    assert!(one.try_recv().is_ok(), "cloned: it sends one more");
    assert!(send(Restless(Some(sender.clone()))), "pushed out: it sends one more");
    let mut lagged = 0;
    loop {
        match two.try_recv() {
            Ok(_) => {}
            Err(TryRecvError::Lagged(missed)) => lagged += missed,
            Err(_) => break,
        }
    }
    assert!(lagged > 0);
    drop((one, two));
    assert!(!send(Restless(None)), "all receivers have gone");
}

#[test]
fn a_waker_may_send_and_receive_and_a_waker_that_panics_stops_nobody() {
    let (sender, mut one) = channel(4);
    let (mut two, mut three) = (sender.subscribe(), sender.subscribe());
    let (again, receiver) = (sender.clone(), RefCell::new(sender.subscribe()));
    let waker = calling(move || {
        assert_eq!(receiver.borrow_mut().try_recv(), Ok(1), "the value is there for all");
        let _ = again.send(2);
    });
    let woken = Wakes::new();
    let (mut first, mut second, mut third) = (one.recv(), two.recv(), three.recv());
    assert!(poll_with(&mut first, &waker).is_pending());
    assert!(poll_with(&mut second, &panicking("a waker of ill will")).is_pending());
    assert!(poll_with(&mut third, &woken.waker()).is_pending());
    assert_eq!(panic_of(|| sender.send(1)), "a waker of ill will");
    assert_eq!(woken.count(), 1);
    assert_eq!(poll_once(&mut first), Poll::Ready(Ok(1)));
    assert_eq!(poll_once(&mut third), Poll::Ready(Ok(1)));
    drop((first, second, third));
    assert_eq!((two.try_recv(), two.try_recv()), (Ok(1), Ok(2)));
}

#[test]
fn a_channel_for_nothing_is_refused() {
    assert!(panic_of(|| channel::<u8>(0)).contains("capacity"));
}
