//! Chapter 6: add a state.
//!
//! ```text
//!   Start ──► WaitsForName ──► WaitsForCity ──► WaitsForYear ──► Done
//!                                               ^^^^^^^^^^^^ yours
//! ```
//! `cargo test -p ex06` says what to do next.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

mod mailbox;

pub use mailbox::{Mailbox, Next};

/// What to write by hand: the same at each poll.
pub async fn by_async(mailbox: &Mailbox) -> String {
    let name = mailbox.next().await;
    let city = mailbox.next().await;
    let year = mailbox.next().await;
    format!("{name} of {city}, born {year}")
}

/// The future of [`greet`].
#[derive(Debug)]
pub enum Greet<'a> {
    Start { mailbox: &'a Mailbox },
    WaitsForName { mailbox: &'a Mailbox, next: Next<'a> },
    WaitsForCity { mailbox: &'a Mailbox, name: String, next: Next<'a> },
    WaitsForYear { name: String, city: String, next: Next<'a> },
    Done,
}

/// Asks for a name, a city and a year.
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
                    Greet::WaitsForCity { mailbox, name, next: mailbox.next() }
                }
                Greet::WaitsForCity { mailbox, name, next } => {
                    let city = ready!(Pin::new(next).poll(context));
                    let name = std::mem::take(name);
                    Greet::WaitsForYear { name, city, next: mailbox.next() }
                }
                Greet::WaitsForYear { name, city, next } => {
                    let year = ready!(Pin::new(next).poll(context));
                    let greeting = format!("{name} of {city}, born {year}");
                    *this = Greet::Done;
                    return Poll::Ready(greeting);
                }
                Greet::Done => panic!("`greet` was polled after it was ready"),
            };
        }
    }
}
