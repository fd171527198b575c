//! One contract for all versions of `greet`.

use std::future::{Future, IntoFuture};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::stepping::Count;
use super::{Mailbox, ask, by_async, by_hand, v1_forgetful};

type Greeting<'a> = Pin<Box<dyn Future<Output = String> + 'a>>;
type Version = for<'a> fn(&'a Mailbox) -> Greeting<'a>;

/// What each poll says, and how often the future was woken by then, if a letter comes before each but
/// the first poll.
fn letters_one_by_one(version: Version) -> Vec<(Poll<String>, usize)> {
    let mailbox = Mailbox::default();
    let count = Arc::new(Count::default());
    let waker = Waker::from(Arc::clone(&count));
    let mut future = version(&mailbox);
    let mut seen = Vec::new();
    for letter in [None, Some("Ada"), Some("London")] {
        letter.into_iter().for_each(|letter| mailbox.deliver(letter));
        let result = future.as_mut().poll(&mut Context::from_waker(&waker));
        seen.push((result, count.wakes()));
    }
    seen
}

fn right() -> Vec<(Poll<String>, usize)> {
    vec![(Poll::Pending, 0), (Poll::Pending, 1), (Poll::Ready("Ada of London".to_owned()), 2)]
}

#[test]
fn by_hand_and_by_async_do_the_same_at_each_poll() {
    assert_eq!(letters_one_by_one(|mailbox| Box::pin(by_hand::greet(mailbox))), right());
    assert_eq!(letters_one_by_one(|mailbox| Box::pin(by_async::greet(mailbox))), right());
}

#[test]
fn the_forgetful_one_loses_a_letter() {
    let seen = letters_one_by_one(|mailbox| Box::pin(v1_forgetful::greet(mailbox)));
    assert_eq!(seen, [(Poll::Pending, 0), (Poll::Pending, 1), (Poll::Pending, 2)]);
}

#[test]
fn letters_that_are_there_already_take_one_poll() {
    let mailbox = Mailbox::default();
    mailbox.deliver("Ada");
    mailbox.deliver("London");
    let versions: [Greeting<'_>; 3] = [
        Box::pin(by_hand::greet(&mailbox)),
        Box::pin(by_async::greet(&mailbox)),
        Box::pin(v1_forgetful::greet(&mailbox)),
    ];
    for mut future in versions {
        let result = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(result, Poll::Ready("Ada of London".to_owned()));
        mailbox.deliver("Ada");
        mailbox.deliver("London");
    }
}

#[test]
fn what_is_no_future_becomes_one_when_it_is_awaited() {
    let mailbox = Mailbox::default();
    mailbox.deliver("Ada");
    let mut context = Context::from_waker(Waker::noop());
    let mut asks = pin!(async { ask::ask(&mailbox).loudly().await });
    assert_eq!(asks.as_mut().poll(&mut context), Poll::Ready("ADA".to_owned()));
    let mut knows = ask::Known("Ada").into_future();
    assert_eq!(Pin::new(&mut knows).poll(&mut context), Poll::Ready("Ada".to_owned()));
}

#[test]
#[should_panic(expected = "polled after it was ready")]
fn a_poll_after_ready_panics() {
    let mailbox = Mailbox::default();
    mailbox.deliver("Ada");
    mailbox.deliver("London");
    let mut future = Box::pin(by_hand::greet(&mailbox));
    let mut context = Context::from_waker(Waker::noop());
    assert!(future.as_mut().poll(&mut context).is_ready());
    let _again = future.as_mut().poll(&mut context);
}
