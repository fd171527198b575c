//! Nonblocking sockets on owned descriptors, by libc directly.
//!
//! One function a system call, each named after what it does, each with the page it follows. All
//! sockets are made nonblocking and closed on exec, and no write on them raises SIGPIPE.
//!
//! Invariant: a descriptor is owned by an `OwnedFd` from the line after the kernel made it, so that
//! no error on the way can leak it.
//!
//! Neighbours: `net` waits with these; `address` and `unix_address` translate; `options` has what can
//! be set; `datagram` and `unix` have the calls of their kinds.

use std::io::{self, IoSlice};
use std::net::Shutdown;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::ptr;
use std::time::Duration;

use super::address::{Address, SocketAddress};
use super::{check, options};

/// The flag that turns SIGPIPE into an EPIPE that we can answer; macOS has a socket option instead.
#[cfg(not(target_vendor = "apple"))]
pub(super) const NO_SIGPIPE: libc::c_int = libc::MSG_NOSIGNAL;
#[cfg(target_vendor = "apple")]
pub(super) const NO_SIGPIPE: libc::c_int = 0;

/// What can be said of a new socket in the call that makes it.
#[cfg(not(target_vendor = "apple"))]
pub(super) const KIND_FLAGS: libc::c_int = libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
#[cfg(target_vendor = "apple")]
pub(super) const KIND_FLAGS: libc::c_int = 0;

/// The most buffers that one sendmsg(2) takes everywhere (`IOV_MAX`).
pub(crate) const MAX_BUFFERS: usize = 1024;

/// A stream socket of `address`'s family, not yet bound or connected (socket(2)).
pub(crate) fn stream(address: &impl SocketAddress) -> io::Result<OwnedFd> {
    make(address.family(), libc::SOCK_STREAM)
}

/// A socket of any kind (socket(2)).
pub(super) fn make(family: libc::c_int, kind: libc::c_int) -> io::Result<OwnedFd> {
    // SAFETY: takes no pointer; the result is checked.
    let fd = check(unsafe { libc::socket(family, kind | KIND_FLAGS, 0) })?;
    // SAFETY: the kernel has just made this descriptor for us, and nobody else knows of it.
    let socket = unsafe { OwnedFd::from_raw_fd(fd) };
    #[cfg(target_vendor = "apple")]
    make_nonblocking(&socket)?;
    Ok(socket)
}

/// Gives the socket an address of its own (bind(2)).
pub(crate) fn bind(socket: BorrowedFd<'_>, address: &impl SocketAddress) -> io::Result<()> {
    let encoded = address.encode()?;
    // SAFETY: the pointer and the length describe `encoded`, which outlives the call.
    check(unsafe { libc::bind(socket.as_raw_fd(), encoded.as_ptr(), encoded.len()) })?;
    Ok(())
}

/// Lets the socket take connections, with room for `backlog` that nobody accepted yet (listen(2)).
pub(crate) fn listen(socket: BorrowedFd<'_>, backlog: u32) -> io::Result<()> {
    let backlog = i32::try_from(backlog).unwrap_or(i32::MAX);
    // SAFETY: takes no pointer; the descriptor is borrowed and thus open.
    check(unsafe { libc::listen(socket.as_raw_fd(), backlog) })?;
    Ok(())
}

/// Starts a connection (connect(2)). [`Attempt::UnderWay`] has ended when the socket is writable, and
/// [`take_error`] then says how.
///
/// # Errors
/// `WouldBlock` comes from Unix sockets alone: the listener has no room just now, and nothing was
/// started.
pub(crate) fn connect(socket: BorrowedFd<'_>, address: &impl SocketAddress) -> io::Result<Attempt> {
    let encoded = address.encode()?;
    // SAFETY: the pointer and the length describe `encoded`, which outlives the call.
    match check(unsafe { libc::connect(socket.as_raw_fd(), encoded.as_ptr(), encoded.len()) }) {
        Ok(_) => Ok(Attempt::Connected),
        // POSIX: an interrupted connect goes on by itself, as one that is in progress does.
        Err(error) if matches!(error.raw_os_error(), Some(libc::EINPROGRESS | libc::EINTR)) => {
            Ok(Attempt::UnderWay)
        }
        Err(error) => Err(error),
    }
}

/// How far a connection attempt has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Attempt {
    Connected,
    UnderWay,
}

/// Takes one connection off the listener's queue (accept4(2)).
pub(crate) fn accept<A: SocketAddress>(listener: BorrowedFd<'_>) -> io::Result<(OwnedFd, A)> {
    let (socket, address) = Address::filled_by(|address, length| {
        #[cfg(not(target_vendor = "apple"))]
        // SAFETY: `filled_by` hands out room of `length` bytes.
        let result = unsafe { libc::accept4(listener.as_raw_fd(), address, length, KIND_FLAGS) };
        #[cfg(target_vendor = "apple")]
        // SAFETY: as above.
        let result = unsafe { libc::accept(listener.as_raw_fd(), address, length) };
        // SAFETY: the kernel has just made this descriptor for us, and nobody else knows of it.
        Ok(unsafe { OwnedFd::from_raw_fd(check(result)?) })
    })?;
    #[cfg(target_vendor = "apple")]
    make_nonblocking(&socket)?;
    Ok((socket, A::decode(&address)?))
}

/// Reads what is there, at most `buffer.len()` bytes; 0 is the end (recv(2)). `peek` leaves it there.
pub(crate) fn receive(socket: BorrowedFd<'_>, buffer: &mut [u8], peek: bool) -> io::Result<usize> {
    let flags = if peek { libc::MSG_PEEK } else { 0 };
    // SAFETY: the buffer is writable for its length for as long as the call lasts.
    let count = check(unsafe {
        libc::recv(socket.as_raw_fd(), buffer.as_mut_ptr().cast(), buffer.len(), flags)
    })?;
    Ok(count as usize)
}

