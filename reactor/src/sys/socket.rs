//! Nonblocking sockets on owned descriptors, by libc directly.
//!
//! One function a system call, each named after what it does, each with the page it follows. All
//! sockets are made nonblocking and closed on exec, and no write on them raises SIGPIPE.
//!
//! ```text
//!   SocketAddr ──encode──► sockaddr_in / sockaddr_in6 ──► bind, connect
//!   SocketAddr ◄──decode── sockaddr_storage            ◄── accept, getsockname, getpeername
//! ```
//!
//! Invariant: a descriptor is owned by an `OwnedFd` from the line after the kernel made it, so that
//! no error on the way can leak it.
//!
//! Neighbours: `net` waits with these; `address` below does the translation.

use std::io::{self, IoSlice};
use std::net::{Shutdown, SocketAddr};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::ptr;

use self::address::Address;
use super::check;

#[path = "address.rs"]
mod address;

/// The flag that turns SIGPIPE into an EPIPE that we can answer; macOS has a socket option instead.
#[cfg(not(target_vendor = "apple"))]
const NO_SIGPIPE: libc::c_int = libc::MSG_NOSIGNAL;
#[cfg(target_vendor = "apple")]
const NO_SIGPIPE: libc::c_int = 0;

/// The most buffers that one sendmsg(2) takes everywhere (`IOV_MAX`).
pub(crate) const MAX_BUFFERS: usize = 1024;

/// A stream socket of `address`'s family, not yet bound or connected (socket(2)).
pub(crate) fn stream(address: &SocketAddr) -> io::Result<OwnedFd> {
    let family = match address {
        SocketAddr::V4(_) => libc::AF_INET,
        SocketAddr::V6(_) => libc::AF_INET6,
    };
    #[cfg(not(target_vendor = "apple"))]
    let kind = libc::SOCK_STREAM | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
    #[cfg(target_vendor = "apple")]
    let kind = libc::SOCK_STREAM;
    // SAFETY: takes no pointer; the result is checked.
    let fd = check(unsafe { libc::socket(family, kind, 0) })?;
    // SAFETY: the kernel has just made this descriptor for us, and nobody else knows of it.
    let socket = unsafe { OwnedFd::from_raw_fd(fd) };
    #[cfg(target_vendor = "apple")]
    make_nonblocking(&socket)?;
    Ok(socket)
}

/// A socket that listens at `address` with room for `backlog` connections nobody accepted yet
/// (bind(2), listen(2)); `SO_REUSEADDR` lets a server come back while old connections linger.
pub(crate) fn listen(address: &SocketAddr, backlog: u32) -> io::Result<OwnedFd> {
    let socket = stream(address)?;
    set_option(&socket, libc::SOL_SOCKET, libc::SO_REUSEADDR, 1)?;
    let encoded = Address::encode(address);
    // SAFETY: the pointer and the length describe `encoded`, which outlives the call.
    check(unsafe { libc::bind(socket.as_raw_fd(), encoded.as_ptr(), encoded.len()) })?;
    let backlog = i32::try_from(backlog).unwrap_or(i32::MAX);
    // SAFETY: takes no pointer; the descriptor is ours.
    check(unsafe { libc::listen(socket.as_raw_fd(), backlog) })?;
    Ok(socket)
}

/// Starts a connection (connect(2)). `WouldBlock` means that the attempt is under way: it has ended
/// when the socket is writable, and [`take_error`] then says how.
pub(crate) fn connect(socket: BorrowedFd<'_>, address: &SocketAddr) -> io::Result<()> {
    let encoded = Address::encode(address);
    // SAFETY: the pointer and the length describe `encoded`, which outlives the call.
    match check(unsafe { libc::connect(socket.as_raw_fd(), encoded.as_ptr(), encoded.len()) }) {
        Ok(_) => Ok(()),
        // POSIX: an interrupted connect goes on by itself, as one that is in progress does.
        Err(error) if matches!(error.raw_os_error(), Some(libc::EINPROGRESS | libc::EINTR)) => {
            Err(io::ErrorKind::WouldBlock.into())
        }
        Err(error) => Err(error),
    }
}

