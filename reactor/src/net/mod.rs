//! Sockets that do not block: listeners, streams and their halves, datagrams, by hand.
//!
//! ```text
//!   TcpListener ── accept ──► TcpStream ──┬── split ───────► ReadHalf<'_>    WriteHalf<'_>
//!   TcpSocket ─ listen ┘ └─ connect ─► ───┴── into_split ──► OwnedReadHalf   OwnedWriteHalf
//!   UnixListener ─ accept ──► UnixStream ─┴── the same halves, of a UnixStream
//!   UdpSocket ──────────────────── split ──► UdpReceiveHalf  UdpSendHalf
//!   UnixDatagram
//! ```
//!
//! Each is a [`Source`](crate::source::Source) and a few system calls. A socket is used through
//! `&mut`, so that each direction has one waiter; who wants both at once splits it.
//!
//! Neighbours: `source` waits, `sys` calls the kernel, `io` has the traits.

mod acceptor;
mod connect;
mod connect_any;
mod datagram_socket;
mod split;
mod stream_socket;
mod tcp_listener;
mod tcp_socket;
mod tcp_stream;
mod udp;
mod udp_split;
mod unix_datagram;
mod unix_listener;
mod unix_stream;

pub use crate::sys::options::Keepalive;
pub use crate::sys::unix::Credentials;
pub use crate::sys::unix_address::UnixAddress;
pub use connect::Connect;
pub use connect_any::{ConnectAny, ConnectAnyError};
pub use datagram_socket::{DatagramReceive, DatagramReceiveFrom, DatagramSend, DatagramSendTo};
pub use split::{OwnedReadHalf, OwnedWriteHalf, ReadHalf, ReuniteError, WriteHalf};
pub use tcp_listener::{Accept, TcpListener};
pub use tcp_socket::TcpSocket;
pub use tcp_stream::{Peek, TcpStream};
pub use udp::UdpSocket;
pub use udp_split::{OwnedHalves as UdpOwnedHalves, UdpReceiveHalf, UdpSendHalf};
pub use unix_datagram::UnixDatagram;
pub use unix_listener::{UnixAccept, UnixListener};
pub use unix_stream::{UnixConnect, UnixStream};
