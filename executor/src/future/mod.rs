//! Futures made of futures.
//!
//! | | waits for | the others |
//! | --- | --- | --- |
//! | [`join()`], [`join!`](crate::join!), [`join_all`] | all of them | |
//! | [`try_join!`](crate::try_join!) | all of them, or the first failure | are dropped |
//! | [`race()`], [`select!`](crate::select!) | the first | are dropped |
//! | [`select()`] | the first | come back, to be awaited later |
//! | [`scope()`] | its children | |
//! | [`yield_now()`] | the other tasks | |
//!
//! # Why some of these are `async fn` around a `poll_fn`
//! A struct that holds two foreign futures must pin both, and reaching a pinned field takes `unsafe`
//! (see `reactor::time::Timeout`, which does it) or a macro that hides it. A local variable of an
//! `async` block, pinned by `std::pin::pin!`, takes neither: the compiler builds the struct. What is
//! polled when is still written by hand.

mod join;
mod macros;
mod scope;
mod select;
mod tuple;
mod yield_now;

pub use join::{JoinAll, join, join_all};
pub use scope::{Scope, ScopedHandle, scope};
pub use select::{Either, Select, race, select};
pub use tuple::{Futures, OneOf, Order, TryFutures};
pub use yield_now::{YieldNow, yield_now};
