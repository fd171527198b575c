//! The one door to the kernel.
//!
//! Every system call and every reading of the clock in this crate stands in this folder; nothing
//! above it names `libc` or `Instant::now`. So there is one place to look at for "what do we ask of
//! the kernel?", one place where errno becomes an [`io::Error`], and one place to exchange when the
//! kernel is to be another one: an emulator, a simulation, a fault.
//!
//! ```text
//!   poller  reactor  net  time  signal  stdio  process
//!  ────────────── this door ──────────────
//!   Selector  Notifier   socket::*   clock::now   signal::*   process::*
//!   (epoll │ kqueue)     options, datagram, unix, descriptor
//! ```
//!
//! # What a backend must supply
//! A backend is one file with two types.
//!
//! `Selector` — the kernel's list of who waits for what.
//! - `new() -> io::Result<Selector>`: an empty one, closed on exec.
//! - `add(fd, token, interest, mode)`: fails with `AlreadyExists` where the descriptor is in, and
//!   reports readiness that existed before.
//! - `modify(fd, token, interest, mode)`: replaces all three; re-arms one-shot; fails with `NotFound`.
//! - `remove(fd)`: no event of this registration is reported by a later wait. `NotFound` if absent.
//! - `wait(&mut Events, timeout)`: replaces the list's content; at most [`BATCH`] events; waits no
//!   longer than `timeout`, rounded *up* to what the kernel can, and clamped to its largest; `None`
//!   waits for ever; may return early with nothing; reports `EINTR` as `Interrupted`. The notifier's
//!   own event ends the wait and is not reported.
//! - Facts: an error or a full hang-up is readable *and* writable, so that whoever waits, in either
//!   direction, learns of it. A peer's half-close is readable and `READ_CLOSED`, no more.
//!
//! `Notifier` — ends a wait from another thread.
//! - `new(&Selector) -> io::Result<Notifier>`.
//! - `notify() -> io::Result<()>`: ends the current or the next wait; any number of calls before
//!   that wait end it once; never blocks; may be called from a signal handler.
//!
//! Invariants: no function here keeps a descriptor that it does not own; no function panics on what
//! the kernel answers; all results go through [`check`].

use std::io;

/// The most events that one wait takes from the kernel.
///
/// Enough that the price of the call is spread over many (measured: one event a wait costs 7 % more
/// than 256), little enough that the buffer fits a stack frame.
pub(crate) const BATCH: usize = 256;

pub(crate) mod address;
pub mod affinity;
pub(crate) mod clock;
pub(crate) mod datagram;
pub(crate) mod descriptor;
pub(crate) mod options;
pub(crate) mod process;
pub(crate) mod signal;
pub(crate) mod socket;
pub(crate) mod unix;
pub(crate) mod unix_address;

#[cfg(all(target_os = "linux", not(reactor_kqueue_emu)))]
mod epoll;
#[cfg(all(target_os = "linux", not(reactor_kqueue_emu)))]
pub(crate) use epoll::{NAME, Notifier, Selector};

#[cfg(any(
    reactor_kqueue_emu,
    target_vendor = "apple",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    target_os = "dragonfly",
))]
mod kqueue;
#[cfg(any(
    reactor_kqueue_emu,
    target_vendor = "apple",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    target_os = "dragonfly",
))]
pub(crate) use kqueue::{NAME, Notifier, Selector};

/// Turns the kernel's "-1, and look at errno" into a `Result`.
///
/// Generic because some calls answer with an `int` and others with an `ssize_t`.
pub(crate) fn check<T: PartialOrd + Default>(result: T) -> io::Result<T> {
    if result < T::default() { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// Gives errno back the value that a signal handler found (errno(3)).
fn set_errno(value: libc::c_int) {
    #[cfg(target_os = "linux")]
    // SAFETY: takes nothing; the result is this thread's errno, valid while the thread lives.
    let errno = unsafe { libc::__errno_location() };
    #[cfg(any(target_vendor = "apple", target_os = "freebsd"))]
    // SAFETY: as above.
    let errno = unsafe { libc::__error() };
    #[cfg(any(target_os = "netbsd", target_os = "openbsd"))]
    // SAFETY: as above.
    let errno = unsafe { libc::__errno() };
    #[cfg(target_os = "dragonfly")]
    // SAFETY: as above.
    let errno = unsafe { libc::__errno_location() };
    // SAFETY: the pointer is valid and this thread's own.
    unsafe { errno.write(value) };
}

/// Makes a descriptor nonblocking and closed on exec where no flag at its making does (fcntl(2)).
#[cfg(target_vendor = "apple")]
fn set_flags(fd: &std::os::fd::OwnedFd) -> io::Result<()> {
    use std::os::fd::AsRawFd;
    // SAFETY: takes no pointer; the descriptor is ours.
    check(unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_SETFD, libc::FD_CLOEXEC) })?;
    // SAFETY: as above.
    let flags = check(unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_GETFL) })?;
    // SAFETY: as above.
    check(unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_SETFL, flags | libc::O_NONBLOCK) })?;
    Ok(())
}
