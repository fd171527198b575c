//! UDP: messages, their senders, and what becomes of errors.

mod support;

use std::io;
use std::net::SocketAddr;

use reactor::net::UdpSocket;
#[cfg(target_os = "linux")]
use socket2::SockRef;
use support::peers::any_port;
use support::{block_on, both, poll_once, with_reactor};

fn socket() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind(any_port()).expect("a port");
    let address = socket.local_addr().expect("its address");
    (socket, address)
}

#[test]
fn a_message_arrives_whole_with_its_senders_address() {
    with_reactor(|_| {
        let ((mut one, one_address), (mut other, other_address)) = (socket(), socket());
        let sending = async { one.send_to(b"hello", other_address).await.expect("sent") };
        let receiving = async {
            let mut bytes = [0; 16];
            let (count, from) = other.recv_from(&mut bytes).await.expect("received");
            assert_eq!((&bytes[..count], from), (&b"hello"[..], one_address));
        };
        block_on("a message", both(receiving, sending));
    });
}

#[test]
fn zero_bytes_are_a_message_and_many_are_told_apart() {
    with_reactor(|_| {
        let ((mut one, _), (mut other, address)) = (socket(), socket());
        for message in [&b""[..], b"ab", b"c"] {
            block_on("room", one.send_to(message, address)).expect("sent");
        }
        let mut bytes = [0; 16];
        for message in [&b""[..], b"ab", b"c"] {
            let count = block_on("a message", other.recv(&mut bytes)).expect("received");
            assert_eq!(&bytes[..count], message);
        }
    });
}

#[test]
fn a_message_too_long_for_the_buffer_is_cut_and_the_next_one_is_whole() {
    with_reactor(|_| {
        let ((mut one, _), (mut other, address)) = (socket(), socket());
        block_on("room", one.send_to(b"a long one", address)).expect("sent");
        block_on("room", one.send_to(b"next", address)).expect("sent");
        let mut bytes = [0; 4];
        for expected in [b"a lo", b"next"] {
            assert_eq!(block_on("a message", other.recv(&mut bytes)).expect("received"), 4);
            assert_eq!(&bytes, expected);
        }
    });
}

#[test]
fn peek_leaves_the_message_where_it_is() {
    with_reactor(|_| {
        let ((mut one, one_address), (mut other, address)) = (socket(), socket());
        block_on("room", one.send_to(b"look", address)).expect("sent");
        let mut bytes = [0; 8];
        let (count, from) = block_on("it", other.peek_from(&mut bytes)).expect("seen");
        assert_eq!((count, from), (4, one_address));
        assert_eq!(block_on("it", other.peek(&mut bytes)).expect("seen"), 4);
        assert_eq!(block_on("it", other.recv(&mut bytes)).expect("received"), 4);
        assert!(poll_once(&mut other.recv(&mut bytes)).is_pending(), "now it is taken");
    });
}

#[test]
fn a_dropped_receive_takes_nothing() {
    with_reactor(|_| {
        let ((mut one, _), (mut other, address)) = (socket(), socket());
        let mut bytes = [0; 8];
        assert!(poll_once(&mut other.recv_from(&mut bytes)).is_pending());
        block_on("room", one.send_to(b"kept", address)).expect("sent");
        let (count, _) = block_on("it", other.recv_from(&mut bytes)).expect("received");
        assert_eq!(&bytes[..count], b"kept");
    });
}

#[test]
fn a_connected_socket_hears_its_peer_alone() {
    with_reactor(|_| {
        let ((mut one, one_address), (mut other, address)) = (socket(), socket());
        let (mut stranger, _) = socket();
        other.connect(one_address).expect("nothing is sent");
        assert_eq!(other.peer_addr().expect("a peer"), one_address);
        block_on("room", stranger.send_to(b"psst", address)).expect("sent");
        block_on("room", one.send_to(b"mine", address)).expect("sent");
        let mut bytes = [0; 8];
        let count = block_on("it", other.recv(&mut bytes)).expect("received");
        assert_eq!(&bytes[..count], b"mine");
        block_on("room", other.send(b"back")).expect("sent");
        assert_eq!(block_on("it", one.recv(&mut bytes)).expect("received"), 4);
    });
}

#[test]
fn nobody_at_the_other_end_is_an_error_once_and_the_socket_goes_on() {
    with_reactor(|_| {
        let ((mut one, one_address), (gone, gone_address)) = (socket(), socket());
        drop(gone);
        one.connect(gone_address).expect("nothing is sent");
        block_on("room", one.send(b"anybody?")).expect("sent");
        let mut bytes = [0; 8];
        let refused = block_on("an answer", one.recv(&mut bytes)).expect_err("nobody is there");
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
        let (mut other, address) = socket();
        one.connect(address).expect("another peer");
        block_on("room", other.send_to(b"here", one_address)).expect("sent");
        assert_eq!(block_on("it", one.recv(&mut bytes)).expect("received"), 4);
    });
}

#[test]
fn a_message_too_long_for_udp_is_an_error_and_nothing_is_sent() {
    with_reactor(|_| {
        let ((mut one, _), (mut other, address)) = (socket(), socket());
        let error = block_on("an answer", one.send_to(&[0; 70_000], address));
        assert_eq!(error.expect_err("too long").raw_os_error(), Some(libc::EMSGSIZE));
        assert!(poll_once(&mut other.recv(&mut [0; 8])).is_pending());
    });
}

