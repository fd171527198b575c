//! What runs, as it stands after chapter 8: one future on one thread.
#![forbid(unsafe_code)]

pub mod park;
#[allow(unused_imports, reason = "the names are for all chapters")]
mod primitives;
