//! The part of `executor::sync` that the channels between threads use.

#[path = "../../src/sync/caller.rs"]
pub(crate) mod caller;
#[path = "../../src/sync/error.rs"]
pub(crate) mod error;
#[path = "../../src/sync/wait_list.rs"]
pub(crate) mod wait_list;
#[path = "../../src/sync/wakers.rs"]
mod wakers;

pub(crate) use wakers::Wakers;
