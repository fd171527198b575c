//! One operation on timers, again and again beside many that live on, to be counted from outside.
//!
//! `cargo run --release -p listings --example timers -- heap|map|wheel cancel|rearm|fire LIVE ROUNDS`
//!
//! - `cancel`: a timer is inserted, and cancelled at once.
//! - `rearm`: one of those that live, any, is cancelled and inserted with another deadline.
//! - `fire`: the earliest fires when it is due, and another is inserted.

use std::task::Waker;
use std::time::{Duration, Instant};

use listings::timers::{Heap, OrderedMap, Timers, Wheel};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |index: usize| arguments.get(index).and_then(|text| text.parse::<u64>().ok());
    let word = |index: usize| arguments.get(index).map(String::as_str);
    let (
        Some(structure),
        Some(operation @ ("cancel" | "rearm" | "fire")),
        Some(live),
        Some(rounds),
    ) = (word(0), word(1), number(2), number(3))
    else {
        eprintln!("usage: timers heap|map|wheel cancel|rearm|fire LIVE ROUNDS");
        std::process::exit(2);
    };
    let next = match structure {
        "heap" => run::<Heap>(operation, live, rounds),
        "map" => run::<OrderedMap>(operation, live, rounds),
        _ => run::<Wheel>(operation, live, rounds),
    };
    println!("{structure}: after {rounds} rounds of {operation} the next of {live} is {next:?}");
}

/// Deadlines up to a minute from a moment, by a generator that starts always the same.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn deadline(&mut self, from: Instant) -> Instant {
        from + Duration::from_nanos(self.next() % 60_000_000_000)
    }
}

/// Says when, after the beginning, the next timer is due in the end.
fn run<T: Timers>(operation: &str, live: u64, rounds: u64) -> Option<Duration> {
    let start = reactor::time::now();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut timers = T::default();
    let insert = |timers: &mut T, deadline| timers.insert(deadline, Waker::noop().clone());
    let mut names: Vec<T::Name> =
        (0..live).map(|_| insert(&mut timers, random.deadline(start))).collect();
    let mut now = start;
    for _ in 0..rounds {
        match operation {
            "cancel" => {
                let name = insert(&mut timers, random.deadline(now));
                timers.remove(name);
            }
            "rearm" => {
                let index = (random.next() % live) as usize;
                timers.remove(names[index]);
                names[index] = insert(&mut timers, random.deadline(now));
            }
            _ => {
                now = timers.next_deadline().unwrap_or(now);
                timers.pop_expired(now);
                insert(&mut timers, random.deadline(now));
            }
        }
    }
    timers.next_deadline().map(|deadline| deadline - start)
}
