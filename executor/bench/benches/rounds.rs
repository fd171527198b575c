//! How long does an operation take, ours beside others'?
//!
//! `cargo bench -p executor-bench --bench rounds [-- ROUNDS]`
//!
//! All runtimes do the same number of operations in turns, round by round. What is compared are the
//! times of one round, which the machine's other users disturb alike; what is told is the median of the
//! rounds' ratios, and its quartiles. Times themselves, in nanoseconds an operation, are medians too, and
//! mean nothing on another machine. The processor's time is that of the thread that runs the runtime.

use std::fs;
use std::time::{Duration, Instant};

use executor_bench::{ALL, WAKE, Workload};

/// How long one run is to take, more or less.
const RUN: Duration = Duration::from_millis(20);

fn main() {
    let rounds = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(21);
    println!(
        "{rounds} rounds; ns an operation; ratio: ours as a part of theirs, median and quartiles"
    );
    println!(
        "{:12}{:10} {:>9} {:>9}  {:24} processor's",
        "", "", "wall", "processor", "wall ratio"
    );
    for workload in ALL.iter().chain([&WAKE]) {
        compare(workload, rounds);
    }
}

/// Nanoseconds of one operation.
#[derive(Clone, Copy)]
struct Price {
    wall: f64,
    processor: f64,
}

fn compare(workload: &Workload, rounds: usize) {
    let times = enough(workload.runs[0].1);
    let mut prices = vec![Vec::with_capacity(rounds); workload.runs.len()];
    for _ in 0..rounds {
        for ((_, run), prices) in workload.runs.iter().zip(&mut prices) {
            prices.push(measure(*run, times));
        }
    }
    for ((runtime, _), theirs) in workload.runs.iter().zip(&prices) {
        let wall = quartiles(theirs.iter().map(|price| price.wall));
        let processor = quartiles(theirs.iter().map(|price| price.processor));
        print!("{:12}{runtime:10} {:9.0} {:9.0}", workload.name, wall[1], processor[1]);
        let pairs = || prices[0].iter().zip(theirs);
        let wall = quartiles(pairs().map(|(ours, theirs)| ours.wall / theirs.wall));
        let processor = quartiles(pairs().map(|(ours, theirs)| ours.processor / theirs.processor));
        for [low, median, high] in [wall, processor] {
            print!("  {median:.3} ({low:.3} to {high:.3})");
        }
        println!();
    }
}

/// How many operations take long enough to be measured; a multiple of what spawns and yields go by.
fn enough(run: fn(u64)) -> u64 {
    let mut times = 16_000;
    loop {
        let price = measure(run, times).wall * times as f64;
        let longer = (RUN.as_nanos() as f64 / price.max(1.0)).ceil() as u64;
        if longer <= 1 || times >= 16_000_000 {
            return times;
        }
        times *= longer;
    }
}

fn measure(run: fn(u64), times: u64) -> Price {
    let (wall, processor) = (Instant::now(), processor_time());
    run(times);
    let processor = processor_time().saturating_sub(processor);
    let each = |duration: Duration| duration.as_nanos() as f64 / times as f64;
    Price { wall: each(wall.elapsed()), processor: each(processor) }
}

/// What this thread has run, where the system says so in a file (proc(5)); nothing elsewhere.
fn processor_time() -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split(' ').next().and_then(|number| number.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or(0))
}

fn quartiles(values: impl Iterator<Item = f64>) -> [f64; 3] {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| values[(values.len() - 1) * quarter / 4])
}
