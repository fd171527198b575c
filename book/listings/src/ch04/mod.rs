//! Chapter 4: readiness, as the poller tells of it.
//!
//! ```text
//!   waveform      one buffer, watched by level and by edge
//!   v1_blocking   told by edge, drains, and sleeps in the last read
//!   v2_one_read   told by edge, reads once: what is left is never spoken of again
//!   v3_drain      told by edge, reads until the kernel has nothing more
//!   v4_level      told by level, reads once: what is left is spoken of at the next wait
//! ```
//! `contract` holds the four servers side by side; `facts` asks what is said of a descriptor in which
//! situation.

pub mod contract;
pub mod facts;
mod lines;
pub mod v1_blocking;
pub mod v2_one_read;
pub mod v3_drain;
pub mod v4_level;
pub mod waveform;
