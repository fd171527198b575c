//! Does an operation cost the same among a million of its kind as among a thousand?
//!
//! `cargo bench -p executor-bench --bench growth [-- --quick]`
//!
//! The processor's time of a run with so many operations more than another, by their number: what it
//! takes to spawn so many tasks, or to set so many timers, is in both. The best of five, for what
//! disturbs only adds. What remains of growth is the processor's caches: a million tasks fit into none.
//! Prints what it finds, and writes a page with plots and the numbers behind it to cargo's target folder,
//! in executor-bench/. The page says how to read it.
//!
//! `--quick` goes up to a hundred thousand, with fewer operations.
//!
//! Seen on two shared cores, in nanoseconds, of a thousand, ten thousand, a hundred thousand, a million:
//! yield 16, 16, 13, 20 here and 41, 47, 78, 90 on tokio; timers 147, 99, 191, 198 and 841, 520, 1,061,
//! 556.

use std::fs;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use executor_bench::page::{self, Line, Plot};
use executor_bench::{GROWING, SizedRun};

/// How much is done.
struct Effort {
    sizes: &'static [u64],
    operations: u64,
    rounds: usize,
}

const ALL: Effort =
    Effort { sizes: &[1_000, 10_000, 100_000, 1_000_000], operations: 1_000_000, rounds: 5 };
const QUICK: Effort = Effort { sizes: &[1_000, 10_000, 100_000], operations: 100_000, rounds: 3 };

const ABOUT: &str = "\
<p>What one operation costs in processor time, among so many others of its kind, on our runtime \
(<b>executor</b>) and on <b>tokio</b>'s of one thread: a task is spawned and joined while so many others \
wait; one of so many tasks lets the others run; a timer is set and cancelled while so many others are \
set.</p>
<p>A point is the difference of two runs, one of which does more operations, divided by the number of \
these: what it takes to make the others is in both. Of several runs the least counts, because what \
disturbs a run only adds to it. <b>Flat is good.</b> Where a line rises although nothing is searched, it is \
the processor's caches: a thousand tasks fit into the first of them, a million into none, and then each \
step waits for memory. The last column says it in a number: the last as a part of the first, so 1 is flat. \
A dash stands where the machine was too busy to tell. Along the bottom stands how many others there are.</p>";

fn main() -> ExitCode {
    let effort = if std::env::args().any(|argument| argument == "--quick") { QUICK } else { ALL };
    let plots: Vec<Plot> = GROWING
        .iter()
        .map(|(name, runs)| {
            let plot = plot(name, runs, &effort);
            println!("{}", page::text(&plot));
            plot
        })
        .collect();
    let html = page::html("An operation among a thousand, and among a million", ABOUT, &plots);
    match page::write("growth", &html, &page::numbers(&plots)) {
        Ok(path) => {
            println!("the page: {}", path.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("the page cannot be written: {error}");
            ExitCode::FAILURE
        }
    }
}

fn plot(name: &str, runs: &[SizedRun], effort: &Effort) -> Plot {
    let lines = runs.iter().map(|(runtime, run)| {
        let values = effort.sizes.iter().map(|size| price(*run, *size, effort)).collect();
        Line { name: runtime, values }
    });
    Plot {
        title: name.to_owned(),
        along: effort.sizes.to_vec(),
        by_magnitude: true,
        unit: "nanoseconds",
        lines: lines.collect(),
    }
}

/// Nanoseconds of one operation. The short run and the long one take turns, so that both have their
/// chance of a quiet moment. Where the long one was not the longer, neither had: then it cannot be told.
fn price(run: fn(u64, u64), size: u64, effort: &Effort) -> f64 {
    // Each task does as many steps as the others: whole turns of all of them.
    let operations = effort.operations.max(size);
    let mut least = [Duration::MAX; 2];
    for _ in 0..effort.rounds {
        for (least, times) in least.iter_mut().zip([operations, 2 * operations]) {
            *least = (*least).min(time(run, size, times));
        }
    }
    let [less, more] = least;
    match more.checked_sub(less) {
        Some(price) if !price.is_zero() => price.as_nanos() as f64 / operations as f64,
        _ => f64::NAN,
    }
}

/// The processor's time of this thread, where the system tells it in a file (proc(5)); else the wall's.
fn time(run: fn(u64, u64), size: u64, times: u64) -> Duration {
    let (wall, processor) = (Instant::now(), processor_time());
    run(size, times);
    match (processor_time(), processor) {
        (Some(after), Some(before)) => after.saturating_sub(before),
        _ => wall.elapsed(),
    }
}

fn processor_time() -> Option<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(text.split(' ').next()?.parse().ok()?))
}
