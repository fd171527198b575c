//! Our channels as the streams and sinks of `futures`, by its own combinators.

mod support;

use std::cell::RefCell;
use std::rc::Rc;

use executor::compat::SenderSink;
use executor::sync::mpsc::{self, SendError};
use executor::sync::{broadcast, watch};
use executor::{cross, spawn, yield_now};
use futures::executor::block_on as foreign_block_on;
use futures::stream::{self, FusedStream};
use futures::{Sink, SinkExt, Stream, StreamExt, TryStreamExt, pin_mut};
use support::drops::Drops;
use support::polls::{Wakes, now, poll_once, poll_with};
use support::{panic_of, run, soon};

fn bounded<T>(capacity: usize) -> (SenderSink<T>, mpsc::Receiver<T>) {
    let (sender, receiver) = mpsc::channel(capacity);
    (SenderSink::from(sender), receiver)
}

#[test]
fn a_stream_forwarded_into_a_sink_arrives_whole_and_ends_the_channel() {
    for capacity in [1, 3, 100] {
        let (sink, receiver) = bounded(capacity);
        let sending = stream::iter(0..50).map(Ok).forward(sink);
        let both = async { futures::join!(sending, receiver.collect::<Vec<i32>>()) };
        assert_eq!(foreign_block_on(both), (Ok(()), (0..50).collect()));
    }
    let (sender, receiver) = mpsc::unbounded();
    let sending = stream::iter(0..50).map(Ok).forward(SenderSink::from(sender));
    let (sent, values) = run(async { futures::join!(sending, receiver.collect::<Vec<i32>>()) });
    assert_eq!((sent, values), (Ok(()), (0..50).collect()));
}

#[test]
fn a_sink_that_said_ready_has_a_slot_that_nobody_else_gets() {
    let (sender, mut receiver) = mpsc::channel(1);
    let mut sink = SenderSink::from(sender.clone());
    now("a slot", poll_ready(&mut sink)).expect("open");
    now("the same slot", poll_ready(&mut sink)).expect("open");
    assert!(sender.try_send(1).is_err(), "the one slot is promised");
    sink.start_send_unpin(2).expect("open");
    assert!(poll_once(&mut Box::pin(poll_ready(&mut sink))).is_pending(), "now it is full");
    assert_eq!(receiver.try_recv(), Ok(2));
    now("the slot again", poll_ready(&mut sink)).expect("open");
}

async fn poll_ready<S: Sink<i32> + Unpin>(sink: &mut S) -> Result<(), S::Error> {
    std::future::poll_fn(|context| sink.poll_ready_unpin(context)).await
}

#[test]
fn a_sink_stands_in_line_with_other_senders() {
    let (sender, mut receiver) = mpsc::channel(1);
    sender.try_send(0).expect("there is a slot");
    let mut sink = SenderSink::from(sender.clone());
    let wakes = Wakes::new();
    let mut from_sink = Box::pin(sink.send(1));
    assert!(poll_with(&mut from_sink, &wakes.waker()).is_pending());
    let mut from_sender = sender.send(2);
    assert!(poll_once(&mut from_sender).is_pending());
    assert_eq!(receiver.try_recv(), Ok(0));
    assert_eq!(wakes.count(), 1, "the slot is the sink's");
    assert!(poll_once(&mut from_sender).is_pending());
    assert!(poll_once(&mut from_sink).is_ready());
    assert_eq!(receiver.try_recv(), Ok(1));
    assert!(poll_once(&mut from_sender).is_ready());
}

#[test]
fn a_sink_dropped_or_closed_at_any_point_passes_its_slot_on() {
    type End = fn(SenderSink<i32>);
    let ends: [End; 2] = [drop, |mut sink| now("the end", sink.close()).expect("no error")];
    for end in ends {
        for granted in [false, true] {
            let (sender, mut receiver) = mpsc::channel(1);
            sender.try_send(0).expect("there is a slot");
            let mut sink = SenderSink::from(sender.clone());
            assert!(poll_once(&mut Box::pin(poll_ready(&mut sink))).is_pending());
            if granted {
                assert_eq!(receiver.try_recv(), Ok(0));
            }
            end(sink);
            assert_eq!(sender.try_send(1).is_ok(), granted);
        }
        let (sender, _receiver) = mpsc::channel(1);
        let mut sink = SenderSink::from(sender.clone());
        now("a slot", poll_ready(&mut sink)).expect("open");
        end(sink);
        sender.try_send(1).expect("the slot that was had came back");
    }
}

#[test]
fn a_closed_sink_takes_nothing_and_its_receiver_sees_the_end() {
    run(async {
        let (mut sink, mut receiver) = bounded(2);
        sink.send(1).await.expect("open");
        sink.close().await.expect("no error");
        assert_eq!(sink.send(2).await, Err(SendError(())));
        assert_eq!(sink.start_send_unpin(2), Err(SendError(())));
        sink.close().await.expect("twice is once");
        assert_eq!((receiver.next().await, receiver.next().await), (Some(1), None));
    });
}

