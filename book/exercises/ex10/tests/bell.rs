//! What a bell, an inbox and a loop have to do. The names say the order in which to go.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Instant;

use ex10::{Bell, Inbox, run};
use watchdog::{patience, within};

/// Waits until a thread is in the kernel, or about to be.
fn until_it_sleeps(bell: &Bell, times: usize) {
    // Sooner than the watchdog, which does not know what is missing.
    let until = Instant::now() + patience() * 4 / 5;
    while bell.kernel.sleeps() < times {
        assert!(
            Instant::now() < until,
            "`wait` has not called `kernel.sleep` for the {times}. time"
        );
        thread::yield_now();
    }
}

#[test]
fn step_1_and_2_a_notification_before_the_wait_is_kept_and_costs_no_system_call() {
    let (writes, sleeps) =
        within("the state remembers: `wait` finds NOTIFIED, and sleeps not.", || {
            let bell = Bell::default();
            bell.notify();
            bell.wait();
            (bell.kernel.writes(), bell.kernel.sleeps())
        });
    assert_eq!(writes, 0, "nobody slept: `notify` writes only where the state was PARKED");
    assert_eq!(sleeps, 0, "`wait` sleeps only where the state was AWAKE");
}

#[test]
fn step_1_and_2_a_notification_while_parked_ends_the_sleep() {
    let writes = within("`notify` writes where the state was PARKED.", || {
        let bell = Arc::new(Bell::default());
        let sleeper = Arc::clone(&bell);
        let thread = thread::spawn(move || sleeper.wait());
        until_it_sleeps(&bell, 1);
        bell.notify();
        thread.join().unwrap();
        bell.kernel.writes()
    });
    assert_eq!(writes, 1);
}

#[test]
fn step_1_a_wait_takes_the_notification_away() {
    let (sender, returned) = mpsc::channel();
    within("after `wait` the state is AWAKE, whichever way it went.", move || {
        let bell = Arc::new(Bell::default());
        let sleeper = Arc::clone(&bell);
        bell.notify();
        bell.notify(); // notified already: one wait, not two
        thread::spawn(move || {
            for number in 1..=3 {
                sleeper.wait();
                sender.send(number).expect("it is received below");
            }
        });
        assert_eq!(returned.recv(), Ok(1));
        until_it_sleeps(&bell, 1);
        assert!(
            returned.try_recv().is_err(),
            "the second wait returned though nobody had notified"
        );
        bell.notify();
        assert_eq!(returned.recv(), Ok(2));
        until_it_sleeps(&bell, 2);
        bell.notify();
        assert_eq!(returned.recv(), Ok(3));
    });
}

#[test]
fn step_2_a_thousand_notifications_cost_at_most_one_write_a_sleep() {
    let (writes, sleeps) = within("swap the state, and write only where it was PARKED.", || {
        let bell = Arc::new(Bell::default());
        let sleeper = Arc::clone(&bell);
        let thread = thread::spawn(move || sleeper.wait());
        until_it_sleeps(&bell, 1);
        (0..1_000).for_each(|_| bell.notify());
        thread.join().unwrap();
        (bell.kernel.writes(), bell.kernel.sleeps())
    });
    assert_eq!((writes, sleeps), (1, 1));
}

#[test]
fn step_3_and_4_messages_are_handled_in_order_and_the_loop_stops_when_told() {
    let handled = within("`run` takes messages until there is none, and waits only then.", || {
        let inbox = Inbox::default();
        (1..=5).for_each(|message| inbox.send(message));
        let mut handled = Vec::new();
        run(&inbox, |message| {
            handled.push(message);
            message < 5
        });
        handled
    });
    assert_eq!(handled, [1, 2, 3, 4, 5]);
}

/// Each message is sent only when the one before was handled: each of them finds a thread that is about to
/// sleep.
#[test]
fn step_3_and_4_no_message_is_slept_upon() {
    const MESSAGES: u32 = 20_000;
    let (writes, sleeps) = within(
        "put the message in *before* you notify; look for messages *after* `wait` has returned.",
        || {
            let inbox = Arc::new(Inbox::default());
            let handled = Arc::new(AtomicU32::new(0));
            let (sender, seen) = (Arc::clone(&inbox), Arc::clone(&handled));
            let other = thread::spawn(move || {
                for number in 1..=MESSAGES {
                    sender.send(number);
                    while seen.load(Ordering::Acquire) < number {
                        thread::yield_now();
                    }
                }
            });
            run(&inbox, |message| {
                handled.store(message, Ordering::Release);
                message < MESSAGES
            });
            other.join().unwrap();
            (inbox.bell.kernel.writes(), inbox.bell.kernel.sleeps())
        },
    );
    assert_eq!(writes, sleeps, "each write ends one sleep, and each sleep is ended by one write");
}
