//! Waiting until all have come.
//!
//! ```text
//!   n = 3:   wait ─ 1 here ─┐   wait ─ 2 here ─┐   wait ─ 3 here: the leader wakes all
//!                           └──────────────────┴─────────► all go on; the next round begins
//! ```
//!
//! Invariant: a task that stops waiting before its round is full no longer counts.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use reactor::slab::Key;

use super::caller::{Caller, ask};
use super::wait_list::{Polled, WaitList};

/// A place where a fixed number of tasks wait for each other, again and again.
#[derive(Debug)]
pub struct Barrier {
    size: usize,
    here: Cell<usize>,
    line: RefCell<WaitList<()>>,
}

impl Barrier {
    /// For `size` tasks; zero is taken for one.
    pub fn new(size: usize) -> Barrier {
        Barrier { size: size.max(1), here: Cell::new(0), line: RefCell::default() }
    }

    /// Waits until `size` tasks wait. `true` for the one that came last, the leader.
    ///
    /// Cancel safe: dropped before its round is full, it counts no longer; afterwards the others are
    /// on their way already.
    pub fn wait(&self) -> BarrierWait<'_> {
        BarrierWait { barrier: self, state: State::New }
    }

    /// The round is full.
    fn open(&self) {
        self.here.set(0);
        let wakers = self.line.borrow_mut().grant_all(());
        wakers.wake();
    }
}

/// The future of [`Barrier::wait`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct BarrierWait<'a> {
    barrier: &'a Barrier,
    state: State,
}

#[derive(Debug, Clone, Copy)]
enum State {
    New,
    Waiting(Key),
    Done { leader: bool },
}

impl Future for BarrierWait<'_> {
    type Output = bool;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<bool> {
        ask(context, |caller| self.look(caller))
    }
}

impl BarrierWait<'_> {
    fn look(&mut self, caller: &mut Caller<'_>) -> Option<Poll<bool>> {
        let barrier = self.barrier;
        match self.state {
            State::Done { leader } => return Some(Poll::Ready(leader)),
            State::New if barrier.here.get() + 1 == barrier.size => {
                self.state = State::Done { leader: true };
                barrier.open();
                return Some(Poll::Ready(true));
            }
            State::New => {
                let key = barrier.line.borrow_mut().push((), caller)?;
                barrier.here.set(barrier.here.get() + 1);
                self.state = State::Waiting(key);
                return Some(Poll::Pending);
            }
            State::Waiting(key) => {
                let polled = barrier.line.borrow_mut().poll(key, caller)?;
                if let Polled::Waiting(_) = polled {
                    return Some(Poll::Pending);
                }
            }
        }
        self.state = State::Done { leader: false };
        Some(Poll::Ready(false))
    }
}

impl Drop for BarrierWait<'_> {
    fn drop(&mut self) {
        let State::Waiting(key) = self.state else { return };
        let (granted, waker) = self.barrier.line.borrow_mut().cancel(key);
        if granted.is_none() {
            self.barrier.here.set(self.barrier.here.get() - 1);
        }
        drop(waker);
    }
}
