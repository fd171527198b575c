//! How long the poller waits, and how much it brings.
//!
//! Of time a test can claim two things on any machine, however busy: *not early*, and *not for ever*.
//! "Soon" is claimed once, as "at least one of many".

mod support;

use std::collections::HashMap;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use reactor::event::{Events, Interest, Mode, Token};
use reactor::poller::Poller;
use support::peers::unix_pair;
use support::{PATIENCE, ask, watched};

/// More than two waits can bring.
const MANY: u32 = 700;

fn poller() -> Poller {
    Poller::new().expect("a poller")
}

/// One wait of a poller that has nothing to say, and how long it took.
fn timed_wait(poller: &Poller, timeout: Duration) -> Duration {
    let mut events = Events::new();
    let before = Instant::now();
    watched("a timeout", || poller.wait(&mut events, Some(timeout))).expect("wait");
    let waited = before.elapsed();
    assert!(events.is_empty(), "{events:?}");
    waited
}

#[test]
fn a_timeout_of_zero_only_asks() {
    let poller = poller();
    let (ours, mut peer) = unix_pair();
    poller.add(&ours, Token::new(1, 0), Interest::READABLE, Mode::Edge).expect("add");
    assert!(timed_wait(&poller, Duration::ZERO) < PATIENCE);
    peer.write_all(b"data").expect("write");
    assert_eq!(ask(&poller).len(), 1, "what is there is brought all the same");
}

#[test]
fn a_timeout_is_never_early() {
    let poller = poller();
    for microseconds in [1, 50, 100, 900, 1_000, 1_001, 1_500, 2_000, 20_000] {
        let timeout = Duration::from_micros(microseconds);
        for _ in 0..5 {
            let waited = timed_wait(&poller, timeout);
            assert!(waited >= timeout, "waited {waited:?} of {timeout:?}");
            assert!(waited < PATIENCE, "waited {waited:?} of {timeout:?}");
        }
    }
    let timeout = Duration::from_nanos(1);
    assert!(timed_wait(&poller, timeout) >= timeout);
}

// Asks something of the kernel: Linux has had such a wait since 5.11, the BSDs always.
#[test]
fn a_timeout_below_a_millisecond_can_be_kept() {
    let poller = poller();
    let begun = Instant::now();
    let mut shortest = Duration::MAX;
    while shortest >= Duration::from_millis(1) {
        assert!(begun.elapsed() < PATIENCE, "{PATIENCE:?} of waits of 100 µs, none below 1 ms");
        shortest = shortest.min(timed_wait(&poller, Duration::from_micros(100)));
    }
}

#[test]
fn the_longest_timeout_does_not_overflow() {
    for timeout in [Duration::MAX, Duration::from_secs(u64::MAX >> 1), Duration::from_secs(1 << 40)]
    {
        let poller = poller();
        let notifier = poller.notifier();
        std::thread::scope(|scope| {
            scope.spawn(move || notifier.notify().expect("notify"));
            watched("a notification to end a wait as long as can be said", || {
                poller.wait(&mut Events::new(), Some(timeout)).expect("wait");
            });
        });
    }
}

#[test]
fn readiness_ends_a_wait_without_a_timeout() {
    let poller = poller();
    let (ours, mut peer) = unix_pair();
    poller.add(&ours, Token::new(1, 0), Interest::READABLE, Mode::Edge).expect("add");
    std::thread::scope(|scope| {
        scope.spawn(move || peer.write_all(b"data").expect("write"));
        let mut events = Events::new();
        watched("data", || poller.wait(&mut events, None)).expect("wait");
        assert_eq!(events.len(), 1, "{events:?}");
    });
}

#[test]
fn a_wait_replaces_what_the_one_before_brought() {
    let poller = poller();
    let (ours, mut peer) = unix_pair();
    poller.add(&ours, Token::new(1, 0), Interest::READABLE, Mode::Edge).expect("add");
    peer.write_all(b"data").expect("write");
    let mut events = Events::new();
    poller.wait(&mut events, Some(PATIENCE)).expect("wait");
    assert_eq!(events.len(), 1);
    poller.wait(&mut events, Some(Duration::ZERO)).expect("wait");
    assert!(events.is_empty(), "{events:?}");
}

/// Registers many duplicates of one socket, so that one write makes all of them readable at once.
fn many_readable(poller: &Poller, mode: Mode) -> (Vec<OwnedFd>, UnixStream) {
    rlimit::increase_nofile_limit(4 * u64::from(MANY)).expect("a limit of descriptors");
    let (ours, mut peer) = unix_pair();
    let duplicates: Vec<OwnedFd> = (0..MANY)
        .map(|slot| {
            let duplicate = OwnedFd::from(ours.try_clone().expect("dup"));
            let token = Token::new(slot, 7);
            poller.add(&duplicate, token, Interest::READABLE, mode).expect("add");
            duplicate
        })
        .collect();
    peer.write_all(b"data").expect("write");
    (duplicates, peer)
}

#[test]
fn more_ready_descriptors_than_a_batch_holds_come_over_several_waits_each_once() {
    for mode in [Mode::Edge, Mode::OneShot] {
        let poller = poller();
        let _sockets = many_readable(&poller, mode);
        let mut seen: HashMap<Token, u32> = HashMap::new();
        let mut waits = 0;
        loop {
            let events = ask(&poller);
            if events.is_empty() {
                break;
            }
            waits += 1;
            assert!(waits <= MANY, "{mode:?}: the events do not come to an end");
            for event in events {
                *seen.entry(event.token()).or_default() += 1;
            }
        }
        assert_eq!(seen.len(), MANY as usize, "{mode:?}: some were lost");
        assert!(seen.values().all(|count| *count == 1), "{mode:?}: some came twice");
        assert!(waits > 1, "{mode:?}: the test wants more than one batch");
    }
}

#[test]
fn descriptors_that_stay_ready_do_not_hide_the_others() {
    let poller = poller();
    let _sockets = many_readable(&poller, Mode::Level);
    let mut seen: HashMap<Token, u32> = HashMap::new();
    let deadline = Instant::now() + PATIENCE;
    while seen.len() < MANY as usize {
        assert!(
            Instant::now() < deadline,
            "{} of {MANY} were never reported",
            MANY as usize - seen.len()
        );
        for event in ask(&poller) {
            *seen.entry(event.token()).or_default() += 1;
        }
    }
}
