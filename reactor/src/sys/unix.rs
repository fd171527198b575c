//! What Unix sockets have beside what all sockets have (unix(7)).
//!
//! Neighbours: `socket` and `datagram` have the rest; `net` waits.

use std::io;
use std::os::fd::{BorrowedFd, FromRawFd, OwnedFd};

use super::check;
use super::socket::KIND_FLAGS;

/// Two stream sockets, connected to each other (socketpair(2)).
pub(crate) fn stream_pair() -> io::Result<(OwnedFd, OwnedFd)> {
    pair(libc::SOCK_STREAM)
}

/// Two datagram sockets, connected to each other (socketpair(2)).
pub(crate) fn datagram_pair() -> io::Result<(OwnedFd, OwnedFd)> {
    pair(libc::SOCK_DGRAM)
}

fn pair(kind: libc::c_int) -> io::Result<(OwnedFd, OwnedFd)> {
    let mut fds = [0; 2];
    let kind = kind | KIND_FLAGS;
    // SAFETY: `fds` is writable for the two descriptors that the call gives.
    check(unsafe { libc::socketpair(libc::AF_UNIX, kind, 0, fds.as_mut_ptr()) })?;
    // SAFETY: the kernel has just made this descriptor for us, and nobody else knows of it.
    let one = unsafe { OwnedFd::from_raw_fd(fds[0]) };
    // SAFETY: as above.
    let other = unsafe { OwnedFd::from_raw_fd(fds[1]) };
    #[cfg(target_vendor = "apple")]
    {
        super::socket::make_nonblocking(&one)?;
        super::socket::make_nonblocking(&other)?;
    }
    Ok((one, other))
}

/// Who is at the other end of a Unix stream: as they were when it connected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Credentials {
    /// The effective user id.
    pub user: u32,
    /// The effective group id.
    pub group: u32,
    /// The process id, where the system tells it (Linux). The process may have ended since.
    pub process: Option<u32>,
}

/// `SO_PEERCRED` (unix(7)).
#[cfg(target_os = "linux")]
pub(crate) fn peer_credentials(socket: BorrowedFd<'_>) -> io::Result<Credentials> {
    let mut raw = libc::ucred { pid: 0, uid: 0, gid: 0 };
    super::options::read(socket, libc::SOL_SOCKET, libc::SO_PEERCRED, &mut raw)?;
    Ok(Credentials { user: raw.uid, group: raw.gid, process: u32::try_from(raw.pid).ok() })
}

/// getpeereid(3).
#[cfg(not(target_os = "linux"))]
pub(crate) fn peer_credentials(socket: BorrowedFd<'_>) -> io::Result<Credentials> {
    use std::os::fd::AsRawFd;
    let (mut user, mut group) = (0, 0);
    let (to_user, to_group) = (std::ptr::from_mut(&mut user), std::ptr::from_mut(&mut group));
    // SAFETY: both are writable and outlive the call.
    check(unsafe { libc::getpeereid(socket.as_raw_fd(), to_user, to_group) })?;
    Ok(Credentials { user, group, process: None })
}
