//! What can be set on a socket (socket(7), tcp(7), ip(7); setsockopt(2)).
//!
//! ```text
//!   set_int ── &i32 ────┐
//!   set_linger ─ &linger┴─► set: one call, its pointer and length from one reference
//! ```
//!
//! The names of a few options differ from system to system; that difference ends here.
//!
//! Neighbours: `net` has the methods.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr;
use std::time::Duration;

use super::check;

/// How a connection finds out that its peer is gone without a word (`SO_KEEPALIVE`, tcp(7)).
///
/// Times are rounded up to whole seconds. A system without one of the numbers keeps its own (OpenBSD
/// has none of them).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Keepalive {
    /// How long nothing must have come before the first question is sent.
    pub idle: Duration,
    /// How long after each question the next one is sent.
    pub interval: Duration,
    /// After how many unanswered questions the connection is given up.
    pub probes: u32,
}

/// Whether small writes go out at once (`TCP_NODELAY`, tcp(7)).
pub(crate) fn nodelay(socket: BorrowedFd<'_>) -> io::Result<bool> {
    Ok(int(socket, libc::IPPROTO_TCP, libc::TCP_NODELAY)? != 0)
}

/// Switches Nagle's algorithm off (`true`) or on (`TCP_NODELAY`, tcp(7)).
pub(crate) fn set_nodelay(socket: BorrowedFd<'_>, on: bool) -> io::Result<()> {
    set_int(socket, libc::IPPROTO_TCP, libc::TCP_NODELAY, i32::from(on))
}

/// Lets a server come back while old connections of its port linger (`SO_REUSEADDR`).
pub(crate) fn set_reuse_address(socket: BorrowedFd<'_>, on: bool) -> io::Result<()> {
    set_int(socket, libc::SOL_SOCKET, libc::SO_REUSEADDR, i32::from(on))
}

/// Lets several sockets listen at one address, among which the kernel divides what comes.
pub(crate) fn set_reuse_port(socket: BorrowedFd<'_>, on: bool) -> io::Result<()> {
    // FreeBSD's SO_REUSEPORT lets all bind, and the last one gets everything; this one divides.
    #[cfg(target_os = "freebsd")]
    let name = libc::SO_REUSEPORT_LB;
    #[cfg(not(target_os = "freebsd"))]
    let name = libc::SO_REUSEPORT;
    set_int(socket, libc::SOL_SOCKET, name, i32::from(on))
}

/// How large the kernel's buffer for what was sent is, in bytes (`SO_SNDBUF`).
pub(crate) fn send_buffer_size(socket: BorrowedFd<'_>) -> io::Result<usize> {
    Ok(int(socket, libc::SOL_SOCKET, libc::SO_SNDBUF)?.unsigned_abs() as usize)
}

/// `SO_SNDBUF`, in bytes.
pub(crate) fn set_send_buffer_size(socket: BorrowedFd<'_>, bytes: usize) -> io::Result<()> {
    set_int(socket, libc::SOL_SOCKET, libc::SO_SNDBUF, clamped(bytes))
}

/// How large the kernel's buffer for what came is, in bytes (`SO_RCVBUF`).
pub(crate) fn receive_buffer_size(socket: BorrowedFd<'_>) -> io::Result<usize> {
    Ok(int(socket, libc::SOL_SOCKET, libc::SO_RCVBUF)?.unsigned_abs() as usize)
}

/// `SO_RCVBUF`, in bytes.
pub(crate) fn set_receive_buffer_size(socket: BorrowedFd<'_>, bytes: usize) -> io::Result<()> {
    set_int(socket, libc::SOL_SOCKET, libc::SO_RCVBUF, clamped(bytes))
}

/// How long closing waits for what was not sent yet; `None` is "not, the kernel goes on by itself".
pub(crate) fn linger(socket: BorrowedFd<'_>) -> io::Result<Option<Duration>> {
    let mut value = libc::linger { l_onoff: 0, l_linger: 0 };
    read(socket, libc::SOL_SOCKET, LINGER, &mut value)?;
    let seconds = u64::from(value.l_linger.unsigned_abs());
    Ok((value.l_onoff != 0).then(|| Duration::from_secs(seconds)))
}

/// See [`linger`]; zero throws away what was not sent and resets the peer (`SO_LINGER`, socket(7)).
pub(crate) fn set_linger(socket: BorrowedFd<'_>, time: Option<Duration>) -> io::Result<()> {
    let value = libc::linger {
        l_onoff: i32::from(time.is_some()),
        l_linger: time.map_or(0, whole_seconds),
    };
    set(socket, libc::SOL_SOCKET, LINGER, &value)
}

/// macOS counts SO_LINGER in clock ticks; the option with seconds has another name there.
#[cfg(target_vendor = "apple")]
const LINGER: libc::c_int = libc::SO_LINGER_SEC;
#[cfg(not(target_vendor = "apple"))]
const LINGER: libc::c_int = libc::SO_LINGER;

/// Whether the peer is asked for a sign of life (`SO_KEEPALIVE`).
pub(crate) fn keepalive(socket: BorrowedFd<'_>) -> io::Result<bool> {
    Ok(int(socket, libc::SOL_SOCKET, libc::SO_KEEPALIVE)? != 0)
}

