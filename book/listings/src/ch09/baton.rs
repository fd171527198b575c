//! What it costs to poll those who were not woken, counted.
//!
//! So many tasks wait for a baton; the last has it, and each hands it on to the one before.

use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;

use super::contract::Version;
use crate::ch06::Mailbox;

/// How many polls it takes until all have had it.
pub fn polls(version: &Version, tasks: usize) -> usize {
    let executor = (version.make)();
    let polls = Rc::new(Cell::new(0));
    let mailboxes: Rc<Vec<Mailbox>> = Rc::new((0..tasks).map(|_| Mailbox::default()).collect());
    if let Some(last) = mailboxes.last() {
        last.deliver("the baton");
    }
    for number in 0..tasks {
        let (mailboxes, polls) = (Rc::clone(&mailboxes), Rc::clone(&polls));
        executor.spawn(Box::pin(counted(polls, async move {
            let baton = mailboxes[number].next().await;
            if let Some(before) = number.checked_sub(1) {
                mailboxes[before].deliver(&baton);
            }
        })));
    }
    executor.run();
    polls.get()
}

/// The same future, with a count of its polls.
async fn counted(polls: Rc<Cell<usize>>, future: impl Future<Output = ()>) {
    let mut future = pin!(future);
    std::future::poll_fn(|context| {
        polls.set(polls.get() + 1);
        future.as_mut().poll(context)
    })
    .await;
}

#[cfg(test)]
mod tests {
    use super::super::contract::VERSIONS;
    use super::*;

    #[test]
    fn to_poll_everybody_at_each_wake_grows_with_the_square() {
        for version in &VERSIONS {
            let (first, later) = if version.name == "v1_all" { (55, 5050) } else { (19, 199) };
            assert_eq!(polls(version, 10), first, "{}", version.name);
            assert_eq!(polls(version, 100), later, "{}", version.name);
        }
    }
}
