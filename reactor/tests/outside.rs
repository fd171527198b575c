//! Used where no reactor runs, everything says so at once. A hang would say nothing.
//!
//! ```text
//!   foreign block_on ── poll ──► our sleep: who would wake it? nobody ──► panic, with what is missing
//! ```

mod support;

use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use reactor::net::{TcpListener, TcpStream};
use reactor::signal::{Kind, Signal, ctrl_c};
use reactor::source::Source;
use reactor::{Reactor, time};
use support::peers::{any_port, connected_std, unix_pair};
use support::{poll_once, with_reactor};

/// Asserts that `attempt` panics with the words that help.
#[track_caller]
fn says_what_is_missing<R>(attempt: impl FnOnce() -> R) {
    let Err(panic) = catch_unwind(AssertUnwindSafe(attempt)) else {
        panic!("nothing was said");
    };
    let message = panic.downcast_ref::<String>().map(String::as_str);
    let message = message.or(panic.downcast_ref::<&str>().copied()).expect("a panic with words");
    assert!(message.contains("no reactor is running on this thread"), "{message}");
    assert!(message.contains("block_on"), "what to do about it is missing: {message}");
}

#[test]
fn a_timer_outside_says_what_is_missing() {
    says_what_is_missing(|| poll_once(&mut time::sleep(Duration::from_millis(1))));
    says_what_is_missing(|| poll_once(&mut time::sleep(Duration::ZERO)));
    says_what_is_missing(|| poll_once(&mut time::sleep_until(Instant::now())));
    says_what_is_missing(|| poll_once(&mut time::interval(Duration::from_secs(1)).tick()));
}

#[test]
fn a_timer_that_never_fires_says_what_is_missing_too() {
    says_what_is_missing(|| poll_once(&mut time::sleep(Duration::MAX)));
    let forever = std::future::pending::<()>();
    says_what_is_missing(|| poll_once(&mut time::timeout(Duration::MAX, forever)));
}

#[test]
fn a_socket_outside_says_what_is_missing() {
    let anywhere: SocketAddr = any_port();
    says_what_is_missing(|| TcpListener::bind(anywhere));
    says_what_is_missing(|| poll_once(&mut TcpStream::connect(anywhere)));
    says_what_is_missing(|| TcpStream::from_std(connected_std().0));
    says_what_is_missing(|| Source::new(unix_pair().0));
}

#[test]
fn a_signal_outside_says_what_is_missing() {
    says_what_is_missing(|| Signal::new(Kind::USER_1));
    says_what_is_missing(ctrl_c);
}

#[test]
fn the_reactor_of_one_thread_is_none_of_another() {
    with_reactor(|_| {
        std::thread::scope(|scope| {
            scope.spawn(|| says_what_is_missing(Reactor::current));
        });
    });
}

#[test]
fn after_the_guard_is_dropped_no_reactor_is_current() {
    with_reactor(|_| drop(Reactor::current()));
    says_what_is_missing(Reactor::current);
}

#[test]
fn an_inner_reactor_gives_the_outer_its_place_back() {
    with_reactor(|outer| {
        let (ours, _peer): (UnixStream, UnixStream) = unix_pair();
        with_reactor(|inner| {
            assert!(std::ptr::eq(&raw const *Reactor::current(), &raw const **inner));
            assert_eq!(inner.source_count(), 0);
        });
        assert!(std::ptr::eq(&raw const *Reactor::current(), &raw const **outer));
        let _source = Source::new(ours).expect("a source");
        assert_eq!(outer.source_count(), 1);
    });
}

#[test]
fn a_panic_inside_leaves_no_reactor_behind() {
    let panicked = catch_unwind(|| with_reactor(|_| panic!("a task's own")));
    assert!(panicked.is_err());
    says_what_is_missing(Reactor::current);
}
