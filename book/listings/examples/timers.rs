//! Inserts and cancels timers beside many that live on, to be counted or timed from outside.
//!
//! `cargo run --release -p listings --example timers -- heap|map LIVE ROUNDS`

use std::task::Waker;
use std::time::{Duration, Instant};

use listings::timers::{Heap, OrderedMap, Timers};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |index: usize| arguments.get(index).and_then(|text| text.parse::<u64>().ok());
    let (Some(structure), Some(live), Some(rounds)) = (arguments.first(), number(1), number(2))
    else {
        eprintln!("usage: timers heap|map LIVE ROUNDS");
        std::process::exit(2);
    };
    let left = match structure.as_str() {
        "heap" => run::<Heap>(live, rounds),
        _ => run::<OrderedMap>(live, rounds),
    };
    println!("{structure}: {left} of {live} timers left after {rounds} rounds");
}

fn run<T: Timers>(live: u64, rounds: u64) -> usize {
    let start = reactor::time::now();
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut deadline = || -> Instant {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        start + Duration::from_micros(random % 60_000_000)
    };
    let mut timers = T::default();
    for _ in 0..live {
        timers.insert(deadline(), Waker::noop().clone());
    }
    for _ in 0..rounds {
        let name = timers.insert(deadline(), Waker::noop().clone());
        timers.remove(name);
    }
    std::iter::from_fn(|| timers.pop_expired(start + Duration::from_secs(61))).count()
}
