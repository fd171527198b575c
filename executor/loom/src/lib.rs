//! The files of `executor` in which threads meet, compiled once more with a model checker's locks,
//! and models that run them in every order.
//!
//! ```text
//!   executor/src/cross/…  park/…  remote.rs  sync/wait_list.rs …     the very files, by path
//!            │ use crate::primitives::{Arc, Mutex, …}
//!            ▼
//!   executor: std's, crossbeam's            here: loom's, and a queue made of loom's
//! ```
//!
//! A model fails where a thread sleeps for ever (the checker calls it a deadlock), where a value is lost
//! or dropped twice, or where an assertion does not hold in some order. `models/wake.rs` mirrors instead
//! of including: the ready queue and the poller's bell hang on the kernel.
//!
//! `RUSTFLAGS="--cfg loom" cargo test --release --manifest-path executor/loom/Cargo.toml`

#![forbid(unsafe_code)]
#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "the files are parts of another crate"
)]
#![cfg(test)]

#[path = "../../src/cross/mod.rs"]
mod cross;
#[path = "../../src/join_error.rs"]
mod join_error;
mod models;
#[path = "../../src/park/mod.rs"]
mod park;
mod primitives;
#[path = "../../src/remote.rs"]
mod remote;
mod sync;
#[path = "../../src/unwind.rs"]
mod unwind;

/// No work of a model is bound to a thread.
mod ready_queue {
    pub(crate) const NOBODY_RUNS_IT: &str = "";

    pub(crate) fn is_any_running() -> bool {
        unreachable!("only what `Handle::spawn` gives asks")
    }
}

/// No runtime runs here.
mod context {
    pub(crate) fn try_current() -> Option<()> {
        None
    }
}
