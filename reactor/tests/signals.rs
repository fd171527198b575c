//! Signals as futures: heard by all who listen, once, and not before they listen.
//!
//! `raise` sends to the calling thread and returns after the handler has run, so that nothing here
//! waits for a delivery, except where a test says so. Signals concern the whole process, so the tests
//! of this file run one at a time.

mod support;

use std::io::ErrorKind;
use std::task::{Context, Waker};

use reactor::signal::{Kind, Signal, ctrl_c};
use support::process::{kill, one_at_a_time, open_descriptors, raise};
use support::wakers::counter;
use support::{block_on, both, park_until, poll_once, with_reactor};

fn listen(kind: Kind) -> Signal {
    Signal::new(kind).expect("a listener")
}

/// Whether a signal is there to be taken.
fn hears(signal: &mut Signal) -> bool {
    signal.poll_recv(&mut Context::from_waker(Waker::noop())).is_ready()
}

#[test]
fn a_signal_of_its_own_kind_wakes_the_waiting_listener() {
    let _one = one_at_a_time();
    with_reactor(|_| {
        for (kind, number) in [(Kind::USER_1, libc::SIGUSR1), (Kind::USER_2, libc::SIGUSR2)] {
            let mut signal = listen(kind);
            let woken = counter();
            let polled = signal.poll_recv(&mut Context::from_waker(&woken.waker()));
            assert!(polled.is_pending());
            raise(number);
            park_until("the signal", || woken.count() > 0);
            assert!(hears(&mut signal), "{kind:?}");
            assert!(!hears(&mut signal), "{kind:?}: it was one signal");
        }
    });
}

#[test]
fn a_signal_from_another_thread_or_process_ends_a_park() {
    let _one = one_at_a_time();
    with_reactor(|_| {
        let mut signal = listen(Kind::USER_1);
        std::thread::scope(|scope| {
            scope.spawn(|| kill(std::process::id(), libc::SIGUSR1));
            block_on("the signal", signal.recv());
        });
    });
}

#[test]
fn a_signal_of_another_kind_is_not_heard() {
    let _one = one_at_a_time();
    with_reactor(|_| {
        let (mut first, mut second) = (listen(Kind::USER_1), listen(Kind::USER_2));
        raise(libc::SIGUSR1);
        assert!(!hears(&mut second));
        assert!(hears(&mut first));
        raise(libc::SIGUSR2);
        assert!(!hears(&mut first));
        assert!(hears(&mut second));
    });
}

#[test]
fn a_signal_between_new_and_recv_is_not_missed() {
    let _one = one_at_a_time();
    with_reactor(|_| {
        let mut signal = listen(Kind::USER_1);
        raise(libc::SIGUSR1);
        block_on("the signal from before", signal.recv());
    });
}

#[test]
fn a_signal_from_before_new_is_not_heard() {
    let _one = one_at_a_time();
    with_reactor(|_| {
        let mut early = listen(Kind::USER_1);
        raise(libc::SIGUSR1);
        let mut late = listen(Kind::USER_1);
        assert!(!hears(&mut late));
        assert!(hears(&mut early));
    });
}

#[test]
fn signals_that_come_faster_than_they_are_taken_become_one() {
    let _one = one_at_a_time();
    with_reactor(|_| {
        let mut signal = listen(Kind::USER_1);
        // More than the pipe has room for: the handler must not block either.
        for _ in 0..100_000 {
            raise(libc::SIGUSR1);
        }
        block_on("the signal", signal.recv());
        assert!(!hears(&mut signal), "all of them were taken at once");
        raise(libc::SIGUSR1);
        block_on("a later one", signal.recv());
    });
}

#[test]
fn all_listeners_of_a_kind_hear_of_it() {
    let _one = one_at_a_time();
    with_reactor(|_| {
        let mut signals: Vec<Signal> = (0..10).map(|_| listen(Kind::USER_1)).collect();
        raise(libc::SIGUSR1);
        for signal in &mut signals {
            block_on("the signal", signal.recv());
        }
        let (mut left, mut right) = (listen(Kind::USER_1), listen(Kind::USER_1));
        let woken = counter();
        let waker = woken.waker();
        let mut context = Context::from_waker(&waker);
        assert!(left.poll_recv(&mut context).is_pending());
        assert!(right.poll_recv(&mut context).is_pending());
        raise(libc::SIGUSR1);
        block_on("both", async { both(left.recv(), right.recv()).await });
    });
}