/// Lets messages of this socket go out in pieces of 1,280 bytes (ipv6(7), `IPV6_MTU`).
#[cfg(target_os = "linux")]
fn send_in_pieces(socket: &std::net::UdpSocket) {
    use std::os::fd::AsRawFd;
    let size: libc::c_int = 1_280;
    // SAFETY: `size` is readable for its length and outlives the call.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::IPPROTO_IPV6,
            libc::IPV6_MTU,
            (&raw const size).cast(),
            size_of_val(&size) as libc::socklen_t,
        )
    };
    assert_eq!(result, 0, "IPV6_MTU: {}", io::Error::last_os_error());
}

// The one ENOBUFS that a test can bring about: no queue of a loopback interface is ever full.
#[cfg(target_os = "linux")]
#[test]
fn a_message_in_more_pieces_than_there_are_buffers_for_is_sent_when_there_are() {
    with_reactor(|reactor| {
        let message = vec![7; 20_000];
        let twin = match std::net::UdpSocket::bind("[::1]:0") {
            Ok(twin) => twin,
            Err(error) => {
                let ours = UdpSocket::bind("[::1]:0").expect_err("no IPv6 here");
                return assert_eq!(ours.kind(), error.kind());
            }
        };
        send_in_pieces(&twin);
        SockRef::from(&twin).set_send_buffer_size(1).expect("as small as may be");
        let mut ours = UdpSocket::from_std(twin.try_clone().expect("dup")).expect("watched");
        let mut other = UdpSocket::bind("[::1]:0").expect("a port");
        let address = other.local_addr().expect("its address");
        let refused = twin.send_to(&message, address).expect_err("there are no buffers");
        assert_eq!(refused.raw_os_error(), Some(libc::ENOBUFS));
        let mut sending = ours.send_to(&message, address);
        assert!(poll_once(&mut sending).is_pending());
        assert_eq!(reactor.timer_count(), 1, "it tries again later");
        SockRef::from(&twin).set_send_buffer_size(200_000).expect("larger");
        assert_eq!(block_on("room", sending).expect("sent"), message.len());
        let mut bytes = vec![0; message.len() + 1];
        let count = block_on("the message", other.recv(&mut bytes)).expect("received");
        assert!(bytes[..count] == message, "{count} bytes came");
        assert!(poll_once(&mut other.recv(&mut bytes)).is_pending(), "and once only");
    });
}

#[test]
fn the_halves_send_and_receive_at_once() {
    with_reactor(|_| {
        let ((one, one_address), (mut other, address)) = (socket(), socket());
        let (mut receiver, mut sender) = one.into_split();
        assert_eq!(receiver.socket().local_addr().expect("an address"), one_address);
        let receiving = async {
            let mut bytes = [0; 8];
            receiver.recv_from(&mut bytes).await.expect("received").0
        };
        let talking = async {
            sender.send_to(b"ping", address).await.expect("sent");
            let mut bytes = [0; 8];
            let (count, from) = other.recv_from(&mut bytes).await.expect("received");
            other.send_to(&bytes[..count], from).await.expect("sent");
        };
        let (count, ()) = block_on("an echo", both(receiving, talking));
        assert_eq!(count, 4);
        let mut whole = other;
        let (mut receiver, mut sender) = whole.split();
        assert!(poll_once(&mut receiver.recv(&mut [0])).is_pending());
        block_on("room", sender.send_to(b"x", one_address)).expect("sent");
    });
}

#[test]
fn a_burst_is_received_after_one_wake_up_to_the_last() {
    with_reactor(|reactor| {
        let ((_, _), (mut other, address)) = (socket(), socket());
        let mut bytes = [0; 4];
        assert!(poll_once(&mut other.recv(&mut bytes)).is_pending());
        let peer = std::net::UdpSocket::bind(any_port()).expect("a port");
        for number in 0..50_u32 {
            peer.send_to(&number.to_be_bytes(), address).expect("sent");
        }
        reactor.park(Some(support::PATIENCE)).expect("park");
        for number in 0..50_u32 {
            assert!(poll_once(&mut other.recv(&mut bytes)).is_ready(), "message {number}");
            assert_eq!(u32::from_be_bytes(bytes), number);
        }
        assert!(poll_once(&mut other.recv(&mut bytes)).is_pending());
    });
}

#[test]
fn options_are_what_they_were_set_to() {
    with_reactor(|_| {
        let (mut socket, _) = socket();
        assert!(!socket.broadcast().expect("asked"));
        let everybody = SocketAddr::from(([255, 255, 255, 255], 9));
        let denied = block_on("an answer", socket.send_to(b"x", everybody)).expect_err("denied");
        assert_eq!(denied.kind(), io::ErrorKind::PermissionDenied);
        socket.set_broadcast(true).expect("set");
        assert!(socket.broadcast().expect("asked"));
        socket.set_ttl(7).expect("set");
        assert_eq!(socket.ttl().expect("asked"), 7);
    });
}

#[test]
fn an_address_in_use_is_an_error_and_no_address_is_another() {
    with_reactor(|reactor| {
        let (_socket, address) = socket();
        let error = UdpSocket::bind(address).expect_err("it is taken");
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
        let error = UdpSocket::bind(&[][..]).expect_err("nothing to bind");
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert_eq!(reactor.source_count(), 1);
    });
}
