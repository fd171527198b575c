//! `greet` as one writes it.

use super::Mailbox;

/// Asks for a name and a city.
pub async fn greet(mailbox: &Mailbox) -> String {
    let name = mailbox.next().await;
    let city = mailbox.next().await;
    format!("{name} of {city}")
}