#[test]
fn listeners_on_different_threads_hear_of_it() {
    let _one = one_at_a_time();
    let (ready, all_ready) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            let ready = ready.clone();
            scope.spawn(move || {
                with_reactor(|_| {
                    let mut signal = listen(Kind::USER_1);
                    ready.send(()).expect("the test waits");
                    block_on("the signal, on each thread", signal.recv());
                });
            });
        }
        for _ in 0..3 {
            all_ready.recv_timeout(support::PATIENCE).expect("three listeners");
        }
        kill(std::process::id(), libc::SIGUSR1);
    });
}

#[test]
fn a_dropped_wait_takes_no_signal_with_it() {
    let _one = one_at_a_time();
    with_reactor(|_| {
        let mut signal = listen(Kind::USER_1);
        assert!(poll_once(&mut signal.recv()).is_pending());
        raise(libc::SIGUSR1);
        drop(signal.recv());
        block_on("the signal", signal.recv());
    });
}

#[test]
fn a_signal_that_nobody_can_wait_for_is_refused_and_leaves_nothing() {
    let _one = one_at_a_time();
    with_reactor(|reactor| {
        let before = open_descriptors();
        let uncatchable = [libc::SIGKILL, libc::SIGSTOP, 0, -1, 1_000];
        let faults = [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL];
        for number in uncatchable.into_iter().chain(faults) {
            let error = Signal::new(Kind::from_raw(number)).expect_err("nobody can wait for it");
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "signal {number}");
        }
        assert_eq!(reactor.source_count(), 0);
        assert_eq!(open_descriptors(), before);
    });
}

#[test]
fn a_dropped_listener_leaves_no_descriptor_and_its_signal_harmless() {
    let _one = one_at_a_time();
    with_reactor(|reactor| {
        let before = open_descriptors();
        for _ in 0..100 {
            let mut signal = listen(Kind::USER_1);
            assert!(poll_once(&mut signal.recv()).is_pending());
            drop(signal);
            // The default action would end this process; the handler finds nobody to tell.
            raise(libc::SIGUSR1);
        }
        assert_eq!(open_descriptors(), before);
        assert_eq!(reactor.source_count(), 0);
    });
}

#[test]
fn there_can_be_64_listeners_and_one_that_leaves_makes_room() {
    let _one = one_at_a_time();
    with_reactor(|reactor| {
        let mut signals: Vec<Signal> = (0..64).map(|_| listen(Kind::USER_1)).collect();
        let before = open_descriptors();
        let error = Signal::new(Kind::USER_1).expect_err("no place is free");
        assert!(error.to_string().contains("64"), "{error}");
        assert_eq!(open_descriptors(), before);
        assert_eq!(reactor.source_count(), 64);
        signals.pop();
        signals.push(listen(Kind::USER_1));
        raise(libc::SIGUSR1);
        for signal in &mut signals {
            block_on("the signal", signal.recv());
        }
    });
}

#[test]
fn ctrl_c_is_heard_from_the_call_on() {
    let _one = one_at_a_time();
    with_reactor(|_| {
        let interrupted = ctrl_c().expect("a listener");
        raise(libc::SIGINT);
        block_on("the Ctrl-C from before the first poll", interrupted);
        let mut interrupted = ctrl_c().expect("a listener");
        assert!(poll_once(&mut interrupted).is_pending(), "the old one is not heard again");
        raise(libc::SIGINT);
        block_on("the second Ctrl-C", interrupted);
    });
}

#[test]
fn the_named_kinds_are_the_systems_numbers() {
    assert_eq!(Kind::INTERRUPT, Kind::from_raw(libc::SIGINT));
    assert_eq!(Kind::TERMINATE, Kind::from_raw(libc::SIGTERM));
    assert_eq!(Kind::HANGUP, Kind::from_raw(libc::SIGHUP));
    assert_eq!(Kind::USER_1, Kind::from_raw(libc::SIGUSR1));
    assert_eq!(Kind::USER_2, Kind::from_raw(libc::SIGUSR2));
}
