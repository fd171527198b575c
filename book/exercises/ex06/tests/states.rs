//! What `greet` has to do: what `by_async` does, poll for poll.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use ex06::{Mailbox, by_async, greet};
use watchdog::within;

const ADVICE: &str = "a state for the year comes between WaitsForCity and Done. Whatever is needed later, \
                      the name, the city, the mailbox, has to travel from state to state.";

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// What each poll says, and how often there was a wake by then; before each poll some letters come.
fn run(
    mailbox: &Mailbox,
    mut future: Pin<&mut dyn Future<Output = String>>,
    letters: &[&[&str]],
) -> Vec<(Poll<String>, usize)> {
    let count = Arc::new(Count::default());
    let waker = Waker::from(Arc::clone(&count));
    let polls = letters.iter().map(|letters| {
        letters.iter().for_each(|letter| mailbox.deliver(letter));
        let said = future.as_mut().poll(&mut Context::from_waker(&waker));
        (said, count.0.load(Ordering::Relaxed))
    });
    polls.collect()
}

fn same(letters: &'static [&'static [&'static str]]) {
    let (right, yours) = within(ADVICE, move || {
        let (first, second) = (Mailbox::default(), Mailbox::default());
        let right = run(&first, pin!(by_async(&first)), letters);
        (right, run(&second, pin!(greet(&second)), letters))
    });
    assert_eq!(yours, right, "\n  left is yours, right is the async fn's. {ADVICE}");
}

#[test]
fn letters_that_come_one_by_one_are_all_kept() {
    same(&[&[], &["Ada"], &["London"], &["1815"]]);
}

#[test]
fn letters_that_are_there_already_take_one_poll() {
    same(&[&["Ada", "London", "1815"]]);
}

#[test]
fn a_poll_for_no_reason_changes_nothing() {
    same(&[&[], &[], &["Ada"], &[], &["London"], &[], &["1815"]]);
}
