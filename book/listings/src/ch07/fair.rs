//! Two ways to ask two futures in turns.

use std::future::{Future, poll_fn};
use std::mem;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

/// Gives the output of whoever is ready first, and begins with the other one each time.
#[derive(Debug)]
pub struct BySwap<F> {
    first: F,
    second: F,
}

/// By exchanging the two; wrong on purpose.
pub fn by_swap<F: Future>(first: F, second: F) -> BySwap<F> {
    BySwap { first, second }
}

impl<F: Future> Future for BySwap<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        // SAFETY: wrong on purpose. Nothing may be moved out of `this`, and the swap below moves both.
        let this = unsafe { self.get_unchecked_mut() };
        mem::swap(&mut this.first, &mut this.second);
        // SAFETY: wrong on purpose. It is pinned for as long as this poll takes, and no longer.
        let first = unsafe { Pin::new_unchecked(&mut this.first) };
        if let Poll::Ready(output) = first.poll(context) {
            return Poll::Ready(output);
        }
        // SAFETY: as above.
        let second = unsafe { Pin::new_unchecked(&mut this.second) };
        second.poll(context)
    }
}

/// By exchanging what leads to them.
pub async fn by_pointer<F: Future>(first: F, second: F) -> F::Output {
    let (mut first, mut second) = (pin!(first), pin!(second));
    poll_fn(|context| {
        mem::swap(&mut first, &mut second);
        if let Poll::Ready(output) = first.as_mut().poll(context) {
            return Poll::Ready(output);
        }
        second.as_mut().poll(context)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ch07::witness::{poll_to_the_end, witness};

    #[test]
    fn a_swap_between_polls_is_noticed() {
        assert!(!poll_to_the_end(by_swap(witness(3), witness(3))));
    }

    #[test]
    fn what_is_pinned_stays_when_its_pointers_are_exchanged() {
        assert!(poll_to_the_end(by_pointer(witness(3), witness(3))));
    }

    #[test]
    fn a_move_before_the_first_poll_is_none() {
        let moved = Box::new(witness(3));
        assert!(poll_to_the_end(*moved));
    }
}
