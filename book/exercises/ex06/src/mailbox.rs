//! Something to wait for: letters that come when they come.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// Letters that have come, and whom to wake at the next.
#[derive(Debug, Default)]
pub struct Mailbox {
    letters: RefCell<VecDeque<String>>,
    reader: RefCell<Option<Waker>>,
}

impl Mailbox {
    /// Puts a letter in, and wakes who waits for it.
    pub fn deliver(&self, letter: &str) {
        self.letters.borrow_mut().push_back(letter.to_owned());
        let reader = self.reader.take();
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    /// Waits for the next letter.
    pub fn next(&self) -> Next<'_> {
        Next { mailbox: self }
    }
}

/// The future of [`Mailbox::next`].
#[derive(Debug)]
pub struct Next<'a> {
    mailbox: &'a Mailbox,
}

impl Future for Next<'_> {
    type Output = String;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<String> {
        match self.mailbox.letters.borrow_mut().pop_front() {
            Some(letter) => Poll::Ready(letter),
            None => {
                self.mailbox.reader.replace(Some(context.waker().clone()));
                Poll::Pending
            }
        }
    }
}
