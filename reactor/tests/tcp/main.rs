//! TCP as a task sees it: connecting, accepting, reading, writing, closing, waiting.
//!
//! Our end runs on the reactor, the other end is a blocking socket of the standard library in most
//! tests, so that a mistake of ours is not made at both ends.

#[path = "../support/mod.rs"]
mod support;

mod accepting;
mod closing;
mod connecting;
mod out_of_descriptors;
mod reading;
mod splitting;
mod waiting;
mod writing;
