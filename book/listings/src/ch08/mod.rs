//! Chapter 8: `block_on`, three times wrong, and the one that stayed.
//!
//! ```text
//!   v1_spin          polls and polls
//!   v2_sleep         sleeps on a condvar: a wake before the sleep is lost
//!   v3_thread_park   sleeps on the thread's own token, which others take as well
//!   executor::park   sleeps on a flag of its own
//! ```
//! `contract` says what each of them has to do, and which does not.

pub mod contract;
pub mod interleaving;
pub mod v1_spin;
pub mod v2_sleep;
pub mod v3_thread_park;
