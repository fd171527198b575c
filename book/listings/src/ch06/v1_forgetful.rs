//! A poll that remembers nothing.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use super::Mailbox;

/// Asks for a name and a city, and begins anew at each poll.
#[derive(Debug)]
pub struct Forgetful<'a> {
    mailbox: &'a Mailbox,
}

/// Asks for a name and a city; wrong on purpose.
pub fn greet(mailbox: &Mailbox) -> Forgetful<'_> {
    Forgetful { mailbox }
}

impl Future for Forgetful<'_> {
    type Output = String;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<String> {
        let name = ready!(pin!(self.mailbox.next()).poll(context));
        let city = ready!(pin!(self.mailbox.next()).poll(context));
        Poll::Ready(format!("{name} of {city}"))
    }
}
