//! What can be said of a TCP socket before it listens or connects, and the ways to connect.

mod support;

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

use reactor::io::{AsyncRead, AsyncWrite};
use reactor::net::{ConnectAnyError, Keepalive, TcpListener, TcpSocket, TcpStream};
use socket2::SockRef;
use support::peers::{any_port, connect_std, connected, refusing_address};
use support::{block_on, both, poll_once, with_reactor};

fn listening(socket: TcpSocket) -> (TcpListener, SocketAddr) {
    let listener = socket.listen(64).expect("a listener");
    let address = listener.local_addr().expect("its address");
    (listener, address)
}

/// getsockopt(2), without the crate that is tested.
fn tcp_option(socket: &impl AsFd, name: libc::c_int) -> libc::c_int {
    let mut value = 0;
    let mut length = size_of::<libc::c_int>() as libc::socklen_t;
    let fd = socket.as_fd().as_raw_fd();
    let to = (&raw mut value).cast();
    // SAFETY: `value` is writable for `length` bytes; both outlive the call.
    let result = unsafe { libc::getsockopt(fd, libc::IPPROTO_TCP, name, to, &raw mut length) };
    assert_eq!(result, 0, "getsockopt: {}", io::Error::last_os_error());
    value
}

fn bound() -> TcpSocket {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(any_port()).expect("a port");
    socket
}

#[test]
fn two_listeners_share_a_port_if_both_say_so() {
    with_reactor(|_| {
        let sharing = || {
            let socket = TcpSocket::new_v4().expect("a socket");
            socket.set_reuse_port(true).expect("set");
            socket
        };
        let first = sharing();
        first.bind(any_port()).expect("a port");
        let (mut first, address) = listening(first);
        let second = sharing();
        second.bind(address).expect("shared");
        let (mut second, _) = listening(second);
        // Each connection is in one queue or the other, and none is lost.
        let peers: Vec<_> = (0..32).map(|_| connect_std(address)).collect();
        let mut accepted = BTreeSet::new();
        for listener in [&mut first, &mut second] {
            while let std::task::Poll::Ready(taken) = poll_once(&mut listener.accept()) {
                accepted.insert(taken.expect("a connection").1);
            }
        }
        let ours: BTreeSet<_> =
            peers.iter().map(|peer| peer.local_addr().expect("an address")).collect();
        assert_eq!(accepted, ours);
        let stubborn = TcpSocket::new_v4().expect("a socket");
        let error = stubborn.bind(address).expect_err("it did not say so");
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
    });
}

#[test]
fn buffers_keepalive_and_linger_are_what_they_were_set_to() {
    with_reactor(|_| {
        let socket = bound();
        socket.set_send_buffer_size(50_000).expect("set");
        socket.set_receive_buffer_size(40_000).expect("set");
        assert!(socket.send_buffer_size().expect("asked") >= 50_000);
        assert!(socket.receive_buffer_size().expect("asked") >= 40_000);
        let keepalive = Keepalive {
            idle: Duration::from_millis(89_001),
            interval: Duration::from_secs(7),
            probes: 3,
        };
        socket.set_keepalive(Some(keepalive)).expect("set");
        socket.set_nodelay(true).expect("set");
        // What another crate reads from the same socket.
        let other = SockRef::from(&socket);
        assert!(other.keepalive().expect("asked") && other.tcp_nodelay().expect("asked"));
        #[cfg(target_os = "linux")]
        assert_eq!(tcp_option(&socket, libc::TCP_KEEPIDLE), 90, "rounded up");
        assert_eq!(tcp_option(&socket, libc::TCP_KEEPINTVL), 7);
        assert_eq!(tcp_option(&socket, libc::TCP_KEEPCNT), 3);
        socket.set_linger(Some(Duration::from_millis(1_500))).expect("set");
        assert_eq!(other.linger().expect("asked"), Some(Duration::from_secs(2)));
        socket.set_linger(None).expect("set");
        assert_eq!(other.linger().expect("asked"), None);
    });
}

#[test]
fn a_streams_options_are_what_they_were_set_to() {
    with_reactor(|_| {
        let (stream, _peer) = connected();
        assert_eq!(stream.linger().expect("asked"), None);
        stream.set_linger(Some(Duration::from_secs(3))).expect("set");
        assert_eq!(stream.linger().expect("asked"), Some(Duration::from_secs(3)));
        stream.reset_on_close().expect("set");
        assert_eq!(stream.linger().expect("asked"), Some(Duration::ZERO));
        let second = Duration::from_secs(1);
        let keepalive = Keepalive { idle: second, interval: second, probes: 1 };
        stream.set_keepalive(Some(keepalive)).expect("set");
        assert!(stream.keepalive().expect("asked"));
        stream.set_keepalive(None).expect("set");
        assert!(!stream.keepalive().expect("asked"));
    });
}

#[test]
fn a_socket_that_was_bound_first_connects_from_there() {
    with_reactor(|_| {
        let (mut listener, address) = listening(bound());
        let client = bound();
        let from = client.local_addr().expect("an address");
        let pair = block_on("a connection", both(client.connect(address), listener.accept()));
        let (mut stream, accepted) = (pair.0.expect("connected"), pair.1.expect("accepted"));
        assert_eq!((stream.local_addr().expect("an address"), accepted.1), (from, from));
        let mut other = accepted.0;
        block_on("room", stream.write_all(b"x")).expect("room");
        block_on("the byte", other.read_exact(&mut [0])).expect("the byte");
    });
}

#[test]
fn the_first_address_that_answers_is_taken() {
    with_reactor(|reactor| {
        let (_kept, refusing) = refusing_address();
        let (_also_kept, refusing_too) = refusing_address();
        let (mut listener, address) = listening(bound());
        let addresses = [refusing, refusing_too, address, refusing];
        let pair = both(TcpStream::connect_any(addresses), listener.accept());
        let (connected, accepted) = block_on("a connection", pair);
        let stream = connected.expect("the third answers");
        assert_eq!(stream.peer_addr().expect("an address"), address);
        accepted.expect("accepted");
        drop(stream);
        drop(listener);
        assert_eq!(reactor.source_count(), 0);
    });
}

#[test]
fn where_nobody_answers_the_error_names_all_that_were_tried() {
    with_reactor(|reactor| {
        let (_kept, one) = refusing_address();
        let (_also_kept, two) = refusing_address();
        let error = block_on("an answer", TcpStream::connect_any([one, two])).expect_err("nobody");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        let told = error.to_string();
        assert!(told.contains(&one.to_string()) && told.contains(&two.to_string()), "{told}");
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<ConnectAnyError>());
        let tried: Vec<_> = inner.expect("its type").tried().iter().map(|tried| tried.0).collect();
        assert_eq!(tried, [one, two]);
        let none = block_on("an answer", TcpStream::connect_any([])).expect_err("no address");
        assert_eq!(none.kind(), io::ErrorKind::InvalidInput);
        assert_eq!(reactor.source_count(), 0);
    });
}

#[test]
fn a_dropped_attempt_leaves_nothing() {
    with_reactor(|reactor| {
        let (_listener, address) = listening(bound());
        let mut attempt = TcpStream::connect_any([address]);
        // On the loopback it may be made at once; either way nothing may be left.
        let _ = poll_once(&mut attempt);
        drop(attempt);
        assert_eq!(reactor.source_count(), 1, "the listener alone");
    });
}
