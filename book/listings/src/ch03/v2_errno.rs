//! Knows a small negative number for an error.

use std::io;
use std::ops::RangeInclusive;
use std::os::fd::BorrowedFd;

use super::raw;

/// Below zero by no more than the largest number that Linux gives an error (`MAX_ERRNO`).
const ERRORS: RangeInclusive<isize> = -4095..=-1;

/// Writes `bytes`, and says how many the kernel took.
pub fn write(fd: BorrowedFd<'_>, bytes: &[u8]) -> io::Result<usize> {
    let answer = raw::write(fd, bytes);
    if ERRORS.contains(&answer) {
        return Err(io::Error::from_raw_os_error(-answer as i32));
    }
    Ok(answer as usize)
}
