//! Does one runtime a core do as many times the work as there are cores?
//!
//! `cargo bench -p executor-bench --bench cores [-- --quick]`
//!
//! ```text
//!   1 core     thread 0: a runtime of its own ▓▓▓▓▓▓▓▓          operations a second, all threads together
//!   2 cores    thread 0 ▓▓▓▓▓▓▓▓                                 ideal: twice as many
//!              thread 1 ▓▓▓▓▓▓▓▓        nothing shared
//!   …          all begin together; the last to end is what counts
//! ```
//!
//! Each thread is kept on a core of its own, where the system can do that, and runs the same workload on
//! a runtime of its own. As nothing is shared, what is missing to the ideal is the machine's: memory and
//! caches that the cores share, cores that are halves of one, the kernel, a clock that slows down. The
//! most cores are those that this process may use; of more than eight, some between are left out.
//!
//! Prints what it finds, and writes a page like `growth`'s. `--quick` does a twentieth of it.

use std::process::ExitCode;
use std::sync::Barrier;
use std::thread;
use std::time::Instant;

use executor_bench::page::{self, Line, Plot};
use executor_bench::{ALL, Run};

/// A workload by its name, what it is, and how many operations each thread does: long beside the start
/// of a thread.
struct Load {
    name: &'static str,
    title: &'static str,
    times: u64,
}

const LOADS: [Load; 3] = [
    Load { name: "spawn-join", title: "A task is spawned and joined", times: 2_000_000 },
    Load { name: "yield", title: "One of 1,000 tasks lets the others run", times: 8_000_000 },
    Load {
        name: "echo-64",
        title: "64 bytes there and back, on one of 64 connections",
        times: 128_000,
    },
];

/// How many places the axis has, more or less.
const MOST_PLACES: usize = 8;

const ABOUT: &str = "\
<p>Operations a second of all cores together, by the number of cores: a thread on each core, a runtime on \
each thread, and the same work on each runtime. <b>ideal</b> is so many times what our runtime \
(<b>executor</b>) does on one core. Nothing is shared between the threads, so what is missing to the ideal \
is the machine's: memory and caches that cores share, cores that are two halves of one, the kernel, \
whatever else the machine does. <b>tokio</b> is its runtime of one thread, one a core, in the same way.</p>
<p>A point is the best of several rounds, in which all numbers of cores and both runtimes have their \
turns.</p>";

fn main() -> ExitCode {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let (rounds, part) = if quick { (2, 20) } else { (7, 1) };
    let processors = reactor::affinity::allowed().unwrap_or_default();
    let most = thread::available_parallelism().map_or(1, usize::from);
    let along = counts(most);
    let plots: Vec<Plot> = LOADS
        .iter()
        .map(|load| {
            let plot = plot(load, load.times / part, &along, &processors, rounds);
            println!("{}", page::text(&plot));
            plot
        })
        .collect();
    let html = page::html("One runtime a core", ABOUT, &plots);
    match page::write("cores", &html, &page::numbers(&plots)) {
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

/// The numbers of cores to try: one, all, and what lies between at even distances.
fn counts(most: usize) -> Vec<usize> {
    let step = most.div_ceil(MOST_PLACES).max(1);
    let mut counts: Vec<usize> = (1..=most).step_by(step).collect();
    if counts.last() != Some(&most) {
        counts.push(most);
    }
    counts
}

fn plot(load: &Load, times: u64, along: &[usize], processors: &[usize], rounds: usize) -> Plot {
    let workload = ALL.iter().find(|known| known.name == load.name).expect("a workload's name");
    // Ours and tokio's are the first two.
    let runs: &[Run] = &workload.runs[..2];
    let mut best = vec![vec![0.0_f64; along.len()]; runs.len()];
    for _ in 0..rounds {
        for (index, count) in along.iter().enumerate() {
            for ((_, run), best) in runs.iter().zip(&mut best) {
                best[index] = best[index].max(together(*count, *run, times, processors));
            }
        }
    }
    let one = best[0][0];
    let ideal = along.iter().map(|count| one * *count as f64).collect();
    let measured = runs.iter().zip(best).map(|((name, _), values)| Line { name, values });
    Plot {
        title: load.title.to_owned(),
        along: along.iter().map(|count| *count as u64).collect(),
        by_magnitude: false,
        unit: "operations a second",
        lines: measured.chain([Line { name: "ideal", values: ideal }]).collect(),
    }
}

/// Operations a second of so many threads, from the beginning of the first to the end of the last.
fn together(count: usize, run: fn(u64), times: u64, processors: &[usize]) -> f64 {
    let ready = Barrier::new(count);
    let one = |processor: Option<&usize>| {
        if let Some(processor) = processor {
            // Where it cannot be kept there, the system finds it a place.
            let _ = reactor::affinity::pin(*processor);
        }
        ready.wait();
        let begun = Instant::now();
        run(times);
        (begun, Instant::now())
    };
    let spans: Vec<(Instant, Instant)> = thread::scope(|scope| {
        let threads: Vec<_> = (0..count)
            .map(|index| {
                scope.spawn({
                    let one = &one;
                    move || one(processors.get(index))
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("a workload that ends well"))
            .collect()
    });
    let begun = spans.iter().map(|(begun, _)| *begun).min().expect("there is a thread");
    let ended = spans.iter().map(|(_, ended)| *ended).max().expect("there is a thread");
    (count as u64 * times) as f64 / (ended - begun).as_secs_f64()
}
