//! What `.await` does first: it asks for the future.

use std::future::{Future, IntoFuture, Ready, ready};
use std::pin::Pin;

use super::Mailbox;

/// A question that can still be changed. It is no future: it becomes one.
#[derive(Debug)]
pub struct Ask<'a> {
    mailbox: &'a Mailbox,
    loudly: bool,
}

/// Asks for one letter.
pub fn ask(mailbox: &Mailbox) -> Ask<'_> {
    Ask { mailbox, loudly: false }
}

impl Ask<'_> {
    /// Wants the letter in capitals.
    #[must_use]
    pub fn loudly(mut self) -> Self {
        self.loudly = true;
        self
    }
}

impl<'a> IntoFuture for Ask<'a> {
    type Output = String;
    type IntoFuture = Pin<Box<dyn Future<Output = String> + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let letter = self.mailbox.next().await;
            if self.loudly { letter.to_uppercase() } else { letter }
        })
    }
}

/// A question whose answer is known, for comparison: its future is one of the library's.
#[derive(Debug)]
pub struct Known(pub &'static str);

impl IntoFuture for Known {
    type Output = String;
    type IntoFuture = Ready<String>;

    fn into_future(self) -> Ready<String> {
        ready(self.0.to_owned())
    }
}
