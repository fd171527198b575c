//! Accepting: in bursts, given up, and from peers that have gone already.

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;

use reactor::io::{AsyncRead, AsyncWrite};
use reactor::net::TcpListener;

use crate::support::peers::{any_port, connect_std, reset};
use crate::support::wakers::counter;
use crate::support::{block_on, park_until, poll_once, with_reactor};

fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind(any_port()).expect("a listener");
    let address = listener.local_addr().expect("its address");
    (listener, address)
}

#[test]
fn a_connection_wakes_the_waiting_acceptor() {
    with_reactor(|_| {
        let (mut listener, address) = listener();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let mut peer = connect_std(address);
                peer.write_all(b"hello").expect("write");
                let mut answer = [0; 5];
                peer.read_exact(&mut answer).expect("the answer");
                assert_eq!(&answer, b"world");
            });
            let (mut stream, _) = block_on("the connection", listener.accept()).expect("accept");
            let mut words = [0; 5];
            block_on("five bytes", stream.read_exact(&mut words)).expect("read");
            assert_eq!(&words, b"hello");
            block_on("room for five", stream.write_all(b"world")).expect("write");
        });
    });
}

#[test]
fn one_acceptor_takes_a_burst_of_connections_after_one_wake_up() {
    const BURST: usize = 20;
    with_reactor(|_| {
        let (mut listener, address) = listener();
        let woken = counter();
        let waker = woken.waker();
        let mut context = std::task::Context::from_waker(&waker);
        assert!(listener.poll_accept(&mut context).is_pending());
        let peers: Vec<_> = (0..BURST).map(|_| connect_std(address)).collect();
        park_until("the first connection", || woken.count() == 1);
        let mut accepted = Vec::new();
        while let std::task::Poll::Ready(result) = listener.poll_accept(&mut context) {
            accepted.push(result.expect("accept").1);
        }
        let expected: Vec<_> = peers.iter().map(|peer| peer.local_addr().expect("local")).collect();
        assert_eq!(accepted, expected, "all, in the order in which they came");
        assert_eq!(woken.count(), 1);
    });
}

#[test]
fn a_dropped_accept_leaves_the_connection_to_the_next() {
    with_reactor(|reactor| {
        let (mut listener, address) = listener();
        for _ in 0..3 {
            assert!(poll_once(&mut listener.accept()).is_pending());
        }
        assert_eq!(reactor.timer_count(), 0);
        let peer = connect_std(address);
        let (stream, from) = block_on("the connection", listener.accept()).expect("accept");
        assert_eq!(from, peer.local_addr().expect("local"));
        drop(stream);
        assert_eq!(reactor.source_count(), 1, "the listener alone");
        assert!(poll_once(&mut listener.accept()).is_pending());
    });
}

#[test]
fn the_acceptor_that_waits_last_is_woken_and_not_the_one_that_gave_up() {
    with_reactor(|_| {
        let (mut listener, address) = listener();
        let (gave_up, waits) = (counter(), counter());
        for woken in [&gave_up, &waits] {
            let waker = woken.waker();
            let mut context = std::task::Context::from_waker(&waker);
            assert!(listener.poll_accept(&mut context).is_pending());
        }
        let _peer = connect_std(address);
        park_until("the connection", || waits.count() == 1);
        assert_eq!(gave_up.count(), 0);
    });
}

#[test]
fn peers_that_were_gone_before_they_were_accepted_do_not_end_the_listener() {
    with_reactor(|_| {
        let (mut listener, address) = listener();
        for _ in 0..5 {
            reset(connect_std(address));
        }
        let mut last = connect_std(address);
        last.write_all(b"here").expect("write");
        let from = last.local_addr().expect("local");
        // Some systems hand out a connection that was reset, others pass it over.
        let mut stream = loop {
            let accepted = block_on("the one that stayed", listener.accept());
            let (stream, peer) = accepted.expect("what happened to one peer is no error of accept");
            if peer == from {
                break stream;
            }
        };
        let mut words = [0; 4];
        block_on("its words", stream.read_exact(&mut words)).expect("read");
        assert_eq!(&words, b"here");
    });
}

#[test]
fn a_port_that_is_taken_is_refused() {
    with_reactor(|reactor| {
        let (_listener, address) = listener();
        let error = TcpListener::bind(address).expect_err("the port is taken");
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        assert_eq!(reactor.source_count(), 1);
    });
}

#[test]
fn the_first_address_that_can_be_bound_is_bound() {
    with_reactor(|_| {
        let (_listener, taken) = listener();
        let addresses = [taken, any_port()];
        let second = TcpListener::bind(&addresses[..]).expect("the second is free");
        assert_ne!(second.local_addr().expect("its address"), taken);
        let nowhere: &[SocketAddr] = &[];
        let error = TcpListener::bind(nowhere).expect_err("there is no address");
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    });
}

#[test]
fn a_server_comes_back_to_its_port_while_old_connections_linger() {
    with_reactor(|_| {
        let (mut first, address) = listener();
        let peer = connect_std(address);
        // Closed from this side first, the connection lingers here (TIME_WAIT, FIN_WAIT).
        drop(block_on("a connection", first.accept()).expect("accept"));
        drop(first);
        TcpListener::bind(address).expect("SO_REUSEADDR lets it");
        drop(peer);
    });
}
