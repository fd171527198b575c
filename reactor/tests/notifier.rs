//! How another thread ends a wait: always, once, and without a trace.
//!
//! The contract in one line: *a notification ends the wait that runs, or else the next one.* What it
//! announces is written before it and read after the wait, so that nothing is lost in between:
//!
//! ```text
//!   other thread     counter += 1 ──► notify
//!   poller's thread  wait ──► counter.swap(0) ──► nothing? ──► wait        never: asleep, counter > 0
//! ```

mod support;

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reactor::Reactor;
use reactor::event::{Events, Interest, Mode, Token};
use reactor::poller::{Notifier, Poller};
use support::peers::unix_pair;
use support::{PATIENCE, SetAtEnd, watched};

/// A wait that nobody ends early lasts this long.
const A_WHILE: Duration = Duration::from_millis(30);

fn poller() -> Poller {
    Poller::new().expect("a poller")
}

/// Waits for a notification; there is nothing else that could end the wait.
#[track_caller]
fn wait_until_notified(poller: &Poller, what: &str) {
    let mut events = Events::new();
    let before = Instant::now();
    poller.wait(&mut events, Some(PATIENCE)).expect("wait");
    assert!(before.elapsed() < PATIENCE, "waited {PATIENCE:?} in vain for: {what}");
    assert!(events.is_empty(), "a notification is not an event: {events:?}");
}

/// Asserts that nobody's notification is left over.
#[track_caller]
fn assert_sleeps(poller: &Poller) {
    let before = Instant::now();
    watched("a timeout", || poller.wait(&mut Events::new(), Some(A_WHILE))).expect("wait");
    let waited = before.elapsed();
    assert!(waited >= A_WHILE, "the wait ended after {waited:?} though nobody had notified");
}

#[test]
fn a_notification_before_the_wait_ends_it_at_once() {
    let poller = poller();
    poller.notifier().notify().expect("notify");
    wait_until_notified(&poller, "the notification from before");
    assert_sleeps(&poller);
}

#[test]
fn two_threads_wake_each_other_a_thousand_times() {
    // Each sleeps until the other has notified it, so nearly all of these end a wait that runs.
    const ROUNDS: usize = 1_000;
    let (left, right) = (poller(), poller());
    let (to_left, to_right) = (left.notifier(), right.notifier());
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for round in 0..ROUNDS {
                wait_until_notified(&right, &format!("round {round}, on the right"));
                to_left.notify().expect("notify");
            }
        });
        for round in 0..ROUNDS {
            to_right.notify().expect("notify");
            wait_until_notified(&left, &format!("round {round}, on the left"));
        }
    });
}

#[test]
fn any_number_of_notifications_between_two_waits_ends_one() {
    let poller = poller();
    let notifier = poller.notifier();
    for _ in 0..1_000 {
        notifier.notify().expect("notify");
    }
    wait_until_notified(&poller, "the first of a thousand");
    assert_sleeps(&poller);
}

#[test]
fn any_number_of_notifications_during_a_wait_ends_at_most_one_more() {
    let poller = poller();
    let notifier = poller.notifier();
    std::thread::scope(|scope| {
        let notifying = scope.spawn(move || {
            for _ in 0..1_000 {
                notifier.notify().expect("notify");
            }
        });
        wait_until_notified(&poller, "one of a thousand");
        notifying.join().expect("notifying does not panic");
    });
    // Those that came after the wait had ended count for the next one.
    poller.wait(&mut Events::new(), Some(A_WHILE)).expect("wait");
    assert_sleeps(&poller);
}

#[test]
fn a_wait_that_only_asks_hears_the_notification_too() {
    let poller = poller();
    poller.notifier().notify().expect("notify");
    poller.wait(&mut Events::new(), Some(Duration::ZERO)).expect("wait");
    assert_sleeps(&poller);
}

#[test]
fn a_reactor_keeps_what_a_park_has_heard_until_it_is_asked() {
    let reactor = Reactor::new().expect("a reactor");
    reactor.park(Some(Duration::ZERO)).expect("park");
    assert!(!reactor.take_notification(), "nobody has notified");
    reactor.notifier().notify().expect("notify");
    assert!(!reactor.take_notification(), "no park has heard it yet");
    for _ in 0..2 {
        reactor.park(Some(A_WHILE)).expect("park");
    }
    assert!(reactor.take_notification(), "the first park has heard it, the second nothing");
    assert!(!reactor.take_notification(), "it was told once");
}

#[test]
fn a_notification_hides_no_event() {
    let poller = poller();
    let (ours, mut peer) = unix_pair();
    poller.add(&ours, Token::new(1, 0), Interest::READABLE, Mode::Edge).expect("add");
    for _ in 0..3 {
        peer.write_all(b"data").expect("write");
        poller.notifier().notify().expect("notify");
        let mut events = Events::new();
        poller.wait(&mut events, Some(PATIENCE)).expect("wait");
        assert_eq!(events.len(), 1, "{events:?}");
    }
    assert_sleeps(&poller);
}

#[test]
fn two_pollers_of_one_thread_do_not_hear_each_others_notifications() {
    let (first, second) = (poller(), poller());
    first.notifier().notify().expect("notify");
    assert_sleeps(&second);
    wait_until_notified(&first, "its own notification");
}

#[test]
fn unparking_the_thread_is_no_notification_and_takes_none_away() {
    let poller = poller();
    std::thread::current().unpark();
    assert_sleeps(&poller);
    poller.notifier().notify().expect("notify");
    std::thread::park_timeout(A_WHILE);
    wait_until_notified(&poller, "a notification that std's parker must not have eaten");
}

#[test]
fn no_notification_of_many_threads_is_lost() {
    const THREADS: usize = 8;
    const EACH: usize = 2_000;
    let poller = poller();
    let work = AtomicUsize::new(0);
    let mut done = 0;
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            let notifier = poller.notifier();
            scope.spawn(|| {
                let notifier = notifier;
                for _ in 0..EACH {
                    work.fetch_add(1, Ordering::SeqCst);
                    notifier.notify().expect("notify");
                }
            });
        }
        while done < THREADS * EACH {
            wait_until_notified(&poller, &format!("work after {done} pieces"));
            done += work.swap(0, Ordering::SeqCst);
        }
    });
    assert_eq!(done, THREADS * EACH);
}

#[test]
fn the_notifier_may_be_sent_and_shared() {
    fn sent_and_shared<T: Send + Sync + Clone + 'static>(_: &T) {}
    sent_and_shared(&poller().notifier());
}

#[test]
fn a_notifier_outlives_its_poller_and_does_no_harm() {
    let poller = poller();
    let notifiers: Vec<Notifier> = (0..4).map(|_| poller.notifier()).collect();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let stopping = SetAtEnd(&stop);
        for notifier in &notifiers {
            let stop = &stop;
            scope.spawn(move || {
                while !stop.load(Ordering::SeqCst) {
                    notifier.notify().expect("notify, whether or not anybody listens");
                }
            });
        }
        wait_until_notified(&poller, "one of four that shout all the time");
        drop(poller);
        // Its descriptors' numbers may be in use again: a notification must not write to a stranger.
        let (ours, peer) = unix_pair();
        for notifier in &notifiers {
            notifier.notify().expect("notify after the end");
        }
        drop(stopping);
        assert_eq!(support::peers::drain(&ours) + support::peers::drain(&peer), 0);
    });
}
