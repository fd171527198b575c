//! A waker on its way in: whoever polls, and the clone that is left behind where it has to wait.
//!
//! To clone a waker runs foreign code: it may come back to the very primitive that is polled, bring what
//! is waited for, or panic. So it is cloned while nothing is borrowed or locked, and as all may be
//! different then, one looks again.
//!
//! ```text
//!   ask ─1 look: under the borrow ──── there is an answer ─────────────────────────────► answer
//!           └─2 `None`: it would wait, with a waker that is not known there yet               ▲
//!                └─3 no borrow: clone ─4 look again: an answer, or the clone is taken and kept ┘
//! ```
//!
//! Invariants:
//! - A waker is cloned under no borrow and no lock, and only where it will be kept.
//! - Until the clone is there, nothing has changed: a clone that panics leaves all as it was.
//!
//! Neighbours: `wait_list` keeps what comes in here; `wakers` are those on their way out.

use std::cell::Cell;
use std::task::{Context, Waker};

/// Whoever polls.
pub(crate) struct Caller<'a> {
    waker: &'a Waker,
    /// Arrow 3.
    clone: Option<Waker>,
}

/// Lets `look` answer. Where it says `None`, the caller's waker is cloned, and it is to look once more.
#[inline]
pub(crate) fn ask<T>(
    context: &Context<'_>,
    mut look: impl FnMut(&mut Caller<'_>) -> Option<T>,
) -> T {
    let mut caller = Caller { waker: context.waker(), clone: None };
    loop {
        if let Some(answer) = look(&mut caller) {
            return answer;
        }
        caller.clone = Some(caller.waker.clone());
    }
}

impl Caller<'_> {
    /// Whether `known` wakes the same task.
    pub(crate) fn is(&self, known: &Waker) -> bool {
        known.will_wake(self.waker)
    }

    /// The clone, to be kept. `None`: there is none as yet, and `look` has to say so.
    pub(crate) fn stay(&mut self) -> Option<Waker> {
        self.clone.take()
    }
}

/// Puts a waker in the place of the one before, where one alone waits and no borrow is needed. Look again
/// after: the clone, and the drop of the one before, are foreign code. Until there is a clone, the one
/// before stays.
#[inline]
pub(crate) fn keep(place: &Cell<Option<Waker>>, waker: &Waker) {
    if let Some(before) = place.take() {
        let same = before.will_wake(waker);
        place.set(Some(before));
        if same {
            return;
        }
    }
    drop(place.replace(Some(waker.clone())));
}
