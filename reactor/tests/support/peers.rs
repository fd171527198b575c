//! The other end of a connection: blocking sockets of the standard library, with a deadline each.
//!
//! A peer that is written with other code than what is tested cannot make the same mistake twice.

use std::io::{Read, Write};
use std::mem::MaybeUninit;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use reactor::net::TcpStream;
use socket2::{Domain, SockRef, Socket, Type};

use super::{PATIENCE, look_until};

/// Port 0 of the loopback interface: the kernel chooses.
pub(crate) fn any_port() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

/// A connection: our end on the current reactor, and the peer's.
pub(crate) fn connected() -> (TcpStream, std::net::TcpStream) {
    let (ours, peer) = connected_std();
    (TcpStream::from_std(ours).expect("a stream on the reactor"), peer)
}

/// A connection of which both ends block, but no longer than ten seconds.
pub(crate) fn connected_std() -> (std::net::TcpStream, std::net::TcpStream) {
    let listener = std::net::TcpListener::bind(any_port()).expect("a listener");
    let address = listener.local_addr().expect("its address");
    let peer = connect_std(address);
    let (ours, _) = listener.accept().expect("a connection");
    (patient(ours), peer)
}

/// A blocking connection to `address`.
pub(crate) fn connect_std(address: SocketAddr) -> std::net::TcpStream {
    patient(std::net::TcpStream::connect_timeout(&address, PATIENCE).expect("a connection"))
}

fn patient(stream: std::net::TcpStream) -> std::net::TcpStream {
    stream.set_read_timeout(Some(PATIENCE)).expect("a deadline for reads");
    stream.set_write_timeout(Some(PATIENCE)).expect("a deadline for writes");
    stream
}

/// Looks until `count` bytes, at most 64, lie ready to be read; takes none, and says nothing of it to
/// the reactor.
#[track_caller]
pub(crate) fn wait_for_arrival(socket: &impl AsFd, count: usize) {
    let mut room = [MaybeUninit::uninit(); 64];
    look_until(&format!("{count} bytes to arrive"), || {
        SockRef::from(socket).peek(&mut room).is_ok_and(|seen| seen >= count)
    });
}

/// Closes so that the other end sees a reset instead of an end.
pub(crate) fn reset(peer: std::net::TcpStream) {
    SockRef::from(&peer).set_linger(Some(Duration::ZERO)).expect("SO_LINGER");
    drop(peer);
}

/// Makes the kernel take no more than this many bytes that the other end has no room for (it doubles
/// the number, for its own book-keeping). Much less would wake the kernel's timers for tiny windows.
pub(crate) fn shrink_send_buffer(socket: &impl AsFd) {
    SockRef::from(socket).set_send_buffer_size(64 * 1024).expect("SO_SNDBUF");
}

/// An address where nobody listens, and which nobody can take while the socket lives.
pub(crate) fn refusing_address() -> (Socket, SocketAddr) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    socket.bind(&any_port().into()).expect("a port");
    let address = socket.local_addr().expect("its address").as_socket().expect("an IP address");
    (socket, address)
}

/// A connection attempt that blocks nobody and whose outcome nobody asks for.
pub(crate) fn knock(address: SocketAddr) -> Socket {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    socket.set_nonblocking(true).expect("nonblocking");
    // It is under way, or made already; both will do.
    let _ = socket.connect(&address.into());
    socket
}

/// Two ends of a local socket, nonblocking. What is written to one can be read from the other by the
/// time the write returns, so that a test need not wait for delivery.
pub(crate) fn unix_pair() -> (UnixStream, UnixStream) {
    let (ours, peer) = UnixStream::pair().expect("a pair of sockets");
    ours.set_nonblocking(true).expect("nonblocking");
    peer.set_nonblocking(true).expect("nonblocking");
    (ours, peer)
}

/// Takes all that is there.
pub(crate) fn drain(mut socket: impl Read) -> usize {
    let mut taken = 0;
    let mut bytes = [0; 4096];
    while let Ok(count @ 1..) = socket.read(&mut bytes) {
        taken += count;
    }
    taken
}

/// Writes until nothing more fits.
pub(crate) fn fill(mut socket: impl Write) -> usize {
    let mut written = 0;
    while let Ok(count @ 1..) = socket.write(&[0; 4096]) {
        written += count;
    }
    written
}

/// `length` bytes of which no stretch is like another, so that a loss or a swap shows.
pub(crate) fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index as u32).wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect()
}
