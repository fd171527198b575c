//! Messages between processes of one machine: whole, in order, and none lost (unix(7)).
//!
//! Neighbours: `datagram_socket` waits, and tells what it does where a receiver is full.

use std::io;
use std::marker::PhantomData;
use std::os::fd::{AsFd, BorrowedFd};

use super::UnixAddress;
use super::datagram_socket::{
    DatagramReceive, DatagramReceiveFrom, DatagramSend, DatagramSendTo, DatagramSocket,
};
use super::unix_listener;
use crate::sys::{datagram, socket, unix};

/// A Unix datagram socket.
///
/// A message that a buffer has no room for is cut off, and the rest of it lost. Zero bytes are a
/// message, not an end.
#[derive(Debug)]
pub struct UnixDatagram {
    socket: DatagramSocket,
}

impl UnixDatagram {
    /// Binds to a path, or to another [`UnixAddress`]. The path is never removed.
    ///
    /// # Errors
    /// As [`UnixListener::bind`](super::UnixListener::bind).
    ///
    /// # Panics
    /// Where no reactor is running on this thread.
    #[track_caller]
    pub fn bind(address: impl Into<UnixAddress>) -> io::Result<UnixDatagram> {
        let address = address.into();
        let fd = datagram::socket(&address)?;
        unix_listener::bind(fd.as_fd(), &address)?;
        Ok(UnixDatagram { socket: DatagramSocket::new(fd)? })
    }

    /// A socket without a name: it can send, and nobody can answer.
    ///
    /// # Errors
    /// No descriptors are left.
    ///
    /// # Panics
    /// Where no reactor is running on this thread.
    #[track_caller]
    pub fn unbound() -> io::Result<UnixDatagram> {
        let fd = datagram::socket(&UnixAddress::Unnamed)?;
        Ok(UnixDatagram { socket: DatagramSocket::new(fd)? })
    }

    /// Two sockets, connected to each other.
    ///
    /// # Errors
    /// No descriptors are left.
    ///
    /// # Panics
    /// Where no reactor is running on this thread.
    #[track_caller]
    pub fn pair() -> io::Result<(UnixDatagram, UnixDatagram)> {
        let (one, other) = unix::datagram_pair()?;
        let one = UnixDatagram { socket: DatagramSocket::new(one)? };
        let other = UnixDatagram { socket: DatagramSocket::new(other)? };
        Ok((one, other))
    }

    /// Chooses one peer, to which [`send`](UnixDatagram::send) goes.
    ///
    /// # Errors
    /// `NotFound`, `ConnectionRefused`: nobody has this name.
    pub fn connect(&self, address: impl Into<UnixAddress>) -> io::Result<()> {
        socket::connect(self.as_fd(), &address.into()).map(|_| ())
    }

    /// Sends one message to the connected peer, waiting while its queue is full.
    ///
    /// Cancel safe: a future dropped before it was ready has sent nothing.
    ///
    /// # Errors
    /// `ConnectionRefused`, `ConnectionReset`: the peer has gone. A message that is too long
    /// (`EMSGSIZE`).
    pub fn send<'a>(&'a mut self, message: &'a [u8]) -> DatagramSend<'a> {
        DatagramSend { socket: &self.socket, message }
    }

    /// Sends one message to a name. Waits while its queue is full; as nothing announces its end, by
    /// trying again each millisecond.
    ///
    /// Cancel safe: a future dropped before it was ready has sent nothing.
    ///
    /// # Errors
    /// `NotFound`, `ConnectionRefused`: nobody has this name. A message that is too long.
    pub fn send_to<'a>(
        &'a mut self,
        message: &'a [u8],
        address: impl Into<UnixAddress>,
    ) -> DatagramSendTo<'a, UnixAddress> {
        DatagramSendTo { socket: &self.socket, message, address: address.into() }
    }

    /// Takes one message, and says how many bytes of it the buffer had room for.
    ///
    /// Cancel safe: a future dropped before it was ready has taken nothing.
    ///
    /// # Errors
    /// Those of recv(2).
    pub fn recv<'a>(&'a mut self, buffer: &'a mut [u8]) -> DatagramReceive<'a> {
        DatagramReceive { socket: &self.socket, buffer, peek: false }
    }

    /// As [`recv`](UnixDatagram::recv), and says whose message it is; unnamed where the sender is.
    ///
    /// Cancel safe: a future dropped before it was ready has taken nothing.
    ///
    /// # Errors
    /// As [`recv`](UnixDatagram::recv).
    pub fn recv_from<'a>(
        &'a mut self,
        buffer: &'a mut [u8],
    ) -> DatagramReceiveFrom<'a, UnixAddress> {
        DatagramReceiveFrom { socket: &self.socket, buffer, peek: false, address: PhantomData }
    }

    /// The name that it is bound to.
    ///
    /// # Errors
    /// Those of getsockname(2).
    pub fn local_addr(&self) -> io::Result<UnixAddress> {
        socket::local_address(self.as_fd())
    }
}

impl AsFd for UnixDatagram {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
