//! Any nonblocking descriptor, made awaitable.
//!
//! A [`Source`] owns a descriptor and its registration. All that waits in this crate, from `accept`
//! to a signal, waits through the nine lines of [`Source::poll_io`]: try, and if the kernel has
//! nothing, wait, and try again.
//!
//! Invariants:
//! - The waker is stored before `Pending` is answered, by the same step that found "not ready". An
//!   event in between cannot be missed: events are recorded by `park`, on this very thread.
//! - The registration is taken back before the descriptor is closed.
//! - A direction has one waiter. Types built on this take `&mut self`, or hand out halves, so that
//!   the compiler sees to it.
//!
//! Neighbours: `reactor` below; `net` and `signal` above.

use std::fmt;
use std::io;
use std::os::fd::AsFd;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use crate::budget;
use crate::event::{Readiness, Token};
use crate::reactor::Reactor;
use crate::sources::Direction;

/// A descriptor, registered with the reactor of the thread that made it.
pub struct Source<T: AsFd> {
    io: T,
    reactor: Rc<Reactor>,
    token: Token,
}

impl<T: AsFd> Source<T> {
    /// Registers a descriptor with this thread's reactor. It must be nonblocking already
    /// (`O_NONBLOCK`), or an operation that finds nothing stops the whole thread.
    ///
    /// The first operation in each direction is tried without waiting for the kernel's word.
    ///
    /// # Errors
    /// What epoll_ctl(2) or kevent(2) says, such as `PermissionDenied` for a regular file.
    ///
    /// # Panics
    /// Where no reactor is running on this thread.
    #[track_caller]
    pub fn new(io: T) -> io::Result<Source<T>> {
        Source::assuming(io, Readiness::READABLE.with(Readiness::WRITABLE))
    }

    /// As [`new`](Source::new), with other assumptions about what can be tried at once.
    #[track_caller]
    pub(crate) fn assuming(io: T, assumed: Readiness) -> io::Result<Source<T>> {
        let reactor = Reactor::current();
        let token = reactor.register(io.as_fd(), assumed)?;
        Ok(Source { io, reactor, token })
    }

    /// The descriptor's owner.
    pub fn get_ref(&self) -> &T {
        &self.io
    }

    /// Tries `operation` until it is not `WouldBlock`, waiting in between for the kernel to say that
    /// `direction` is ready. `Interrupted` is tried again at once.
    ///
    /// At `Pending`, the task of the *last* poll of this direction is woken when it is worth another
    /// poll. Cancel safe: a dropped wait leaves at most a waker, replaced by the next.
    ///
    /// # Errors
    /// What the operation says.
    pub fn poll_io<R>(
        &self,
        context: &mut Context<'_>,
        direction: Direction,
        mut operation: impl FnMut(&T) -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        loop {
            ready!(self.poll_ready(context, direction));
            match operation(&self.io) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.forget(direction),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => {
                    budget::spend();
                    return Poll::Ready(result);
                }
            }
        }
    }

    /// Ready when an operation in `direction` is worth trying, and the task's budget allows it.
    pub fn poll_ready(&self, context: &mut Context<'_>, direction: Direction) -> Poll<()> {
        ready!(budget::poll_available(context));
        if self.reactor.is_ready(self.token, direction, context.waker()) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }

    /// Says that an operation moved less than it was asked to, so that the kernel has nothing more
    /// just now: the next one waits without a call that could only say `EAGAIN`.
    pub fn drained(&self, direction: Direction) {
        self.reactor.drained(self.token, direction);
    }

    fn forget(&self, direction: Direction) {
        self.reactor.forget(self.token, direction);
    }
}

impl<T: AsFd> Drop for Source<T> {
    fn drop(&mut self) {
        self.reactor.deregister(self.io.as_fd(), self.token);
    }
}

impl<T: AsFd + fmt::Debug> fmt::Debug for Source<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("io", &self.io).field("token", &self.token).finish()
    }
}
