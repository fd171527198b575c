//! A socket that is always ready must not keep its task running for ever.
//!
//! ```text
//!   fill(3) ─► read ok ─► read ok ─► read ok ─► read: Pending, though there is data; woken already
//!   fill(3) ─► read ok …                        so the executor polls it again, after the others
//! ```

mod support;

use std::io::{Read, Write};
use std::pin::pin;
use std::task::{Context, Poll};
use std::time::Duration;

use reactor::io::{AsyncRead, AsyncWrite};
use reactor::net::TcpListener;
use reactor::{budget, time};
use support::peers::{any_port, connect_std, connected, wait_for_arrival};
use support::wakers::counter;
use support::{block_on, park_until, with_reactor};

#[test]
fn an_always_ready_reader_yields_when_its_budget_is_used() {
    with_reactor(|_| {
        let (mut stream, mut peer) = connected();
        peer.write_all(&[7; 64]).expect("write");
        wait_for_arrival(&stream, 64);
        let woken = counter();
        let waker = woken.waker();
        let mut context = Context::from_waker(&waker);
        let mut byte = [0];
        for turn in 1..=4 {
            budget::fill(3);
            for _ in 0..3 {
                let polled = stream.poll_read(&mut context, &mut byte);
                assert!(matches!(polled, Poll::Ready(Ok(1))), "turn {turn}");
            }
            assert_eq!(budget::left(), 0);
            assert_eq!(woken.count(), turn - 1, "nobody is woken while there is budget");
            assert!(stream.poll_read(&mut context, &mut byte).is_pending(), "turn {turn}");
            assert_eq!(woken.count(), turn, "it must be polled again: turn {turn}");
        }
        budget::fill(budget::UNLIMITED);
        let mut rest = [0; 52];
        block_on("what the budget held back", stream.read_exact(&mut rest)).expect("read");
        assert_eq!(rest, [7; 52]);
    });
}

#[test]
fn an_always_ready_writer_yields_when_its_budget_is_used() {
    with_reactor(|_| {
        let (mut stream, mut peer) = connected();
        let woken = counter();
        let waker = woken.waker();
        let mut context = Context::from_waker(&waker);
        budget::fill(5);
        for _ in 0..5 {
            assert!(matches!(stream.poll_write(&mut context, b"x"), Poll::Ready(Ok(1))));
        }
        assert!(stream.poll_write(&mut context, b"y").is_pending());
        assert_eq!(woken.count(), 1);
        budget::fill(budget::UNLIMITED);
        drop(stream);
        let mut received = String::new();
        peer.read_to_string(&mut received).expect("read");
        assert_eq!(received, "xxxxx", "what was answered Pending was not written");
    });
}

#[test]
fn an_acceptor_in_a_flood_of_connections_yields_when_its_budget_is_used() {
    with_reactor(|_| {
        let mut listener = TcpListener::bind(any_port()).expect("a listener");
        let address = listener.local_addr().expect("its address");
        let _peers: Vec<_> = (0..4).map(|_| connect_std(address)).collect();
        let woken = counter();
        let waker = woken.waker();
        let mut context = Context::from_waker(&waker);
        budget::fill(2);
        for _ in 0..2 {
            assert!(listener.poll_accept(&mut context).is_ready());
        }
        assert!(listener.poll_accept(&mut context).is_pending());
        assert_eq!(woken.count(), 1);
        budget::fill(budget::UNLIMITED);
        for _ in 0..2 {
            block_on("one that was held back", listener.accept()).expect("accept");
        }
    });
}

#[test]
fn a_timeout_does_not_throw_away_a_value_for_which_there_was_no_budget() {
    with_reactor(|_| {
        let (mut stream, mut peer) = connected();
        peer.write_all(b"x").expect("write");
        wait_for_arrival(&stream, 1);
        let mut byte = [0];
        let mut limited = pin!(time::timeout(Duration::ZERO, stream.read(&mut byte)));
        let woken = counter();
        let waker = woken.waker();
        let mut context = Context::from_waker(&waker);
        budget::fill(0);
        for _ in 0..3 {
            let seen = woken.count();
            assert!(limited.as_mut().poll(&mut context).is_pending());
            park_until("the next turn", || woken.count() > seen);
        }
        budget::fill(1);
        let polled = limited.as_mut().poll(&mut context);
        assert!(matches!(polled, Poll::Ready(Ok(Ok(1)))), "{polled:?}");
        budget::fill(budget::UNLIMITED);
    });
}

#[test]
fn waiting_costs_no_budget() {
    with_reactor(|_| {
        let (mut stream, _peer) = connected();
        let woken = counter();
        let waker = woken.waker();
        budget::fill(2);
        for _ in 0..10 {
            let polled = stream.poll_read(&mut Context::from_waker(&waker), &mut [0]);
            assert!(polled.is_pending());
        }
        assert_eq!(budget::left(), 2);
        assert_eq!(woken.count(), 0);
        budget::fill(budget::UNLIMITED);
    });
}

#[test]
fn each_thread_has_a_budget_of_its_own() {
    budget::fill(1);
    std::thread::scope(|scope| {
        scope.spawn(|| assert_eq!(budget::left(), budget::UNLIMITED));
    });
    assert_eq!(budget::left(), 1);
    budget::fill(budget::UNLIMITED);
}
