//! A loop with nothing to do sleeps, whatever the kernel has to say to nobody.

mod support;

use std::io::Write;
use std::rc::Rc;
use std::time::{Duration, Instant};

use reactor::Reactor;
use reactor::net::TcpListener;
use support::peers::{any_port, connect_std, connected, reset};
use support::with_reactor;

/// How often `park` comes back within a while; asleep all the time, it is once.
fn returns_within(reactor: &Rc<Reactor>, a_while: Duration) -> usize {
    let deadline = Instant::now() + a_while;
    let mut returns = 0;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return returns;
        }
        reactor.park(Some(left)).expect("park");
        returns += 1;
    }
}

const A_WHILE: Duration = Duration::from_millis(50);

#[test]
fn readiness_nobody_waits_for_does_not_spin_the_loop() {
    with_reactor(|reactor| {
        let (_stream, mut peer) = connected();
        peer.write_all(b"nobody reads this").expect("write");
        let returns = returns_within(reactor, A_WHILE);
        assert!(returns <= 2, "park came back {returns} times; once early is allowed");
        assert_eq!(returns_within(reactor, A_WHILE), 1, "and what was said is not said again");
    });
}

#[test]
fn a_connection_nobody_accepts_does_not_spin_the_loop() {
    with_reactor(|reactor| {
        let listener = TcpListener::bind(any_port()).expect("a listener");
        let _peer = connect_std(listener.local_addr().expect("its address"));
        let returns = returns_within(reactor, A_WHILE);
        assert!(returns <= 2, "park came back {returns} times; once early is allowed");
        assert_eq!(returns_within(reactor, A_WHILE), 1);
    });
}

#[test]
fn a_broken_connection_nobody_uses_does_not_spin_the_loop() {
    with_reactor(|reactor| {
        let (_stream, peer) = connected();
        reset(peer);
        let (_ended, peer) = connected();
        drop(peer);
        let returns = returns_within(reactor, A_WHILE);
        assert!(returns <= 4, "park came back {returns} times; once early for each is allowed");
        assert_eq!(returns_within(reactor, A_WHILE), 1);
    });
}

#[test]
fn an_idle_reactor_sleeps_through() {
    with_reactor(|reactor| {
        let _pairs: Vec<_> = (0..50).map(|_| connected()).collect();
        // The first look tells that there is room to write, to nobody.
        reactor.park(Some(Duration::ZERO)).expect("park");
        assert_eq!(returns_within(reactor, A_WHILE), 1);
    });
}
