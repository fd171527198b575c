//! The lower layer: descriptors in, events out, no futures anywhere.
//!
//! A [`Poller`] is all that an event loop of the old school needs: register descriptors, wait, look
//! at what is ready. It knows no `Waker`; the layer above (`reactor`) does.
//!
//! Another thread ends a wait through the [`Notifier`]. It is cheap to call, because it knows whether
//! the loop sleeps:
//!
//! ```text
//!            ┌────1 wait──────────► parked ──2 notify (one system call)──┐
//!            │                        │                                  ▼
//!          awake ◄──3 wait returns────┴──────────────────────────── notified
//!            └────4 notify (no system call)──────────────────────────────▲
//!                          notified ──5 wait: asks the kernel, sleeps not─► awake
//! ```
//!
//! Invariants:
//! - A notification made after a wait returned ends the next one: none is lost between "there is
//!   nothing to do" and "sleep". Who is woken must look for work *after* `wait` has returned.
//! - Any number of notifications between two waits costs at most one system call, and none while the
//!   loop is awake.
//! - `wait` never returns early with nothing, except when notified, and never sleeps on after EINTR
//!   longer than it was told.
//!
//! Neighbours: `sys` below; `reactor` above.

use std::fmt;
use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use crate::event::{Events, Interest, Mode, Token};
use crate::sys;

/// Waits for many descriptors at once.
///
/// Used from one thread (it is not `Sync`); other threads reach it through its [`Notifier`].
pub struct Poller {
    selector: sys::Selector,
    bell: Arc<Bell>,
}

impl Poller {
    /// A poller that knows no descriptor yet.
    ///
    /// # Errors
    /// The process or the system has no descriptor left.
    pub fn new() -> io::Result<Poller> {
        let selector = sys::Selector::new()?;
        let notifier = sys::Notifier::new(&selector)?;
        Ok(Poller { selector, bell: Arc::new(Bell { state: AtomicU8::new(AWAKE), notifier }) })
    }

    /// The kernel's interface that this is built on: `"epoll"` or `"kqueue"`.
    pub const fn backend() -> &'static str {
        sys::NAME
    }

    /// Registers a descriptor: from now on, [`wait`](Poller::wait) speaks of it under `token`.
    ///
    /// The registration belongs to the open *file*, not to the number (epoll(7), its questions and
    /// answers): take it back with [`remove`](Poller::remove) before the descriptor is closed, or
    /// events may go on coming for as long as a duplicate is open.
    ///
    /// # Errors
    /// `AlreadyExists`; what the kernel says. A regular file, which is never waited for, is
    /// `PermissionDenied` to epoll, and always ready to kqueue.
    pub fn add(
        &self,
        fd: impl AsFd,
        token: Token,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<()> {
        self.selector.add(fd.as_fd(), token, interest, mode)
    }

    /// Replaces a registration, and arms a one-shot one again.
    ///
    /// # Errors
    /// `NotFound` where the descriptor is not registered.
    pub fn modify(
        &self,
        fd: impl AsFd,
        token: Token,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<()> {
        self.selector.modify(fd.as_fd(), token, interest, mode)
    }

    /// Takes a registration back; no later wait speaks of it.
    ///
    /// # Errors
    /// `NotFound` where the descriptor is not registered.
    pub fn remove(&self, fd: impl AsFd) -> io::Result<()> {
        self.selector.remove(fd.as_fd())
    }

    /// Waits until something is ready, somebody notifies, or the time is over; then `events` holds
    /// what is ready, and nothing else. No timeout means: for ever. Zero means: only ask.
    /// The answer is whether somebody has notified since the last wait.
    ///
    /// # Errors
    /// What the kernel says; never `Interrupted`, which is waited through.
    pub fn wait(&self, events: &mut Events, timeout: Option<Duration>) -> io::Result<bool> {
        let sleeps = timeout != Some(Duration::ZERO);
        let notified = sleeps && !self.bell.park();
        let result = if notified {
            self.wait_until(events, Some(Duration::ZERO))
        } else {
            self.wait_until(events, timeout)
        };
        let notified = self.bell.unpark();
        result.map(|()| notified)
    }

    /// Whether somebody has notified since the last wait: the next one will not sleep.
    pub fn is_notified(&self) -> bool {
        self.bell.is_notified()
    }

    fn wait_until(&self, events: &mut Events, timeout: Option<Duration>) -> io::Result<()> {
        let mut left = timeout;
        let deadline = match timeout {
            None | Some(Duration::ZERO) => None,
            Some(timeout) => sys::clock::now().checked_add(timeout),
        };
        loop {
            match self.selector.wait(events, left) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(()) if events.is_empty() && !self.bell.is_notified() => {}
                result => return result,
            }
            left = match (timeout, deadline) {
                (Some(Duration::ZERO), _) => return Ok(()),
                (_, Some(deadline)) => Some(remaining(deadline)),
                (_, None) => None,
            };
            if left == Some(Duration::ZERO) {
                events.clear();
                return Ok(());
            }
        }
    }

    /// What ends a wait from elsewhere. Clones are as good as the original.
    pub fn notifier(&self) -> Notifier {
        Notifier { bell: Arc::clone(&self.bell) }
    }
}

