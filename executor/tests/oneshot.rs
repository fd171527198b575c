//! `oneshot`: one value, each side going at each moment, and nothing lost or dropped twice.

mod support;

use std::cell::RefCell;
use std::sync::Arc;
use std::task::{Poll, Wake, Waker};

use executor::spawn;
use executor::sync::oneshot::{Receiver, RecvError, Sender, TryRecvError, channel};
use futures::executor::LocalPool;
use futures::task::LocalSpawnExt;
use support::drops::{Drops, on_drop};
use support::polls::{Wakes, now, poll_once, poll_with};
use support::{panic_of, run, soon};

#[test]
fn a_value_that_was_sent_before_is_there_at_once() {
    let (sender, receiver) = channel();
    assert_eq!(sender.send(5), Ok(()));
    assert_eq!(now("the value", receiver), Ok(5));
}

#[test]
fn a_value_that_is_sent_later_wakes_the_receiver_once() {
    let (sender, mut receiver) = channel();
    let wakes = Wakes::new();
    assert!(poll_with(&mut receiver, &wakes.waker()).is_pending());
    assert_eq!(sender.send(5), Ok(()));
    assert_eq!(wakes.count(), 1);
    assert_eq!(poll_once(&mut receiver), Poll::Ready(Ok(5)));
}

#[test]
fn a_request_and_its_reply_pass_between_tasks() {
    run(async {
        let (ask, asked) = channel::<(u32, Sender<u32>)>();
        let server = spawn(async move {
            let (number, reply) = asked.await.expect("somebody asks");
            reply.send(number * 2).expect("and listens");
        });
        let (reply_to, reply) = channel();
        assert!(ask.send((21, reply_to)).is_ok());
        assert_eq!(soon("the reply", reply).await, Ok(42));
        soon("the server", server).await.expect("it ended well");
    });
}

#[test]
fn a_sender_that_goes_without_a_word_wakes_the_receiver_with_an_error() {
    let (sender, mut receiver) = channel::<u8>();
    let wakes = Wakes::new();
    assert!(poll_with(&mut receiver, &wakes.waker()).is_pending());
    drop(sender);
    assert_eq!(wakes.count(), 1);
    assert_eq!(poll_once(&mut receiver), Poll::Ready(Err(RecvError)));
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
    assert_eq!(RecvError.to_string(), "the sender was dropped before it sent a value");
}

#[test]
fn a_value_for_a_receiver_that_is_gone_comes_back() {
    let (sender, receiver) = channel();
    assert!(!sender.is_closed());
    drop(receiver);
    assert!(sender.is_closed());
    assert_eq!(sender.send("value"), Err("value"));
}

#[test]
fn a_closed_receiver_takes_nothing_new_but_keeps_what_was_sent() {
    let (sender, mut receiver) = channel();
    receiver.close();
    assert_eq!(sender.send(1), Err(1));
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
    assert_eq!(now("the end", receiver), Err(RecvError));
    let (sender, mut receiver) = channel();
    assert_eq!(sender.send(1), Ok(()));
    receiver.close();
    assert_eq!(now("the value from before", receiver), Ok(1));
}

#[test]
fn a_sender_can_wait_for_the_receiver_to_go() {
    let (mut sender, receiver) = channel::<u8>();
    let wakes = Wakes::new();
    {
        let mut closed = Box::pin(sender.closed());
        assert!(poll_with(&mut closed, &wakes.waker()).is_pending());
        drop(receiver);
        assert_eq!(wakes.count(), 1);
        assert!(poll_once(&mut closed).is_ready());
    }
    now("closed, asked again", sender.closed());
}

#[test]
fn a_dropped_wait_for_the_receivers_end_leaves_the_sender_as_it_was() {
    let (mut sender, mut receiver) = channel();
    let (left, last) = (Wakes::new(), Wakes::new());
    drop(sender.closed());
    for wakes in [&left, &last] {
        let mut closed = Box::pin(sender.closed());
        assert!(poll_with(&mut closed, &wakes.waker()).is_pending());
    }
    assert_eq!(sender.send(3), Ok(()));
    assert_eq!(now("the value", &mut receiver), Ok(3));
    drop(receiver);
    assert_eq!((left.count(), last.count()), (0, 0), "the sender has gone, and waits for nothing");
}

#[test]
fn a_wait_that_is_dropped_takes_no_value_with_it() {
    run(async {
        let (sender, mut receiver) = channel();
        let impatient = executor::time::timeout(std::time::Duration::from_millis(1), &mut receiver);
        assert!(impatient.await.is_err());
        assert_eq!(sender.send(3), Ok(()));
        assert_eq!(soon("the value", receiver).await, Ok(3));
    });
}

