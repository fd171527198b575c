//! How tasks of one thread talk to each other.
//!
//! | | carries | for |
//! | --- | --- | --- |
//! | [`Notify`] | nothing but the news | "look again" |
//! | [`oneshot`] | one value, once | a reply |
//! | [`mpsc`] | many values, in order | work, with backpressure |
//!
//! All of them stay on one thread, and cost no atomic operation and no lock of their own; what crosses
//! threads is `spawn_blocking`, `Handle::spawn` and crossbeam's channels. All are fair (first come,
//! first served) and cancel safe: whoever stops waiting after its turn was announced passes it on.
//!
//! None needs a runtime: they work under any executor.

pub mod mpsc;
mod notify;
pub mod oneshot;
mod wait_list;

pub use notify::{Notified, Notify};
