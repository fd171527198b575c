//! Linux: `Selector` on epoll(7), `Notifier` on eventfd(2).
//!
//! ```text
//!             ┌──────────── epoll instance ───────────┐
//!  add ──────►│ interest list      ready list         │
//!             │ fd 7 IN|OUT|ET     fd 7 IN      ──────┼──► wait
//!             │ fd 9 IN|OUT|ET     eventfd IN ────────┼──► (ends the wait, reported to nobody)
//!             └───────────────────────────────────────┘
//! ```
//!
//! Two facts that have bitten many:
//! - `struct epoll_event` is packed on x86-64 and on no other architecture, so that 32-bit and
//!   64-bit programs share one layout there. `libc`'s definition knows; we copy its fields out and
//!   never take a reference to one.
//! - An eventfd registered with `EPOLLET` reports each *write*, whether or not anybody read it since.
//!   So ours is written and never read, which saves a call at each notification.
//!
//! Neighbours: `sys/mod.rs` says what must hold here; `kqueue.rs` says the same for the BSDs.

use std::cell::Cell;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::ptr;
use std::time::Duration;

use super::{BATCH, check};
use crate::event::{Event, Events, Interest, Mode, Readiness, Token};

/// What this backend is called, for people.
pub(crate) const NAME: &str = "epoll";

/// An epoll instance.
pub(crate) struct Selector {
    epoll: OwnedFd,
    /// Whether the kernel has epoll_pwait2(2), Linux 5.11: the wait with a timeout in nanoseconds.
    has_nanoseconds: Cell<bool>,
}

impl Selector {
    pub(crate) fn new() -> io::Result<Selector> {
        // SAFETY: takes no pointer; the result is checked.
        let fd = check(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })?;
        // SAFETY: the kernel has just made this descriptor for us, and nobody else knows of it.
        let epoll = unsafe { OwnedFd::from_raw_fd(fd) };
        Ok(Selector { epoll, has_nanoseconds: Cell::new(true) })
    }

    pub(crate) fn add(
        &self,
        fd: BorrowedFd<'_>,
        token: Token,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_ADD, fd, Some(registration(token, interest, mode)))
    }

    pub(crate) fn modify(
        &self,
        fd: BorrowedFd<'_>,
        token: Token,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_MOD, fd, Some(registration(token, interest, mode)))
    }

    pub(crate) fn remove(&self, fd: BorrowedFd<'_>) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_DEL, fd, None)
    }

    fn control(
        &self,
        operation: i32,
        fd: BorrowedFd<'_>,
        event: Option<libc::epoll_event>,
    ) -> io::Result<()> {
        // Linux before 2.6.9 wanted a pointer at DEL too; since then null is what the page asks for.
        let mut event = event;
        let pointer = event.as_mut().map_or(ptr::null_mut(), ptr::from_mut);
        // SAFETY: `pointer` is null for DEL, which ignores it, or points at `event`, which outlives
        // the call; the kernel copies it. Both descriptors are open: we own one and borrow the other.
        check(unsafe {
            libc::epoll_ctl(self.epoll.as_raw_fd(), operation, fd.as_raw_fd(), pointer)
        })?;
        Ok(())
    }

    pub(crate) fn wait(&self, events: &mut Events, timeout: Option<Duration>) -> io::Result<()> {
        let mut buffer = [const { MaybeUninit::<libc::epoll_event>::uninit() }; BATCH];
        let count = self.wait_raw(&mut buffer, timeout)?;
        events.fill(buffer[..count].iter().map(|entry| {
            // SAFETY: the kernel wrote the first `count` entries, and says that it wrote no fewer.
            let entry = unsafe { entry.assume_init() };
            Event::new(Token::from_bits(entry.u64), readiness(entry.events))
        }));
        Ok(())
    }

    /// Asks with nanoseconds, less the slack, where the timeout needs them and the kernel has them, otherwise with
    /// milliseconds, rounded up: a timer that fires early is a bug, one that fires late is life.
    fn wait_raw(
        &self,
        buffer: &mut [MaybeUninit<libc::epoll_event>; BATCH],
        timeout: Option<Duration>,
    ) -> io::Result<usize> {
        if let Some(timeout) = timeout
            && !timeout.is_zero()
            && self.has_nanoseconds.get()
        {
            match self.wait_nanoseconds(buffer, timeout) {
                Err(error) if error.raw_os_error() == Some(libc::ENOSYS) => {
                    self.has_nanoseconds.set(false)
                }
                result => return result,
            }
        }
        let milliseconds = timeout.map_or(-1, whole_milliseconds);
        // SAFETY: the buffer is writable for BATCH entries, and lives until the call returns.
        let count = check(unsafe {
            libc::epoll_wait(
                self.epoll.as_raw_fd(),
                buffer.as_mut_ptr().cast(),
                BATCH as i32,
                milliseconds,
            )
        })?;
        Ok(count as usize)
    }

    /// epoll_pwait2(2), by its number: older C libraries do not have the function.
    fn wait_nanoseconds(
        &self,
        buffer: &mut [MaybeUninit<libc::epoll_event>; BATCH],
        timeout: Duration,
    ) -> io::Result<usize> {
        let timeout = less_slack(timeout);
        let timeout = KernelTimespec {
            seconds: i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX),
            nanoseconds: i64::from(timeout.subsec_nanos()),
        };
        let no_signal_mask = ptr::null::<libc::sigset_t>();
        // SAFETY: the buffer is writable for BATCH entries; the timeout outlives the call and has the
        // kernel's own 64-bit layout; a null signal mask means "leave the mask as it is", and its
        // size is then not looked at.
        let count = check(unsafe {
            libc::syscall(
                libc::SYS_epoll_pwait2,
                self.epoll.as_raw_fd(),
                buffer.as_mut_ptr(),
                BATCH as libc::c_int,
                ptr::from_ref(&timeout),
                no_signal_mask,
                0_usize,
            )
        })?;
        Ok(count as usize)
    }
}

