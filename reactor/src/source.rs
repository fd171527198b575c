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
//! # Any descriptor
//! A pipe, an eventfd, a child's output: what std or another crate made can be waited for here. It is
//! read and written as all else is, by the traits of `io`; for any other call there are
//! [`read_with`](Source::read_with) and [`write_with`](Source::write_with).
//!
//! Neighbours: `reactor` below; `io`, `net`, `signal` and `process` above.

use std::fmt;
use std::future::Future;
use std::io;
use std::mem::ManuallyDrop;
use std::os::fd::AsFd;
use std::pin::Pin;
use std::ptr;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};

use crate::budget;
use crate::event::Readiness;
use crate::reactor::Reactor;
use crate::sources::{Direction, Entry};
use crate::sys::descriptor;

/// A descriptor, registered with the reactor of the thread that made it.
pub struct Source<T: AsFd> {
    io: T,
    reactor: Rc<Reactor>,
    entry: Rc<Entry>,
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

    /// As [`new`](Source::new), but makes the descriptor nonblocking first.
    ///
    /// That holds for all who have the same open file, such as another process with the same pipe,
    /// and goes on after this source. For the process's own standard streams use
    /// [`stdio`](crate::stdio) instead.
    ///
    /// # Errors
    /// As [`new`](Source::new).
    ///
    /// # Panics
    /// Where no reactor is running on this thread.
    #[track_caller]
    pub fn nonblocking(io: T) -> io::Result<Source<T>> {
        descriptor::set_nonblocking(io.as_fd())?;
        Source::new(io)
    }

    /// As [`new`](Source::new), with other assumptions about what can be tried at once.
    #[track_caller]
    pub(crate) fn assuming(io: T, assumed: Readiness) -> io::Result<Source<T>> {
        let reactor = Reactor::current();
        let entry = reactor.register(io.as_fd(), assumed)?;
        Ok(Source { io, reactor, entry })
    }

    /// The descriptor's owner. There is no `get_mut`: with another descriptor in its place, the
    /// registration would be that of a stranger.
    pub fn get_ref(&self) -> &T {
        &self.io
    }

    /// Takes the registration back, and gives the descriptor back: open, and still nonblocking.
    pub fn into_inner(self) -> T {
        let this = ManuallyDrop::new(self);
        // SAFETY: `this` is neither dropped nor used again after the three moves out of it.
        let io = unsafe { ptr::read(&this.io) };
        // SAFETY: as above.
        let reactor = unsafe { ptr::read(&this.reactor) };
        // SAFETY: as above.
        let entry = unsafe { ptr::read(&this.entry) };
        reactor.deregister(io.as_fd(), entry.token());
        io
    }

    /// Waits until a read is worth trying. A hint: the read may still say `WouldBlock`, and the one
    /// who waits again must say so before, by [`drained`](Source::drained). The methods that try by
    /// themselves, such as [`read_with`](Source::read_with), cannot be used wrongly.
    ///
    /// Cancel safe.
    pub fn readable(&mut self) -> Ready<'_, T> {
        Ready { source: self, direction: Direction::Read }
    }

    /// Waits until a write is worth trying; else as [`readable`](Source::readable).
    ///
    /// Cancel safe.
    pub fn writable(&mut self) -> Ready<'_, T> {
        Ready { source: self, direction: Direction::Write }
    }

    /// Tries `operation`, which reads, until it is not `WouldBlock`, and waits in between.
    ///
    /// Cancel safe as far as `operation` is: it is either done, and the future ready, or not done.
    ///
    /// # Errors
    /// What the operation says; never `WouldBlock` or `Interrupted`.
    pub fn read_with<R, F>(&mut self, operation: F) -> With<'_, T, F>
    where
        F: FnMut(&T) -> io::Result<R>,
    {
        With { source: self, direction: Direction::Read, operation }
    }

    /// As [`read_with`](Source::read_with), for an operation that writes.
    pub fn write_with<R, F>(&mut self, operation: F) -> With<'_, T, F>
    where
        F: FnMut(&T) -> io::Result<R>,
    {
        With { source: self, direction: Direction::Write, operation }
    }

    /// Tries `operation` until it is not `WouldBlock`, waiting in between for the kernel to say that
    /// `direction` is ready. `Interrupted` is tried again at once.
    ///
    /// At `Pending`, the task of the *last* poll of this direction is woken when it is worth another
    /// poll. Cancel safe: a dropped wait leaves at most a waker, replaced by the next.
    ///
    /// # Errors
    /// What the operation says; never `WouldBlock` or `Interrupted`.
    ///
    /// # Panics
    /// Where it has to wait, and the reactor that it was registered with is not this thread's current
    /// one: nobody would wake it.
    #[inline]
    pub fn poll_io<R>(
        &self,
        context: &mut Context<'_>,
        direction: Direction,
        mut operation: impl FnMut(&T) -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        loop {
            ready!(self.poll_ready(context, direction));
            match operation(&self.io) {
                Err(error) if self.is_no_answer(direction, &error) => {}
                result => {
                    budget::spend();
                    return Poll::Ready(result);
                }
            }
        }
    }

    /// As [`poll_io`](Source::poll_io), for an operation that moves up to `wanted` bytes. If it moves
    /// less, the next one waits for the kernel's word, except after the end, which moves none.
    ///
    /// Most operations are done at the first try: that way alone is compiled into whoever asks.
    #[inline]
    pub(crate) fn poll_transfer(
        &self,
        context: &mut Context<'_>,
        direction: Direction,
        wanted: usize,
        mut operation: impl FnMut(&T) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_ready(context, direction));
        match operation(&self.io) {
            Ok(count) => {
                budget::spend();
                self.note_transfer(direction, count, wanted);
                Poll::Ready(Ok(count))
            }
            Err(error) => self.poll_transfer_after(error, context, direction, wanted, operation),
        }
    }

    #[cold]
    #[inline(never)]
    fn poll_transfer_after(
        &self,
        error: io::Error,
        context: &mut Context<'_>,
        direction: Direction,
        wanted: usize,
        operation: impl FnMut(&T) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        if !self.is_no_answer(direction, &error) {
            budget::spend();
            return Poll::Ready(Err(error));
        }
        let count = ready!(self.poll_io(context, direction, operation))?;
        self.note_transfer(direction, count, wanted);
        Poll::Ready(Ok(count))
    }

    #[inline]
    fn note_transfer(&self, direction: Direction, count: usize, wanted: usize) {
        if 0 < count && count < wanted {
            self.drained(direction);
        }
    }

    /// Whether the kernel has neither done the operation nor refused it. After `WouldBlock`, `direction`
    /// is not ready.
    #[cold]
    #[inline(never)]
    fn is_no_answer(&self, direction: Direction, error: &io::Error) -> bool {
        match error.kind() {
            io::ErrorKind::WouldBlock => self.entry.forget(direction),
            io::ErrorKind::Interrupted => {}
            _ => return false,
        }
        true
    }

    /// Ready when an operation in `direction` is worth trying, and the task's budget allows it.
    ///
    /// # Panics
    /// As [`poll_io`](Source::poll_io).
    #[inline]
    pub fn poll_ready(&self, context: &mut Context<'_>, direction: Direction) -> Poll<()> {
        ready!(budget::poll_available(context));
        if self.entry.is_ready(direction) {
            return Poll::Ready(());
        }
        self.wait(direction, context.waker());
        // If the waker's own code has parked the reactor, this edge has found nobody.
        if self.entry.is_ready(direction) { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Out of line: who is ready pays for the question alone, and saves no registers for the rest.
    #[inline(never)]
    fn wait(&self, direction: Direction, waker: &Waker) {
        self.reactor.assert_current();
        self.entry.wait(direction, waker);
    }

    /// Says that an operation moved less than it was asked to, so that the kernel has nothing more
    /// just now: the next one waits without a call that could only say `EAGAIN`.
    pub fn drained(&self, direction: Direction) {
        self.entry.drained(direction);
    }
}

impl<T: AsFd> Drop for Source<T> {
    fn drop(&mut self) {
        self.reactor.deregister(self.io.as_fd(), self.entry.token());
    }
}

impl<T: AsFd + fmt::Debug> fmt::Debug for Source<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("io", &self.io).field("token", &self.entry.token()).finish()
    }
}

