//! UDP: messages that arrive whole, or late, or twice, or not at all (udp(7)).
//!
//! ```text
//!   bind ──► UdpSocket ── send_to, recv_from ──► anybody
//!                └─ connect ─► send, recv ─────► one peer; its refusals come back as errors
//! ```
//!
//! Neighbours: `datagram_socket` waits; `udp_split` divides it.

use std::io;
use std::marker::PhantomData;
use std::net::{SocketAddr, ToSocketAddrs};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::task::{Context, Poll};

use super::datagram_socket::{
    DatagramReceive, DatagramReceiveFrom, DatagramSend, DatagramSendTo, DatagramSocket,
};
use crate::sys::{datagram, options, socket};

/// A UDP socket.
///
/// A message that a buffer has no room for is cut off, and the rest of it lost. Zero bytes are a
/// message, not an end. An error of an earlier message may be told by a later call: after
/// `ConnectionRefused`, which says that nobody was at the other end, the socket is as good as before.
#[derive(Debug)]
pub struct UdpSocket {
    pub(super) socket: DatagramSocket,
}

impl UdpSocket {
    /// Binds to the first of the addresses that can be bound; port 0 lets the kernel choose one.
    ///
    /// A *name* instead of an address is looked up on this thread, which blocks it meanwhile.
    ///
    /// # Errors
    /// The last address's error, such as `AddrInUse`.
    ///
    /// # Panics
    /// Where no reactor is running on this thread.
    #[track_caller]
    pub fn bind(addresses: impl ToSocketAddrs) -> io::Result<UdpSocket> {
        let mut last = io::Error::new(io::ErrorKind::InvalidInput, "there was no address to bind");
        for address in addresses.to_socket_addrs()? {
            match bound(&address) {
                Ok(fd) => return Ok(UdpSocket { socket: DatagramSocket::new(fd)? }),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Takes over a socket of the standard library, and makes it nonblocking.
    ///
    /// # Errors
    /// The kernel refuses to watch the descriptor.
    ///
    /// # Panics
    /// Where no reactor is running on this thread.
    #[track_caller]
    pub fn from_std(socket: std::net::UdpSocket) -> io::Result<UdpSocket> {
        socket.set_nonblocking(true)?;
        Ok(UdpSocket { socket: DatagramSocket::new(OwnedFd::from(socket))? })
    }

    /// Chooses one peer: [`send`](UdpSocket::send) goes there, and only what comes from there is
    /// received. Nothing is sent, and nothing waited for.
    ///
    /// # Errors
    /// Those of connect(2), such as `NetworkUnreachable`.
    pub fn connect(&self, address: SocketAddr) -> io::Result<()> {
        socket::connect(self.as_fd(), &address).map(|_| ())
    }

    /// Sends one message to the connected peer. Waits while there is no room for it; `ENOBUFS`, which
    /// some systems say when the network card's queue is full, is tried again after a millisecond, and
    /// told only when it has not ended after a thousand times.
    ///
    /// Cancel safe: a future dropped before it was ready has sent nothing.
    ///
    /// # Errors
    /// Those of send(2): a message that is too long (`EMSGSIZE`), or in more pieces than the send buffer
    /// has room for (`ENOBUFS`); `ConnectionRefused`.
    pub fn send<'a>(&'a mut self, message: &'a [u8]) -> DatagramSend<'a> {
        DatagramSend { socket: &self.socket, message }
    }

    /// Sends one message to `address`; else as [`send`](UdpSocket::send).
    ///
    /// Cancel safe: a future dropped before it was ready has sent nothing.
    ///
    /// # Errors
    /// As [`send`](UdpSocket::send).
    pub fn send_to<'a>(
        &'a mut self,
        message: &'a [u8],
        address: SocketAddr,
    ) -> DatagramSendTo<'a, SocketAddr> {
        DatagramSendTo { socket: &self.socket, message, address }
    }

    /// Takes one message, and says how many bytes of it the buffer had room for.
    ///
    /// Cancel safe: a future dropped before it was ready has taken nothing.
    ///
    /// # Errors
    /// Those of recv(2), such as `ConnectionRefused` for what was sent before.
    pub fn recv<'a>(&'a mut self, buffer: &'a mut [u8]) -> DatagramReceive<'a> {
        DatagramReceive { socket: &self.socket, buffer, peek: false }
    }

    /// As [`recv`](UdpSocket::recv), and says whose message it is.
    ///
    /// Cancel safe: a future dropped before it was ready has taken nothing.
    ///
    /// # Errors
    /// As [`recv`](UdpSocket::recv).
    pub fn recv_from<'a>(
        &'a mut self,
        buffer: &'a mut [u8],
    ) -> DatagramReceiveFrom<'a, SocketAddr> {
        DatagramReceiveFrom { socket: &self.socket, buffer, peek: false, address: PhantomData }
    }

    /// Looks at the next message without taking it.
    ///
    /// Cancel safe.
    ///
    /// # Errors
    /// As [`recv`](UdpSocket::recv).
    pub fn peek<'a>(&'a mut self, buffer: &'a mut [u8]) -> DatagramReceive<'a> {
        DatagramReceive { socket: &self.socket, buffer, peek: true }
    }

    /// Looks at the next message without taking it, and says whose it is.
    ///
    /// Cancel safe.
    ///
    /// # Errors
    /// As [`recv`](UdpSocket::recv).
    pub fn peek_from<'a>(
        &'a mut self,
        buffer: &'a mut [u8],
    ) -> DatagramReceiveFrom<'a, SocketAddr> {
        DatagramReceiveFrom { socket: &self.socket, buffer, peek: true, address: PhantomData }
    }

    /// [`send_to`](UdpSocket::send_to) as a poll function.
    ///
    /// # Errors
    /// As [`send`](UdpSocket::send).
    pub fn poll_send_to(
        &mut self,
        context: &mut Context<'_>,
        message: &[u8],
        address: SocketAddr,
    ) -> Poll<io::Result<usize>> {
        self.socket.poll_send_to(context, message, &address)
    }

    /// [`recv_from`](UdpSocket::recv_from) as a poll function.
    ///
    /// # Errors
    /// As [`recv`](UdpSocket::recv).
    pub fn poll_recv_from(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<(usize, SocketAddr)>> {
        self.socket.poll_receive_from(context, buffer, false)
    }

    /// The address that it is bound to, with the port that the kernel chose.
    ///
    /// # Errors
    /// Those of getsockname(2).
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        socket::local_address(self.as_fd())
    }

    /// The address that it is connected to.
    ///
    /// # Errors
    /// `NotConnected`.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        socket::peer_address(self.as_fd())
    }

    /// Whether it may send to a broadcast address (`SO_BROADCAST`).
    ///
    /// # Errors
    /// Those of getsockopt(2).
    pub fn broadcast(&self) -> io::Result<bool> {
        options::broadcast(self.as_fd())
    }

    /// Allows sending to a broadcast address; without it, that is `PermissionDenied`.
    ///
    /// # Errors
    /// Those of setsockopt(2).
    pub fn set_broadcast(&self, on: bool) -> io::Result<()> {
        options::set_broadcast(self.as_fd(), on)
    }

    /// Over how many routers an IPv4 packet may go (`IP_TTL`).
    ///
    /// # Errors
    /// Those of getsockopt(2).
    pub fn ttl(&self) -> io::Result<u32> {
        options::ttl(self.as_fd())
    }

    /// Sets over how many routers an IPv4 packet may go, 1 to 255.
    ///
    /// # Errors
    /// Those of setsockopt(2).
    pub fn set_ttl(&self, hops: u32) -> io::Result<()> {
        options::set_ttl(self.as_fd(), hops)
    }
}

fn bound(address: &SocketAddr) -> io::Result<OwnedFd> {
    let fd = datagram::socket(address)?;
    socket::bind(fd.as_fd(), address)?;
    Ok(fd)
}

impl AsFd for UdpSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
