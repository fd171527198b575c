//! Child processes: start one, talk to it, wait for its end.
//!
//! ```text
//!   Command (std) ── spawn ──► Child ── stdin, stdout, stderr ──► Source: pipes, nonblocking
//!                                └── wait ──► ended? ─no─► pidfd readable, or SIGCHLD ──► ended?
//! ```
//!
//! Linux has a descriptor for a process, the *pidfd*, readable when the process has ended. Elsewhere,
//! and in old kernels and strict sandboxes, SIGCHLD says that *some* child has ended, and each that
//! waits looks whether it was its own.
//!
//! A child that nobody waits for leaves an entry in the process table (a zombie) until this process
//! ends. Dropping a [`Child`] does not end it, and does not wait for it, as with std's; where it should
//! do both, say so by [`Child::set_kill_on_drop`].
//!
//! Neighbours: `source` and `signal` wait; `sys::process` opens the pidfd; std starts the process.

use std::fmt;
use std::future::Future;
use std::io;
use std::mem;
use std::os::fd::OwnedFd;
use std::pin::Pin;
use std::process::{ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Output};
use std::task::{Context, Poll, ready};

use crate::io::AsyncRead;
use crate::reactor::Reactor;
use crate::signal::{Kind, Signal};
use crate::source::Source;
use crate::sources::Direction;
use crate::sys::process::{CHILD_ENDED, exit_descriptor};

/// Starts what `command` says. Streams that it makes pipes (`Stdio::piped()`) are the child's fields.
///
/// Starting itself takes a moment in which this thread waits (fork(2), execve(2)).
///
/// # Errors
/// Those of [`Command::spawn`], such as `NotFound`; no descriptors are left, and then the child that
/// was started is killed.
///
/// # Panics
/// Where no reactor is running on this thread.
#[track_caller]
pub fn spawn(command: &mut Command) -> io::Result<Child> {
    spawn_and_watch(command, |id| match exit_descriptor(id)? {
        Some(pidfd) => Ok(Exit::Pidfd(Source::new(pidfd)?)),
        None => Exit::by_signal(),
    })
}

#[track_caller]
fn spawn_and_watch(
    command: &mut Command,
    watch: impl FnOnce(u32) -> io::Result<Exit>,
) -> io::Result<Child> {
    // Asked for here: without a reactor, nothing is started.
    let _reactor = Reactor::current();
    let mut inner = command.spawn()?;
    match Child::watch(&mut inner, watch) {
        Ok((exit, stdin, stdout, stderr)) => {
            let process = Process { inner, kill_on_drop: false };
            Ok(Child { process, exit, stdin, stdout, stderr })
        }
        Err(error) => {
            // It may have ended by itself; in any case it must not be left behind.
            let _ = inner.kill();
            let _ = inner.wait();
            Err(error)
        }
    }
}

/// A process that this one has started.
pub struct Child {
    process: Process,
    exit: Exit,
    /// Where the child reads, if that is a pipe. Dropped, it is the end of the child's input.
    pub stdin: Option<Source<ChildStdin>>,
    /// What the child writes, if that is a pipe.
    pub stdout: Option<Source<ChildStdout>>,
    /// What the child writes to its standard error, if that is a pipe.
    pub stderr: Option<Source<ChildStderr>>,
}

/// The process itself, apart from its streams, so that these can be moved out of a [`Child`].
struct Process {
    inner: std::process::Child,
    kill_on_drop: bool,
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.kill_on_drop {
            // Either fails only where the child was waited for already.
            let _ = self.inner.kill();
            let _ = self.inner.wait();
        }
    }
}

/// How we learn of its end.
enum Exit {
    Pidfd(Source<OwnedFd>),
    Signal(Signal),
}

type Watched =
    (Exit, Option<Source<ChildStdin>>, Option<Source<ChildStdout>>, Option<Source<ChildStderr>>);

impl Exit {
    fn by_signal() -> io::Result<Exit> {
        Ok(Exit::Signal(Signal::new(Kind::from_raw(CHILD_ENDED))?))
    }
}

impl Child {
    fn watch(
        inner: &mut std::process::Child,
        watch: impl FnOnce(u32) -> io::Result<Exit>,
    ) -> io::Result<Watched> {
        let exit = watch(inner.id())?;
        let stdin = inner.stdin.take().map(Source::nonblocking).transpose()?;
        let stdout = inner.stdout.take().map(Source::nonblocking).transpose()?;
        let stderr = inner.stderr.take().map(Source::nonblocking).transpose()?;
        Ok((exit, stdin, stdout, stderr))
    }

    /// Its number. After it was waited for, the number may be somebody else's.
    pub fn id(&self) -> u32 {
        self.process.inner.id()
    }

