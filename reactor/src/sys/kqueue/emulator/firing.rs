//! The notes of one emulated queue: what has fired, and what becomes of a note then.
//!
//! ```text
//!   outer epoll: who has something?
//!      a READ note's descriptor ────────────────────────► observe ──┐
//!      the inner epoll ──► a WRITE note's descriptor ───► observe ──┤
//!      the eventfd ──────► the triggered user notes ────────────────┼──► room ──► after_firing
//!      a timerfd ────────► how often has it expired? ───────────────┘
//! ```
//!
//! Invariant: what is taken from an epoll has room. An edge is told once, so it would be lost.
//!
//! Neighbours: `emulator.rs` above; `notes` has the other half.

use std::io;

use libc::{c_int, epoll_event, tcp_info};

use super::linux;
use super::note::{Key, Note};
use super::notes::{DOORBELL, Notes, TIMERS, WRITES, descriptor};
use super::{
    EV_CLEAR, EV_DISPATCH, EV_EOF, EV_ONESHOT, EVFILT_READ, EVFILT_TIMER, EVFILT_USER,
    EVFILT_WRITE, Room, kevent,
};

const NOTHING: epoll_event = epoll_event { events: 0, u64: 0 };

impl Notes {
    /// Fills the room with what has fired.
    pub(super) fn collect(&mut self, room: &mut Room) -> io::Result<()> {
        let mut buffer = [NOTHING; 256];
        let wanted = room.left().min(buffer.len());
        let ready = linux::take(self.outer, &mut buffer[..wanted])?;
        // Those that are taken already come first. The others keep what finds no room.
        let is_part = |entry: &&epoll_event| entry.u64 >= WRITES;
        for entry in ready.iter().filter(|entry| !is_part(entry)) {
            self.report(EVFILT_READ, *entry, room)?;
        }
        for entry in ready.iter().filter(is_part) {
            match entry.u64 {
                WRITES => self.collect_writes(room)?,
                DOORBELL => self.collect_user_notes(room)?,
                label => self.collect_timer((EVFILT_TIMER, (label - TIMERS) as usize), room)?,
            }
        }
        Ok(())
    }

    fn collect_writes(&mut self, room: &mut Room) -> io::Result<()> {
        let mut buffer = [NOTHING; 256];
        let wanted = room.left().min(buffer.len());
        if wanted == 0 {
            return Ok(());
        }
        for entry in linux::take(self.epoll(EVFILT_WRITE), &mut buffer[..wanted])? {
            self.report(EVFILT_WRITE, *entry, room)?;
        }
        Ok(())
    }

    fn report(&mut self, filter: i16, entry: epoll_event, room: &mut Room) -> io::Result<()> {
        let key = (filter, entry.u64 as usize);
        // Without a note: the entry of a descriptor that was closed while a duplicate lives.
        let Some(note) = self.table.get(&key) else { return Ok(()) };
        let mut event = note.event(key);
        observe(&mut event, entry.events as c_int);
        let is_enough = !note.has_low_water() || event.data >= note.data;
        if note.enabled && (is_enough || event.flags & EV_EOF != 0) {
            room.push(event);
            self.after_firing(key)?;
        }
        Ok(())
    }

    fn collect_user_notes(&mut self, room: &mut Room) -> io::Result<()> {
        self.doorbell.hush();
        let triggered = |(key, note): (&Key, &Note)| {
            (key.0 == EVFILT_USER && note.triggered && note.enabled).then_some(*key)
        };
        let keys: Vec<Key> = self.table.iter().filter_map(triggered).collect();
        for key in keys {
            if room.is_full() {
                self.doorbell.ring();
                break;
            }
            let Some(note) = self.table.get_mut(&key) else { continue };
            room.push(kevent { fflags: note.fflags, ..note.event(key) });
            if note.flags & EV_CLEAR != 0 {
                note.triggered = false;
            }
            self.after_firing(key)?;
        }
        Ok(())
    }

    fn collect_timer(&mut self, key: Key, room: &mut Room) -> io::Result<()> {
        let Some(note) = self.table.get(&key).filter(|_| !room.is_full()) else { return Ok(()) };
        let expired = note.timer.as_ref().map_or(0, linux::read_counter);
        if expired > 0 {
            room.push(kevent { data: expired as isize, ..note.event(key) });
            self.after_firing(key)?;
        }
        Ok(())
    }

    /// Arrows 3 and 4 of the note's diagram; or it stays, and a level goes on being reported.
    fn after_firing(&mut self, key: Key) -> io::Result<()> {
        let Some(note) = self.table.get_mut(&key) else { return Ok(()) };
        if note.flags & EV_ONESHOT != 0 {
            return self.delete(key);
        }
        if note.flags & EV_DISPATCH != 0 {
            note.enabled = false;
        } else if note.flags & EV_CLEAR != 0 {
            return Ok(());
        }
        self.arm(key)
    }
}

/// Fills in what a descriptor's event tells beside its name: how much, and whether it is the end.
fn observe(event: &mut kevent, happened: c_int) {
    let fd = descriptor((event.filter, event.ident));
    let has_error = happened & libc::EPOLLERR != 0;
    let (amount, end) = match event.filter {
        EVFILT_READ => (readable_amount(fd), libc::EPOLLRDHUP | libc::EPOLLHUP),
        _ => (writable_amount(fd), libc::EPOLLHUP),
    };
    event.data = amount as isize;
    // A pipe that nobody reads has an error and no hang-up; a socket's error alone is no end.
    let is_broken_pipe =
        event.filter == EVFILT_WRITE && has_error && linux::pipe_size(fd).is_some();
    if happened & end == 0 && !is_broken_pipe {
        return;
    }
    event.flags |= EV_EOF;
    if has_error && !is_broken_pipe {
        // A BSD says which error, and leaves it pending. On Linux, asking which would take it away
        // from who must find it (SO_ERROR), so this one stands for all.
        event.fflags = libc::EIO as u32;
    }
}

/// The bytes that wait to be read, or a listener's connections.
fn readable_amount(fd: c_int) -> c_int {
    let is_listener = linux::socket_option(fd, libc::SOL_SOCKET, libc::SO_ACCEPTCONN) == Some(1);
    if is_listener {
        // Only TCP tells how many, in a field that means another thing elsewhere.
        let info: Option<tcp_info> = linux::socket_option(fd, libc::IPPROTO_TCP, libc::TCP_INFO);
        return info.map_or(1, |info| info.tcpi_unacked as c_int);
    }
    linux::number(fd, libc::FIONREAD)
}

/// The bytes that a write could take.
fn writable_amount(fd: c_int) -> c_int {
    if let Some(size) = linux::pipe_size(fd) {
        return (size - linux::number(fd, libc::FIONREAD)).max(0);
    }
    let size = linux::socket_option(fd, libc::SOL_SOCKET, libc::SO_SNDBUF).unwrap_or(4096);
    (size - linux::number(fd, libc::TIOCOUTQ)).max(0)
}
