//! Where the local variables of an `async fn` lie: in its future.

use std::cell::Cell;
use std::future::poll_fn;
use std::task::Poll;

/// What an `async fn` tells of itself while it runs.
#[derive(Debug, Default)]
pub struct Told {
    /// Where its variable begins.
    pub text: Cell<usize>,
    /// Where the reference to a part of it leads.
    pub key: Cell<usize>,
}

/// Waits, and holds a reference to a variable of its own meanwhile.
pub async fn request(told: &Told) -> u8 {
    let text = *b"DEL size";
    let key = &text[4..];
    told.text.set(text.as_ptr().addr());
    told.key.set(key.as_ptr().addr());
    once_more().await;
    told.key.set(key.as_ptr().addr());
    key[0]
}

/// Is pending once.
async fn once_more() {
    let mut polled = false;
    poll_fn(|context| {
        if std::mem::replace(&mut polled, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
