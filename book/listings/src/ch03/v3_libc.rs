//! Asks the C library, which asks the kernel: -1, and the error in `errno`.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

/// Writes `bytes`, and says how many the kernel took.
pub fn write(fd: BorrowedFd<'_>, bytes: &[u8]) -> io::Result<usize> {
    // SAFETY: the descriptor is open, and the bytes are readable, for as long as the call lasts.
    let answer = unsafe { libc::write(fd.as_raw_fd(), bytes.as_ptr().cast(), bytes.len()) };
    if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(answer as usize) }
}