/// The future of [`Source::readable`] and [`Source::writable`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Ready<'a, T: AsFd> {
    source: &'a Source<T>,
    direction: Direction,
}

impl<T: AsFd> Future for Ready<'_, T> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.source.poll_ready(context, self.direction)
    }
}

/// The future of [`Source::read_with`] and [`Source::write_with`].
#[must_use = "futures do nothing unless awaited"]
pub struct With<'a, T: AsFd, F> {
    source: &'a Source<T>,
    direction: Direction,
    operation: F,
}

/// Nothing is pinned: the operation is only called.
impl<T: AsFd, F> Unpin for With<'_, T, F> {}

impl<T: AsFd, R, F: FnMut(&T) -> io::Result<R>> Future for With<'_, T, F> {
    type Output = io::Result<R>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        this.source.poll_io(context, this.direction, &mut this.operation)
    }
}

impl<T: AsFd, F> fmt::Debug for With<'_, T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("With").field("direction", &self.direction).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{calls_when_cloned, counter};
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::time::Duration;

    /// How long a park may take before a test calls it broken.
    const PATIENCE: Duration = Duration::from_secs(20);

    fn read(source: &Source<UnixStream>, waker: &Waker) -> Poll<io::Result<usize>> {
        let operation = |mut io: &UnixStream| io.read(&mut [0]);
        source.poll_io(&mut Context::from_waker(waker), Direction::Read, operation)
    }

    fn with_source(test: impl FnOnce(Source<UnixStream>, UnixStream)) {
        let reactor = Reactor::new().expect("a reactor");
        let _entered = reactor.enter();
        let (ours, theirs) = UnixStream::pair().expect("a pair");
        test(Source::nonblocking(ours).expect("a source"), theirs);
    }

    #[test]
    fn a_clone_that_lets_the_bytes_come_finds_them_read() {
        with_source(|source, theirs| {
            assert!(read(&source, Waker::noop()).is_pending());
            let brings = calls_when_cloned(move || {
                (&theirs).write_all(b"x").expect("write");
                Reactor::current().park(Some(PATIENCE)).expect("park");
            });
            match read(&source, &brings) {
                Poll::Ready(Ok(1)) => {}
                other => panic!("the byte is there, and its edge is gone, but it says {other:?}"),
            }
        });
    }

    #[test]
    fn a_clone_that_panics_leaves_who_waited_waiting() {
        with_source(|source, mut theirs| {
            let woken = counter();
            assert!(read(&source, &woken.waker()).is_pending());
            let panics = calls_when_cloned(|| panic!("a waker's own"));
            assert!(catch_unwind(AssertUnwindSafe(|| read(&source, &panics))).is_err());
            theirs.write_all(b"x").expect("write");
            Reactor::current().park(Some(PATIENCE)).expect("park");
            assert_eq!(woken.count(), 1);
        });
    }
}
