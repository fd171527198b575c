//! Who owns a descriptor, when it ends, and what is left of it then: nothing.
//!
//! Three things must not be confused: the number, the open file behind it, and our own entry about it.
//! Each can end without the others.
//!
//! ```text
//!   Source ──► 7 ──► file ◄── registration      dropped: registration, entry, number, in this order
//!   duplicate ─► 9 ──┘                          lives on, and keeps the file open
//! ```
//!
//! Numbers belong to the whole process, so the tests of this file run one at a time.

mod support;

use std::cell::RefCell;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsFd, AsRawFd, IntoRawFd};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use reactor::event::{Interest, Mode, Token};
use reactor::net::{TcpListener, TcpStream};
use reactor::poller::Poller;
use reactor::signal::{Kind, Signal};
use reactor::source::Source;
use reactor::{Direction, Entered, Reactor};
use support::peers::{any_port, connected, unix_pair};
use support::process::{Lent, close, is_closed_on_exec, one_at_a_time, open_descriptors, replace};
use support::wakers::counter;
use support::{ask, block_on, poll_once, with_reactor};

/// A wait that nothing ends early lasts this long.
const A_WHILE: Duration = Duration::from_millis(30);

#[test]
fn a_duplicate_keeps_no_registration_alive() {
    let _one = one_at_a_time();
    let poller = Poller::new().expect("a poller");
    let (ours, mut peer) = unix_pair();
    poller.add(&ours, Token::new(1, 0), Interest::READABLE, Mode::Level).expect("add");
    let _duplicate = ours.try_clone().expect("dup");
    poller.remove(&ours).expect("remove");
    drop(ours);
    peer.write_all(b"data").expect("write");
    assert_eq!(ask(&poller), []);
}

#[test]
fn a_source_that_is_gone_costs_no_wake_up_though_a_duplicate_lives() {
    let _one = one_at_a_time();
    with_reactor(|reactor| {
        let (ours, mut peer) = unix_pair();
        let _duplicate = ours.try_clone().expect("dup");
        drop(Source::new(ours).expect("a source"));
        peer.write_all(b"data").expect("write");
        let before = Instant::now();
        reactor.park(Some(A_WHILE)).expect("park");
        assert!(before.elapsed() >= A_WHILE, "the old registration ended the wait");
    });
}

#[test]
fn a_descriptor_closed_under_us_ends_in_an_error_and_no_panic() {
    let _one = one_at_a_time();
    with_reactor(|reactor| {
        let read = |fd: &Lent| {
            let file = std::fs::File::from(fd.as_fd().try_clone_to_owned()?);
            (&file).read(&mut [0])
        };
        for waits_before in [false, true] {
            let (ours, _peer) = unix_pair();
            let number = ours.into_raw_fd();
            let source = Source::new(Lent(number)).expect("a source");
            let woken = counter();
            let waker = woken.waker();
            let mut context = Context::from_waker(&waker);
            if waits_before {
                let polled = source.poll_io(&mut context, Direction::Read, read);
                assert!(polled.is_pending());
            }
            close(number);
            reactor.park(Some(Duration::ZERO)).expect("the loop goes on");
            if !waits_before {
                match source.poll_io(&mut context, Direction::Read, read) {
                    Poll::Ready(Err(error)) => assert_eq!(error.raw_os_error(), Some(libc::EBADF)),
                    other => panic!("a closed descriptor cannot be read: {other:?}"),
                }
            }
            drop(source);
            assert_eq!(reactor.source_count(), 0);
        }
    });
}

#[test]
fn a_stream_whose_number_was_given_to_another_file_is_dropped_in_peace() {
    let _one = one_at_a_time();
    with_reactor(|reactor| {
        let (mut stream, _peer) = connected();
        let mut byte = [0];
        let mut read = reactor::io::AsyncRead::read(&mut stream, &mut byte);
        assert!(poll_once(&mut read).is_pending());
        let (other, mut others_peer) = unix_pair();
        replace(stream.as_fd().as_raw_fd(), other.as_fd());
        others_peer.write_all(b"not for the stream").expect("write");
        let before = Instant::now();
        reactor.park(Some(A_WHILE)).expect("park");
        assert!(before.elapsed() >= A_WHILE, "the new file was never registered");
        drop(stream);
        assert_eq!(reactor.source_count(), 0);
        assert_eq!(support::peers::drain(&other), b"not for the stream".len());
    });
}

