//! The end of a child process, as a descriptor (pidfd_open(2)).
//!
//! Neighbours: `process` waits for it, or for SIGCHLD where there is no such descriptor.

use std::io;
use std::os::fd::OwnedFd;

/// A child has ended (signal(7)).
pub(crate) const CHILD_ENDED: i32 = libc::SIGCHLD;

/// A descriptor that becomes readable when the child `id` has ended. `None` where the system has none:
/// other systems, Linux before 5.3, and sandboxes that forbid the call.
///
/// The child must not have been waited for: after that, its number may be somebody else's.
#[cfg(target_os = "linux")]
pub(crate) fn exit_descriptor(id: u32) -> io::Result<Option<OwnedFd>> {
    use std::os::fd::{FromRawFd, RawFd};
    let Ok(id) = libc::pid_t::try_from(id) else { return Ok(None) };
    // SAFETY: takes no pointer; the result is checked.
    match super::check(unsafe { libc::syscall(libc::SYS_pidfd_open, id, 0) }) {
        // SAFETY: the kernel has just made this descriptor for us, and nobody else knows of it.
        Ok(fd) => Ok(Some(unsafe { OwnedFd::from_raw_fd(fd as RawFd) })),
        Err(error) if matches!(error.raw_os_error(), Some(libc::ENOSYS | libc::EPERM)) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn exit_descriptor(_: u32) -> io::Result<Option<OwnedFd>> {
    Ok(None)
}
