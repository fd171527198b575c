//! Asks again where a signal came in between.

use std::io;
use std::os::fd::BorrowedFd;

use super::v3_libc;

/// Writes `bytes`, and says how many the kernel took.
pub fn write(fd: BorrowedFd<'_>, bytes: &[u8]) -> io::Result<usize> {
    loop {
        match v3_libc::write(fd, bytes) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
