//! Signals, made into readable descriptors: the self-pipe.
//!
//! A handler may run between any two instructions of any thread, so it may do almost nothing
//! (signal-safety(7)). Ours counts, and writes one byte to the pipe of each listener. The rest
//! happens later, in the loop, as for any other descriptor.
//!
//! ```text
//!   kernel ──► handler ── COUNTS[signal] += 1
//!                 └────── write(pipe) ──► readable ──► the listener's task looks at COUNTS
//! ```
//!
//! Invariants:
//! - The handler allocates nothing, locks nothing, and leaves errno as it found it.
//! - A pipe is closed only when no handler can still be about to write to it: a handler announces
//!   itself in `RUNNING` *before* it looks at `PIPES`, and who takes a pipe out of `PIPES` then waits
//!   until `RUNNING` has been zero. (A handler that interrupts the waiting thread itself runs to its
//!   end before the thread goes on, so this wait is short and cannot deadlock.)
//! - A signal once caught stays caught until the process ends: giving it back its default action
//!   would race with other listeners.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::ptr;
use std::sync::atomic::{AtomicI32, AtomicU32, AtomicUsize, Ordering};

use super::check;

/// One more than the largest signal number of the systems we run on (Linux: 64).
const SIGNALS: usize = 128;
/// The most listeners that a process can have at once.
const LISTENERS: usize = 64;
const NO_PIPE: i32 = -1;

static COUNTS: [AtomicU32; SIGNALS] = [const { AtomicU32::new(0) }; SIGNALS];
static PIPES: [AtomicI32; LISTENERS] = [const { AtomicI32::new(NO_PIPE) }; LISTENERS];
static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// The interrupt from the keyboard.
pub(crate) const INTERRUPT: i32 = libc::SIGINT;
/// The polite request to end.
pub(crate) const TERMINATE: i32 = libc::SIGTERM;
/// The terminal has gone; servers read their configuration again.
pub(crate) const HANGUP: i32 = libc::SIGHUP;
/// For the program's own use.
pub(crate) const USER_1: i32 = libc::SIGUSR1;
/// For the program's own use.
pub(crate) const USER_2: i32 = libc::SIGUSR2;

/// Whether `signal` says that an instruction went wrong. A handler that returns from one goes back to
/// that instruction, for ever (signal(7)).
pub(crate) fn is_fault(signal: i32) -> bool {
    [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL].contains(&signal)
}

/// Lets our handler have `signal` from now on (sigaction(2)).
pub(crate) fn catch(signal: i32) -> io::Result<()> {
    // SAFETY: sigaction is plain data; all zeroes is "default action, empty mask, no flags".
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    let handler: extern "C" fn(libc::c_int) = on_signal;
    action.sa_sigaction = handler as libc::sighandler_t;
    // Interrupted calls go on by themselves where the kernel can do that; those of the loop are
    // written to bear EINTR anyway.
    action.sa_flags = libc::SA_RESTART;
    // SAFETY: `action` is complete and outlives the call; the handler does only what a handler may.
    check(unsafe { libc::sigaction(signal, ptr::from_ref(&action), ptr::null_mut()) })?;
    Ok(())
}

/// How often `signal` has come since the process began, modulo 2^32.
pub(crate) fn count(signal: i32) -> u32 {
    usize::try_from(signal)
        .ok()
        .and_then(|index| COUNTS.get(index))
        .map_or(0, |count| count.load(Ordering::SeqCst))
}

/// Sends `signal` to this process (raise(3) sends to the thread; kill(2) to all of it).
#[cfg(test)]
pub(crate) fn send_to_self(signal: i32) {
    let this_process = std::process::id() as libc::pid_t;
    // SAFETY: takes no pointer; our own process is always there.
    check(unsafe { libc::kill(this_process, signal) }).expect("a signal to ourselves");
}

