//! kqueue(2) on Linux, so that the kqueue backend's tests run where there is no BSD. For tests
//! only.
//!
//! ```text
//!   the kq descriptor = an outer epoll              a note of     is
//!   ├── descriptors with a READ note                EVFILT_READ   an entry in the outer epoll
//!   ├── inner epoll ◄── those with a WRITE note     EVFILT_WRITE  an entry in the inner epoll
//!   ├── eventfd     ◄── a user note was triggered   EVFILT_USER   in our table alone
//!   └── timerfd …   ◄── one for each timer note     EVFILT_TIMER  a timerfd
//! ```
//!
//! Two epolls, because epoll has one entry a descriptor where kqueue has one for each direction. An
//! edge-triggered entry is a note with `EV_CLEAR`: it fires when something *happens*. The names and
//! numbers are Apple's.
//!
//! Where the BSDs differ from each other, this is the strictest of them, so that what passes here
//! leans on none's kindness. `battery` states what is kept, one test a claim.
//!
//! **Not** kept: a note of a descriptor that is closed while a duplicate lives stays (a BSD drops
//! it); a regular file cannot be watched; `fflags` of an `EV_EOF` says that there is an error but
//! not which; after one's own `shutdown` for writing, WRITE does not say `EV_EOF`; of one file's
//! duplicates at most 500 can have a WRITE note (Linux limits the ways through nested epolls). So
//! this tests our backend's logic. It cannot tell what a BSD kernel does.
//!
//! Invariants:
//! - No lock is held while a wait sleeps: other threads change notes and trigger events meanwhile.
//! - A lock is held only with signals blocked, and triggering allocates nothing; so a signal
//!   handler may notify, as it may with a real kernel.
//! - What a queue holds beside its descriptor is closed by `forget`, before the number is free
//!   again.
//!
//! Neighbours: `queue` calls this in the kernel's place; `notes` and `firing` keep the table;
//! `linux` asks Linux.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::{IntoRawFd, RawFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use libc::{c_int, c_void, timespec};

use crate::sys::{clock, set_errno};
use linux::Quiet;
use notes::Notes;

#[cfg(test)]
mod battery;
mod firing;
mod linux;
mod note;
mod notes;

/// One entry of a list of changes or events; the layout is Apple's.
#[allow(non_camel_case_types, reason = "the name that libc gives it on the real systems")]
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct kevent {
    pub(super) ident: usize,
    pub(super) filter: i16,
    pub(super) flags: u16,
    pub(super) fflags: u32,
    pub(super) data: isize,
    pub(super) udata: *mut c_void,
}

pub(super) const EVFILT_READ: i16 = -1;
pub(super) const EVFILT_WRITE: i16 = -2;
pub(super) const EVFILT_TIMER: i16 = -7;
pub(super) const EVFILT_USER: i16 = -10;

pub(super) const EV_ADD: u16 = 0x1;
pub(super) const EV_DELETE: u16 = 0x2;
pub(super) const EV_ENABLE: u16 = 0x4;
pub(super) const EV_DISABLE: u16 = 0x8;
pub(super) const EV_ONESHOT: u16 = 0x10;
pub(super) const EV_CLEAR: u16 = 0x20;
pub(super) const EV_RECEIPT: u16 = 0x40;
pub(super) const EV_DISPATCH: u16 = 0x80;
pub(super) const EV_ERROR: u16 = 0x4000;
pub(super) const EV_EOF: u16 = 0x8000;

pub(super) const NOTE_TRIGGER: u32 = 0x0100_0000;
pub(super) const NOTE_FFAND: u32 = 0x4000_0000;
pub(super) const NOTE_FFOR: u32 = 0x8000_0000;
pub(super) const NOTE_FFCOPY: u32 = 0xc000_0000;
pub(super) const NOTE_FFLAGSMASK: u32 = 0x00ff_ffff;
pub(super) const NOTE_LOWAT: u32 = 0x1;
pub(super) const NOTE_SECONDS: u32 = 0x1;
pub(super) const NOTE_USECONDS: u32 = 0x2;
pub(super) const NOTE_NSECONDS: u32 = 0x4;

/// The notes of each queue, by the number of its descriptor.
static QUEUES: Mutex<BTreeMap<RawFd, Arc<Mutex<Notes>>>> = Mutex::new(BTreeMap::new());

/// kqueue(2): a new queue.
///
/// # Safety
/// None is needed; it is `unsafe` because the call that it stands in for is.
pub(super) unsafe fn kqueue() -> c_int {
    let _quiet = Quiet::new();
    to_errno(linux::epoll().and_then(|outer| {
        let notes = Notes::new(&outer)?;
        let kq = outer.into_raw_fd();
        lock(&QUEUES).insert(kq, Arc::new(Mutex::new(notes)));
        Ok(kq)
    }))
}