#[test]
fn a_sink_hears_of_the_receivers_end_wherever_it_is() {
    let (mut sink, receiver) = bounded(1);
    now("a slot", poll_ready(&mut sink)).expect("open");
    drop(receiver);
    assert_eq!(sink.start_send_unpin(1), Err(SendError(())), "between ready and the value");
    assert_eq!(now("the news", sink.send(1)), Err(SendError(())));

    let (mut sink, receiver) = bounded(1);
    now("a slot", sink.send(0)).expect("open");
    let wakes = Wakes::new();
    let mut waiting = Box::pin(sink.send(1));
    assert!(poll_with(&mut waiting, &wakes.waker()).is_pending());
    drop(receiver);
    assert_eq!(wakes.count(), 1);
    assert!(poll_once(&mut waiting).is_ready());
    drop(waiting);

    let (sender, receiver) = mpsc::unbounded();
    let mut sink = SenderSink::from(sender);
    now("room", poll_ready(&mut sink)).expect("open");
    drop(receiver);
    assert_eq!(now("the news", sink.send(1)), Err(SendError(())));
}

#[test]
fn a_value_given_to_a_sink_is_dropped_once() {
    let drops = Drops::new();
    let (mut sink, receiver) = bounded(1);
    assert!(now("a slot", sink.send(drops.value())).is_ok());
    let mut waiting = Box::pin(sink.send(drops.value()));
    assert!(poll_once(&mut waiting).is_pending());
    drop(waiting);
    assert_eq!(drops.count(), 1, "what was not sent goes with its send");
    drop(receiver);
    assert_eq!(drops.count(), 2);
    assert!(now("the news", sink.send(drops.value())).is_err());
    assert_eq!(drops.count(), 3);
}

#[test]
fn a_sink_that_did_not_say_ready_refuses_a_value_in_words() {
    let (mut sink, _receiver) = bounded(1);
    let text = panic_of(|| sink.start_send_unpin(1));
    assert_eq!(text, "a value was given to a sink that had not said that it was ready");
}

#[test]
fn a_sink_that_always_has_room_lets_the_others_run() {
    run(async {
        let (sender, receiver) = mpsc::unbounded();
        let endless = spawn(stream::repeat(1).map(Ok).forward(SenderSink::from(sender)));
        yield_now().await; // without a budget, nothing after this would happen
        endless.abort();
        assert!(soon("the abort", endless).await.expect_err("it never ends").is_cancelled());
        assert!(!receiver.is_empty());
    });
}

#[test]
fn a_broadcast_receiver_is_a_stream_that_tells_what_it_missed() {
    let (sender, receiver) = broadcast::channel(2);
    let patient = sender.subscribe();
    let mut receiver = receiver.fuse();
    let wakes = Wakes::new();
    assert!(poll_with(&mut receiver.next(), &wakes.waker()).is_pending());
    for value in 0..5 {
        sender.send(value).expect("there are receivers");
    }
    assert!(wakes.count() > 0);
    drop(sender);
    foreign_block_on(async {
        assert_eq!(receiver.next().await, Some(Err(broadcast::Lagged(3))));
        assert_eq!(receiver.next().await, Some(Ok(3)));
        assert_eq!((receiver.next().await, receiver.next().await), (Some(Ok(4)), None));
        assert!(receiver.is_terminated());
        let all = patient.try_collect::<Vec<i32>>().await;
        assert_eq!(all.expect_err("three are missing").to_string(), MISSING);
    });
}

const MISSING: &str = "the receiver was too slow for 3 values";

#[test]
fn a_watch_receiver_is_a_stream_of_changes_from_the_first_that_it_has_not_seen() {
    let (sender, receiver) = watch::channel(0);
    let seen: Rc<RefCell<Vec<i32>>> = Rc::default();
    let late = sender.subscribe();
    run(async {
        let sees = Rc::clone(&seen);
        let watching = spawn(receiver.for_each(move |value| {
            sees.borrow_mut().push(value);
            std::future::ready(())
        }));
        yield_now().await;
        assert!(seen.borrow().is_empty(), "the value at the start counts as seen");
        for value in [1, 2] {
            sender.send(value).expect("there are receivers");
        }
        yield_now().await;
        sender.send(3).expect("there are receivers");
        drop(sender);
        soon("the end of the changes", watching).await.expect("no panic");
    });
    assert_eq!(*seen.borrow(), [2, 3], "only the latest counts");
    assert_eq!(now("what is left", late.collect::<Vec<_>>()), [3]);
}

#[test]
fn a_receiver_between_threads_is_a_stream_that_ends_with_its_last_sender() {
    let (sender, receiver) = cross::bounded(1);
    let sends = std::thread::spawn(move || {
        for value in 0..100 {
            sender.blocking_send(value).expect("the receiver is there");
        }
    });
    let values: Vec<i32> = run(async { soon("the values", receiver.collect()).await });
    assert_eq!(values, (0..100).collect::<Vec<_>>());
    support::join("the sending thread", sends);
}

#[test]
fn a_next_that_is_dropped_has_taken_nothing_and_the_last_waker_is_woken() {
    let (broadcasts, events) = broadcast::channel(4);
    let (watched, changes) = watch::channel(0);
    let (sent, values) = mpsc::channel(4);
    check(events.map(|event| event.expect("it is not slow")), || {
        broadcasts.send(1).expect("there is a receiver");
    });
    check(changes, || assert_eq!(watched.send(1), Ok(0)));
    check(values, || sent.try_send(1).expect("there is a slot"));

    fn check(stream: impl Stream<Item = i32>, send: impl FnOnce()) {
        pin_mut!(stream);
        let (first, second) = (Wakes::new(), Wakes::new());
        assert!(poll_with(&mut stream.next(), &first.waker()).is_pending());
        assert!(poll_with(&mut stream.next(), &second.waker()).is_pending());
        send();
        assert_eq!((first.count(), second.count()), (0, 1));
        drop(stream.next());
        assert_eq!(now("the value", stream.next()), Some(1));
        assert!(poll_once(&mut stream.next()).is_pending(), "it came once");
    }
}