    /// Waits for its end, and says how it ended; again and again, if asked again.
    ///
    /// A child that reads its input to the end never ends while `stdin` is open: drop that before.
    ///
    /// Cancel safe.
    ///
    /// # Errors
    /// Those of waitpid(2), such as a program that has waited for all its children itself.
    pub fn wait(&mut self) -> Wait<'_> {
        Wait { child: self }
    }

    /// [`wait`](Child::wait) as a poll function.
    ///
    /// # Errors
    /// As [`wait`](Child::wait).
    pub fn poll_wait(&mut self, context: &mut Context<'_>) -> Poll<io::Result<ExitStatus>> {
        let inner = &mut self.process.inner;
        match &mut self.exit {
            Exit::Pidfd(pidfd) => pidfd.poll_io(context, Direction::Read, |_| {
                inner.try_wait()?.ok_or_else(|| io::ErrorKind::WouldBlock.into())
            }),
            Exit::Signal(signal) => loop {
                // The signal is counted from before this look on: an end after it is not missed.
                if let Some(status) = inner.try_wait()? {
                    return Poll::Ready(Ok(status));
                }
                ready!(signal.poll_recv(context));
            },
        }
    }

    /// Collects what it writes to the streams that are pipes, and waits for its end. Drops `stdin`.
    ///
    /// Waits also for those that the child has handed its streams to. All that is written is kept in
    /// memory, however much it is.
    ///
    /// Dropped before it was ready, it drops the child and what was collected.
    ///
    /// # Errors
    /// Those of read(2); as [`wait`](Child::wait).
    pub fn wait_with_output(mut self) -> WaitWithOutput {
        self.stdin = None;
        WaitWithOutput { child: self, stdout: Vec::new(), stderr: Vec::new() }
    }

    /// How it ended, if it has.
    ///
    /// # Errors
    /// As [`wait`](Child::wait).
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        self.process.inner.try_wait()
    }

    /// Ends it by force (SIGKILL). It still has to be waited for. Nothing happens where it was
    /// already.
    ///
    /// # Errors
    /// Those of kill(2).
    pub fn kill(&mut self) -> io::Result<()> {
        self.process.inner.kill()
    }

    /// Whether dropping this ends the child by force (SIGKILL) and waits until it has ended, so that
    /// nothing is left of it. Default: no.
    ///
    /// The wait stops this thread: for a moment, as a killed child only has to go; for longer where the
    /// kernel cannot let go of it, such as in the midst of a call to a disk that does not answer.
    pub fn set_kill_on_drop(&mut self, on: bool) {
        self.process.kill_on_drop = on;
    }
}

impl fmt::Debug for Child {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Child").field("id", &self.id()).finish_non_exhaustive()
    }
}

/// The future of [`Child::wait`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Wait<'a> {
    child: &'a mut Child,
}

impl Future for Wait<'_> {
    type Output = io::Result<ExitStatus>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.get_mut().child.poll_wait(context)
    }
}

/// The future of [`Child::wait_with_output`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct WaitWithOutput {
    child: Child,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Future for WaitWithOutput {
    type Output = io::Result<Output>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        // Both are asked, always: a child that finds one pipe full does not come to the other.
        let stdout = poll_collect(&mut this.child.stdout, &mut this.stdout, context)?;
        let stderr = poll_collect(&mut this.child.stderr, &mut this.stderr, context)?;
        if stdout.is_pending() || stderr.is_pending() {
            return Poll::Pending;
        }
        let status = ready!(this.child.poll_wait(context))?;
        let (stdout, stderr) = (mem::take(&mut this.stdout), mem::take(&mut this.stderr));
        Poll::Ready(Ok(Output { status, stdout, stderr }))
    }
}

/// Reads to the end, then closes the pipe.
fn poll_collect<T>(
    pipe: &mut Option<T>,
    bytes: &mut Vec<u8>,
    context: &mut Context<'_>,
) -> Poll<io::Result<()>>
where
    T: AsyncRead,
{
    let mut buffer = [0; 8192];
    while let Some(reader) = pipe {
        match ready!(reader.poll_read(context, &mut buffer))? {
            0 => *pipe = None,
            count => bytes.extend_from_slice(&buffer[..count]),
        }
    }
    Poll::Ready(Ok(()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::reactor::now;

    #[test]
    fn without_a_pidfd_the_signal_tells_and_each_child_finds_its_own_end() {
        let reactor = Reactor::new().expect("a reactor");
        let _entered = reactor.enter();
        let start = |code: u8| {
            let mut command = Command::new("sh");
            command.arg("-c").arg(format!("read line; exit {code}"));
            command.stdin(std::process::Stdio::piped());
            spawn_and_watch(&mut command, |_| Exit::by_signal()).expect("a shell")
        };
        let mut children = [start(3), start(4)];
        let mut context = Context::from_waker(std::task::Waker::noop());
        for child in &mut children {
            assert!(child.poll_wait(&mut context).is_pending(), "it waits for its input's end");
        }
        // The second first: its signal must not be taken for the first one's end.
        children[1].stdin = None;
        assert_eq!(end_of(&reactor, &mut children[1]).code(), Some(4));
        assert!(children[0].poll_wait(&mut context).is_pending());
        children[0].stdin = None;
        assert_eq!(end_of(&reactor, &mut children[0]).code(), Some(3));
        assert_eq!(end_of(&reactor, &mut children[0]).code(), Some(3), "and again");
    }

    fn end_of(reactor: &Reactor, child: &mut Child) -> ExitStatus {
        let deadline = now() + Duration::from_secs(10);
        let mut context = Context::from_waker(std::task::Waker::noop());
        loop {
            if let Poll::Ready(status) = child.poll_wait(&mut context) {
                return status.expect("our own child");
            }
            let left = deadline.saturating_duration_since(now());
            assert!(!left.is_zero(), "waited 10 s for the end of {child:?}");
            reactor.park(Some(left)).expect("park");
        }
    }
}
