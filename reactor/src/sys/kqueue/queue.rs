//! kevent(2) itself: changes in, answers and events out, in one shape for all systems.
//!
//! ```text
//!   submit:  changes ──────────► kernel ──────────► an errno for each   (never sleeps)
//!   wait:    (no changes) ─────► kernel ──────────► events              (sleeps)
//! ```
//!
//! The call can do both at once. We keep them apart, so that an answer is never taken for an event.
//!
//! `struct kevent` has the same fields everywhere, in other widths: NetBSD's filter is an unsigned
//! 32-bit number and FreeBSD's has a tail of four words. They are widened and narrowed here, by
//! `as _`, and nowhere above.
//!
//! Invariants:
//! - Each change asks for a receipt, so that one that fails neither ends the list nor goes
//!   unnoticed.
//! - `submit` allocates nothing and takes no lock: a signal handler may notify.
//!
//! Neighbours: `kqueue.rs` above; below, the kernel's definitions from `libc`, or from `emulator`.

#![allow(clippy::unnecessary_cast, reason = "what is one width here is another there")]

use std::io;
use std::mem::{self, MaybeUninit};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::ptr;
use std::time::Duration;

#[cfg(all(target_os = "linux", reactor_kqueue_emu))]
use super::emulator as kernel;
#[cfg(not(target_os = "linux"))]
use libc as kernel;

use crate::event::Token;
use crate::sys::{BATCH, check};

#[cfg(not(target_pointer_width = "64"))]
compile_error!("a kevent's udata has the width of a pointer, and a token needs 64 bits of it");

pub(super) const READ: i32 = kernel::EVFILT_READ as i32;
pub(super) const WRITE: i32 = kernel::EVFILT_WRITE as i32;
pub(super) const USER: i32 = kernel::EVFILT_USER as i32;
pub(super) const ADD: u32 = kernel::EV_ADD as u32;
pub(super) const DELETE: u32 = kernel::EV_DELETE as u32;
pub(super) const DISABLE: u32 = kernel::EV_DISABLE as u32;
pub(super) const CLEAR: u32 = kernel::EV_CLEAR as u32;
pub(super) const DISPATCH: u32 = kernel::EV_DISPATCH as u32;
pub(super) const END_OF_FILE: u32 = kernel::EV_EOF as u32;
pub(super) const ERROR: u32 = kernel::EV_ERROR as u32;
pub(super) const TRIGGER: u32 = kernel::NOTE_TRIGGER as u32;

/// What shall be done to one note; after [`Queue::submit`], what became of it.
#[repr(transparent)]
pub(super) struct Change(kernel::kevent);

impl Change {
    pub(super) fn new(ident: RawFd, filter: i32, flags: u32, token: Token) -> Change {
        // SAFETY: a kevent is integers and a pointer that nobody follows; zero is valid for each.
        let mut event: kernel::kevent = unsafe { mem::zeroed() };
        event.ident = ident as _;
        event.filter = filter as _;
        event.flags = (flags | kernel::EV_RECEIPT as u32) as _;
        event.udata = token.to_bits() as usize as _;
        Change(event)
    }

    /// As well, this much in the flags that each filter reads in its own way.
    pub(super) fn with_filter_flags(mut self, filter_flags: u32) -> Change {
        self.0.fflags = filter_flags as _;
        self
    }

    /// The kernel's answer: an errno, or zero. `EV_ERROR` marks an answer, good or bad; it is a bit
    /// among others, and not the value of the whole field.
    pub(super) fn errno(&self) -> i32 {
        if self.0.flags as u32 & ERROR != 0 { self.0.data as i32 } else { 0 }
    }
}

/// What one note had to say.
pub(super) struct Fired {
    pub(super) fd: RawFd,
    pub(super) filter: i32,
    /// Those that the note was made with, and what happened.
    pub(super) flags: u32,
    pub(super) filter_flags: u32,
    pub(super) token: Token,
}

/// Room for the events of one wait.
pub(super) struct Buffer([MaybeUninit<kernel::kevent>; BATCH]);

impl Buffer {
    pub(super) fn new() -> Buffer {
        Buffer([const { MaybeUninit::uninit() }; BATCH])
    }
}

/// The kqueue's descriptor, which a selector shares with its notifiers: who goes last, closes it.
pub(super) struct Queue {
    fd: OwnedFd,
}

impl Queue {
    pub(super) fn new() -> io::Result<Queue> {
        // SAFETY: takes nothing; the result is checked.
        let fd = check(unsafe { kernel::kqueue() })?;
        // SAFETY: the kernel has just made this descriptor for us, and nobody else knows of it.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        let queue = Queue { fd };
        // SAFETY: takes no pointer; the descriptor is ours.
        check(unsafe { libc::fcntl(queue.fd.as_raw_fd(), libc::F_SETFD, libc::FD_CLOEXEC) })?;
        Ok(queue)
    }

