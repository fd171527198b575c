//! Signals as futures.
//!
//! ```text
//!   kernel ─► handler: count, one byte into each listener's pipe     (sys::signal)
//!                                          │ readable
//!   Signal::recv ── poll ──► drain pipe, compare count ──changed──► Ready
//!                                          └──same──► Pending
//! ```
//!
//! Signals of one kind that come faster than they are taken become one, as the kernel itself does it
//! (signal(7)). All listeners of a kind hear of it. Once a kind is listened to, its default action is
//! off for the rest of the process's life, even after the last listener is gone.
//!
//! Neighbours: `sys::signal` has the handler; `source` waits for the pipe.

use std::fmt;
use std::future::Future;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::source::Source;
use crate::sources::Direction;
use crate::sys::{signal as sys_signal, socket};

/// Which signal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Kind(i32);

impl Kind {
    /// SIGINT: Ctrl-C at the terminal.
    pub const INTERRUPT: Kind = Kind(sys_signal::INTERRUPT);
    /// SIGTERM: somebody asks the process to end.
    pub const TERMINATE: Kind = Kind(sys_signal::TERMINATE);
    /// SIGHUP: the terminal has gone, or, for a server, "read your configuration again".
    pub const HANGUP: Kind = Kind(sys_signal::HANGUP);
    /// SIGUSR1: for the program's own use.
    pub const USER_1: Kind = Kind(sys_signal::USER_1);
    /// SIGUSR2: for the program's own use.
    pub const USER_2: Kind = Kind(sys_signal::USER_2);

    /// Any signal, by its number.
    pub const fn from_raw(signal: i32) -> Kind {
        Kind(signal)
    }
}

/// A listener for one kind of signal.
pub struct Signal {
    kind: Kind,
    /// The count up to which signals were taken.
    taken: u32,
    /// Dropped before the pipe's reader, so that the handler never writes to a pipe with no reader.
    _bell: sys_signal::Bell,
    pipe: Source<OwnedFd>,
}

impl Signal {
    /// Listens from now on.
    ///
    /// # Errors
    /// `InvalidInput` for a signal that cannot be caught (SIGKILL, SIGSTOP), or not be returned from
    /// (SIGSEGV, SIGBUS, SIGFPE, SIGILL); no descriptors are left;
    /// 64 listeners are there already.
    ///
    /// # Panics
    /// Where no reactor is running on this thread.
    #[track_caller]
    pub fn new(kind: Kind) -> io::Result<Signal> {
        if sys_signal::is_fault(kind.0) {
            let why =
                "this signal says that an instruction went wrong, and nobody can wait for that";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        let (bell, reader) = sys_signal::Bell::new()?;
        let pipe = Source::new(reader)?;
        let taken = sys_signal::count(kind.0);
        sys_signal::catch(kind.0)?;
        Ok(Signal { kind, taken, _bell: bell, pipe })
    }

    /// Waits for the next signal of this kind since the last one taken, or since [`new`](Signal::new).
    ///
    /// Cancel safe: a dropped wait takes no signal with it.
    pub fn recv(&mut self) -> Recv<'_> {
        Recv { signal: self }
    }

    /// [`recv`](Signal::recv) as a poll function.
    pub fn poll_recv(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            let count = sys_signal::count(self.kind.0);
            if count != self.taken {
                self.taken = count;
                return Poll::Ready(());
            }
            let mut bytes = [0_u8; 64];
            let read = |pipe: &OwnedFd| socket::read(pipe.as_fd(), &mut bytes);
            // An error here would be one of a pipe whose both ends we hold: there is none to be had
            // but EAGAIN and EINTR, which `poll_io` knows. Should it come, count is looked at again.
            let _ = ready!(self.pipe.poll_io(context, Direction::Read, read));
        }
    }
}

impl fmt::Debug for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signal").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// The future of [`Signal::recv`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Recv<'a> {
    signal: &'a mut Signal,
}

impl Future for Recv<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.get_mut().signal.poll_recv(context)
    }
}

/// Waits for one Ctrl-C.
///
/// The listener is made at the call, not at the first poll: a Ctrl-C in between is not missed.
///
/// # Errors
/// As [`Signal::new`].
///
/// # Panics
/// Where no reactor is running on this thread.
#[track_caller]
pub fn ctrl_c() -> io::Result<CtrlC> {
    Ok(CtrlC { signal: Signal::new(Kind::INTERRUPT)? })
}

/// The future of [`ctrl_c`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct CtrlC {
    signal: Signal,
}

impl Future for CtrlC {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.get_mut().signal.poll_recv(context)
    }
}
