//! A future that notices when it is moved.
//!
//! It points nowhere, so that nothing bad comes of it. It only remembers where it was at its first poll,
//! and compares at each later one.

use std::cell::Cell;
use std::future::Future;
use std::marker::PhantomPinned;
use std::pin::{Pin, pin};
use std::ptr;
use std::task::{Context, Poll, Waker};

/// Ready at its last poll, with whether it lay in the same place all the time.
#[derive(Debug)]
pub struct Witness {
    polls: Cell<u32>,
    place: Cell<Option<usize>>,
    stayed: Cell<bool>,
    _pinned: PhantomPinned,
}

/// A witness who answers at poll number `polls`.
pub fn witness(polls: u32) -> Witness {
    let (place, stayed) = (Cell::new(None), Cell::new(true));
    Witness { polls: Cell::new(polls), place, stayed, _pinned: PhantomPinned }
}

impl Future for Witness {
    type Output = bool;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<bool> {
        let here = ptr::from_ref(&*self).addr();
        let before = self.place.replace(Some(here));
        if before.is_some_and(|before| before != here) {
            self.stayed.set(false);
        }
        self.polls.set(self.polls.get().saturating_sub(1));
        if self.polls.get() == 0 {
            return Poll::Ready(self.stayed.get());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Polls until it is ready, as nobody should: without waiting to be told.
///
/// # Panics
/// After a hundred polls.
pub fn poll_to_the_end<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..100 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
    panic!("not ready after a hundred polls");
}