extern "C" fn on_signal(signal: libc::c_int) {
    let saved = io::Error::last_os_error().raw_os_error();
    RUNNING.fetch_add(1, Ordering::SeqCst);
    if let Some(count) = usize::try_from(signal).ok().and_then(|index| COUNTS.get(index)) {
        count.fetch_add(1, Ordering::SeqCst);
    }
    for pipe in &PIPES {
        let fd = pipe.load(Ordering::SeqCst);
        if fd != NO_PIPE {
            // SAFETY: one byte is readable; the descriptor stays open while RUNNING is not zero. A
            // full pipe says EAGAIN, and holds bytes enough already.
            unsafe { libc::write(fd, ptr::from_ref(&0_u8).cast(), 1) };
        }
    }
    RUNNING.fetch_sub(1, Ordering::SeqCst);
    if let Some(saved) = saved {
        super::set_errno(saved);
    }
}

/// A pipe that the handler writes to for as long as this lives.
pub(crate) struct Bell {
    listener: usize,
    _writer: OwnedFd,
}

impl Bell {
    /// The bell, and the end of the pipe that becomes readable when it rings.
    ///
    /// # Errors
    /// No descriptors are left, or 64 listeners are there already.
    pub(crate) fn new() -> io::Result<(Bell, OwnedFd)> {
        let (reader, writer) = pipe()?;
        for (listener, pipe) in PIPES.iter().enumerate() {
            let taken = pipe.compare_exchange(
                NO_PIPE,
                writer.as_raw_fd(),
                Ordering::SeqCst,
                Ordering::SeqCst,
            );
            if taken.is_ok() {
                return Ok((Bell { listener, _writer: writer }, reader));
            }
        }
        Err(io::Error::other(
            "64 signal listeners are there already, which is the most a process can have",
        ))
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        PIPES[self.listener].store(NO_PIPE, Ordering::SeqCst);
        while RUNNING.load(Ordering::SeqCst) != 0 {
            std::thread::yield_now();
        }
    }
}

/// A nonblocking pipe, closed on exec: reader, writer (pipe2(2)).
fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let mut fds = [0; 2];
    #[cfg(not(target_vendor = "apple"))]
    // SAFETY: `fds` is writable for the two descriptors that the call gives.
    check(unsafe { libc::pipe2(fds.as_mut_ptr(), libc::O_NONBLOCK | libc::O_CLOEXEC) })?;
    #[cfg(target_vendor = "apple")]
    // SAFETY: `fds` is writable for the two descriptors that the call gives.
    check(unsafe { libc::pipe(fds.as_mut_ptr()) })?;
    // SAFETY: the kernel has just made this descriptor for us, and nobody else knows of it.
    let reader = unsafe { OwnedFd::from_raw_fd(fds[0]) };
    // SAFETY: as above.
    let writer = unsafe { OwnedFd::from_raw_fd(fds[1]) };
    #[cfg(target_vendor = "apple")]
    {
        super::set_flags(&reader)?;
        super::set_flags(&writer)?;
    }
    Ok((reader, writer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bell_that_is_gone_leaves_its_place_to_the_next() {
        for _ in 0..2 * LISTENERS {
            let _bell = Bell::new().expect("a place is free");
        }
    }

    #[test]
    fn a_signal_is_counted_and_rings_the_bell() {
        catch(USER_2).expect("the handler is set");
        let (_bell, reader) = Bell::new().expect("a bell");
        let before = count(USER_2);
        send_to_self(USER_2);
        let deadline = crate::sys::clock::now() + std::time::Duration::from_secs(10);
        let mut byte = [0];
        // The kernel may hand the signal to another thread of this process, a little later.
        while super::super::socket::read(std::os::fd::AsFd::as_fd(&reader), &mut byte).is_err() {
            assert!(crate::sys::clock::now() < deadline, "waited 10 s for the bell to ring");
            std::thread::yield_now();
        }
        assert_ne!(count(USER_2), before);
    }
}
