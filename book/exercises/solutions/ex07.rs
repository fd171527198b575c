//! Chapter 7: a sound projection.
//!
//! ```text
//!   Pin<&mut Patience<F>> ──project──► Pin<&mut Option<F>>   pinned: it never moves, until it is dropped
//!                              └─────► &mut u32              not pinned: a number may move
//! ```
//! `cargo test -p ex07` says what to do next.

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
        // SAFETY: nothing is moved out of `this`: one field is pinned again at once, and of the other
        // only a reference goes out.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: `this` was pinned, and so this field stays where it is until it is dropped: it is
        // reached in no other way, there is no `Drop`, and `Patience` is `Unpin` only if `F` is.
        let future = unsafe { Pin::new_unchecked(&mut this.future) };
        (future, &mut this.polls)
    }
}

impl<F: Future> Future for Patience<F> {
    type Output = Result<F::Output, OutOfPatience>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let (mut future, polls) = self.project();
        let Some(running) = future.as_mut().as_pin_mut() else {
            panic!("a `Patience` was polled after it was ready");
        };
        let result = match polls.checked_sub(1) {
            None => Err(OutOfPatience),
            Some(left) => {
                *polls = left;
                match running.poll(context) {
                    Poll::Ready(output) => Ok(output),
                    Poll::Pending if left > 0 => return Poll::Pending,
                    Poll::Pending => Err(OutOfPatience),
                }
            }
        };
        future.set(None);
        Poll::Ready(result)
    }
}
