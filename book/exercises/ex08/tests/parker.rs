//! What a parker and a `block_on` have to do. The names say the order in which to go.

use std::future::{Future, poll_fn};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Poll, Wake};
use std::thread;

use ex08::{Parker, block_on};
use watchdog::within;

#[test]
fn step_1_and_2_a_wake_before_the_park_is_kept() {
    within(
        "`wake_by_ref` leaves the flag raised; `park` looks at the flag before it sleeps, and sleeps not.",
        || {
            let parker = Arc::new(Parker::default());
            parker.wake_by_ref();
            parker.park();
        },
    );
}

#[test]
fn step_1_a_park_takes_the_flag_down() {
    let parker = Arc::new(Parker::default());
    let (sender, returned) = mpsc::channel();
    let sleeper = Arc::clone(&parker);
    within("`park` returns once for each time that the flag was raised.", move || {
        parker.wake_by_ref();
        parker.wake_by_ref(); // raised already: one park, not two
        thread::spawn(move || {
            for number in 1..=2 {
                sleeper.park();
                sender.send(number).expect("it is received below");
            }
        });
        assert_eq!(returned.recv(), Ok(1));
        assert!(
            returned.recv_timeout(std::time::Duration::from_millis(100)).is_err(),
            "the second park returned though nobody had raised the flag again: take it down"
        );
        parker.wake_by_ref();
        assert_eq!(returned.recv(), Ok(2));
    });
}

#[test]
fn step_2_a_wake_ends_a_sleep() {
    within("`wake_by_ref` has to notify the condvar, after it raised the flag.", || {
        let parker = Arc::new(Parker::default());
        let sleeper = Arc::clone(&parker);
        let (sender, returned) = mpsc::channel();
        thread::spawn(move || {
            for number in 0..100 {
                sleeper.park();
                sender.send(number).expect("it is received below");
            }
        });
        for number in 0..100 {
            parker.wake_by_ref();
            assert_eq!(returned.recv(), Ok(number));
        }
    });
}

#[test]
fn step_3_block_on_returns_what_the_future_returns() {
    assert_eq!(within("poll the future; when it is ready, return.", || block_on(async { 7 })), 7);
}

/// Wakes itself in its first poll, then does something else; the next time, it is ready.
fn woken_in_its_poll(then: impl FnOnce()) -> impl Future<Output = usize> {
    let (mut then, polls) = (Some(then), AtomicUsize::new(0));
    poll_fn(move |context| {
        let polls = polls.fetch_add(1, Ordering::Relaxed) + 1;
        let Some(then) = then.take() else { return Poll::Ready(polls) };
        context.waker().wake_by_ref();
        then();
        Poll::Pending
    })
}

#[test]
fn step_3_a_wake_between_the_poll_and_the_park_is_not_lost() {
    let polls = within("after Pending, `park`, and poll again when it returns.", || {
        block_on(woken_in_its_poll(|| {}))
    });
    assert_eq!(polls, 2, "once, and once more after the wake");
}

#[test]
fn step_3_each_block_on_has_a_parker_of_its_own() {
    within("make the Parker inside `block_on`; a shared one gives our wakes to others.", || {
        block_on(woken_in_its_poll(|| {
            block_on(woken_in_its_poll(|| {}));
        }))
    });
}