/// Takes one connection off the listener's queue (accept4(2)).
pub(crate) fn accept(listener: BorrowedFd<'_>) -> io::Result<(OwnedFd, SocketAddr)> {
    let mut address = Address::empty();
    let mut length = address.capacity();
    #[cfg(not(target_vendor = "apple"))]
    // SAFETY: `address` is writable for `length` bytes; both outlive the call.
    let result = unsafe {
        libc::accept4(
            listener.as_raw_fd(),
            address.as_mut_ptr(),
            ptr::from_mut(&mut length),
            libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC,
        )
    };
    #[cfg(target_vendor = "apple")]
    // SAFETY: `address` is writable for `length` bytes; both outlive the call.
    let result = unsafe {
        libc::accept(listener.as_raw_fd(), address.as_mut_ptr(), ptr::from_mut(&mut length))
    };
    let fd = check(result)?;
    // SAFETY: the kernel has just made this descriptor for us, and nobody else knows of it.
    let socket = unsafe { OwnedFd::from_raw_fd(fd) };
    #[cfg(target_vendor = "apple")]
    make_nonblocking(&socket)?;
    Ok((socket, address.decode()?))
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
    match option(socket, libc::SOL_SOCKET, libc::SO_ERROR)? {
        0 => Ok(None),
        code => Ok(Some(io::Error::from_raw_os_error(code))),
    }
}

/// Whether small writes go out at once (`TCP_NODELAY`, tcp(7)).
pub(crate) fn nodelay(socket: BorrowedFd<'_>) -> io::Result<bool> {
    Ok(option(socket, libc::IPPROTO_TCP, libc::TCP_NODELAY)? != 0)
}

/// Switches Nagle's algorithm off (`true`) or on (`TCP_NODELAY`, tcp(7)).
pub(crate) fn set_nodelay(socket: &OwnedFd, on: bool) -> io::Result<()> {
    set_option(socket, libc::IPPROTO_TCP, libc::TCP_NODELAY, i32::from(on))
}

/// Closing throws away what was not sent and resets the peer (`SO_LINGER` of zero, socket(7)).
pub(crate) fn reset_on_close(socket: &OwnedFd) -> io::Result<()> {
    let linger = libc::linger { l_onoff: 1, l_linger: 0 };
    // SAFETY: the pointer and the length describe `linger`, which outlives the call.
    check(unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_LINGER,
            ptr::from_ref(&linger).cast(),
            size_of::<libc::linger>() as libc::socklen_t,
        )
    })?;
    Ok(())
}

/// The address at our end (getsockname(2)).
pub(crate) fn local_address(socket: BorrowedFd<'_>) -> io::Result<SocketAddr> {
    let mut address = Address::empty();
    let mut length = address.capacity();
    // SAFETY: `address` is writable for `length` bytes; both outlive the call.
    check(unsafe {
        libc::getsockname(socket.as_raw_fd(), address.as_mut_ptr(), ptr::from_mut(&mut length))
    })?;
    address.decode()
}

/// The address at the other end (getpeername(2)).
pub(crate) fn peer_address(socket: BorrowedFd<'_>) -> io::Result<SocketAddr> {
    let mut address = Address::empty();
    let mut length = address.capacity();
    // SAFETY: `address` is writable for `length` bytes; both outlive the call.
    check(unsafe {
        libc::getpeername(socket.as_raw_fd(), address.as_mut_ptr(), ptr::from_mut(&mut length))
    })?;
    address.decode()
}

/// Reads from any descriptor (read(2)); 0 is the end.
pub(crate) fn read(fd: BorrowedFd<'_>, buffer: &mut [u8]) -> io::Result<usize> {
    // SAFETY: the buffer is writable for its length for as long as the call lasts.
    let count =
        check(unsafe { libc::read(fd.as_raw_fd(), buffer.as_mut_ptr().cast(), buffer.len()) })?;
    Ok(count as usize)
}

fn option(
    socket: BorrowedFd<'_>,
    level: libc::c_int,
    name: libc::c_int,
) -> io::Result<libc::c_int> {
    let mut value: libc::c_int = 0;
    let mut length = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: `value` is writable for `length` bytes; both outlive the call.
    check(unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            level,
            name,
            ptr::from_mut(&mut value).cast(),
            ptr::from_mut(&mut length),
        )
    })?;
    Ok(value)
}

fn set_option(
    socket: &OwnedFd,
    level: libc::c_int,
    name: libc::c_int,
    value: libc::c_int,
) -> io::Result<()> {
    let length = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: the pointer and the length describe `value`, which outlives the call.
    check(unsafe {
        libc::setsockopt(socket.as_raw_fd(), level, name, ptr::from_ref(&value).cast(), length)
    })?;
    Ok(())
}

/// What the flags of socket(2) and accept4(2) do elsewhere, step by step (fcntl(2)).
#[cfg(target_vendor = "apple")]
fn make_nonblocking(socket: &OwnedFd) -> io::Result<()> {
    super::set_flags(socket)?;
    set_option(socket, libc::SOL_SOCKET, libc::SO_NOSIGPIPE, 1)
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
