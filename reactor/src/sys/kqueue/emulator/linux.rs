//! What the emulator asks of Linux: each call in a safe coat.
//!
//! Neighbours: `notes` and `emulator.rs`, its only users.

use std::io;
use std::mem::{self, MaybeUninit};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::ptr;
use std::time::Duration;

use libc::{c_int, epoll_event, itimerspec, sigset_t, timespec};

use crate::sys::check;

/// An epoll instance.
pub(super) fn epoll() -> io::Result<OwnedFd> {
    // SAFETY: takes no pointer; the result is checked.
    let fd = check(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })?;
    // SAFETY: the kernel has just made this descriptor for us, and nobody else knows of it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// epoll_ctl(2): `events` of `fd`, to be reported under `label`.
pub(super) fn control(
    epoll: RawFd,
    operation: c_int,
    fd: RawFd,
    events: c_int,
    label: u64,
) -> io::Result<()> {
    let mut event = epoll_event { events: events as u32, u64: label };
    // SAFETY: `event` outlives the call, which copies it.
    check(unsafe { libc::epoll_ctl(epoll, operation, fd, &mut event) })?;
    Ok(())
}

/// What an epoll has to say now, without waiting.
pub(super) fn take(epoll: RawFd, buffer: &mut [epoll_event]) -> io::Result<&[epoll_event]> {
    let size = buffer.len() as c_int;
    // SAFETY: the buffer is writable for its length, and outlives the call.
    let count = check(unsafe { libc::epoll_wait(epoll, buffer.as_mut_ptr(), size, 0) })?;
    Ok(&buffer[..count as usize])
}

/// Sleeps until a descriptor can be read, with these signals blocked and no others (ppoll(2)). No
/// timeout: for ever. Says whether it can be read. Takes nothing from it.
pub(super) fn sleep(fd: RawFd, timeout: Option<Duration>, blocked: &sigset_t) -> io::Result<bool> {
    let mut entry = libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
    let timeout = timeout.map(to_timespec);
    let timeout = timeout.as_ref().map_or(ptr::null(), ptr::from_ref);
    // SAFETY: one entry is readable and writable; the timeout is null or, like the mask, outlives
    // the call.
    let count = check(unsafe { libc::ppoll(&mut entry, 1, timeout, blocked) })?;
    Ok(count > 0)
}

fn to_timespec(duration: Duration) -> timespec {
    timespec {
        tv_sec: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: i64::from(duration.subsec_nanos()),
    }
}

/// A descriptor that is readable from `ring` to `hush` (eventfd(2)).
pub(super) struct Doorbell(OwnedFd);

