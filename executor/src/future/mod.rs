//! Futures made of futures.
//!
//! | | waits for | the others |
//! | --- | --- | --- |
//! | [`join()`], [`join_all`] | all of them | |
//! | [`race()`] | the first | are dropped |
//! | [`select()`] | the first | come back, to be awaited later |
//! | [`yield_now()`] | the other tasks | |
//!
//! # Why some of these are `async fn` around a `poll_fn`
//! A struct that holds two foreign futures must pin both, and reaching a pinned field takes `unsafe`
//! (see `reactor::time::Timeout`, which does it) or a macro that hides it. A local variable of an
//! `async` block, pinned by `std::pin::pin!`, takes neither: the compiler builds the struct. What is
//! polled when is still written by hand.

mod join;
mod select;
mod yield_now;

pub use join::{JoinAll, join, join_all};
pub use select::{Either, Select, race, select};
pub use yield_now::{YieldNow, yield_now};