/// See [`Keepalive`]; `None` switches it off.
pub(crate) fn set_keepalive(socket: BorrowedFd<'_>, wanted: Option<Keepalive>) -> io::Result<()> {
    set_int(socket, libc::SOL_SOCKET, libc::SO_KEEPALIVE, i32::from(wanted.is_some()))?;
    match wanted {
        Some(wanted) => set_keepalive_times(socket, wanted),
        None => Ok(()),
    }
}

#[cfg(not(target_os = "openbsd"))]
fn set_keepalive_times(socket: BorrowedFd<'_>, wanted: Keepalive) -> io::Result<()> {
    #[cfg(target_vendor = "apple")]
    const IDLE: libc::c_int = libc::TCP_KEEPALIVE;
    #[cfg(not(target_vendor = "apple"))]
    const IDLE: libc::c_int = libc::TCP_KEEPIDLE;
    let probes = i32::try_from(wanted.probes).unwrap_or(i32::MAX);
    set_int(socket, libc::IPPROTO_TCP, IDLE, whole_seconds(wanted.idle))?;
    set_int(socket, libc::IPPROTO_TCP, libc::TCP_KEEPINTVL, whole_seconds(wanted.interval))?;
    set_int(socket, libc::IPPROTO_TCP, libc::TCP_KEEPCNT, probes)
}

#[cfg(target_os = "openbsd")]
fn set_keepalive_times(_: BorrowedFd<'_>, _: Keepalive) -> io::Result<()> {
    Ok(())
}

/// Whether datagrams may be sent to a broadcast address (`SO_BROADCAST`).
pub(crate) fn broadcast(socket: BorrowedFd<'_>) -> io::Result<bool> {
    Ok(int(socket, libc::SOL_SOCKET, libc::SO_BROADCAST)? != 0)
}

/// `SO_BROADCAST`.
pub(crate) fn set_broadcast(socket: BorrowedFd<'_>, on: bool) -> io::Result<()> {
    set_int(socket, libc::SOL_SOCKET, libc::SO_BROADCAST, i32::from(on))
}

/// Over how many routers a packet may go (`IP_TTL`, ip(7)).
pub(crate) fn ttl(socket: BorrowedFd<'_>) -> io::Result<u32> {
    Ok(int(socket, libc::IPPROTO_IP, libc::IP_TTL)?.unsigned_abs())
}

/// `IP_TTL`.
pub(crate) fn set_ttl(socket: BorrowedFd<'_>, hops: u32) -> io::Result<()> {
    let hops = i32::try_from(hops).unwrap_or(i32::MAX);
    set_int(socket, libc::IPPROTO_IP, libc::IP_TTL, hops)
}

/// What `MSG_NOSIGNAL` does elsewhere.
#[cfg(target_vendor = "apple")]
pub(super) fn set_no_sigpipe(socket: &std::os::fd::OwnedFd) -> io::Result<()> {
    use std::os::fd::AsFd;
    set_int(socket.as_fd(), libc::SOL_SOCKET, libc::SO_NOSIGPIPE, 1)
}

/// Rounded up, and never zero where it was not: zero would mean something else.
fn whole_seconds(time: Duration) -> libc::c_int {
    let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    i32::try_from(seconds).unwrap_or(i32::MAX)
}

fn clamped(bytes: usize) -> libc::c_int {
    i32::try_from(bytes).unwrap_or(i32::MAX)
}

pub(super) fn int(
    socket: BorrowedFd<'_>,
    level: libc::c_int,
    name: libc::c_int,
) -> io::Result<libc::c_int> {
    let mut value: libc::c_int = 0;
    read(socket, level, name, &mut value)?;
    Ok(value)
}

fn set_int(
    socket: BorrowedFd<'_>,
    level: libc::c_int,
    name: libc::c_int,
    value: libc::c_int,
) -> io::Result<()> {
    set(socket, level, name, &value)
}

/// `T` must be the plain struct or number that the option is documented with (getsockopt(2)).
pub(super) fn read<T: Copy>(
    socket: BorrowedFd<'_>,
    level: libc::c_int,
    name: libc::c_int,
    value: &mut T,
) -> io::Result<()> {
    let mut length = size_of::<T>() as libc::socklen_t;
    let value = ptr::from_mut(value).cast();
    let length = ptr::from_mut(&mut length);
    // SAFETY: `value` is writable for `length` bytes; both outlive the call. The types in use here
    // are of integers alone, for which every bit pattern is a value.
    check(unsafe { libc::getsockopt(socket.as_raw_fd(), level, name, value, length) })?;
    Ok(())
}

/// As [`read`], the other way (setsockopt(2)).
fn set<T: Copy>(
    socket: BorrowedFd<'_>,
    level: libc::c_int,
    name: libc::c_int,
    value: &T,
) -> io::Result<()> {
    let length = size_of::<T>() as libc::socklen_t;
    let value = ptr::from_ref(value).cast();
    // SAFETY: the pointer and the length describe `value`, which outlives the call.
    check(unsafe { libc::setsockopt(socket.as_raw_fd(), level, name, value, length) })?;
    Ok(())
}
