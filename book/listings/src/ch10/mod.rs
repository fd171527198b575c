//! Chapter 10: where the thread sleeps that has futures to poll and sockets to wait for.
//!
//! ```text
//!   v1_reactor_thread   two threads sleep, one for each: every event is handed over
//!   v2_in_the_kernel    one thread sleeps in the kernel, and no other thread can wake it
//!   v3_self_pipe        … now one can: a wake is a byte in a pipe, each a system call
//!   v4_bell             … a system call only where somebody sleeps
//!   executor            the same, with a queue of tasks
//! ```
//! `contract` says what each of them has to do, and which does not; `rings` counts the system calls.

pub mod contract;
pub mod line;
#[cfg(target_os = "linux")]
pub mod rings;
pub mod round;
pub mod v1_reactor_thread;
pub mod v2_in_the_kernel;
pub mod v3_self_pipe;
pub mod v4_bell;