#[test]
fn try_recv_tells_empty_from_closed() {
    let (sender, mut receiver) = channel();
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
    assert_eq!(sender.send(4), Ok(()));
    assert_eq!(receiver.try_recv(), Ok(4));
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn a_receiver_that_is_polled_after_its_value_says_so() {
    let (sender, mut receiver) = channel();
    assert_eq!(sender.send(()), Ok(()));
    assert!(poll_once(&mut receiver).is_ready());
    let text = panic_of(|| poll_once(&mut receiver));
    assert_eq!(text, "a oneshot receiver was polled after it had given its value");
}

#[test]
fn the_wakers_of_the_last_polls_are_the_ones_that_are_woken() {
    let (mut sender, mut receiver) = channel::<u8>();
    let (before, after) = (Wakes::new(), Wakes::new());
    assert!(poll_with(&mut receiver, &before.waker()).is_pending());
    assert!(poll_with(&mut receiver, &after.waker()).is_pending());
    assert_eq!(Arc::strong_count(&before), 1, "kept for nothing");
    let (sender_before, sender_after) = (Wakes::new(), Wakes::new());
    for wakes in [&sender_before, &sender_after] {
        let waker = wakes.waker();
        assert!(sender.poll_closed(&mut std::task::Context::from_waker(&waker)).is_pending());
    }
    drop(sender);
    assert_eq!((before.count(), after.count()), (0, 1));
    drop(receiver);
    assert_eq!((sender_before.count(), sender_after.count()), (0, 0), "the sender is gone itself");
    assert_eq!((Arc::strong_count(&sender_before), Arc::strong_count(&sender_after)), (1, 1));
}

#[test]
fn each_value_is_dropped_exactly_once() {
    let drops = Drops::new();
    // Taken, never taken, refused, and never sent.
    let (sender, receiver) = channel();
    sender.send(drops.value()).expect("the receiver is there");
    drop(now("the value", receiver));
    assert_eq!(drops.count(), 1);
    let (sender, receiver) = channel();
    sender.send(drops.value()).expect("the receiver is there");
    assert_eq!(drops.count(), 1);
    drop(receiver);
    assert_eq!(drops.count(), 2);
    let (sender, receiver) = channel();
    drop(receiver);
    drop(sender.send(drops.value()));
    assert_eq!(drops.count(), 3);
}

#[test]
fn a_value_may_use_other_channels_when_it_is_dropped() {
    // The value holds the receiver of another channel, whose value holds … : a chain of drops.
    struct Link {
        _inner: Option<Box<Receiver<Link>>>,
    }
    let mut inner: Option<Box<Receiver<Link>>> = None;
    for _ in 0..100 {
        let (sender, receiver) = channel();
        assert!(sender.send(Link { _inner: inner.take() }).is_ok());
        inner = Some(Box::new(receiver));
    }
    drop(inner);

    // A value that answers when it is thrown away.
    let (reply, mut answer) = channel();
    let (sender, receiver) = channel();
    assert!(sender.send(on_drop(move || assert_eq!(reply.send("thrown away"), Ok(())))).is_ok());
    drop(receiver);
    assert_eq!(answer.try_recv(), Ok("thrown away"));
}

#[test]
fn wakers_may_use_the_channel_while_they_are_dropped() {
    /// Asks the receiver again when its last clone is dropped: under a borrow, that would panic.
    struct AsksAtDrop;
    thread_local! {
        static SENDER: RefCell<Option<Sender<u8>>> = const { RefCell::new(None) };
    }
    impl Wake for AsksAtDrop {
        fn wake(self: Arc<Self>) {}
    }
    impl Drop for AsksAtDrop {
        fn drop(&mut self) {
            let sender = SENDER.take().expect("dropped once");
            assert_eq!(sender.send(6), Ok(()));
        }
    }
    let (sender, mut receiver) = channel();
    SENDER.set(Some(sender));
    assert!(poll_with(&mut receiver, &Waker::from(Arc::new(AsksAtDrop))).is_pending());
    assert_eq!(
        poll_once(&mut receiver),
        Poll::Ready(Ok(6)),
        "the first waker is replaced, and sends"
    );
}

#[test]
fn it_works_under_a_foreign_executor() {
    let mut pool = LocalPool::new();
    let (sender, receiver) = channel();
    let (back, answer) = channel();
    pool.spawner()
        .spawn_local(async move {
            let number: u32 = receiver.await.expect("it is sent");
            back.send(number + 1).expect("somebody listens");
        })
        .expect("the pool lives");
    pool.run_until_stalled();
    assert_eq!(sender.send(1), Ok(()));
    assert_eq!(pool.run_until(answer), Ok(2));
}