    /// Carries out all the changes. Each then holds its answer: look at it.
    pub(super) fn submit(&self, changes: &mut [Change]) -> io::Result<()> {
        let list: *mut kernel::kevent = changes.as_mut_ptr().cast();
        let at_once = timespec(Duration::ZERO);
        // SAFETY: a `Change` holds a kevent and nothing else, so `list` is readable and writable
        // for all of them, and the kernel has read a change before it writes that one's answer;
        // the timeout outlives the call.
        let count = check(unsafe {
            kernel::kevent(
                self.fd.as_raw_fd(),
                list,
                changes.len() as _,
                list,
                changes.len() as _,
                &at_once,
            )
        })?;
        if count as usize != changes.len() {
            return Err(io::Error::other("kevent(2) left a change without its receipt"));
        }
        Ok(())
    }

    /// Waits, and brings what fired.
    pub(super) fn wait<'a>(
        &self,
        buffer: &'a mut Buffer,
        timeout: Option<Duration>,
    ) -> io::Result<impl Iterator<Item = Fired> + use<'a>> {
        let timeout = timeout.map(timespec);
        // SAFETY: there are no changes to read; the buffer is writable for BATCH entries; the
        // timeout is null, which means for ever, or outlives the call.
        let count = check(unsafe {
            kernel::kevent(
                self.fd.as_raw_fd(),
                ptr::null(),
                0,
                buffer.0.as_mut_ptr().cast(),
                BATCH as _,
                timeout.as_ref().map_or(ptr::null(), ptr::from_ref),
            )
        })?;
        Ok(buffer.0[..count as usize].iter().map(|entry| {
            // SAFETY: the kernel wrote the first `count` entries, and says that it wrote no fewer.
            let entry = unsafe { entry.assume_init() };
            Fired {
                fd: entry.ident as RawFd,
                filter: entry.filter as i32,
                flags: entry.flags as u32,
                filter_flags: entry.fflags as u32,
                token: Token::from_bits(entry.udata as usize as u64),
            }
        }))
    }
}

/// The emulator keeps descriptors of its own beside ours; a real kernel needs no telling.
#[cfg(all(target_os = "linux", reactor_kqueue_emu))]
impl Drop for Queue {
    fn drop(&mut self) {
        kernel::forget(self.fd.as_raw_fd());
    }
}

/// The timeout of kevent(2): up to whole microseconds, because macOS cuts off what is below one;
/// and at most 100 million seconds (three years), because kernels of this family may refuse more.
/// Who waits longer is asked again.
fn timespec(timeout: Duration) -> libc::timespec {
    const LONGEST: Duration = Duration::from_secs(100_000_000);
    let microseconds = timeout.min(LONGEST).as_nanos().div_ceil(1_000);
    libc::timespec {
        tv_sec: (microseconds / 1_000_000) as _,
        tv_nsec: (microseconds % 1_000_000 * 1_000) as _,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(timeout: Duration) -> (i64, i64) {
        let timespec = timespec(timeout);
        (timespec.tv_sec as i64, timespec.tv_nsec as i64)
    }

    #[test]
    fn timeout_rounding_goes_up_to_microseconds_and_carries() {
        assert_eq!(parts(Duration::ZERO), (0, 0));
        assert_eq!(parts(Duration::from_nanos(1)), (0, 1_000));
        assert_eq!(parts(Duration::from_nanos(1_500_000_001)), (1, 500_001_000));
        assert_eq!(parts(Duration::new(1, 999_999_999)), (2, 0));
    }

    #[test]
    fn the_longest_timeout_is_one_that_the_kernel_takes() {
        assert_eq!(parts(Duration::MAX), (100_000_000, 0));
        let queue = Queue::new().expect("a kqueue");
        let mut trigger = [
            Change::new(0, USER, ADD, Token::NOTIFY),
            Change::new(0, USER, 0, Token::NOTIFY).with_filter_flags(TRIGGER),
        ];
        queue.submit(&mut trigger).expect("two changes");
        let mut buffer = Buffer::new();
        let fired = queue.wait(&mut buffer, Some(Duration::MAX)).expect("not EINVAL");
        assert_eq!(fired.count(), 1);
    }

    #[test]
    fn each_change_gets_its_own_answer_and_a_failed_one_ends_nothing() {
        let queue = Queue::new().expect("a kqueue");
        let mut changes = [
            Change::new(0, USER, DELETE, Token::NOTIFY),
            Change::new(-1, READ, ADD, Token::NOTIFY),
            Change::new(0, USER, ADD, Token::NOTIFY),
        ];
        queue.submit(&mut changes).expect("the call itself succeeds");
        assert_eq!(changes.map(|change| change.errno()), [libc::ENOENT, libc::EBADF, 0]);
    }

    #[test]
    fn an_answer_is_known_by_a_bit_among_others() {
        let mut change = Change::new(0, READ, ADD, Token::NOTIFY);
        change.0.data = libc::EBADF as _;
        assert_eq!(change.errno(), 0, "without the bit, `data` is no errno");
        change.0.flags = (ADD | ERROR) as _;
        assert_eq!(change.errno(), libc::EBADF);
    }
}