/// Writes what fits, perhaps less than all (send(2)); a closed peer is an error, not a signal.
pub(crate) fn send(socket: BorrowedFd<'_>, buffer: &[u8]) -> io::Result<usize> {
    // SAFETY: the buffer is readable for its length for as long as the call lasts.
    let count = check(unsafe {
        libc::send(socket.as_raw_fd(), buffer.as_ptr().cast(), buffer.len(), NO_SIGPIPE)
    })?;
    Ok(count as usize)
}

/// [`send`] from several buffers at once, at most [`MAX_BUFFERS`] (sendmsg(2)).
pub(crate) fn send_vectored(socket: BorrowedFd<'_>, buffers: &[IoSlice<'_>]) -> io::Result<usize> {
    // SAFETY: msghdr is plain data; all zeroes is "no address, no buffers, no control data".
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    // `IoSlice` promises the layout of `iovec`. The kernel only reads through it.
    message.msg_iov = buffers.as_ptr().cast_mut().cast();
    message.msg_iovlen = buffers.len() as _;
    // SAFETY: `message` describes `buffers`, which stay readable for as long as the call lasts.
    let count =
        check(unsafe { libc::sendmsg(socket.as_raw_fd(), ptr::from_ref(&message), NO_SIGPIPE) })?;
    Ok(count as usize)
}

/// Ends one direction or both, for every holder of the socket (shutdown(2)).
pub(crate) fn shutdown(socket: BorrowedFd<'_>, how: Shutdown) -> io::Result<()> {
    let how = match how {
        Shutdown::Read => libc::SHUT_RD,
        Shutdown::Write => libc::SHUT_WR,
        Shutdown::Both => libc::SHUT_RDWR,
    };
    // SAFETY: takes no pointer; the descriptor is borrowed and thus open.
    check(unsafe { libc::shutdown(socket.as_raw_fd(), how) })?;
    Ok(())
}

/// The error that the socket holds, which this takes away (`SO_ERROR`, socket(7)).
pub(crate) fn take_error(socket: BorrowedFd<'_>) -> io::Result<Option<io::Error>> {
    match options::int(socket, libc::SOL_SOCKET, libc::SO_ERROR)? {
        0 => Ok(None),
        code => Ok(Some(io::Error::from_raw_os_error(code))),
    }
}

/// Closing throws away what was not sent and resets the peer (`SO_LINGER` of zero, socket(7)).
pub(crate) fn reset_on_close(socket: impl AsFd) -> io::Result<()> {
    options::set_linger(socket.as_fd(), Some(Duration::ZERO))
}

/// The address at our end (getsockname(2)).
pub(crate) fn local_address<A: SocketAddress>(socket: BorrowedFd<'_>) -> io::Result<A> {
    let ((), address) = Address::filled_by(|address, length| {
        // SAFETY: `filled_by` hands out room of `length` bytes.
        check(unsafe { libc::getsockname(socket.as_raw_fd(), address, length) })?;
        Ok(())
    })?;
    A::decode(&address)
}

/// The address at the other end (getpeername(2)).
pub(crate) fn peer_address<A: SocketAddress>(socket: BorrowedFd<'_>) -> io::Result<A> {
    let ((), address) = Address::filled_by(|address, length| {
        // SAFETY: `filled_by` hands out room of `length` bytes.
        check(unsafe { libc::getpeername(socket.as_raw_fd(), address, length) })?;
        Ok(())
    })?;
    A::decode(&address)
}

/// Reads from any descriptor (read(2)); 0 is the end.
pub(crate) fn read(fd: BorrowedFd<'_>, buffer: &mut [u8]) -> io::Result<usize> {
    // SAFETY: the buffer is writable for its length for as long as the call lasts.
    let count =
        check(unsafe { libc::read(fd.as_raw_fd(), buffer.as_mut_ptr().cast(), buffer.len()) })?;
    Ok(count as usize)
}

/// What the flags of socket(2) and accept4(2) do elsewhere, step by step (fcntl(2)).
#[cfg(target_vendor = "apple")]
pub(super) fn make_nonblocking(socket: &OwnedFd) -> io::Result<()> {
    super::set_flags(socket)?;
    options::set_no_sigpipe(socket)
}

/// The connection failed in a way that accept(2) says to pass over (`EPROTO` and, on Linux, some
/// more that have no [`io::ErrorKind`]).
pub(crate) fn is_protocol_error(error: &io::Error) -> bool {
    let code = error.raw_os_error();
    #[cfg(target_os = "linux")]
    if matches!(code, Some(libc::ENONET | libc::ENOPROTOOPT | libc::EHOSTDOWN)) {
        return true;
    }
    code == Some(libc::EPROTO)
}

/// The process or the system has no descriptor, no buffer or no memory for one more.
pub(crate) fn is_out_of_descriptors_or_memory(error: &io::Error) -> bool {
    const SHORTAGES: [i32; 4] = [libc::EMFILE, libc::ENFILE, libc::ENOBUFS, libc::ENOMEM];
    error.raw_os_error().is_some_and(|code| SHORTAGES.contains(&code))
}

/// The network interface's queue is full (on some systems); nothing announces when it no longer is.
pub(crate) fn is_out_of_buffers(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::ENOBUFS)
}

/// What [`is_out_of_buffers`] looks for.
#[cfg(test)]
pub(crate) fn out_of_buffers() -> io::Error {
    io::Error::from_raw_os_error(libc::ENOBUFS)
}

/// A call that only sockets know was made on something else.
pub(crate) fn is_not_a_socket(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::ENOTSOCK)
}
