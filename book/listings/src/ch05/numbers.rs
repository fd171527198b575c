//! Descriptors with numbers that nobody else in this process takes.
//!
//! Numbers belong to the whole process, and the lowest free one is given to whoever asks next, on any
//! thread. A run that is about numbers so takes its own from 200 on, where nobody else is, and runs alone.

use std::io;
use std::os::fd::RawFd;
use std::os::unix::net::UnixStream;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::io::fcntl_dupfd_cloexec;

/// The lowest of them. The whole process may have as few as 256 (macOS).
pub const FIRST: RawFd = 200;

/// The numbers from [`FIRST`] on, for one run at a time.
#[derive(Debug)]
pub struct Numbers {
    _alone: MutexGuard<'static, ()>,
}

impl Numbers {
    /// Waits until no other run has them.
    pub fn alone() -> Numbers {
        static ALONE: Mutex<()> = Mutex::new(());
        Numbers { _alone: ALONE.lock().unwrap_or_else(PoisonError::into_inner) }
    }

    /// Two connected sockets; the first has the lowest number from [`FIRST`] on that is free.
    ///
    /// # Errors
    /// The process has no descriptor left.
    pub fn pair(&self) -> io::Result<(UnixStream, UnixStream)> {
        let (near, far) = UnixStream::pair()?;
        let near = fcntl_dupfd_cloexec(&near, FIRST)?;
        Ok((near.into(), far))
    }
}
