//! When the poller says that a descriptor is ready, and when it says it again.
//!
//! ```text
//!   the peer        write        write                 (nobody reads)
//!   level           ▪  ▪  ▪      ▪  ▪  ▪  …            at each wait
//!   edge            ▪            ▪                     at each change
//!   one-shot        ▪                      modify ▪    once, until armed again
//! ```
//!
//! The sockets are local ones: what one end writes is at the other by the time the write returns, so
//! that "nothing more is said" can be asked at once, and no test sleeps.

mod support;

use std::io::{ErrorKind, Write};

use reactor::event::{Interest, Mode, Token};
use reactor::poller::Poller;
use support::peers::{drain, fill, unix_pair};
use support::{ask, wait_for};

const ALL_MODES: [Mode; 3] = [Mode::Level, Mode::Edge, Mode::OneShot];

fn token(slot: u32) -> Token {
    Token::new(slot, 0)
}

fn poller() -> Poller {
    Poller::new().expect("a poller")
}

/// The descriptors that are ready to be read right now.
fn readable(poller: &Poller) -> Vec<Token> {
    ask(poller).iter().filter(|event| event.is_readable()).map(|event| event.token()).collect()
}

/// The descriptors that are ready to be written right now.
fn writable(poller: &Poller) -> Vec<Token> {
    ask(poller).iter().filter(|event| event.is_writable()).map(|event| event.token()).collect()
}

#[test]
fn level_repeats_for_as_long_as_there_is_data() {
    let poller = poller();
    let (ours, mut peer) = unix_pair();
    poller.add(&ours, token(1), Interest::READABLE, Mode::Level).expect("add");
    assert_eq!(readable(&poller), []);
    peer.write_all(b"data").expect("write");
    for _ in 0..3 {
        assert_eq!(readable(&poller), [token(1)]);
    }
    drain(&ours);
    assert_eq!(readable(&poller), [], "there is nothing more to read");
}

#[test]
fn edge_says_it_once_until_new_data_arrives() {
    let poller = poller();
    let (ours, mut peer) = unix_pair();
    poller.add(&ours, token(1), Interest::READABLE, Mode::Edge).expect("add");
    for round in 0..3 {
        peer.write_all(b"data").expect("write");
        assert_eq!(readable(&poller), [token(1)], "round {round}");
        assert_eq!(readable(&poller), [], "the data is there still, but not new; round {round}");
    }
}

#[test]
fn edge_says_that_there_is_room_again_after_there_was_none() {
    let poller = poller();
    let (ours, peer) = unix_pair();
    poller.add(&ours, token(1), Interest::WRITABLE, Mode::Edge).expect("add");
    assert_eq!(writable(&poller), [token(1)]);
    fill(&ours);
    assert_eq!(writable(&poller), [], "it is full");
    drain(&peer);
    assert_eq!(writable(&poller), [token(1)]);
    assert_eq!(writable(&poller), [], "it was said already");
}

#[test]
fn one_shot_is_silent_until_modify_arms_it_again() {
    let poller = poller();
    let (ours, mut peer) = unix_pair();
    poller.add(&ours, token(1), Interest::READABLE, Mode::OneShot).expect("add");
    peer.write_all(b"data").expect("write");
    assert_eq!(readable(&poller), [token(1)]);
    peer.write_all(b"more").expect("write");
    assert_eq!(readable(&poller), [], "new data does not arm it");
    poller.modify(&ours, token(1), Interest::READABLE, Mode::OneShot).expect("modify");
    assert_eq!(readable(&poller), [token(1)], "what came meanwhile is said after all");
    assert_eq!(readable(&poller), []);
}

#[test]
fn a_one_shot_event_of_one_direction_silences_both() {
    let poller = poller();
    let (ours, mut peer) = unix_pair();
    poller.add(&ours, token(1), Interest::BOTH, Mode::OneShot).expect("add");
    assert_eq!(writable(&poller), [token(1)], "there is room from the beginning");
    peer.write_all(b"data").expect("write");
    assert_eq!(ask(&poller), [], "the reading direction was not armed by itself");
}

#[test]
fn one_shot_armed_again_with_both_interests_reports_both() {
    let poller = poller();
    let (ours, mut peer) = unix_pair();
    poller.add(&ours, token(1), Interest::READABLE, Mode::OneShot).expect("add");
    peer.write_all(b"data").expect("write");
    assert_eq!(readable(&poller), [token(1)]);
    poller.modify(&ours, token(1), Interest::BOTH, Mode::OneShot).expect("modify");
    let events = ask(&poller);
    assert_eq!(events.len(), 1, "two facts of one token are one event: {events:?}");
    assert!(events[0].is_readable() && events[0].is_writable(), "{events:?}");
    assert_eq!(ask(&poller), []);
}

#[test]
fn adding_a_descriptor_reports_what_was_ready_before() {
    for mode in ALL_MODES {
        let poller = poller();
        let (ours, mut peer) = unix_pair();
        peer.write_all(b"data").expect("write");
        poller.add(&ours, token(1), Interest::READABLE, mode).expect("add");
        assert_eq!(readable(&poller), [token(1)], "{mode:?}");
    }
}