/// The kernel's `struct __kernel_timespec`: 64 bits in each field on every architecture.
#[repr(C)]
struct KernelTimespec {
    seconds: i64,
    nanoseconds: i64,
}

/// What to ask for, so that the kernel is back when `timeout` is over, and not much later.
///
/// To the kernel a timeout means "then, or a little later": later by at most the thread's *timer slack*
/// (prctl(2), `PR_SET_TIMERSLACK`), 50 µs where nobody has set it, or by a thousandth of the wait if
/// that is more. A processor with nothing else to do takes all of it, so we ask for what is earlier by
/// as much. One that is awake may come before: then the rest is waited for, as after any early return,
/// and half of it at least, so that a thread without slack is not asked for it in a thousand steps.
///
/// Measured by the executor's example `timer_lateness` and by waits of 2 s, medians:
///
/// | | 0.2 to 3 ms | 2 s | |
/// | --- | --- | --- | --- |
/// | the timeout as it is | 85 µs late | 2,093 µs late | |
/// | slack set to 1 ns | 34 µs | | for the whole thread, its threads and children; a thousandth stays |
/// | a timerfd(2) | 35 µs | 117 µs | one system call more for each new deadline |
/// | this | 32 µs | 115 µs | 1,000 waits for 1,000 timers: none was early |
///
/// The rest is the way of a processor out of its sleep.
fn less_slack(timeout: Duration) -> Duration {
    const SLACK: Duration = Duration::from_micros(50);
    // A thousandth of what is asked for is a part in 1,001 of what is meant.
    timeout - SLACK.max(timeout / 1_001).min(timeout / 2)
}

/// The timeout of epoll_wait(2): whole milliseconds, up, and at most 2^31 - 1 (24 days; who waits
/// longer is asked again).
fn whole_milliseconds(timeout: Duration) -> i32 {
    let up = timeout.as_nanos().div_ceil(1_000_000);
    i32::try_from(up).unwrap_or(i32::MAX)
}

fn registration(token: Token, interest: Interest, mode: Mode) -> libc::epoll_event {
    let mut events = match mode {
        Mode::Level => 0,
        Mode::Edge => libc::EPOLLET,
        Mode::OneShot => libc::EPOLLONESHOT,
    };
    if interest.is_readable() {
        events |= libc::EPOLLIN | libc::EPOLLRDHUP;
    }
    if interest.is_writable() {
        events |= libc::EPOLLOUT;
    }
    libc::epoll_event { events: events as u32, u64: token.to_bits() }
}

/// What the bits of epoll_ctl(2) say of the two directions.
///
/// All but one of those that we know are below 32, and that one is put next to them: what each mixture of
/// the six means is worked out when this is compiled.
fn readiness(bits: u32) -> Readiness {
    const LOW: u32 = 0b1_1111;
    const UP: u32 = (libc::EPOLLRDHUP as u32).trailing_zeros() - LOW.trailing_ones();
    const MEANINGS: [Readiness; 64] = {
        let mut meanings = [Readiness::NONE; 64];
        let mut mixture = 0;
        while mixture < meanings.len() as u32 {
            meanings[mixture as usize] = meaning(mixture & LOW | (mixture & !LOW) << UP);
            mixture += 1;
        }
        meanings
    };
    MEANINGS[(bits & LOW | bits >> UP & (LOW + 1)) as usize]
}

const fn meaning(bits: u32) -> Readiness {
    const BOTH: Readiness = Readiness::READABLE.with(Readiness::WRITABLE);
    const HANG_UP: Readiness = BOTH.with(Readiness::READ_CLOSED).with(Readiness::WRITE_CLOSED);
    const HALF_CLOSE: Readiness = Readiness::READABLE.with(Readiness::READ_CLOSED);
    const MEANINGS: [(i32, Readiness); 6] = [
        (libc::EPOLLIN, Readiness::READABLE),
        (libc::EPOLLPRI, Readiness::READABLE),
        (libc::EPOLLOUT, Readiness::WRITABLE),
        (libc::EPOLLRDHUP, HALF_CLOSE),
        (libc::EPOLLHUP, HANG_UP),
        (libc::EPOLLERR, BOTH.with(Readiness::ERROR)),
    ];
    let mut facts = Readiness::NONE;
    let mut index = 0;
    while index < MEANINGS.len() {
        let (bit, meaning) = MEANINGS[index];
        if bits & bit as u32 != 0 {
            facts = facts.with(meaning);
        }
        index += 1;
    }
    facts
}

