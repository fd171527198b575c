//! Waiting for the first.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

/// One of two.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Either<A, B> {
    /// The first.
    Left(A),
    /// The second.
    Right(B),
}

/// Runs both futures at once, in this task, until one is ready; the other is dropped where it waits.
/// If both are ready in the same poll, the first wins.
///
/// What a dropped future had half done is lost, unless it is cancel safe.
pub async fn race<A: Future, B: Future>(a: A, b: B) -> Either<A::Output, B::Output> {
    let (mut a, mut b) = (pin!(a), pin!(b));
    poll_fn(|context| {
        if let Poll::Ready(output) = a.as_mut().poll(context) {
            return Poll::Ready(Either::Left(output));
        }
        b.as_mut().poll(context).map(Either::Right)
    })
    .await
}

/// Runs both futures at once until one is ready, and gives the other back, to be awaited later.
/// If both are ready in the same poll, the first wins, and the second, not polled, comes back.
///
/// The futures must be `Unpin`: pin them with `std::pin::pin!` or `Box::pin` if they are not.
/// Cancel safe if both are: dropping it drops both.
pub fn select<A: Future + Unpin, B: Future + Unpin>(a: A, b: B) -> Select<A, B> {
    Select { pair: Some((a, b)) }
}

/// The future of [`select`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Select<A, B> {
    /// `None` once it has been ready.
    pair: Option<(A, B)>,
}

impl<A: Future + Unpin, B: Future + Unpin> Future for Select<A, B> {
    type Output = Either<(A::Output, B), (A, B::Output)>;

    /// # Panics
    /// Polled again after it was ready.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let (mut a, mut b) = self.pair.take().expect("a Select was polled after it was ready");
        if let Poll::Ready(output) = Pin::new(&mut a).poll(context) {
            return Poll::Ready(Either::Left((output, b)));
        }
        if let Poll::Ready(output) = Pin::new(&mut b).poll(context) {
            return Poll::Ready(Either::Right((a, output)));
        }
        self.pair = Some((a, b));
        Poll::Pending
    }
}
