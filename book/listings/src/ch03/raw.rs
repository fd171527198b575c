//! write(2), by its number and three registers.
//!
//! ```text
//!                 x86-64        aarch64
//!   the number    rax           x8
//!   arguments     rdi rsi rdx   x0 x1 x2
//!   across        syscall       svc 0
//!   the answer    rax           x0
//!   lost          rcx r11       —
//! ```
//! The kernel's own page for this table is syscall(2).

use std::arch::asm;
use std::os::fd::{AsRawFd, BorrowedFd};

/// What Linux calls write(2) on this processor; the C library's headers know it as `SYS_write`.
#[cfg(target_arch = "x86_64")]
pub const WRITE: usize = 1;
/// What Linux calls write(2) on this processor; the C library's headers know it as `SYS_write`.
#[cfg(target_arch = "aarch64")]
pub const WRITE: usize = 64;

/// Asks the kernel to write `bytes`, and gives back what it left in the register.
#[cfg(target_arch = "x86_64")]
pub fn write(fd: BorrowedFd<'_>, bytes: &[u8]) -> isize {
    let answer: isize;
    // SAFETY: the descriptor is open and the bytes are readable for as long as the call lasts; the
    // kernel changes none of our memory, and of our registers only the three that are named.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") WRITE => answer,
            in("rdi") fd.as_raw_fd(),
            in("rsi") bytes.as_ptr(),
            in("rdx") bytes.len(),
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack, readonly),
        );
    }
    answer
}

/// Asks the kernel to write `bytes`, and gives back what it left in the register.
#[cfg(target_arch = "aarch64")]
pub fn write(fd: BorrowedFd<'_>, bytes: &[u8]) -> isize {
    let answer: isize;
    // SAFETY: the descriptor is open and the bytes are readable for as long as the call lasts; the
    // kernel changes none of our memory, and of our registers only the one with the answer.
    unsafe {
        asm!(
            "svc 0",
            in("x8") WRITE,
            inlateout("x0") fd.as_raw_fd() as isize => answer,
            in("x1") bytes.as_ptr(),
            in("x2") bytes.len(),
            options(nostack, readonly),
        );
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_the_one_in_the_headers_of_c() {
        assert_eq!(WRITE, libc::SYS_write as usize);
    }
}
