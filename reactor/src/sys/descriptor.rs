//! What can be done with any descriptor: write(2), poll(2), fcntl(2). (`socket::read` reads any, too.)
//!
//! # A broken pipe without its signal
//! Sockets have a flag against SIGPIPE; a write to a pipe that nobody reads any more has none. Rust's
//! own `main` ignores the signal, but we may run in a program with another. So the thread refuses the
//! signal while it writes, and takes it away before it allows it again:
//!
//! ```text
//!   mask SIGPIPE ─► write ──EPIPE──► pending? take it (sigwait) ──┐
//!                     └──────────any other outcome────────────────┴─► mask as before
//! ```
//!
//! Neighbours: `source` reads and writes pipes with these; `stdio` asks before it tries.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr;

use super::check;
use super::socket;

/// Writes what fits, perhaps less than all (write(2)); a reader that has gone is `BrokenPipe`, never a
/// signal.
pub(crate) fn write(fd: BorrowedFd<'_>, buffer: &[u8]) -> io::Result<usize> {
    let signals = only_sigpipe();
    let mut before = only_sigpipe();
    // SAFETY: both sets are initialised and outlive the call.
    check_code(unsafe {
        libc::pthread_sigmask(libc::SIG_BLOCK, &raw const signals, &raw mut before)
    })?;
    // SAFETY: the buffer is readable for its length for as long as the call lasts.
    let written =
        check(unsafe { libc::write(fd.as_raw_fd(), buffer.as_ptr().cast(), buffer.len()) });
    // Who had refused the signal before keeps what is pending: it may not be ours.
    // SAFETY: the set is initialised.
    let refused_before = unsafe { libc::sigismember(&raw const before, libc::SIGPIPE) } == 1;
    if written.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
        && !refused_before
    {
        take_pending(&signals);
    }
    // SAFETY: as above; the old mask is not asked for.
    check_code(unsafe {
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const before, ptr::null_mut())
    })?;
    written.map(|count| count as usize)
}

/// Takes the SIGPIPE that a write has just sent to this very thread, if it was not ignored at once.
fn take_pending(signals: &libc::sigset_t) {
    let mut pending = only_sigpipe();
    // SAFETY: the set is writable and outlives the call.
    let known = unsafe { libc::sigpending(&raw mut pending) } == 0;
    // SAFETY: the set is initialised.
    if known && unsafe { libc::sigismember(&raw const pending, libc::SIGPIPE) } == 1 {
        let mut signal = 0;
        // SAFETY: both outlive the call, which does not wait: the signal is pending.
        unsafe { libc::sigwait(signals, &raw mut signal) };
    }
}

fn only_sigpipe() -> libc::sigset_t {
    // SAFETY: sigset_t is plain data; sigemptyset below makes it a set on every system.
    let mut set: libc::sigset_t = unsafe { std::mem::zeroed() };
    // SAFETY: the set is writable.
    unsafe { libc::sigemptyset(&raw mut set) };
    // SAFETY: the set is initialised; SIGPIPE is a signal.
    unsafe { libc::sigaddset(&raw mut set, libc::SIGPIPE) };
    set
}

/// The pthread calls answer with the error itself.
fn check_code(code: libc::c_int) -> io::Result<()> {
    if code == 0 { Ok(()) } else { Err(io::Error::from_raw_os_error(code)) }
}

/// Makes a descriptor nonblocking, for all who hold the same open file (fcntl(2)).
pub(crate) fn set_nonblocking(fd: BorrowedFd<'_>) -> io::Result<()> {
    // SAFETY: takes no pointer; the descriptor is borrowed and thus open.
    let flags = check(unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_GETFL) })?;
    if flags & libc::O_NONBLOCK == 0 {
        // SAFETY: as above.
        check(unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_SETFL, flags | libc::O_NONBLOCK) })?;
    }
    Ok(())
}

/// [`socket::read`] for a descriptor that may block: asks first whether it would.
pub(crate) fn read_if_ready(fd: BorrowedFd<'_>, buffer: &mut [u8]) -> io::Result<usize> {
    ask(fd, libc::POLLIN)?;
    socket::read(fd, buffer)
}

/// [`write()`] for a descriptor that may block: asks first whether it would, and writes no more than a
/// ready pipe takes at once (pipe(7)).
pub(crate) fn write_if_ready(fd: BorrowedFd<'_>, buffer: &[u8]) -> io::Result<usize> {
    ask(fd, libc::POLLOUT)?;
    write(fd, &buffer[..buffer.len().min(libc::PIPE_BUF)])
}

/// `WouldBlock` where nothing can be done just now (poll(2) without waiting).
fn ask(fd: BorrowedFd<'_>, events: libc::c_short) -> io::Result<()> {
    let mut question = libc::pollfd { fd: fd.as_raw_fd(), events, revents: 0 };
    // SAFETY: one entry, writable, which outlives the call.
    match check(unsafe { libc::poll(&raw mut question, 1, 0) })? {
        0 => Err(io::ErrorKind::WouldBlock.into()),
        _ => Ok(()),
    }
}