impl fmt::Debug for Poller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Poller").field("backend", &Poller::backend()).finish_non_exhaustive()
    }
}

fn remaining(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(sys::clock::now())
}

/// Ends a [`Poller`]'s wait, from any thread.
#[derive(Clone)]
pub struct Notifier {
    bell: Arc<Bell>,
}

impl Notifier {
    /// Ends the current wait, or the next one if the poller is not waiting now.
    ///
    /// Costs a system call only where the poller sleeps and nobody has notified it yet; otherwise an
    /// atomic exchange. Never blocks. After the poller is gone it does nothing.
    ///
    /// # Errors
    /// What the kernel says to a write of eight bytes to an eventfd; none is known to happen.
    pub fn notify(&self) -> io::Result<()> {
        self.bell.notify()
    }
}

impl fmt::Debug for Notifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Notifier")
    }
}

/// The states of the diagram above.
const AWAKE: u8 = 0;
const PARKED: u8 = 1;
const NOTIFIED: u8 = 2;

/// What the poller and its notifiers share.
///
/// All accesses are read-modify-write, so there is one order of them that all threads agree on; and
/// what a thread wrote before `notify` is visible to the poller's thread after `unpark`.
struct Bell {
    state: AtomicU8,
    notifier: sys::Notifier,
}

impl Bell {
    /// Arrow 1. `false` where somebody notified before: arrow 5.
    fn park(&self) -> bool {
        self.state.compare_exchange(AWAKE, PARKED, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// Arrows 3 and 5: what was notified up to here has been heard. Whether there was anything.
    fn unpark(&self) -> bool {
        self.state.swap(AWAKE, Ordering::AcqRel) == NOTIFIED
    }

    /// Arrows 2 and 4.
    fn notify(&self) -> io::Result<()> {
        match self.state.swap(NOTIFIED, Ordering::AcqRel) {
            PARKED => self.notifier.notify(),
            _ => Ok(()),
        }
    }

    fn is_notified(&self) -> bool {
        self.state.load(Ordering::Acquire) == NOTIFIED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_notification_that_was_heard_before_does_not_end_a_wait() {
        let poller = Poller::new().expect("a poller");
        let timeout = Duration::from_millis(30);
        // A thread that has changed the state, and is held up before it rings: meanwhile the wait
        // ended by itself, heard of it, and another wait began.
        poller.bell.notifier.notify().expect("it rings");
        let begun = sys::clock::now();
        let notified = poller.wait(&mut Events::new(), Some(timeout)).expect("wait");
        assert!(!notified, "nobody has notified since the last wait");
        assert!(begun.elapsed() >= timeout, "the wait ended after {:?}", begun.elapsed());
    }
}
