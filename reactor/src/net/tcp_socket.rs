//! A TCP socket before it listens or connects: what must be said of it first.
//!
//! ```text
//!   new_v4, new_v6 ─► options, bind ──┬── listen ──► TcpListener
//!                                     └── connect ─► TcpStream
//! ```
//!
//! A buffer's size counts for the window that is offered at the beginning, and two sockets share a
//! port only if both said so before they were bound: afterwards is too late for both.
//!
//! Neighbours: `tcp_listener` and `tcp_stream` are what it becomes.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use super::connect::{Attempt, Connect};
use super::{Keepalive, TcpListener};
use crate::sys::{options, socket};

/// A TCP socket that neither listens nor is connected. It needs no reactor yet.
///
/// All setters fail with what setsockopt(2) says, all getters with what getsockopt(2) says.
#[derive(Debug)]
pub struct TcpSocket {
    fd: OwnedFd,
}

impl TcpSocket {
    /// A socket for IPv4.
    ///
    /// # Errors
    /// No descriptors are left.
    pub fn new_v4() -> io::Result<TcpSocket> {
        TcpSocket::for_family_of(&SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)))
    }

    /// A socket for IPv6.
    ///
    /// # Errors
    /// No descriptors are left; the system has no IPv6.
    pub fn new_v6() -> io::Result<TcpSocket> {
        TcpSocket::for_family_of(&SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)))
    }

    /// A socket of the family of `address`, which it is not bound to yet.
    ///
    /// # Errors
    /// As [`new_v4`](TcpSocket::new_v4), [`new_v6`](TcpSocket::new_v6).
    pub fn for_family_of(address: &SocketAddr) -> io::Result<TcpSocket> {
        Ok(TcpSocket { fd: socket::stream(address)? })
    }

    /// Lets a server come back to its port while old connections linger (`SO_REUSEADDR`). Off here
    /// until it is said; [`TcpListener::bind`] says it by itself.
    ///
    /// # Errors
    /// Those of setsockopt(2).
    pub fn set_reuse_address(&self, on: bool) -> io::Result<()> {
        options::set_reuse_address(self.as_fd(), on)
    }

    /// Lets several sockets listen at one address if all of them say this before they are bound
    /// (`SO_REUSEPORT`): one an executor, and the kernel divides the connections among them.
    ///
    /// # Errors
    /// Those of setsockopt(2).
    pub fn set_reuse_port(&self, on: bool) -> io::Result<()> {
        options::set_reuse_port(self.as_fd(), on)
    }

    /// How many bytes the kernel keeps that the peer has not acknowledged.
    ///
    /// # Errors
    /// Those of getsockopt(2).
    pub fn send_buffer_size(&self) -> io::Result<usize> {
        options::send_buffer_size(self.as_fd())
    }

    /// Asks for room for `bytes` (`SO_SNDBUF`); Linux gives twice as much, for its own bookkeeping,
    /// up to a limit of the system's.
    ///
    /// # Errors
    /// Those of setsockopt(2).
    pub fn set_send_buffer_size(&self, bytes: usize) -> io::Result<()> {
        options::set_send_buffer_size(self.as_fd(), bytes)
    }

    /// How many bytes the kernel keeps that nobody has read.
    ///
    /// # Errors
    /// Those of getsockopt(2).
    pub fn receive_buffer_size(&self) -> io::Result<usize> {
        options::receive_buffer_size(self.as_fd())
    }

    /// Asks for room for `bytes` (`SO_RCVBUF`), as with the other buffer. A listener's connections
    /// inherit it.
    ///
    /// # Errors
    /// Those of setsockopt(2).
    pub fn set_receive_buffer_size(&self, bytes: usize) -> io::Result<()> {
        options::set_receive_buffer_size(self.as_fd(), bytes)
    }

    /// Asks a silent peer for a sign of life, or not (`SO_KEEPALIVE`, tcp(7)).
    ///
    /// # Errors
    /// Those of setsockopt(2).
    pub fn set_keepalive(&self, keepalive: Option<Keepalive>) -> io::Result<()> {
        options::set_keepalive(self.as_fd(), keepalive)
    }

    /// As [`TcpStream::set_linger`](super::TcpStream::set_linger).
    ///
    /// # Errors
    /// Those of setsockopt(2).
    pub fn set_linger(&self, time: Option<Duration>) -> io::Result<()> {
        options::set_linger(self.as_fd(), time)
    }

    /// Lets small writes go out at once (`TCP_NODELAY`).
    ///
    /// # Errors
    /// Those of setsockopt(2).
    pub fn set_nodelay(&self, on: bool) -> io::Result<()> {
        options::set_nodelay(self.as_fd(), on)
    }

    /// Gives it an address of its own; port 0 lets the kernel choose one.
    ///
    /// # Errors
    /// Those of bind(2), such as `AddrInUse`.
    pub fn bind(&self, address: SocketAddr) -> io::Result<()> {
        socket::bind(self.as_fd(), &address)
    }

    /// The address that it is bound to.
    ///
    /// # Errors
    /// Those of getsockname(2).
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        socket::local_address(self.as_fd())
    }

    /// Listens, with room for `backlog` connections that nobody has accepted yet; the system may have
    /// a lower limit of its own (listen(2)).
    ///
    /// # Errors
    /// Those of listen(2): `AddrInUse` where another socket listens at the address already.
    ///
    /// # Panics
    /// Where no reactor is running on this thread.
    #[track_caller]
    pub fn listen(self, backlog: u32) -> io::Result<TcpListener> {
        socket::listen(self.as_fd(), backlog)?;
        TcpListener::from_listening(self.fd)
    }

    /// Connects to `address`.
    ///
    /// Cancel safe: a dropped attempt closes the socket.
    ///
    /// # Errors
    /// As [`TcpStream::connect`](super::TcpStream::connect).
    pub fn connect(self, address: SocketAddr) -> Connect {
        Connect::new(Attempt::with(self.fd, address))
    }
}

impl AsFd for TcpSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}
