//! The states of `greet`, written down.
//!
//! ```text
//!   Start ──1──► WaitsForName ──2 a letter──► WaitsForCity ──3 a letter──► Done
//!                    └─ none: Pending            └─ none: Pending
//! ```
#![expect(missing_docs, reason = "the names of the fields say what they are")]

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::{Mailbox, Next};

/// The future of [`greet`]: where it is, and what it needs in order to go on from there.
#[derive(Debug)]
pub enum Greet<'a> {
    /// Has not been polled.
    Start { mailbox: &'a Mailbox },
    /// Has no letter yet.
    WaitsForName { mailbox: &'a Mailbox, next: Next<'a> },
    /// Has the first.
    WaitsForCity { name: String, next: Next<'a> },
    /// Has given its result away.
    Done,
}

/// Asks for a name and a city.
pub fn greet(mailbox: &Mailbox) -> Greet<'_> {
    Greet::Start { mailbox }
}

impl Future for Greet<'_> {
    type Output = String;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<String> {
        let this = self.get_mut();
        loop {
            *this = match this {
                Greet::Start { mailbox } => Greet::WaitsForName { mailbox, next: mailbox.next() },
                Greet::WaitsForName { mailbox, next } => {
                    let name = ready!(Pin::new(next).poll(context));
                    Greet::WaitsForCity { name, next: mailbox.next() }
                }
                Greet::WaitsForCity { name, next } => {
                    let city = ready!(Pin::new(next).poll(context));
                    let greeting = format!("{name} of {city}");
                    *this = Greet::Done;
                    return Poll::Ready(greeting);
                }
                Greet::Done => panic!("`greet` was polled after it was ready"),
            };
        }
    }
}

impl Greet<'_> {
    /// The name of the state.
    pub fn state(&self) -> &'static str {
        match self {
            Greet::Start { .. } => "Start",
            Greet::WaitsForName { .. } => "WaitsForName",
            Greet::WaitsForCity { .. } => "WaitsForCity",
            Greet::Done => "Done",
        }
    }
}
