//! What both ends of a channel hold, and each step that either of them takes in it.
//!
//! ```text
//!   Sender, Send ──┐
//!                  ├─► Rc ─┬─► RefCell ─► Channel { values, free slots, the line }
//!   Receiver ──────┘       └─► Cell ─► who receives, if he waits
//! ```
//!
//! Invariant: no step clones, wakes or drops a waker, or drops a value, while it borrows the channel.
//!
//! Neighbours: `mpsc` has the ends, and says what the steps are for.

use std::cell::{Cell, RefCell, RefMut};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use reactor::budget;
use reactor::slab::Key;

use super::super::caller::{Caller, ask};
use super::super::error::TryRecvError;
use super::super::wait_list::{Polled, WaitList};
use super::super::wakers::Wakers;

pub(super) struct Channel<T> {
    pub(super) values: VecDeque<T>,
    /// Slots that nobody has: none, ever, in a closed channel. Not looked at by unbounded senders.
    pub(super) free: isize,
    pub(super) line: WaitList<Slot>,
    pub(super) senders: usize,
    /// The receiver has gone, or takes nothing new.
    pub(super) closed: bool,
}

impl<T> Channel<T> {
    /// A slot for whoever comes, if there is one. While somebody waits, there is none.
    pub(super) fn take_free(&mut self) -> Option<Slot> {
        if self.free <= 0 {
            return None;
        }
        self.free -= 1;
        Some(Slot)
    }

    /// Grants a slot to the first in line, who is to be woken, or adds it to those that are free.
    #[inline]
    pub(super) fn grant(&mut self, slot: Slot) -> Option<Waker> {
        if self.line.is_empty() || self.free < 0 {
            self.free += 1;
            return None;
        }
        self.line.grant_first(slot).ok()
    }

    /// Lets nothing new in, and says whom to tell: those in line. The slots that they get are none.
    pub(super) fn close(&mut self) -> Wakers {
        self.closed = true;
        self.free = isize::MIN; // from where no count of given back slots comes above none
        self.line.grant_all(Slot)
    }
}

/// The right to put one value in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot;

pub(super) type Shared<T> = Rc<Both<T>>;

pub(super) struct Both<T> {
    pub(super) channel: RefCell<Channel<T>>,
    /// By itself, for it is looked at in the midst of foreign code, where nothing may be borrowed.
    pub(super) receiver: Cell<Option<Waker>>,
}

pub(super) fn new<T>(free: isize) -> Shared<T> {
    let channel = RefCell::new(Channel {
        values: VecDeque::new(),
        free,
        line: WaitList::default(),
        senders: 1,
        closed: false,
    });
    Rc::new(Both { channel, receiver: Cell::default() })
}

/// Puts a value in whose slot has been had, and wakes the receiver.
pub(super) fn put<T>(shared: &Shared<T>, value: T) {
    put_in(shared, shared.channel.borrow_mut(), value);
}

/// The same, where the channel is borrowed already.
pub(super) fn put_in<T>(shared: &Both<T>, mut channel: RefMut<'_, Channel<T>>, value: T) {
    channel.values.push_back(value);
    drop(channel);
    if let Some(receiver) = shared.receiver.take() {
        receiver.wake();
    }
}

/// Takes a value if there is one, and passes its slot on. Inlined, for most of what a receiver does is this.
#[inline(always)]
pub(super) fn take<T>(shared: &Both<T>) -> Result<T, TryRecvError> {
    let mut channel = shared.channel.borrow_mut();
    let Some(value) = channel.values.pop_front() else {
        let over = channel.senders == 0 || channel.closed;
        return Err(if over { TryRecvError::Closed } else { TryRecvError::Empty });
    };
    if !channel.line.is_empty() {
        drop(channel);
        return Ok(pass_slot_on(shared, value));
    }
    channel.free = channel.free.wrapping_add(1); // unbounded senders do not look at it
    Ok(value)
}

/// Gives a value's slot to the first in line. Where his waker panics, nobody has received the value: it
/// goes back to where it was, for once beyond the capacity.
#[inline(never)]
fn pass_slot_on<T>(shared: &Both<T>, value: T) -> T {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| give_back(shared, Slot))) {
        let mut channel = shared.channel.borrow_mut();
        channel.values.push_front(value);
        channel.free -= 1;
        drop(channel);
        resume_unwind(payload);
    }
    value
}

/// Whether there is no value, and a sender that may still send one.
#[inline]
pub(super) fn is_idle<T>(shared: &Both<T>) -> bool {
    let channel = shared.channel.borrow();
    channel.values.is_empty() && channel.senders > 0
}

/// Ready with a value, or with the end, where the channel is not idle.
#[cold]
#[inline(never)]
pub(super) fn take_what_came<T>(shared: &Both<T>) -> Poll<Option<T>> {
    let value = take(shared).ok();
    budget::spend();
    Poll::Ready(value)
}

/// A slot is free again: for the first in line, or for whoever comes.
pub(super) fn give_back<T>(shared: &Both<T>, slot: Slot) {
    let granted = shared.channel.borrow_mut().grant(slot);
    if let Some(waker) = granted {
        waker.wake();
    }
}

/// Ready with a slot, which was free or has been waited for in line; or with none, where the channel is
/// closed.
pub(super) fn poll_slot<T>(
    shared: &Shared<T>,
    place: &mut Option<Key>,
    context: &mut Context<'_>,
) -> Poll<Option<Slot>> {
    ask(context, |caller| look_for_slot(shared, place, caller))
}

fn look_for_slot<T>(
    shared: &Shared<T>,
    place: &mut Option<Key>,
    caller: &mut Caller<'_>,
) -> Option<Poll<Option<Slot>>> {
    let mut channel = shared.channel.borrow_mut();
    if channel.closed {
        return Some(Poll::Ready(None));
    }
    if place.is_none()
        && let Some(slot) = channel.take_free()
    {
        return Some(Poll::Ready(Some(slot)));
    }
    let polled = channel.line.wait(place, (), caller)?;
    drop(channel);
    Some(match polled {
        Polled::Granted(slot) => Poll::Ready(Some(slot)),
        Polled::Waiting(_) => Poll::Pending,
    })
}

/// Waits no longer, and passes on a slot that was granted and not taken.
#[inline]
pub(super) fn leave_line<T>(shared: &Shared<T>, place: &mut Option<Key>) {
    if let Some(place) = place.take() {
        cancel(shared, place);
    }
}

#[cold]
fn cancel<T>(shared: &Shared<T>, place: Key) {
    let (slot, waker) = shared.channel.borrow_mut().line.cancel(place);
    drop(waker);
    if let Some(slot) = slot {
        give_back(shared, slot);
    }
}

pub(super) fn add_sender<T>(shared: &Shared<T>) -> Shared<T> {
    shared.channel.borrow_mut().senders += 1;
    Rc::clone(shared)
}

pub(super) fn remove_sender<T>(shared: &Shared<T>) {
    let mut channel = shared.channel.borrow_mut();
    channel.senders -= 1;
    let last = channel.senders == 0;
    drop(channel);
    if last && let Some(receiver) = shared.receiver.take() {
        receiver.wake();
    }
}
