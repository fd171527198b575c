//! Chapter 3: one system call, from the instruction up.
//!
//! ```text
//!   v1_count   the instruction alone: what comes back is taken for a count
//!   v2_errno   … and the small negative numbers for errors
//!   v3_libc    the C library's function instead: -1, and errno
//!   v4_again   … and again, where a signal came in between
//! ```
//! `contract` holds them side by side. `crossing` looks at the registers on the way, `forbidden` at
//! what happens without the door, `waiting` at a timeout that signals interrupt, `cost` at the price.
//!
//! The instruction is written for Linux on x86-64 and aarch64. On other systems `v1` and `v2` are not
//! there: what macOS and the BSDs promise is their C library, and not what lies below it.

pub mod contract;
pub mod cost;
pub mod waiting;

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
pub mod crossing;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
pub mod forbidden;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
pub mod raw;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
pub mod v1_count;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
pub mod v2_errno;
pub mod v3_libc;
pub mod v4_again;
