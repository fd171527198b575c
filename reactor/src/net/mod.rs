//! TCP that does not block: listeners, streams and their halves, by hand.
//!
//! ```text
//!   TcpListener ── accept ──► TcpStream ──┬── split ───────► ReadHalf<'_>    WriteHalf<'_>
//!                 connect ──► TcpStream ──┴── into_split ──► OwnedReadHalf   OwnedWriteHalf
//! ```
//!
//! Each is a [`Source`](crate::source::Source) and a few system calls. A stream is read and written
//! through `&mut`, so that each direction has one waiter; who wants both at once splits it.
//!
//! Neighbours: `source` waits, `sys::socket` calls the kernel, `io` has the traits.

mod tcp_listener;
mod tcp_split;
mod tcp_stream;

pub use tcp_listener::{Accept, TcpListener};
pub use tcp_split::{OwnedReadHalf, OwnedWriteHalf, ReadHalf, ReuniteError, WriteHalf};
pub use tcp_stream::{Connect, Peek, TcpStream};
