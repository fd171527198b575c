//! macOS and the BSDs: `Selector` on kqueue(2), `Notifier` on its user event.
//!
//! ```text
//!             ┌────────────── kqueue ──────────────┐
//!  add ──────►│ notes              active notes    │
//!             │ fd 7 READ  CLEAR   fd 7 READ  ─────┼──► wait: the two of one descriptor
//!             │ fd 7 WRITE CLEAR   fd 7 WRITE ─────┼──►       become one event
//!             │ user       CLEAR   user       ─────┼──► (ends the wait, reported to nobody)
//!             └────────────────────────────────────┘
//! ```
//!
//! The same job as epoll's, cut differently: a *note* watches one direction of one descriptor, so a
//! registration is a pair of them. From that follow the facts that have bitten many:
//! - One call carries several changes, and each can fail by itself. The kernel answers each one,
//!   and here each answer is looked at.
//! - What a note was made with, it keeps: adding it again changes its token, not its mode. So
//!   `modify` takes the notes out and puts new ones in.
//! - One-shot must silence *both* notes when one fires. The kernel silences the one that did
//!   (`EV_DISPATCH`), and `wait` the other, before anybody can wait again. A dispatched note,
//!   unlike one of `EV_ONESHOT`, stays: the descriptor is registered until it is removed.
//! - Closing a descriptor drops its notes, though a duplicate may live, and nobody tells us. So the
//!   kernel alone knows what is registered, and we ask it.
//!
//! Invariants:
//! - `EV_EOF` of a reading note is the peer's half-close, and no more.
//! - No answer is dropped, but for those that are named where they are let pass.
//! - The queue stays open while its selector or any of its notifiers lives.
//!
//! Neighbours: `sys/mod.rs` says what must hold here; `epoll.rs` says the same for Linux; `queue`
//! makes the calls; `emulator` stands in for the kernel where a test runs all this on Linux.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::sync::Arc;
use std::time::Duration;

use crate::event::{Event, Events, Interest, Mode, Readiness, Token};
use queue::{
    ADD, Buffer, CLEAR, Change, DELETE, DISABLE, DISPATCH, END_OF_FILE, ERROR, Queue, READ,
    TRIGGER, USER, WRITE,
};

#[cfg(all(target_os = "linux", reactor_kqueue_emu))]
mod emulator;
mod queue;
#[cfg(test)]
mod tests;

/// What this backend is called, for people.
pub(crate) const NAME: &str = "kqueue";

/// A kqueue, and what was registered with it.
pub(crate) struct Selector {
    queue: Arc<Queue>,
    /// By descriptor. A memory, not the truth: an entry outlives a descriptor that was closed
    /// without being removed. It serves to ask the kernel about a note in the note's own words.
    registrations: RefCell<HashMap<RawFd, Registration>>,
}

impl Selector {
    pub(crate) fn new() -> io::Result<Selector> {
        let queue = Arc::new(Queue::new()?);
        Ok(Selector { queue, registrations: RefCell::default() })
    }

