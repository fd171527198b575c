//! Wakers on their way out of a borrow.
//!
//! A waker is foreign code: it may come back to the very primitive that wakes it, or panic. So those
//! who are to be woken are collected under the borrow, and woken after it. A panic in one of them
//! passes on to the caller, but not before the others were woken: they were granted what they waited
//! for, and nobody would tell them again.
//!
//! Neighbours: `wait_list` fills it.

use std::collections::VecDeque;
use std::task::Waker;

use crate::unwind;

/// Wakers, in the order in which they are to be woken.
#[derive(Debug, Default)]
#[must_use = "these wait to be woken"]
pub(crate) struct Wakers {
    /// Most often there is but one, and nothing to allocate.
    first: Option<Waker>,
    rest: VecDeque<Waker>,
}

impl Wakers {
    /// One more, at the end.
    pub(crate) fn push(&mut self, waker: Waker) {
        if self.first.is_none() && self.rest.is_empty() {
            self.first = Some(waker);
        } else {
            self.rest.push_back(waker);
        }
    }

    /// All of `others`, at the end.
    pub(crate) fn append(&mut self, mut others: Wakers) {
        while let Some(waker) = others.pop() {
            self.push(waker);
        }
    }

    fn pop(&mut self) -> Option<Waker> {
        self.first.take().or_else(|| self.rest.pop_front())
    }

    /// Wakes them all. Call it while nothing is borrowed.
    pub(crate) fn wake(mut self) {
        while let Some(waker) = self.pop() {
            waker.wake();
        }
    }
}

impl Drop for Wakers {
    /// After a panic, the rest is woken here.
    fn drop(&mut self) {
        while let Some(waker) = self.pop() {
            unwind::swallow(|| waker.wake());
        }
    }
}
