//! The same server on our runtime and on tokio, side by side, with Redis and a bare event loop.
//!
//! ```text
//!   build ──► start all ──► rounds: tokio, own, bare, redis, tokio again; then from another place
//!                                │  each slice: kv-bench, less than a tenth of a second, on the same core
//!                                ▼
//!   pairs: each slice against tokio's of the same round ──► median, quartiles ─┐
//!   strace: system calls, of a request and of an idle server ──────────────────┤
//!   callgrind: instructions of a request ──────────────────────────────────────┼─► table, page, JSON;
//!   many idle connections: bytes of each ──────────────────────────────────────┘   targets, met or missed
//!
//!   --scaling: instead, what a GET costs from ten connections to nineteen thousand
//! ```
//!
//! Why so: on a machine that others use as well, times of different minutes cannot be compared.
//! Slices that follow each other closely can; so each ratio is taken within one round, and what is
//! reported is the median of the ratios, with the quartiles as the spread. The tokio build runs twice:
//! its ratio to itself is 1 by nature, and what is measured for it says how far to trust the rest.
//!
//! Server and load share one core in lock-step: the load sends to all connections, then waits for
//! all. So each wait of the server finds all of them ready, whatever the machine does meanwhile, and
//! the processor time of the server is counted by the kernel for that process alone.

#![forbid(unsafe_code)]

mod drive;
mod idle;
mod instructions;
mod machine;
mod options;
mod outcome;
mod page;
mod place;
mod plot;
mod programs;
mod quiet;
mod rounds;
mod scaling;
mod server;
mod statistics;
mod strace;
mod table;
mod targets;
mod trace;

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

use drive::Driver;
use options::Options;
use outcome::{Outcome, Seconds};
use place::Places;
use programs::{CONTROL, Program};

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("compare: {why}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), String> {
    eprintln!("building both servers, the load generator and the bare event loop …");
    let begun = Instant::now();
    let built = programs::build()?;
    let building = begun.elapsed().as_secs_f64();
    let places = Places::new()?;
    let driver = Driver::new(built.generator, places);
    let directory = options.output.clone().unwrap_or(built.target.join("compare"));
    if options.scaling {
        return scale(options, &built.programs, &driver, building, &directory);
    }
    let bar = bar(slices(options, &built.programs));
    let mut outcome = measure(options, &built.programs, &driver, &bar)?;
    outcome.seconds.building = building;
    bar.finish_and_clear();
    print!("{}", table::text(&outcome));
    write(&directory, "compare", &page::html(&outcome)?, &outcome.json())?;
    println!("{}", outcome.times());
    Ok(())
}

/// The other comparison: by the number of connections.
fn scale(
    options: &Options,
    programs: &[Program],
    driver: &Driver,
    building: f64,
    directory: &Path,
) -> Result<(), String> {
    let machine = machine::Machine::look(driver.places.describe());
    let begun = Instant::now();
    let bar = bar(scaling::slices(options, programs));
    let series = scaling::run(options, programs, driver, &bar)?;
    bar.finish_and_clear();
    let seconds = Seconds { building, measuring: begun.elapsed().as_secs_f64() };
    let (quick, rounds) = (options.quick, scaling::ROUNDS);
    let (machine, sizes) = (machine.look_again(), scaling::sizes(options).to_vec());
    let found = scaling::Scaling { quick, machine, rounds, sizes, series, seconds };
    print!("{}", found.text());
    write(directory, "scaling", &found.html()?, &found.json())?;
    println!("{}", seconds.text());
    Ok(())
}

/// Everything, one after the other: nothing else of ours runs while something is measured.
fn measure(
    options: &Options,
    programs: &[Program],
    driver: &Driver,
    bar: &ProgressBar,
) -> Result<Outcome, String> {
    let begun = Instant::now();
    let machine = machine::Machine::look(driver.places.describe());
    let mut workloads = Vec::new();
    for workload in options.workloads() {
        workloads.push(rounds::run(options, workload, programs, driver, bar)?);
    }
    let mut latency = Vec::new();
    for paced in rounds::paced(options) {
        latency.extend(rounds::latency(options, paced, programs, driver, bar)?);
    }
    let (idle, quiet) = idle::run(options, programs, driver, bar)?;
    let uncounted = instructions::count(options, programs, &mut workloads, driver, bar);
    let seconds = Seconds { building: 0.0, measuring: begun.elapsed().as_secs_f64() };
    let (quick, machine) = (options.quick, machine.look_again());
    Ok(Outcome { quick, machine, workloads, latency, idle, quiet, uncounted, seconds })
}

/// Slices and other steps of a comparison, for the bar.
fn slices(options: &Options, programs: &[Program]) -> usize {
    let slices = |workload: &&'static options::Workload| {
        let fit = programs.iter().filter(|program| workload.suits(program)).count();
        let traced = if options.is_thorough(workload) { fit } else { 0 };
        fit * (options.rounds(workload) + options.far_slices(workload)) + traced
    };
    let slices: usize = options.workloads().iter().map(slices).sum();
    let count = |fit: &dyn Fn(&Program) -> bool| programs.iter().filter(|it| fit(it)).count();
    let counted = if options.counts_instructions() { count(&|it| it.name != CONTROL) } else { 0 };
    let paced = rounds::paced(options).iter();
    let paced: usize = paced.map(|paced| count(&|it| paced.suits(it))).sum();
    slices + paced * options.far_rounds() + count(&idle::is_asked) + counted
}

fn bar(steps: usize) -> ProgressBar {
    // Hidden by itself where standard error is no terminal.
    let bar = ProgressBar::new(steps as u64);
    let template = "{msg:44} [{bar:30}] {pos}/{len} {elapsed_precise}, left {eta}";
    bar.set_style(ProgressStyle::with_template(template).expect("a template of its known words"));
    bar
}

/// Writes the page, and the numbers behind it, and says where.
fn write(directory: &Path, name: &str, page: &str, numbers: &Value) -> Result<(), String> {
    let cannot = |error: std::io::Error| format!("cannot write the results: {error}");
    std::fs::create_dir_all(directory).map_err(cannot)?;
    let files = [("html", page.to_owned()), ("json", format!("{numbers:#}\n"))];
    for ((kind, text), said) in files.iter().zip(["the page", "the numbers behind it"]) {
        let path = directory.join(name).with_extension(kind);
        std::fs::write(&path, text).map_err(cannot)?;
        println!("{said}: {}", path.display());
    }
    Ok(())
}