#[test]
fn a_descriptor_that_cannot_be_registered_leaves_no_entry() {
    let _one = one_at_a_time();
    with_reactor(|reactor| {
        let (ours, _peer) = unix_pair();
        let number = ours.into_raw_fd();
        close(number);
        let error = Source::new(Lent(number)).map(drop).expect_err("the number is closed");
        assert_eq!(error.raw_os_error(), Some(libc::EBADF));
        assert_eq!(reactor.source_count(), 0);
    });
}

#[test]
fn a_descriptor_is_registered_once_at_a_time() {
    let _one = one_at_a_time();
    with_reactor(|reactor| {
        let (ours, _peer) = unix_pair();
        let first = Source::new(&ours).expect("a source");
        let error = Source::new(&ours).map(drop).expect_err("it is registered");
        assert_eq!(error.kind(), ErrorKind::AlreadyExists);
        assert_eq!(reactor.source_count(), 1);
        drop(first);
        Source::new(&ours).expect("the first has taken its registration back");
    });
}

#[test]
fn everything_that_was_opened_is_closed_again() {
    let _one = one_at_a_time();
    let before = open_descriptors();
    for _ in 0..50 {
        with_reactor(|reactor| {
            let listener = TcpListener::bind(any_port()).expect("a listener");
            let address = listener.local_addr().expect("its address");
            let _halves = connected().0.into_split();
            let _signal = Signal::new(Kind::USER_2).expect("a listener for signals");
            let mut unfinished = TcpStream::connect(address);
            let _ = poll_once(&mut unfinished);
            assert!(reactor.source_count() >= 3);
            drop((listener, _halves, _signal, unfinished));
            assert_eq!(reactor.source_count(), 0);
        });
    }
    assert_eq!(open_descriptors(), before);
}

#[test]
fn a_source_may_outlive_the_guard_and_keeps_its_reactor() {
    let _one = one_at_a_time();
    let before = open_descriptors();
    let (stream, peer) = with_reactor(|_| connected());
    assert!(open_descriptors().len() > before.len() + 2, "the reactor's own are still open");
    drop(stream);
    drop(peer);
    assert_eq!(open_descriptors(), before);
}

#[test]
fn a_reactor_that_dies_with_its_thread_leaves_nothing() {
    thread_local! {
        static KEPT: RefCell<Option<(Entered, TcpStream)>> = const { RefCell::new(None) };
    }
    let _one = one_at_a_time();
    let before = open_descriptors();
    // Thread-locals are destroyed in an order of their own, so both are tried: ours made first, or the
    // one in which the reactor notes which is current.
    for ours_first in [true, false] {
        let thread = std::thread::spawn(move || {
            if ours_first {
                KEPT.set(None);
            }
            let entered = Reactor::new().expect("a reactor").enter();
            let (stream, _peer) = connected();
            KEPT.set(Some((entered, stream)));
        });
        thread.join().expect("a thread ends in peace");
    }
    assert_eq!(open_descriptors(), before);
}

#[test]
fn no_descriptor_is_inherited_by_another_program() {
    let _one = one_at_a_time();
    let before = open_descriptors();
    let reactor = Reactor::new().expect("a reactor");
    let _entered = reactor.enter();
    let mut listener = TcpListener::bind(any_port()).expect("a listener");
    let address = listener.local_addr().expect("its address");
    let _ends = block_on("a connection", async {
        support::both(TcpStream::connect(address), listener.accept()).await
    });
    let _signal = Signal::new(Kind::USER_2).expect("a listener for signals");
    for fd in open_descriptors() {
        assert!(before.contains(&fd) || is_closed_on_exec(fd), "{fd} would be inherited");
    }
}
