//! Chapter 7: a sound projection.
//!
//! ```text
//!   Pin<&mut Patience<F>> ──project──► Pin<&mut Option<F>>   pinned: it never moves, until it is dropped
//!                              └─────► &mut u32              not pinned: a number may move
//! ```
//! `cargo test -p ex07` says what to do next.

#![allow(unused, reason = "you have not used it yet")]

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Polls a future so many times, and no more.
#[derive(Debug)]
pub struct Patience<F> {
    /// `None` once it is over.
    future: Option<F>,
    /// How many polls are left.
    polls: u32,
}

/// The future was not ready in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutOfPatience;

/// Polls `future` at most `polls` times.
pub fn patience<F: Future>(polls: u32, future: F) -> Patience<F> {
    Patience { future: Some(future), polls }
}

impl<F> Patience<F> {
    /// The two fields: the future pinned, as the whole is, and the number not.
    pub fn project(self: Pin<&mut Self>) -> (Pin<&mut Option<F>>, &mut u32) {
        todo!(
            "1. get at the fields by `get_unchecked_mut`, and pin the one by `Pin::new_unchecked`"
        )
    }
}

impl<F: Future> Future for Patience<F> {
    type Output = Result<F::Output, OutOfPatience>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        todo!("2. poll the future, if a poll is left; when it is over, drop it where it lies")
    }
}