#[test]
fn modify_reports_what_is_ready_though_it_was_said_before() {
    for mode in ALL_MODES {
        let poller = poller();
        let (ours, mut peer) = unix_pair();
        peer.write_all(b"data").expect("write");
        poller.add(&ours, token(1), Interest::READABLE, mode).expect("add");
        assert_eq!(readable(&poller), [token(1)], "{mode:?}");
        poller.modify(&ours, token(1), Interest::READABLE, mode).expect("modify");
        assert_eq!(readable(&poller), [token(1)], "{mode:?}");
    }
}

#[test]
fn modify_replaces_token_interest_and_mode() {
    let poller = poller();
    let (ours, mut peer) = unix_pair();
    peer.write_all(b"data").expect("write");
    poller.add(&ours, token(1), Interest::READABLE, Mode::Edge).expect("add");
    poller.modify(&ours, token(2), Interest::WRITABLE, Mode::Level).expect("modify");
    for _ in 0..2 {
        let events = ask(&poller);
        assert_eq!(events.len(), 1, "{events:?}");
        assert_eq!(events[0].token(), token(2));
        assert!(events[0].is_writable() && !events[0].is_readable(), "{events:?}");
    }
}

#[test]
fn a_descriptor_that_is_in_is_not_added_again_and_stays_as_it_was() {
    for mode in ALL_MODES {
        let poller = poller();
        let (ours, mut peer) = unix_pair();
        poller.add(&ours, token(1), Interest::READABLE, mode).expect("add");
        let error = poller.add(&ours, token(2), Interest::BOTH, mode).expect_err("it is in");
        assert_eq!(error.kind(), ErrorKind::AlreadyExists, "{mode:?}");
        peer.write_all(b"data").expect("write");
        let events = ask(&poller);
        assert_eq!(events.len(), 1, "{mode:?}: {events:?}");
        assert_eq!(events[0].token(), token(1), "{mode:?}: {events:?}");
        assert!(!events[0].is_writable(), "{mode:?}: {events:?}");
    }
}

#[test]
fn a_one_shot_descriptor_that_has_fired_is_still_in() {
    let poller = poller();
    let (ours, mut peer) = unix_pair();
    poller.add(&ours, token(1), Interest::READABLE, Mode::OneShot).expect("add");
    peer.write_all(b"data").expect("write");
    assert_eq!(readable(&poller), [token(1)]);
    let again = poller.add(&ours, token(1), Interest::READABLE, Mode::OneShot);
    assert_eq!(again.expect_err("it is in").kind(), ErrorKind::AlreadyExists);
    poller.remove(&ours).expect("and can be taken out");
}

#[test]
fn what_is_not_in_cannot_be_modified_or_removed() {
    let poller = poller();
    let (ours, _peer) = unix_pair();
    let modified = poller.modify(&ours, token(1), Interest::BOTH, Mode::Edge);
    assert_eq!(modified.expect_err("it is not in").kind(), ErrorKind::NotFound);
    let removed = poller.remove(&ours);
    assert_eq!(removed.expect_err("it is not in").kind(), ErrorKind::NotFound);
    assert_eq!(ask(&poller), [], "neither put it in");
}

#[test]
fn a_removed_descriptor_is_silent_and_can_be_added_again() {
    for mode in ALL_MODES {
        let poller = poller();
        let (ours, mut peer) = unix_pair();
        poller.add(&ours, token(1), Interest::READABLE, mode).expect("add");
        peer.write_all(b"data").expect("write");
        poller.remove(&ours).expect("remove");
        assert_eq!(ask(&poller), [], "{mode:?}: the event that was waiting went with it");
        poller.add(&ours, token(2), Interest::READABLE, mode).expect("add again");
        assert_eq!(readable(&poller), [token(2)], "{mode:?}");
    }
}

#[test]
fn two_pollers_watch_one_descriptor_without_disturbing_each_other() {
    let (first, second) = (poller(), poller());
    let (ours, mut peer) = unix_pair();
    first.add(&ours, token(1), Interest::READABLE, Mode::Edge).expect("add");
    second.add(&ours, token(2), Interest::READABLE, Mode::OneShot).expect("add");
    peer.write_all(b"data").expect("write");
    assert_eq!(wait_for(&first, "the first's event", |_| true).token(), token(1));
    assert_eq!(wait_for(&second, "the second's event", |_| true).token(), token(2));
}

// kqueue watches regular files too, and calls them readable up to their end; epoll has no such word.
#[cfg(all(target_os = "linux", not(reactor_kqueue_emu)))]
#[test]
fn a_regular_file_is_refused() {
    let file = std::fs::File::open(std::env::current_exe().expect("a path")).expect("this binary");
    let added = poller().add(&file, token(1), Interest::READABLE, Mode::Level);
    let error = added.expect_err("a regular file is always ready, so epoll will not watch it");
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
}
