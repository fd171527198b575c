//! What the tests of reading and writing share: a reader and a writer that do as a script says, and
//! a place for names.
//!
//! Neighbours: `support` has the loop with a deadline.

// Each test binary compiles all of this and uses a part.
#![allow(dead_code, reason = "a test binary uses only a part of what is shared")]

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use reactor::io::{AsyncRead, AsyncWrite};

/// One thing that a scripted reader or writer does when it is asked.
pub(crate) enum Step {
    /// These bytes can be read; what does not fit stays for the next time.
    Bytes(&'static [u8]),
    /// So many bytes are taken by a write.
    Room(usize),
    /// Not now; the task is woken at once.
    Later,
    /// This error.
    Fails(io::ErrorKind),
}

/// A reader and writer that does what its script says. A reader whose script is over is at its end; a
/// writer whose script is over takes everything.
pub(crate) struct Scripted {
    steps: VecDeque<Step>,
    pub(crate) written: Vec<u8>,
    pub(crate) flushes: usize,
    pub(crate) calls: usize,
    pub(crate) shut_down: bool,
}

pub(crate) fn scripted(steps: impl IntoIterator<Item = Step>) -> Scripted {
    let steps = steps.into_iter().collect();
    Scripted { steps, written: Vec::new(), flushes: 0, calls: 0, shut_down: false }
}

impl AsyncRead for Scripted {
    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.calls += 1;
        match self.steps.pop_front() {
            None => Poll::Ready(Ok(0)),
            Some(Step::Bytes(bytes)) => {
                let count = bytes.len().min(buffer.len());
                buffer[..count].copy_from_slice(&bytes[..count]);
                if count < bytes.len() {
                    self.steps.push_front(Step::Bytes(&bytes[count..]));
                }
                Poll::Ready(Ok(count))
            }
            Some(Step::Fails(kind)) => Poll::Ready(Err(kind.into())),
            Some(Step::Later) => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Some(Step::Room(_)) => panic!("a script for a writer was read"),
        }
    }
}

impl AsyncWrite for Scripted {
    fn poll_write(&mut self, context: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        self.calls += 1;
        let room = match self.steps.pop_front() {
            None => buffer.len(),
            Some(Step::Room(room)) => room.min(buffer.len()),
            Some(Step::Fails(kind)) => return Poll::Ready(Err(kind.into())),
            Some(Step::Later) => {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            Some(Step::Bytes(_)) => panic!("a script for a reader was written to"),
        };
        self.written.extend_from_slice(&buffer[..room]);
        Poll::Ready(Ok(room))
    }

    fn poll_write_vectored(
        &mut self,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let bytes: Vec<u8> = buffers.iter().flat_map(|buffer| buffer.to_vec()).collect();
        self.poll_write(context, &bytes)
    }

    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.flushes += 1;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.shut_down = true;
        Poll::Ready(Ok(()))
    }
}

/// A directory of the test's own, removed with all that is in it.
pub(crate) struct Directory(PathBuf);

pub(crate) fn directory() -> Directory {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::SeqCst);
    let name = format!("reactor-test-{}-{number}", std::process::id());
    let path = std::env::temp_dir().join(name);
    std::fs::create_dir(&path).expect("a new directory");
    Directory(path)
}

impl Directory {
    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // A test that fails leaves it behind at worst.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
