//! What the compiler refuses, each tried by `cargo test -p listings`.
//!
//! A future that may point into itself cannot be polled where it could still be moved:
//!
//! ```compile_fail,E0277
//! use std::future::Future;
//! use std::pin::Pin;
//! use std::task::{Context, Waker};
//!
//! let mut future = async { 7 };
//! let mut context = Context::from_waker(Waker::noop());
//! let _ = Pin::new(&mut future).poll(&mut context); // `async` block: not `Unpin`
//! ```
//!
//! What `pin!` has pinned cannot be had back:
//!
//! ```compile_fail,E0507
//! let pinned = std::pin::pin!(async { 7 });
//! let moved = *pinned;
//! ```
//!
//! Nor can two that are pinned change places; `swap` would need two `&mut`:
//!
//! ```compile_fail,E0596
//! use std::marker::PhantomPinned;
//!
//! let (mut left, mut right) = (Box::pin(PhantomPinned), Box::pin(PhantomPinned));
//! std::mem::swap(&mut *left, &mut *right);
//! ```
