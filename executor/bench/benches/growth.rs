//! Does an operation cost the same among a million of its kind as among a thousand?
//!
//! `cargo bench -p executor-bench --bench growth`
//!
//! The time of a run with a million operations more than another, by a million: what it takes to spawn
//! so many tasks, or to set so many timers, is in both. The best of five, for what disturbs only adds.
//! What remains of growth is the processor's caches: a million tasks fit into none.
//!
//! Seen on two shared cores, in nanoseconds, of a thousand, ten thousand, a hundred thousand, a million:
//! yield 16, 16, 13, 20 here and 41, 47, 78, 90 on tokio; timers 147, 99, 191, 198 and 841, 520, 1,061,
//! 556.

use std::time::{Duration, Instant};

use executor_bench::GROWING;

const OPERATIONS: u64 = 1_000_000;

fn main() {
    for (name, runs) in GROWING {
        for (runtime, run) in *runs {
            print!("{name}, {runtime:8}");
            for size in [1_000, 10_000, 100_000, 1_000_000] {
                let least = |times| (0..5).map(|_| time(*run, size, times)).min();
                let [more, less] = [2 * OPERATIONS, OPERATIONS].map(least);
                let difference = more.unwrap_or_default().saturating_sub(less.unwrap_or_default());
                print!("  {size}: {} ns", difference.as_nanos() as u64 / OPERATIONS);
            }
            println!();
        }
    }
}

fn time(run: fn(u64, u64), size: u64, times: u64) -> Duration {
    let begun = Instant::now();
    run(size, times);
    begun.elapsed()
}
