//! The notes of one emulated queue: the table, and what a change does to it.
//!
//! Invariant: what an epoll watches has a note here. The converse ends when a descriptor is
//! closed, of which nobody tells us; so each change looks first whether the epoll still knows it.
//!
//! Neighbours: `emulator.rs` above; `firing` has the other half; `note` and `linux` below.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

use libc::c_int;

use super::linux::{self, Doorbell};
use super::note::{Key, Note};
use super::{EV_ADD, EV_DELETE, EVFILT_READ, EVFILT_TIMER, EVFILT_USER, EVFILT_WRITE, kevent};

// The labels in the outer epoll. Below these are the numbers of descriptors with a READ note; above
// them, the idents of timers.
pub(super) const WRITES: u64 = 1 << 32;
pub(super) const DOORBELL: u64 = 2 << 32;
pub(super) const TIMERS: u64 = 3 << 32;

/// All that belongs to one queue, except the descriptor by which its owner knows it.
pub(super) struct Notes {
    pub(super) outer: RawFd,
    writes: OwnedFd,
    pub(super) doorbell: Doorbell,
    pub(super) table: BTreeMap<Key, Note>,
}

impl Notes {
    pub(super) fn new(outer: &OwnedFd) -> io::Result<Notes> {
        let outer = outer.as_raw_fd();
        let (writes, doorbell) = (linux::epoll()?, Doorbell::new()?);
        let parts = [(writes.as_raw_fd(), WRITES), (doorbell.as_raw_fd(), DOORBELL)];
        for (fd, label) in parts {
            linux::control(outer, libc::EPOLL_CTL_ADD, fd, libc::EPOLLIN, label)?;
        }
        Ok(Notes { outer, writes, doorbell, table: BTreeMap::new() })
    }

    /// Carries out one change (kqueue(2), "flags").
    pub(super) fn change(&mut self, change: &kevent) -> io::Result<()> {
        let key = (change.filter, change.ident);
        match change.filter {
            EVFILT_READ | EVFILT_WRITE => self.drop_stale(key)?,
            EVFILT_TIMER if change.ident < WRITES as usize => {}
            EVFILT_USER => {}
            _ => return error(libc::EINVAL),
        }
        if change.flags & EV_DELETE != 0 {
            return self.delete(key);
        }
        match self.table.get_mut(&key) {
            Some(note) => note.touch(change),
            None if change.flags & EV_ADD != 0 => self.insert(key, change)?,
            None => return error(libc::ENOENT),
        }
        if change.filter == EVFILT_TIMER && change.flags & EV_ADD != 0 {
            self.start_timer(key)?;
        }
        self.arm(key)
    }

    /// Arrow 5 of the note's diagram: forgets the note of a descriptor that was closed, or closed
    /// and used again.
    fn drop_stale(&mut self, key: Key) -> io::Result<()> {
        if !linux::is_open(descriptor(key)) {
            self.table.remove(&key);
            return error(libc::EBADF);
        }
        if self.table.contains_key(&key)
            && let Err(error) = self.arm(key)
        {
            self.table.remove(&key);
            if error.raw_os_error() != Some(libc::ENOENT) {
                return Err(error);
            }
        }
        Ok(())
    }

    /// Arrow 1.
    fn insert(&mut self, key: Key, change: &kevent) -> io::Result<()> {
        let mut note = Note::new(change);
        match key.0 {
            EVFILT_READ | EVFILT_WRITE => {
                let fd = descriptor(key);
                if key.0 == EVFILT_WRITE && linux::pipe_size(fd).is_some() && linux::has_error(fd) {
                    return error(libc::EPIPE);
                }
                let (epoll, wish) = (self.epoll(key.0), note.wish(key.0));
                let added = linux::control(epoll, libc::EPOLL_CTL_ADD, fd, wish, fd as u64);
                // A regular file. A BSD would watch it; what it cannot watch, it calls invalid.
                added
                    .or_else(|e| if is(&e, libc::EPERM) { error(libc::EINVAL) } else { Err(e) })?;
            }
            EVFILT_TIMER => {
                let timer = linux::timer()?;
                let (fd, label) = (timer.as_raw_fd(), TIMERS + key.1 as u64);
                linux::control(self.outer, libc::EPOLL_CTL_ADD, fd, libc::EPOLLIN, label)?;
                note.timer = Some(timer);
            }
            _ => {}
        }
        self.table.insert(key, note);
        Ok(())
    }

    /// Arrow 4.
    pub(super) fn delete(&mut self, key: Key) -> io::Result<()> {
        if self.table.remove(&key).is_none() {
            return error(libc::ENOENT);
        }
        match key.0 {
            EVFILT_READ | EVFILT_WRITE => {
                linux::control(self.epoll(key.0), libc::EPOLL_CTL_DEL, descriptor(key), 0, 0)
            }
            _ => Ok(()),
        }
    }

    /// Asks for what the note wants now. What is pending already will be reported, once more if
    /// need be: so does a BSD, which looks at the descriptor at each change.
    pub(super) fn arm(&mut self, key: Key) -> io::Result<()> {
        let Some(note) = self.table.get(&key) else { return error(libc::ENOENT) };
        match (key.0, &note.timer) {
            (EVFILT_USER, _) => {
                if note.triggered && note.enabled {
                    self.doorbell.ring();
                }
                Ok(())
            }
            (_, Some(timer)) => {
                let (fd, label) = (timer.as_raw_fd(), TIMERS + key.1 as u64);
                let wish = if note.enabled { libc::EPOLLIN } else { 0 };
                linux::control(self.outer, libc::EPOLL_CTL_MOD, fd, wish, label)
            }
            _ => {
                let (epoll, wish) = (self.epoll(key.0), note.wish(key.0));
                linux::control(epoll, libc::EPOLL_CTL_MOD, descriptor(key), wish, key.1 as u64)
            }
        }
    }

    fn start_timer(&self, key: Key) -> io::Result<()> {
        let Some(note) = self.table.get(&key) else { return error(libc::ENOENT) };
        note.timer.as_ref().map_or(Ok(()), |timer| linux::arm(timer, note.period(), note.repeats()))
    }

    /// The epoll of one filter's descriptors.
    pub(super) fn epoll(&self, filter: i16) -> RawFd {
        if filter == EVFILT_READ { self.outer } else { self.writes.as_raw_fd() }
    }
}

/// A key's descriptor; what is too large for one names none.
pub(super) fn descriptor(key: Key) -> RawFd {
    RawFd::try_from(key.1).unwrap_or(-1)
}

fn error<T>(errno: c_int) -> io::Result<T> {
    Err(io::Error::from_raw_os_error(errno))
}

fn is(error: &io::Error, errno: c_int) -> bool {
    error.raw_os_error() == Some(errno)
}
