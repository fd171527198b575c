//! Wakers that are as foreign as the rules allow: they call back, or panic, when cloned, woken or dropped.
//!
//! A waker is `Send`, and what it is to come back to here is not; so the calls lie in a thread-local,
//! and a waker holds the number of its call.

#![allow(dead_code, reason = "a test binary uses only a part of what is shared")]

use std::cell::RefCell;
use std::sync::Arc;
use std::task::{Wake, Waker};

use reactor::testing::calls_when_cloned;

type Call = Box<dyn FnMut()>;

thread_local! {
    static CALLS: RefCell<Vec<Option<Call>>> = const { RefCell::new(Vec::new()) };
}

/// A waker that calls `call` each time it is woken.
pub(crate) fn calling(call: impl FnMut() + 'static) -> Waker {
    Waker::from(Arc::new(Hook { call: keep(call), when: When::Woken }))
}

/// A waker that calls `call` when its last clone is dropped.
pub(crate) fn calling_when_dropped(call: impl FnMut() + 'static) -> Waker {
    Waker::from(Arc::new(Hook { call: keep(call), when: When::Dropped }))
}

/// A waker that calls `call` each time it is cloned, and wakes nobody.
pub(crate) fn calling_when_cloned(call: impl FnMut() + 'static) -> Waker {
    let call = keep(call);
    calls_when_cloned(move || run(call))
}

/// A waker that panics when it is woken.
pub(crate) fn panicking(text: &'static str) -> Waker {
    calling(move || panic!("{text}"))
}

fn keep(call: impl FnMut() + 'static) -> usize {
    CALLS.with_borrow_mut(|calls| {
        calls.push(Some(Box::new(call)));
        calls.len() - 1
    })
}

#[derive(PartialEq)]
enum When {
    Woken,
    Dropped,
}

struct Hook {
    call: usize,
    when: When,
}

fn run(number: usize) {
    // Out of the borrow, so that the call may make wakers. A call that comes back to itself is
    // not called twice.
    let call = CALLS.with_borrow_mut(|calls| calls[number].take());
    if let Some(mut call) = call {
        call();
        CALLS.with_borrow_mut(|calls| calls[number] = Some(call));
    }
}

impl Wake for Hook {
    fn wake(self: Arc<Self>) {
        if self.when == When::Woken {
            run(self.call);
        }
    }
}

impl Drop for Hook {
    fn drop(&mut self) {
        if self.when == When::Dropped {
            run(self.call);
        }
    }
}
