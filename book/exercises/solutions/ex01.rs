//! Chapter 1: predict, then time, a hundred sleepers.
//!
//! `cargo test -p ex01` says what to do next. The clock of the tests is virtual: whenever nobody can go
//! on, it jumps to the next deadline. So an hour takes no time, and is an hour to the minute.

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
    // 1 + 2 + … + 100; the same, for a future that nobody polls does not sleep; the longest; and
    // the longest of each ten: 10 + 20 + … + 100.
    [5050, 5050, 100, 550]
}

/// The second goes to sleep when the first has woken, and so on.
pub async fn one_after_the_other(naps: Vec<Duration>) {
    for nap in naps {
        sleep(nap).await;
    }
}

/// All hundred futures are made before any is awaited; then each is awaited in its turn.
pub async fn made_first(naps: Vec<Duration>) {
    let sleepers: Vec<_> = naps.into_iter().map(|nap| async move { sleep(nap).await }).collect();
    for sleeper in sleepers {
        sleeper.await;
    }
}

/// All hundred sleep at the same time.
pub async fn side_by_side(naps: Vec<Duration>) {
    let tasks: Vec<_> = naps.into_iter().map(|nap| spawn(sleep(nap))).collect();
    for task in tasks {
        task.await.expect("sleeping does not panic");
    }
}

/// The first ten sleep at the same time; when all ten are awake, the next ten; and so on.
pub async fn in_tens(naps: Vec<Duration>) {
    for ten in naps.chunks(10) {
        side_by_side(ten.to_vec()).await;
    }
}
