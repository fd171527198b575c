//! Chapter 1: predict, then time, a hundred sleepers.
//!
//! `cargo test -p ex01 step_1` says what to do first; when that passes, go on with `step_2`. The clock of
//! the tests is virtual: whenever nobody can go on, it jumps to the next deadline. So an hour takes no
//! time, and is an hour to the minute.

#![allow(unused, reason = "you have not used it yet")]

use std::time::Duration;

use executor::time::sleep;
use executor::{join_all, spawn};

/// A minute.
pub const MINUTE: Duration = Duration::from_secs(60);

/// The naps of the hundred: the first sleeps a minute, the second two, the last a hundred.
pub fn naps() -> Vec<Duration> {
    (1..=100).map(|minutes| minutes * MINUTE).collect()
}

/// How many minutes each of the four takes. Write these numbers *first*, without a computer.
pub fn predictions() -> [u32; 4] {
    todo!("1. [one_after_the_other, made_first, side_by_side, in_tens], in minutes")
}

/// The second goes to sleep when the first has woken, and so on.
pub async fn one_after_the_other(naps: Vec<Duration>) {
    todo!("2. await a `sleep` for each of the naps")
}

/// All hundred futures are made before any is awaited; then each is awaited in its turn.
pub async fn made_first(naps: Vec<Duration>) {
    todo!("3. an `async` block around each `sleep(nap).await`, all in a Vec; then await one by one")
}

/// All hundred sleep at the same time.
pub async fn side_by_side(naps: Vec<Duration>) {
    todo!("4. `spawn` a task for each, keep the handles in a Vec, and await those")
}

/// The first ten sleep at the same time; when all ten are awake, the next ten; and so on.
pub async fn in_tens(naps: Vec<Duration>) {
    todo!("5. `chunks(10)`, and for each of them what `side_by_side` does")
}
