//! One note: what it was made with, and what it wants now.
//!
//! ```text
//!   ──1 Notes::insert──► enabled ◄──2 touch, ENABLE─── disabled
//!                         │  │ └────3 touch, DISABLE, or──▲
//!                         │  │        after_firing, DISPATCH
//!                         │  └──4 Notes::delete, or after_firing, ONESHOT ──► gone
//!                         └──5 the descriptor is closed; Notes::drop_stale ─► gone
//! ```
//!
//! Invariant: the flags of a note are those that it was made with (FreeBSD's rule). What an ADD of
//! a note that exists says of them is not heard; nor does it enable it.
//!
//! Neighbours: `notes` keeps them, `firing` makes events of them.

use std::os::fd::OwnedFd;
use std::time::Duration;

use libc::{c_int, c_void};

use super::{
    EV_CLEAR, EV_DISABLE, EV_DISPATCH, EV_ENABLE, EV_ONESHOT, EV_RECEIPT, EVFILT_READ, EVFILT_USER,
    NOTE_FFAND, NOTE_FFCOPY, NOTE_FFLAGSMASK, NOTE_FFOR, NOTE_LOWAT, NOTE_NSECONDS, NOTE_SECONDS,
    NOTE_TRIGGER, NOTE_USECONDS, kevent,
};

/// What tells notes apart: filter and ident.
pub(super) type Key = (i16, usize);

/// One thing that is watched.
pub(super) struct Note {
    pub(super) flags: u16,
    pub(super) fflags: u32,
    pub(super) data: isize,
    /// A pointer's bits, which nobody follows.
    pub(super) udata: usize,
    pub(super) enabled: bool,
    /// A user note's event.
    pub(super) triggered: bool,
    /// A timer note's clock.
    pub(super) timer: Option<OwnedFd>,
}

impl Note {
    pub(super) fn new(change: &kevent) -> Note {
        const KEPT: u16 = EV_ONESHOT | EV_CLEAR | EV_RECEIPT | EV_DISPATCH;
        let is_user = change.filter == EVFILT_USER;
        Note {
            flags: change.flags & KEPT,
            fflags: if is_user { change.fflags & NOTE_FFLAGSMASK } else { change.fflags },
            data: change.data,
            udata: change.udata as usize,
            enabled: change.flags & EV_DISABLE == 0,
            triggered: false,
            timer: None,
        }
    }

    /// A change to a note that exists. Its token is overwritten, whatever the change is about.
    pub(super) fn touch(&mut self, change: &kevent) {
        self.udata = change.udata as usize;
        if change.flags & EV_ENABLE != 0 {
            self.enabled = true;
        } else if change.flags & EV_DISABLE != 0 {
            self.enabled = false;
        }
        self.data = change.data;
        if change.filter != EVFILT_USER {
            self.fflags = change.fflags;
            return;
        }
        let given = change.fflags & NOTE_FFLAGSMASK;
        self.fflags = match change.fflags & NOTE_FFCOPY {
            NOTE_FFAND => self.fflags & given,
            NOTE_FFOR => self.fflags | given,
            NOTE_FFCOPY => given,
            _ => self.fflags,
        };
        if change.fflags & NOTE_TRIGGER != 0 {
            self.triggered = true;
        }
        // FreeBSD: an order, and not a property that is said again.
        if change.flags & EV_CLEAR != 0 {
            self.triggered = false;
        }
    }

    /// The events that an epoll shall look for. It reports errors and hang-ups unasked; where
    /// the note is disabled, the edge keeps that down to one report, which nobody passes on.
    pub(super) fn wish(&self, filter: i16) -> c_int {
        let direction = match filter {
            _ if !self.enabled => 0,
            EVFILT_READ => libc::EPOLLIN | libc::EPOLLRDHUP,
            _ => libc::EPOLLOUT,
        };
        let by_edge = !self.enabled || self.flags & EV_CLEAR != 0 || self.has_low_water();
        direction | if by_edge { libc::EPOLLET } else { 0 }
    }

    /// Whether little data counts as none. Such a note looks at each arrival, hence at edges.
    pub(super) fn has_low_water(&self) -> bool {
        self.fflags & NOTE_LOWAT != 0
    }

    /// How long a timer runs; `fflags` has the unit, milliseconds unless it names another.
    pub(super) fn period(&self) -> Duration {
        let count = u64::try_from(self.data).unwrap_or(0);
        match self.fflags & (NOTE_SECONDS | NOTE_USECONDS | NOTE_NSECONDS) {
            NOTE_SECONDS => Duration::from_secs(count),
            NOTE_USECONDS => Duration::from_micros(count),
            NOTE_NSECONDS => Duration::from_nanos(count),
            _ => Duration::from_millis(count),
        }
    }

    /// Whether a timer goes on after its first expiry.
    pub(super) fn repeats(&self) -> bool {
        self.flags & EV_ONESHOT == 0
    }

    /// The event that it reports; what happened is still to be filled in.
    pub(super) fn event(&self, key: Key) -> kevent {
        let udata = self.udata as *mut c_void;
        kevent { ident: key.1, filter: key.0, flags: self.flags, fflags: 0, data: 0, udata }
    }
}