/// Closes what the queue holds beside its descriptor. To be called just before that is closed.
pub(super) fn forget(kq: RawFd) {
    let _quiet = Quiet::new();
    let notes = lock(&QUEUES).remove(&kq);
    drop(notes);
}

/// kevent(2): carries out the changes; then, where none of them left an answer, waits for events.
///
/// # Safety `changes` is readable for `change_count` entries, `events` writable for `event_count`
/// of them; the two may be one list. `timeout` is null or readable.
pub(super) unsafe fn kevent(
    kq: c_int,
    changes: *const kevent,
    change_count: c_int,
    events: *mut kevent,
    event_count: c_int,
    timeout: *const timespec,
) -> c_int {
    let quiet = Quiet::new();
    let mut room = Room { start: events, used: 0, size: event_count.max(0) as usize };
    // SAFETY: null or readable, says the caller.
    let timeout = unsafe { timeout.as_ref() };
    let result = find(kq).and_then(|notes| {
        let timeout = timeout.map(duration).transpose()?;
        for index in 0..change_count.max(0) as usize {
            // SAFETY: within the list, says the caller. No answer has been written here yet: at
            // most one was for each change before.
            let change = unsafe { changes.wrapping_add(index).read() };
            apply(&notes, &change, &mut room)?;
        }
        if room.used == 0 && room.size > 0 {
            wait(kq, &notes, timeout, &quiet, &mut room)?;
        }
        Ok(room.used as c_int)
    });
    drop(quiet);
    to_errno(result)
}

fn find(kq: RawFd) -> io::Result<Arc<Mutex<Notes>>> {
    lock(&QUEUES).get(&kq).cloned().ok_or(io::Error::from_raw_os_error(libc::EBADF))
}

/// Carries out one change, and leaves its answer where it asked for one or went wrong. The call
/// ends only where there is no room to say what went wrong.
fn apply(notes: &Mutex<Notes>, change: &kevent, room: &mut Room) -> io::Result<()> {
    let result = lock(notes).change(change);
    let errno =
        result.as_ref().map_or_else(|error| error.raw_os_error().unwrap_or(libc::EIO), |()| 0);
    if errno == 0 && change.flags & EV_RECEIPT == 0 {
        return Ok(());
    }
    if room.is_full() {
        return result;
    }
    room.push(kevent { flags: change.flags | EV_ERROR, data: errno as isize, ..*change });
    Ok(())
}

/// Sleeps until there are events or the time is over. Signals come through while it sleeps.
fn wait(
    kq: RawFd,
    notes: &Mutex<Notes>,
    timeout: Option<Duration>,
    quiet: &Quiet,
    room: &mut Room,
) -> io::Result<()> {
    let deadline = timeout.and_then(|timeout| clock::now().checked_add(timeout));
    loop {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(clock::now()));
        let is_ready = linux::sleep(kq, left, quiet.before())?;
        if is_ready {
            lock(notes).collect(room)?;
        }
        // What was ready may have been of interest to no note, or taken by another thread's wait.
        if room.used > 0 || !is_ready || left == Some(Duration::ZERO) {
            return Ok(());
        }
    }
}

/// The caller's list of events, as far as it is filled.
struct Room {
    start: *mut kevent,
    used: usize,
    size: usize,
}

impl Room {
    fn left(&self) -> usize {
        self.size - self.used
    }

    fn is_full(&self) -> bool {
        self.left() == 0
    }

    fn push(&mut self, event: kevent) {
        assert!(!self.is_full(), "who pushes has asked whether there is room");
        // SAFETY: the list is writable for `size` entries, says who called `kevent`, and `used` is
        // less than that.
        unsafe { self.start.wrapping_add(self.used).write(event) };
        self.used += 1;
    }
}

/// Not negative, a fraction below one second, and at most 100 million seconds: 4.4BSD's rule.
fn duration(timeout: &timespec) -> io::Result<Duration> {
    match (u64::try_from(timeout.tv_sec), u32::try_from(timeout.tv_nsec)) {
        (Ok(seconds @ ..=100_000_000), Ok(nanoseconds @ ..=999_999_999)) => {
            Ok(Duration::new(seconds, nanoseconds))
        }
        _ => Err(io::Error::from_raw_os_error(libc::EINVAL)),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// As a system call says it: -1, and look at errno.
fn to_errno(result: io::Result<c_int>) -> c_int {
    result.unwrap_or_else(|error| {
        set_errno(error.raw_os_error().unwrap_or(libc::EIO));
        -1
    })
}
