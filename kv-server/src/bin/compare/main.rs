//! The same server on our runtime and on tokio, side by side, with Redis and a bare event loop.
//!
//! ```text
//!   build ──► start all ──► rounds: tokio, own, bare, redis, tokio again; then from another place
//!                                │  each slice: kv-bench, a tenth of a second, on the same core
//!                                ▼
//!   pairs: each slice against tokio's of the same round ──► median, quartiles ──► table, page, JSON
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
mod machine;
mod options;
mod outcome;
mod page;
mod place;
mod plot;
mod programs;
mod rounds;
mod server;
mod statistics;
mod table;
mod trace;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};

use drive::Driver;
use options::Options;
use outcome::Outcome;
use place::Places;
use programs::Program;

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
    let built = programs::build()?;
    let places = Places::new()?;
    let driver = Driver::new(built.generator, places);
    let bar = bar(options, &built.programs);
    let begun = Instant::now();
    let outcome = measure(options, &built.programs, &driver, &bar)?;
    bar.finish_and_clear();
    print!("{}", table::text(&outcome));
    let directory = options.output.clone().unwrap_or(built.target.join("compare"));
    let (page, json) = write(&directory, &outcome)?;
    println!("\nmeasured in {:.0} s; the page: {}", begun.elapsed().as_secs_f64(), page.display());
    println!("the numbers behind it: {}", json.display());
    Ok(())
}

/// Everything, one after the other: nothing else of ours runs while something is measured.
fn measure(
    options: &Options,
    programs: &[Program],
    driver: &Driver,
    bar: &ProgressBar,
) -> Result<Outcome, String> {
    let machine = machine::Machine::look(driver.places.describe());
    let mut workloads = Vec::new();
    for workload in options.workloads() {
        workloads.push(rounds::run(options, workload, programs, driver, bar)?);
    }
    let latency = rounds::latency(options, programs, driver, bar)?;
    let idle = idle::run(options, programs, driver, bar)?;
    Ok(Outcome { quick: options.quick, machine: machine.look_again(), workloads, latency, idle })
}

/// One step a slice.
fn bar(options: &Options, programs: &[Program]) -> ProgressBar {
    let slices: usize = options
        .workloads()
        .iter()
        .map(|workload| programs.iter().filter(|program| workload.suits(program)).count())
        .map(|programs| programs * (options.rounds() + options.far_rounds() + 1))
        .sum();
    let rest = programs.len() * (options.far_rounds() + 1);
    // Hidden by itself where standard error is no terminal.
    let bar = ProgressBar::new((slices + rest) as u64);
    let template = "{msg:44} [{bar:30}] {pos}/{len} {elapsed_precise}, left {eta}";
    bar.set_style(ProgressStyle::with_template(template).expect("a template of its known words"));
    bar
}

fn write(directory: &std::path::Path, outcome: &Outcome) -> Result<(PathBuf, PathBuf), String> {
    let cannot = |error: std::io::Error| format!("cannot write the results: {error}");
    std::fs::create_dir_all(directory).map_err(cannot)?;
    let (page, json) = (directory.join("compare.html"), directory.join("compare.json"));
    let numbers = outcome.json();
    std::fs::write(&json, format!("{numbers:#}\n")).map_err(cannot)?;
    std::fs::write(&page, page::html(outcome)?).map_err(cannot)?;
    Ok((page, json))
}
