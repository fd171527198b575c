//! Futures that hold others never move them between two polls.

use std::time::Duration;

use executor::future::{Either, Futures, OneOf, Order, join_all, race};
use executor::park::block_on;
use listings::ch07::witness::witness;
use reactor::Reactor;
use reactor::time::timeout;

const LONG: Duration = Duration::from_secs(3600);

#[test]
fn a_timeout_projects_in_place() {
    let reactor = Reactor::new().expect("a reactor");
    let _entered = reactor.enter();
    assert_eq!(block_on(timeout(LONG, witness(3))), Ok(true));
    // Inside of another one, and moved as a whole before its first poll.
    let moved = Box::new(timeout(LONG, timeout(LONG, witness(3))));
    assert_eq!(block_on(*moved), Ok(Ok(true)));
}

#[test]
fn race_and_join_all_poll_in_place() {
    assert_eq!(block_on(race(witness(3), witness(3))), Either::Left(true));
    assert_eq!(block_on(join_all([witness(2), witness(3), witness(4)])), [true; 3]);
}

#[test]
fn asked_in_turns_they_are_polled_in_place() {
    let (OneOf::First(stayed) | OneOf::Second(stayed)) =
        block_on((witness(3), witness(3)).first(Order::Fair));
    assert!(stayed);
}

#[test]
fn a_task_stays_while_its_runtime_passes_it_around() {
    let stayed = executor::block_on(async {
        let tasks: Vec<_> = (2..40).map(|polls| executor::spawn(witness(polls))).collect();
        join_all(tasks).await
    });
    assert!(stayed.into_iter().all(|stayed| stayed.expect("it does not panic")));
}