/// An eventfd(2) in the selector's interest list, edge-triggered and never read.
pub(crate) struct Notifier {
    eventfd: OwnedFd,
}

impl Notifier {
    pub(crate) fn new(selector: &Selector) -> io::Result<Notifier> {
        // SAFETY: takes no pointer; the result is checked.
        let fd = check(unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) })?;
        // SAFETY: the kernel has just made this descriptor for us, and nobody else knows of it.
        let eventfd = unsafe { OwnedFd::from_raw_fd(fd) };
        let notifier = Notifier { eventfd };
        let fd = std::os::fd::AsFd::as_fd(&notifier.eventfd);
        selector.add(fd, Token::NOTIFY, Interest::READABLE, Mode::Edge)?;
        Ok(notifier)
    }

    pub(crate) fn notify(&self) -> io::Result<()> {
        match self.write(1) {
            // The counter is full: 2^64 - 2 writes, none of them read. Empty it, and say it again.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.empty()?;
                self.write(1)
            }
            result => result,
        }
    }

    fn write(&self, count: u64) -> io::Result<()> {
        let bytes = count.to_ne_bytes();
        // SAFETY: `bytes` is readable for the eight bytes that an eventfd takes.
        check(unsafe {
            libc::write(self.eventfd.as_raw_fd(), bytes.as_ptr().cast(), bytes.len())
        })?;
        Ok(())
    }

    fn empty(&self) -> io::Result<()> {
        let mut bytes = [0_u8; 8];
        // SAFETY: `bytes` is writable for the eight bytes that an eventfd gives.
        check(unsafe {
            libc::read(self.eventfd.as_raw_fd(), bytes.as_mut_ptr().cast(), bytes.len())
        })?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeout_rounding_goes_up_and_clamps() {
        assert_eq!(whole_milliseconds(Duration::ZERO), 0);
        assert_eq!(whole_milliseconds(Duration::from_nanos(1)), 1);
        assert_eq!(whole_milliseconds(Duration::from_micros(1_000)), 1);
        assert_eq!(whole_milliseconds(Duration::from_micros(1_001)), 2);
        assert_eq!(whole_milliseconds(Duration::MAX), i32::MAX);
    }

    #[test]
    fn less_is_asked_for_by_the_slack_and_never_nothing() {
        for (microseconds, asked) in [(60, 30), (100, 50), (3_000, 2_950), (1_001_000, 1_000_000)] {
            let timeout = Duration::from_micros(microseconds);
            assert_eq!(less_slack(timeout), Duration::from_micros(asked), "of {timeout:?}");
        }
        assert_eq!(less_slack(Duration::from_nanos(1)), Duration::from_nanos(1));
        assert!(less_slack(Duration::MAX) > Duration::MAX / 2);
    }

    #[test]
    fn epoll_event_is_packed_on_x86_64_and_only_there() {
        let packed = cfg!(any(target_arch = "x86_64", target_arch = "x86"));
        assert_eq!(size_of::<libc::epoll_event>(), if packed { 12 } else { 16 });
    }

    #[test]
    fn rdhup_is_half_close_and_no_more() {
        let facts = readiness(libc::EPOLLRDHUP as u32);
        assert!(facts.intersects(Readiness::READ_CLOSED));
        assert!(!facts.intersects(Readiness::WRITE_CLOSED.with(Readiness::WRITABLE)));
    }

    #[test]
    fn hup_or_err_without_in_wakes_both_directions() {
        for bit in [libc::EPOLLHUP, libc::EPOLLERR] {
            let facts = readiness(bit as u32);
            assert!(facts.intersects(Readiness::READABLE));
            assert!(facts.intersects(Readiness::WRITABLE));
        }
    }

    #[test]
    fn a_full_eventfd_is_emptied_and_the_notification_not_lost() {
        let selector = Selector::new().expect("an epoll instance");
        let notifier = Notifier::new(&selector).expect("an eventfd");
        notifier.write(u64::MAX - 1).expect("the counter's largest value");
        let full = notifier.write(1).expect_err("one more does not fit");
        assert_eq!(full.kind(), io::ErrorKind::WouldBlock);
        notifier.notify().expect("empties and writes");
    }

    #[test]
    fn the_wait_in_milliseconds_still_works_where_the_kernel_lacks_nanoseconds() {
        let selector = Selector::new().expect("an epoll instance");
        selector.has_nanoseconds.set(false);
        let before = crate::sys::clock::now();
        selector.wait(&mut Events::new(), Some(Duration::from_micros(1_500))).expect("a wait");
        assert!(before.elapsed() >= Duration::from_micros(1_500));
    }
}
