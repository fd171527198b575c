//! Connecting: made, refused, timed out, given up.

use std::future::poll_fn;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use reactor::net::{TcpListener, TcpStream};
use reactor::time;
use socket2::Socket;

use crate::support::peers::{any_port, connected, knock, refusing_address};
use crate::support::{block_on, both, poll_once, with_reactor};

fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind(any_port()).expect("a listener");
    let address = listener.local_addr().expect("its address");
    (listener, address)
}

/// An address at which a connection attempt stays under way: the listener's queue is full, and the
/// kernel drops what comes. The sockets keep it full.
fn silent_address() -> (TcpListener, SocketAddr, Vec<Socket>) {
    let listener = TcpListener::bind_with_backlog(any_port(), 0).expect("a listener");
    let address = listener.local_addr().expect("its address");
    let knocking = (0..8).map(|_| knock(address)).collect();
    (listener, address, knocking)
}

#[test]
fn both_ends_of_a_connection_know_each_others_addresses() {
    with_reactor(|_| {
        let (mut listener, address) = listener();
        let (client, server) = block_on("a connection", async {
            both(TcpStream::connect(address), listener.accept()).await
        });
        let client = client.expect("connect");
        let (server, from) = server.expect("accept");
        assert_eq!(client.peer_addr().expect("peer"), address);
        assert_eq!(server.local_addr().expect("local"), address);
        assert_eq!(client.local_addr().expect("local"), from);
        assert_eq!(server.peer_addr().expect("peer"), from);
    });
}

#[test]
fn the_sixth_version_of_ip_is_spoken_where_the_system_speaks_it() {
    with_reactor(|_| {
        let loopback: SocketAddr = "[::1]:0".parse().expect("an address");
        let ours = TcpListener::bind(loopback);
        if let Err(error) = std::net::TcpListener::bind(loopback) {
            assert_eq!(ours.expect_err("no IPv6 here").kind(), error.kind());
            return;
        }
        let mut listener = ours.expect("a listener");
        let address = listener.local_addr().expect("its address");
        let (client, server) = block_on("a connection", async {
            both(TcpStream::connect(address), listener.accept()).await
        });
        let client = client.expect("connect");
        assert_eq!(client.local_addr().expect("local"), server.expect("accept").1);
    });
}

#[test]
fn where_nobody_listens_a_connection_is_refused() {
    with_reactor(|reactor| {
        let (_keeps_the_port, address) = refusing_address();
        let refused = block_on("the refusal", TcpStream::connect(address));
        assert_eq!(refused.expect_err("nobody listens").kind(), ErrorKind::ConnectionRefused);
        assert_eq!(reactor.source_count(), 0);
    });
}

#[test]
fn an_attempt_that_gets_no_answer_waits_and_can_be_timed_out() {
    with_reactor(|reactor| {
        let (_listener, address, _knocking) = silent_address();
        let before = reactor.source_count();
        let attempt = time::timeout(Duration::from_millis(50), TcpStream::connect(address));
        block_on("the timeout", attempt).expect_err("nobody answers");
        assert_eq!(reactor.source_count(), before, "the attempt left a source");
        assert_eq!(reactor.timer_count(), 0, "the timeout left a timer");
    });
}

#[test]
fn a_dropped_attempt_leaves_nothing() {
    with_reactor(|reactor| {
        let (_listener, address, _knocking) = silent_address();
        let before = reactor.source_count();
        let mut attempt = TcpStream::connect(address);
        assert!(poll_once(&mut attempt).is_pending());
        assert_eq!(reactor.source_count(), before + 1);
        drop(attempt);
        assert_eq!(reactor.source_count(), before);
    });
}

#[test]
fn an_attempt_under_way_is_not_taken_for_a_connection_when_woken_by_mistake() {
    with_reactor(|reactor| {
        let (_listener, address, _knocking) = silent_address();
        let mut attempt = TcpStream::connect(address);
        for _ in 0..5 {
            assert!(poll_once(&mut attempt).is_pending());
            reactor.park(Some(Duration::ZERO)).expect("park");
        }
    });
}

#[test]
fn a_future_that_is_never_polled_connects_nowhere() {
    with_reactor(|reactor| {
        let (mut listener, address) = listener();
        drop(TcpStream::connect(address));
        assert_eq!(reactor.source_count(), 1, "the listener alone");
        assert!(poll_once(&mut listener.accept()).is_pending());
    });
}

#[test]
fn a_hundred_attempts_at_once_all_arrive() {
    with_reactor(|_| {
        let (mut listener, address) = listener();
        let mut attempts: Vec<TcpStream> = Vec::new();
        let mut accepted = Vec::new();
        block_on("a hundred connections", async {
            let connecting = async {
                for _ in 0..100 {
                    attempts.push(TcpStream::connect(address).await.expect("connect"));
                }
            };
            let accepting = async {
                while accepted.len() < 100 {
                    accepted.push(listener.accept().await.expect("accept").1);
                }
            };
            both(connecting, accepting).await
        });
        let mut ours: Vec<SocketAddr> =
            attempts.iter().map(|stream| stream.local_addr().expect("local")).collect();
        ours.sort();
        accepted.sort();
        assert_eq!(ours, accepted);
    });
}

#[test]
fn nodelay_is_what_was_set_last() {
    with_reactor(|_| {
        let (stream, _peer) = connected();
        for on in [true, false, true] {
            stream.set_nodelay(on).expect("set");
            assert_eq!(stream.nodelay().expect("ask"), on);
        }
    });
}

#[test]
fn a_connection_of_the_standard_library_no_longer_blocks() {
    with_reactor(|_| {
        let (mut stream, _peer) = connected();
        let polled = block_on(
            "one poll",
            poll_fn(|context| {
                let mut byte = [0];
                std::task::Poll::Ready(reactor::io::AsyncRead::poll_read(
                    &mut stream,
                    context,
                    &mut byte,
                ))
            }),
        );
        assert!(polled.is_pending(), "there is nothing to read");
    });
}