    pub(crate) fn add(
        &self,
        fd: BorrowedFd<'_>,
        token: Token,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<()> {
        if self.is_registered(fd)? {
            return Err(io::Error::from_raw_os_error(libc::EEXIST));
        }
        self.put_in(fd, Registration { token, interest, mode })
    }

    pub(crate) fn modify(
        &self,
        fd: BorrowedFd<'_>,
        token: Token,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<()> {
        self.remove(fd)?;
        self.put_in(fd, Registration { token, interest, mode })
    }

    pub(crate) fn remove(&self, fd: BorrowedFd<'_>) -> io::Result<()> {
        let fd = fd.as_raw_fd();
        self.registrations.borrow_mut().remove(&fd);
        let mut notes = both_notes(fd, DELETE, Token::NOTIFY);
        self.queue.submit(&mut notes)?;
        if notes.iter().all(|note| note.errno() == libc::ENOENT) {
            return Err(io::Error::from_raw_os_error(libc::ENOENT));
        }
        // One note alone may be absent: only one direction was of interest.
        first_error(&notes, &[libc::ENOENT])
    }

    /// Whether the kernel has a note of this descriptor.
    ///
    /// A change that does not add fails with `ENOENT` where there is no note. Where there is one,
    /// it overwrites the note's token; so the question is put with the token that is there
    /// already.
    fn is_registered(&self, fd: BorrowedFd<'_>) -> io::Result<bool> {
        let fd = fd.as_raw_fd();
        let Some(known) = self.registrations.borrow().get(&fd).copied() else {
            return Ok(false);
        };
        let mut notes = both_notes(fd, 0, known.token);
        self.queue.submit(&mut notes)?;
        first_error(&notes, &[libc::ENOENT])?;
        Ok(notes.iter().any(|note| note.errno() == 0))
    }

    fn put_in(&self, fd: BorrowedFd<'_>, wanted: Registration) -> io::Result<()> {
        let fd = fd.as_raw_fd();
        let mut notes = wanted.notes(fd);
        self.queue.submit(&mut notes)?;
        // ENOENT answers the deletion of a note that was not there. EPIPE answers the writing end
        // of a pipe that nobody reads: there may be no note then, but neither is there anything to
        // wait for; the first write says so.
        if let Err(error) = first_error(&notes, &[libc::ENOENT, libc::EPIPE]) {
            self.queue.submit(&mut both_notes(fd, DELETE, wanted.token))?;
            return Err(error);
        }
        self.registrations.borrow_mut().insert(fd, wanted);
        Ok(())
    }

    pub(crate) fn wait(&self, events: &mut Events, timeout: Option<Duration>) -> io::Result<()> {
        events.clear();
        let mut buffer = Buffer::new();
        let mut to_silence = Vec::new();
        for fired in self.queue.wait(&mut buffer, timeout)? {
            if fired.token == Token::NOTIFY {
                continue;
            }
            let facts = readiness(fired.filter, fired.flags, fired.filter_flags);
            events.merge(Event::new(fired.token, facts));
            if fired.flags & DISPATCH != 0 {
                let other = if fired.filter == READ { WRITE } else { READ };
                to_silence.push(Change::new(fired.fd, other, DISABLE, fired.token));
            }
        }
        if !to_silence.is_empty() {
            self.queue.submit(&mut to_silence)?;
            // There may be no other note; another thread may have closed the descriptor by now.
            first_error(&to_silence, &[libc::ENOENT, libc::EBADF])?;
        }
        Ok(())
    }
}

/// What a descriptor is registered for.
#[derive(Clone, Copy)]
struct Registration {
    token: Token,
    interest: Interest,
    mode: Mode,
}

impl Registration {
    /// The changes that make the pair of notes what it shall be.
    fn notes(self, fd: RawFd) -> [Change; 2] {
        let wanted = match self.mode {
            Mode::Level => ADD,
            Mode::Edge => ADD | CLEAR,
            Mode::OneShot => ADD | DISPATCH,
        };
        let read = if self.interest.is_readable() { wanted } else { DELETE };
        let write = if self.interest.is_writable() { wanted } else { DELETE };
        [Change::new(fd, READ, read, self.token), Change::new(fd, WRITE, write, self.token)]
    }
}

/// The same change to both notes of a descriptor.
fn both_notes(fd: RawFd, flags: u32, token: Token) -> [Change; 2] {
    [READ, WRITE].map(|filter| Change::new(fd, filter, flags, token))
}

/// The first answer that says "failed", except those that may be let pass.
fn first_error(answers: &[Change], let_pass: &[i32]) -> io::Result<()> {
    let mut errors = answers.iter().map(Change::errno).filter(|errno| *errno != 0);
    match errors.find(|errno| !let_pass.contains(errno)) {
        Some(errno) => Err(io::Error::from_raw_os_error(errno)),
        None => Ok(()),
    }
}

/// What a note says of the two directions.
fn readiness(filter: i32, flags: u32, errno: u32) -> Readiness {
    const BROKEN: Readiness = Readiness::READABLE.with(Readiness::WRITABLE).with(Readiness::ERROR);
    let (ready, closed) = match filter {
        READ => (Readiness::READABLE, Readiness::READ_CLOSED),
        _ => (Readiness::WRITABLE, Readiness::WRITE_CLOSED),
    };
    let mut facts = ready;
    if flags & END_OF_FILE != 0 {
        facts = facts.with(closed);
        // The socket's pending error comes along with the end; zero means that it was a plain end.
        if errno != 0 {
            facts = facts.with(BROKEN);
        }
    }
    if flags & ERROR != 0 {
        facts = facts.with(BROKEN);
    }
    facts
}

/// A user event, triggered from any thread; it needs no descriptor of its own.
pub(crate) struct Notifier {
    queue: Arc<Queue>,
}

impl Notifier {
    /// The one user event of a queue; two notifiers of one selector are the same one.
    const IDENT: RawFd = 0;

    pub(crate) fn new(selector: &Selector) -> io::Result<Notifier> {
        let queue = Arc::clone(&selector.queue);
        let mut note = [Change::new(Notifier::IDENT, USER, ADD | CLEAR, Token::NOTIFY)];
        queue.submit(&mut note)?;
        first_error(&note, &[])?;
        Ok(Notifier { queue })
    }

    pub(crate) fn notify(&self) -> io::Result<()> {
        // EV_CLEAR must not be said again: FreeBSD takes it for "clear it now", and the trigger is
        // lost. The token must be: a change overwrites it.
        let trigger = Change::new(Notifier::IDENT, USER, 0, Token::NOTIFY);
        let mut trigger = [trigger.with_filter_flags(TRIGGER)];
        self.queue.submit(&mut trigger)?;
        first_error(&trigger, &[])
    }
}
