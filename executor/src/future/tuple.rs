//! Waiting for two to eight futures of different types, in one task and without a box.
//!
//! ```text
//!   join!(a, b, c)      poll a, b, c at each wake-up … until all are over ──► (A, B, C)
//!   try_join!(a, b, c)  … or one has failed ──► Err; the others are dropped where they wait
//!   select! { … }       … or one is over ──► its arm; the others are dropped where they wait
//!     biased;             in the order in which they are written
//!     (otherwise)         from a place that changes from poll to poll: who is always ready
//!                         cannot keep the others from their turn
//! ```
//!
//! A function cannot take "some futures", so a trait is implemented for each length of tuple, by one
//! macro that writes the same three loops for each. The macros for the user only make the tuple.
//!
//! Invariants:
//! - A future that is over is not polled again.
//! - The futures are polled in place, pinned where the `async` block keeps them.

use std::cell::Cell;
use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

/// The first of up to eight, by its place.
///
/// Places that a tuple does not have are [`Infallible`]: a `match` may leave them out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the names say it")]
pub enum OneOf<
    A,
    B,
    C = Infallible,
    D = Infallible,
    E = Infallible,
    F = Infallible,
    G = Infallible,
    H = Infallible,
> {
    First(A),
    Second(B),
    Third(C),
    Fourth(D),
    Fifth(E),
    Sixth(F),
    Seventh(G),
    Eighth(H),
}

/// In which order futures that run together are polled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// As they are written.
    Biased,
    /// From another one each time.
    Fair,
}

impl Order {
    /// The first place to look at, counted on by one at each poll.
    fn start(self) -> usize {
        thread_local! {
            // A counter would not do: two selects that take turns would share its odd and even numbers.
            static RANDOM: Cell<u32> = const { Cell::new(0x9e37_79b9) };
        }
        if self == Order::Biased {
            return 0;
        }
        let mut random = RANDOM.get();
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        RANDOM.set(random);
        random as usize >> 3
    }
}

/// A tuple of two to eight futures. [`join!`](crate::join!) and [`select!`](crate::select!) use it.
pub trait Futures {
    /// All outputs.
    type Outputs;
    /// One output, and whose it is.
    type First;

    /// Runs all of them to their end.
    ///
    /// Cancel safe as far as all are: they are dropped together. So they are if one panics.
    fn all(self) -> impl Future<Output = Self::Outputs>;

    /// Runs all of them until one is over; the others are dropped where they wait.
    fn first(self, order: Order) -> impl Future<Output = Self::First>;
}

/// A tuple of two to eight futures that may fail. [`try_join!`](crate::try_join!) uses it.
pub trait TryFutures {
    /// All that came out well.
    type Outputs;
    /// How each may fail.
    type Error;

    /// Runs all of them to their end, or until one has failed; the others are then dropped where they
    /// wait.
    fn try_all(self) -> impl Future<Output = Result<Self::Outputs, Self::Error>>;
}

const OVER: &str = "all are over, and each gave its output";

macro_rules! tuple {
    ($count:literal: $($place:literal $Variant:ident $Future:ident $Good:ident $future:ident $output:ident),+) => {
        impl<$($Future: Future),+> Futures for ($($Future,)+) {
            type Outputs = ($($Future::Output,)+);
            type First = OneOf<$($Future::Output),+>;

            async fn all(self) -> Self::Outputs {
                let ($($future,)+) = self;
                $(let (mut $future, mut $output) = (pin!($future), None);)+
                poll_fn(|context| {
                    let mut all_over = true;
                    $(if $output.is_none() {
                        match $future.as_mut().poll(context) {
                            Poll::Ready(output) => $output = Some(output),
                            Poll::Pending => all_over = false,
                        }
                    })+
                    if all_over { Poll::Ready(()) } else { Poll::Pending }
                })
                .await;
                ($($output.expect(OVER),)+)
            }

            async fn first(self, order: Order) -> Self::First {
                let ($($future,)+) = self;
                $(let mut $future = pin!($future);)+
                let mut start = order.start();
                poll_fn(|context| {
                    for place in start..start + $count {
                        match place % $count {
                            $($place => if let Poll::Ready(output) = $future.as_mut().poll(context) {
                                return Poll::Ready(OneOf::$Variant(output));
                            },)+
                            _ => unreachable!("a remainder is less than what it was divided by"),
                        }
                    }
                    if order == Order::Fair {
                        start = (start + 1) % $count;
                    }
                    Poll::Pending
                })
                .await
            }
        }

        impl<Error, $($Good, $Future: Future<Output = Result<$Good, Error>>),+> TryFutures for ($($Future,)+) {
            type Outputs = ($($Good,)+);
            type Error = Error;

            async fn try_all(self) -> Result<Self::Outputs, Error> {
                let ($($future,)+) = self;
                $(let (mut $future, mut $output) = (pin!($future), None);)+
                poll_fn(|context| {
                    let mut all_over = true;
                    $(if $output.is_none() {
                        match $future.as_mut().poll(context) {
                            Poll::Ready(Ok(output)) => $output = Some(output),
                            Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                            Poll::Pending => all_over = false,
                        }
                    })+
                    if all_over { Poll::Ready(Ok(())) } else { Poll::Pending }
                })
                .await?;
                Ok(($($output.expect(OVER),)+))
            }
        }
    };
}

tuple!(2: 0 First A AA a aa, 1 Second B BB b bb);
tuple!(3: 0 First A AA a aa, 1 Second B BB b bb, 2 Third C CC c cc);
tuple!(4: 0 First A AA a aa, 1 Second B BB b bb, 2 Third C CC c cc, 3 Fourth D DD d dd);
tuple!(5: 0 First A AA a aa, 1 Second B BB b bb, 2 Third C CC c cc, 3 Fourth D DD d dd,
    4 Fifth E EE e ee);
tuple!(6: 0 First A AA a aa, 1 Second B BB b bb, 2 Third C CC c cc, 3 Fourth D DD d dd,
    4 Fifth E EE e ee, 5 Sixth F FF f ff);
tuple!(7: 0 First A AA a aa, 1 Second B BB b bb, 2 Third C CC c cc, 3 Fourth D DD d dd,
    4 Fifth E EE e ee, 5 Sixth F FF f ff, 6 Seventh G GG g gg);
tuple!(8: 0 First A AA a aa, 1 Second B BB b bb, 2 Third C CC c cc, 3 Fourth D DD d dd,
    4 Fifth E EE e ee, 5 Sixth F FF f ff, 6 Seventh G GG g gg, 7 Eighth H HH h hh);
