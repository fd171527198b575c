//! What the poller says of a descriptor whose other end has gone, wholly or by half.
//!
//! ```text
//!   the peer …                readable   writable   read closed   error
//!   ends its direction           ▪                       ▪
//!   has gone                     ▪          ▪            ▪
//!   broke the connection         ▪          ▪                       ▪
//! ```
//!
//! The first row is no more than what it says: who takes a half-close for a hang-up throws away the
//! reply that the peer is waiting for. The others must reach whoever waits, in either direction.

mod support;

use std::io::{Read, Write, pipe};
use std::net::Shutdown;
use std::os::fd::AsFd;

use reactor::event::{Interest, Mode, Readiness, Token};
use reactor::poller::Poller;
use socket2::SockRef;
use support::peers::{connected_std, fill, reset, unix_pair};
use support::process::make_nonblocking;
use support::{ask, wait_for};

/// A poller that watches one descriptor.
fn watching(fd: impl AsFd, interest: Interest, mode: Mode) -> Poller {
    let poller = Poller::new().expect("a poller");
    poller.add(fd, Token::new(1, 0), interest, mode).expect("add");
    poller
}

#[test]
fn the_peers_half_close_is_no_hang_up() {
    for mode in [Mode::Level, Mode::Edge] {
        let (mut ours, mut peer) = connected_std();
        let poller = watching(&ours, Interest::BOTH, mode);
        peer.write_all(b"last words").expect("write");
        peer.shutdown(Shutdown::Write).expect("shutdown");
        let event = wait_for(&poller, "the half-close", |event| event.is_read_closed());
        assert!(event.is_readable(), "{mode:?}: {event:?}");
        let more = Readiness::WRITE_CLOSED.with(Readiness::ERROR);
        assert!(!event.readiness().intersects(more), "{mode:?}: {event:?}");
        let mut words = String::new();
        ours.read_to_string(&mut words).expect("what was sent before the end is there");
        assert_eq!(words, "last words");
        ours.write_all(b"reply").expect("our direction is open");
        drop(ours);
        let mut reply = String::new();
        peer.read_to_string(&mut reply).expect("the reply arrives");
        assert_eq!(reply, "reply");
    }
}

#[test]
fn a_half_close_is_said_to_readers_and_not_to_writers() {
    let (ours, peer) = unix_pair();
    let poller = watching(&ours, Interest::WRITABLE, Mode::Edge);
    assert!(wait_for(&poller, "room", |event| event.is_writable()).is_writable());
    peer.shutdown(Shutdown::Write).expect("shutdown");
    for event in ask(&poller) {
        assert!(!event.readiness().intersects(Readiness::WRITE_CLOSED), "{event:?}");
    }
}

#[test]
fn hang_up_without_data_wakes_the_reader() {
    let (reader, writer) = pipe().expect("a pipe");
    let poller = watching(&reader, Interest::READABLE, Mode::Edge);
    assert_eq!(ask(&poller), []);
    drop(writer);
    let event = wait_for(&poller, "the hang-up", |event| event.is_readable());
    assert!(event.is_read_closed(), "{event:?}");
}

#[test]
fn an_error_without_room_wakes_the_writer() {
    let (reader, writer) = pipe().expect("a pipe");
    make_nonblocking(&writer);
    fill(&writer);
    let poller = watching(&writer, Interest::WRITABLE, Mode::Edge);
    assert_eq!(ask(&poller), [], "the pipe is full");
    drop(reader);
    wait_for(&poller, "the broken pipe", |event| event.is_writable());
}

#[test]
fn a_peer_that_has_gone_wakes_both_directions() {
    for interest in [Interest::READABLE, Interest::WRITABLE, Interest::BOTH] {
        let (ours, peer) = unix_pair();
        fill(&ours);
        let poller = watching(&ours, interest, Mode::Edge);
        assert_eq!(ask(&poller), [], "{interest:?}: nothing to read, no room to write");
        drop(peer);
        let wanted_read = interest.is_readable();
        let wanted_write = interest.is_writable();
        wait_for(&poller, "the hang-up", |event| {
            (!wanted_read || event.is_readable()) && (!wanted_write || event.is_writable())
        });
    }
}

#[test]
fn a_broken_connection_wakes_both_directions_and_says_that_there_is_an_error() {
    for interest in [Interest::READABLE, Interest::WRITABLE] {
        let (ours, peer) = connected_std();
        ours.set_nonblocking(true).expect("nonblocking");
        let poller = watching(&ours, interest, Mode::Edge);
        ask(&poller);
        reset(peer);
        let event =
            wait_for(&poller, "the reset", |event| event.readiness().intersects(Readiness::ERROR));
        assert!(event.is_readable() && event.is_writable(), "{interest:?}: {event:?}");
        let error = SockRef::from(&ours).take_error().expect("SO_ERROR");
        let error = error.expect("the error is there to be collected");
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    }
}

#[test]
fn what_hung_up_before_it_was_added_is_reported() {
    for mode in [Mode::Level, Mode::Edge, Mode::OneShot] {
        let (ours, peer) = unix_pair();
        drop(peer);
        let poller = watching(&ours, Interest::READABLE, mode);
        let event = wait_for(&poller, "the hang-up", |event| event.is_readable());
        assert!(event.is_read_closed(), "{mode:?}: {event:?}");
    }
}

#[test]
fn a_listener_is_readable_when_a_connection_waits() {
    let listener = std::net::TcpListener::bind(support::peers::any_port()).expect("a listener");
    let poller = watching(&listener, Interest::READABLE, Mode::Level);
    assert_eq!(ask(&poller), []);
    let _client = support::peers::connect_std(listener.local_addr().expect("its address"));
    wait_for(&poller, "the connection", |event| event.is_readable());
    listener.accept().expect("it is there");
    assert_eq!(ask(&poller), []);
}