impl Doorbell {
    pub(super) fn new() -> io::Result<Doorbell> {
        // SAFETY: takes no pointer; the result is checked.
        let fd = check(unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) })?;
        // SAFETY: the kernel has just made this descriptor for us, and nobody else knows of it.
        Ok(Doorbell(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    pub(super) fn ring(&self) {
        let one = 1_u64.to_ne_bytes();
        // SAFETY: eight bytes are readable. It fails only where 2^64 rings were not heard.
        unsafe { libc::write(self.0.as_raw_fd(), one.as_ptr().cast(), one.len()) };
    }

    pub(super) fn hush(&self) {
        read_counter(&self.0);
    }

    pub(super) fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

/// A timer that is readable from its expiry on (timerfd_create(2)).
pub(super) fn timer() -> io::Result<OwnedFd> {
    let flags = libc::TFD_NONBLOCK | libc::TFD_CLOEXEC;
    // SAFETY: takes no pointer; the result is checked.
    let fd = check(unsafe { libc::timerfd_create(libc::CLOCK_MONOTONIC, flags) })?;
    // SAFETY: the kernel has just made this descriptor for us, and nobody else knows of it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Lets a timer expire after `period`, and where it `repeats`, after each period again.
pub(super) fn arm(timer: &OwnedFd, period: Duration, repeats: bool) -> io::Result<()> {
    // Zero would disarm it.
    let period = period.max(Duration::from_nanos(1));
    let interval = if repeats { period } else { Duration::ZERO };
    let setting = itimerspec { it_value: to_timespec(period), it_interval: to_timespec(interval) };
    // SAFETY: the setting outlives the call; null says that the old one is of no interest.
    check(unsafe { libc::timerfd_settime(timer.as_raw_fd(), 0, &setting, ptr::null_mut()) })?;
    Ok(())
}

/// Takes the counter of an eventfd or timerfd; zero where there is none to take.
pub(super) fn read_counter(fd: &OwnedFd) -> u64 {
    let mut bytes = [0_u8; 8];
    // SAFETY: eight bytes are writable. Where it fails (EAGAIN), they stay zero.
    unsafe { libc::read(fd.as_raw_fd(), bytes.as_mut_ptr().cast(), bytes.len()) };
    u64::from_ne_bytes(bytes)
}

/// Whether a number names an open descriptor.
pub(super) fn is_open(fd: RawFd) -> bool {
    // SAFETY: takes no pointer; any number is allowed.
    unsafe { libc::fcntl(fd, libc::F_GETFD) >= 0 }
}

/// A socket's option, or `None` for what is not a socket or has no such option.
pub(super) fn socket_option<T: Copy>(fd: RawFd, level: c_int, name: c_int) -> Option<T> {
    let mut value = MaybeUninit::<T>::zeroed();
    let mut length = mem::size_of::<T>() as libc::socklen_t;
    // SAFETY: `value` is writable for `length` bytes, and both outlive the call.
    let result =
        unsafe { libc::getsockopt(fd, level, name, value.as_mut_ptr().cast(), &mut length) };
    // SAFETY: used with integers and tcp_info, for which the zeroes that it began with are valid.
    (result == 0).then(|| unsafe { value.assume_init() })
}

/// An ioctl(2) that answers with a number, such as the bytes in a buffer.
pub(super) fn number(fd: RawFd, request: libc::Ioctl) -> c_int {
    let mut number = 0;
    // SAFETY: the requests that we make write one int, which outlives the call.
    unsafe { libc::ioctl(fd, request, &mut number) };
    number
}

/// How many bytes a pipe holds at most, or `None` for what is not a pipe.
pub(super) fn pipe_size(fd: RawFd) -> Option<c_int> {
    // SAFETY: takes no pointer; any number is allowed.
    check(unsafe { libc::fcntl(fd, libc::F_GETPIPE_SZ) }).ok()
}

/// Whether a descriptor has an error to report now (poll(2)).
pub(super) fn has_error(fd: RawFd) -> bool {
    let mut entry = libc::pollfd { fd, events: 0, revents: 0 };
    // SAFETY: one entry is readable and writable, and outlives the call.
    unsafe { libc::poll(&mut entry, 1, 0) };
    entry.revents & libc::POLLERR != 0
}

/// While this lives, no signal handler runs on this thread.
///
/// A handler may notify, and so call the emulator, at any instruction; it must not find this thread
/// holding a lock that it then waits for.
pub(super) struct Quiet {
    before: sigset_t,
}

impl Quiet {
    pub(super) fn new() -> Quiet {
        let mut all = MaybeUninit::uninit();
        // SAFETY: the set is writable; the call fills it.
        unsafe { libc::sigfillset(all.as_mut_ptr()) };
        let mut before = MaybeUninit::uninit();
        // SAFETY: `all` was filled just now, and `before` is writable; both outlive the call.
        unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, all.as_ptr(), before.as_mut_ptr()) };
        // SAFETY: the call cannot fail with a valid first argument, and so has written the old
        // mask.
        Quiet { before: unsafe { before.assume_init() } }
    }

    /// The signals that were blocked before.
    pub(super) fn before(&self) -> &sigset_t {
        &self.before
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // SAFETY: the mask is the one that the kernel gave us; null: the present one is known.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &self.before, ptr::null_mut()) };
    }
}
