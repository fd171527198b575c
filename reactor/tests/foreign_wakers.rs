//! A waker is foreign code. It may use the reactor while it is woken, and while it is dropped.
//!
//! A reactor that wakes or drops under a borrow of its own tables panics here ("already borrowed"); one
//! with a lock instead stands still.

mod support;

use std::cell::{Cell, RefCell};
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Waker};
use std::time::Duration;

use reactor::io::{AsyncRead, AsyncWrite};
use reactor::net::TcpStream;
use reactor::time::{self, Sleep};
use reactor::{Reactor, signal};
use support::peers::connected;
use support::wakers::{counter, foreign, nothing};
use support::{park_until, poll_once, with_reactor};

thread_local! {
    /// How often the foreign code ran to its end.
    static RUNS: Cell<usize> = const { Cell::new(0) };
    /// What foreign code may find there, and drop.
    static VICTIMS: RefCell<Vec<Victim>> = const { RefCell::new(Vec::new()) };
}

/// Something of the reactor's that a waker drops.
enum Victim {
    Stream(#[allow(dead_code, reason = "it is there to be dropped")] TcpStream),
    Sleep(#[allow(dead_code, reason = "it is there to be dropped")] Sleep),
}

/// Touches each table of the reactor: reads it, adds to it, takes from it.
fn use_the_reactor() {
    let reactor = Reactor::current();
    let (sources, timers) = (reactor.source_count(), reactor.timer_count());
    let (mut stream, _peer) = connected();
    assert!(poll_once(&mut stream.read(&mut [0])).is_pending());
    let mut sleep = time::sleep(Duration::from_secs(3_600));
    assert!(poll_once(&mut sleep).is_pending());
    assert_eq!((reactor.source_count(), reactor.timer_count()), (sources + 1, timers + 1));
    drop((stream, sleep));
    reactor.notifier().notify().expect("notify");
    let victims = VICTIMS.take();
    drop(victims);
    RUNS.set(RUNS.get() + 1);
}

fn poll_read(stream: &mut TcpStream, waker: &Waker) {
    assert!(stream.poll_read(&mut Context::from_waker(waker), &mut [0; 8]).is_pending());
}

fn poll_sleep(sleep: &mut Sleep, waker: &Waker) {
    assert!(std::pin::Pin::new(sleep).poll(&mut Context::from_waker(waker)).is_pending());
}

#[test]
fn a_waker_that_uses_the_reactor_while_woken_is_fine() {
    RUNS.set(0);
    with_reactor(|reactor| {
        let (mut stream, mut peer) = connected();
        poll_read(&mut stream, &foreign(use_the_reactor, nothing));
        peer.write_all(b"data").expect("write");
        park_until("the waker of a source", || RUNS.get() == 1);

        let mut sleep = time::sleep(Duration::from_millis(1));
        poll_sleep(&mut sleep, &foreign(use_the_reactor, nothing));
        park_until("the waker of a timer", || RUNS.get() == 2);
        assert_eq!(reactor.timer_count(), 0);
    });
}

#[test]
fn a_waker_may_drop_whatever_is_about_to_be_woken_next() {
    RUNS.set(0);
    with_reactor(|reactor| {
        let deadline = time::now();
        let (mut first, mut peer) = connected();
        let mut timer = time::sleep_until(deadline);
        poll_read(&mut first, &foreign(use_the_reactor, nothing));
        poll_sleep(&mut timer, &foreign(use_the_reactor, nothing));
        for _ in 0..10 {
            let (mut stream, peer) = connected();
            poll_read(&mut stream, &foreign(use_the_reactor, nothing));
            drop(peer);
            let mut sleep = time::sleep_until(deadline);
            poll_sleep(&mut sleep, &foreign(use_the_reactor, nothing));
            let both = [Victim::Stream(stream), Victim::Sleep(sleep)];
            VICTIMS.with_borrow_mut(|victims| victims.extend(both));
        }
        peer.write_all(b"data").expect("write");
        park_until("the first", || RUNS.get() > 0);
        reactor.park(Some(Duration::ZERO)).expect("park");
        assert!(VICTIMS.with_borrow(Vec::is_empty));
        drop((first, timer));
        assert_eq!((reactor.source_count(), reactor.timer_count()), (0, 0));
    });
}

#[test]
fn a_waker_that_uses_the_reactor_while_dropped_is_fine() {
    RUNS.set(0);
    with_reactor(|_| {
        let (mut stream, _peer) = connected();
        poll_read(&mut stream, &foreign(nothing, use_the_reactor));
        poll_read(&mut stream, &foreign(nothing, use_the_reactor));
        assert_eq!(RUNS.get(), 1, "the first was replaced");
        drop(stream);
        assert_eq!(RUNS.get(), 2, "the second went with its source");

        let mut sleep = time::sleep(Duration::from_secs(3_600));
        poll_sleep(&mut sleep, &foreign(nothing, use_the_reactor));
        poll_sleep(&mut sleep, &foreign(nothing, use_the_reactor));
        assert_eq!(RUNS.get(), 3, "the first was replaced");
        drop(sleep);
        assert_eq!(RUNS.get(), 4, "the second went with its timer");

        let mut signal = signal::Signal::new(signal::Kind::USER_1).expect("a listener");
        let waker = foreign(nothing, use_the_reactor);
        assert!(signal.poll_recv(&mut Context::from_waker(&waker)).is_pending());
        drop((waker, signal));
        assert_eq!(RUNS.get(), 5, "and that of a signal with its listener");
    });
}

#[test]
fn a_waker_may_park_the_reactor_again() {
    fn park_again() {
        Reactor::current().park(Some(Duration::ZERO)).expect("park");
        RUNS.set(RUNS.get() + 1);
    }
    RUNS.set(0);
    with_reactor(|_| {
        let mut pairs: Vec<_> = (0..10).map(|_| connected()).collect();
        let plain = counter();
        for (index, (stream, peer)) in pairs.iter_mut().enumerate() {
            let nested = index % 2 == 0;
            let waker = if nested { foreign(park_again, nothing) } else { plain.waker() };
            poll_read(stream, &waker);
            peer.write_all(b"data").expect("write");
        }
        park_until("all ten", || RUNS.get() + plain.count() == 10);
    });
}

#[test]
fn a_waker_that_panics_takes_no_event_from_the_others() {
    fn panic_on_wake() {
        panic!("a waker's own");
    }
    with_reactor(|reactor| {
        let mut pairs: Vec<_> = (0..10).map(|_| connected()).collect();
        let plain = counter();
        for (index, (stream, peer)) in pairs.iter_mut().enumerate() {
            let panics = index % 2 == 0;
            let waker = if panics { foreign(panic_on_wake, nothing) } else { plain.waker() };
            poll_read(stream, &waker);
            peer.write_all(b"data").expect("write");
        }
        // One park for each that panics, and one more for those that do not.
        for _ in 0..=5 {
            let park = || reactor.park(Some(Duration::ZERO)).expect("park");
            let _ = catch_unwind(AssertUnwindSafe(park));
        }
        park_until("the five whose wakers do not panic", || plain.count() == 5);
    });
}

#[test]
fn a_readers_waker_that_panics_takes_no_event_from_the_writer() {
    fn panic_on_wake() {
        panic!("a waker's own");
    }
    with_reactor(|reactor| {
        let (mut stream, peer) = connected();
        let writer = counter();
        while stream.poll_write(&mut Context::from_waker(&writer.waker()), &[0; 65_536]).is_ready()
        {
        }
        poll_read(&mut stream, &foreign(panic_on_wake, nothing));
        drop(peer); // which ends both directions, by one event
        let park = || reactor.park(Some(Duration::from_secs(20))).expect("park");
        let _ = catch_unwind(AssertUnwindSafe(park));
        park_until("the writer's waker", || writer.count() > 0);
    });
}
