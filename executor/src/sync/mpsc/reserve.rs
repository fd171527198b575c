//! A slot that is had before there is a value for it: what a sink has to promise.
//!
//! ```text
//!   nothing ─1 poll_reserve─► in line ─2 granted─► a slot ─3 fill: the value takes it─► nothing
//!                                └───────────────────┴──4 dropped: given back, to the next
//! ```
//!
//! Neighbours: [`Send`](super::Send) goes the same way with the value in its hands.

use std::task::{Context, Poll, ready};

use reactor::budget;
use reactor::slab::Key;

use super::{SendError, Sender, Slot};

/// A sender, and its way to its next slot.
pub(crate) struct Reserve<T> {
    sender: Sender<T>,
    place: Option<Key>,
    slot: Option<Slot>,
}

impl<T> Reserve<T> {
    pub(crate) fn new(sender: Sender<T>) -> Reserve<T> {
        Reserve { sender, place: None, slot: None }
    }

    /// Ready with a slot, which is kept until it is filled; an error where the channel is closed.
    pub(crate) fn poll_reserve(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), SendError<()>>> {
        if self.sender.is_closed() {
            return Poll::Ready(Err(SendError(())));
        }
        if self.slot.is_none() {
            ready!(budget::poll_available(context));
            self.slot = ready!(super::poll_slot(&self.sender.shared, &mut self.place, context));
            budget::spend();
        }
        Poll::Ready(self.slot.map(drop).ok_or(SendError(())))
    }

    /// Puts a value into the slot.
    ///
    /// # Errors
    /// The value, where the channel was closed meanwhile.
    ///
    /// # Panics
    /// Without a slot, in a channel that is open.
    pub(crate) fn fill(&mut self, value: T) -> Result<(), SendError<T>> {
        if self.sender.is_closed() {
            return Err(SendError(value));
        }
        let slot = self.slot.take();
        let Slot = slot.expect("a value was given to a sink that had not said that it was ready");
        super::put(&self.sender.shared, value);
        Ok(())
    }
}

impl<T> Drop for Reserve<T> {
    fn drop(&mut self) {
        super::leave_line(&self.sender.shared, &mut self.place);
        if let Some(slot) = self.slot.take() {
            super::shared::give_back(&self.sender.shared, slot);
        }
    }
}
