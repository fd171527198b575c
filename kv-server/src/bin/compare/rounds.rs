//! Interleaved rounds: each program in turn, again and again.
//!
//! ```text
//!   round 1:  tokio  own  bare  redis  tokio again          (and in fan-out, tokio channels)
//!   round 2:  own  bare  redis  tokio again  tokio          everyone has each place in turn
//!   …
//! ```

use indicatif::ProgressBar;

use crate::drive::{Driver, Run};
use crate::options::{Options, Workload};
use crate::outcome::{Calls, Compared, Latency, LatencyRow, QUANTILES, Row};
use crate::place::Place;
use crate::programs::{Kind, Program, REFERENCE, found};
use crate::server::Server;
use crate::statistics::{Summary, ratios};
use crate::trace;

/// A load at fixed times, that no server here is near to.
pub(crate) struct Paced {
    /// Of what latency is measured.
    title: &'static str,
    /// What is sent a second.
    rate: u64,
    load: &'static [&'static str],
    /// It is one of messages, which all know.
    fan_out: bool,
}

const GETS: Paced =
    Paced { title: "5000 GET/s", rate: 5_000, load: &["--mix=get"], fan_out: false };
const MESSAGES: Paced = Paced {
    title: "200 messages/s to 100 subscribers",
    rate: 200,
    load: &["--subscribers=100", "--connections=1"],
    fan_out: true,
};

impl Paced {
    /// Whether a program can be put under this load.
    pub(crate) fn suits(&self, program: &Program) -> bool {
        self.fan_out || program.kind != Kind::Channels
    }
}

/// The loads under which latency is measured: of fan-out only where there is time.
pub(crate) fn paced(options: &Options) -> &'static [Paced] {
    if options.quick { &[GETS] } else { &[GETS, MESSAGES] }
}

/// Compares the programs under one load.
pub(crate) fn run(
    options: &Options,
    workload: &'static Workload,
    programs: &[Program],
    driver: &Driver,
    bar: &ProgressBar,
) -> Result<Compared, String> {
    bar.set_message(workload.title);
    let fit: Vec<&Program> = programs.iter().filter(|program| workload.suits(program)).collect();
    let servers = start(&fit, driver)?;
    for server in &servers {
        // Sets the keys, too.
        driver.run(server, Place::Server, workload.load, &["--lock-step", "--seconds=0.05"])?;
    }
    let seconds = format!("--seconds={}", options.slice_seconds());
    let near = ["--lock-step", "--no-fill", "--warm-up=0.01", &seconds];
    let near = interleaved(options.rounds(workload), &servers, bar, |server| {
        driver.run(server, Place::Server, workload.load, &near)
    })?;
    let seconds = format!("--seconds={}", options.far_seconds());
    let far = ["--no-fill", "--warm-up=0.02", &seconds];
    let far = interleaved(options.far_slices(workload), &servers, bar, |server| {
        driver.run(server, Place::Other, workload.load, &far)
    })?;
    let mut calls = traced(options, workload, &fit, &servers, driver, bar)?;
    let cpu: Vec<Vec<f64>> = each(&near, |run| run.cpu);
    let per_second: Vec<Vec<f64>> = each(&far, |run| run.per_second);
    let rows = fit.iter().enumerate().map(|(index, program)| {
        let pairs = ratios(&cpu[index], &cpu[REFERENCE]);
        Row {
            name: program.name,
            slices: cpu[index].clone(),
            cpu: Summary::of(&cpu[index]).expect("there are rounds"),
            ratio: Summary::of(&pairs).expect("there are rounds"),
            ratios: pairs,
            per_second: Summary::of(&per_second[index]),
            per_second_ratio: Summary::of(&ratios(&per_second[index], &per_second[REFERENCE])),
            calls: calls[index].take(),
            instructions: None,
        }
    });
    Ok(Compared { workload, rows: rows.collect() })
}

/// Latency from another core, at a rate that all can serve. `None` where there is no other core.
pub(crate) fn latency(
    options: &Options,
    paced: &Paced,
    programs: &[Program],
    driver: &Driver,
    bar: &ProgressBar,
) -> Result<Option<Latency>, String> {
    if !driver.places.has_other() {
        return Ok(None);
    }
    bar.set_message(format!("latency, {}", paced.title));
    let fit: Vec<&Program> = programs.iter().filter(|program| paced.suits(program)).collect();
    let servers = start(&fit, driver)?;
    let rate = format!("--rate={}", paced.rate);
    let seconds = format!("--seconds={}", options.paced_seconds());
    let runs = interleaved(options.far_rounds(), &servers, bar, |server| {
        driver.run(server, Place::Other, paced.load, &[&rate, &seconds, "--warm-up=0.1"])
    })?;
    let quantiles = |index: usize, name: &str| -> Vec<f64> {
        let read = |run: &Run| run.all["latency_microseconds"][name].as_f64().unwrap_or(f64::NAN);
        runs[index].iter().map(read).collect()
    };
    let rows = fit.iter().enumerate().map(|(index, program)| {
        let summary = |numbers: &[f64]| Summary::of(numbers).expect("there are rounds");
        let own = |name: &&str| summary(&quantiles(index, name));
        let ratio =
            |name: &&str| summary(&ratios(&quantiles(index, name), &quantiles(REFERENCE, name)));
        LatencyRow {
            name: program.name,
            quantiles: QUANTILES.iter().map(own).collect(),
            ratios: QUANTILES.iter().map(ratio).collect(),
            curve: runs[index].last().map(curve).unwrap_or_default(),
        }
    });
    Ok(Some(Latency { title: paced.title, rate: paced.rate, rows: rows.collect() }))
}

fn start(programs: &[&Program], driver: &Driver) -> Result<Vec<Server>, String> {
    programs.iter().map(|program| Server::start(program, &driver.places)).collect()
}

/// All slices of each server, in order of the rounds.
fn interleaved(
    rounds: usize,
    servers: &[Server],
    bar: &ProgressBar,
    slice: impl Fn(&Server) -> Result<Run, String>,
) -> Result<Vec<Vec<Run>>, String> {
    let mut runs = vec![Vec::with_capacity(rounds); servers.len()];
    for round in 0..rounds {
        for place in 0..servers.len() {
            let index = (round + place) % servers.len();
            runs[index].push(slice(&servers[index])?);
            bar.inc(1);
        }
    }
    Ok(runs)
}

fn each(runs: &[Vec<Run>], number: impl Fn(&Run) -> f64) -> Vec<Vec<f64>> {
    runs.iter().map(|runs| runs.iter().map(&number).collect()).collect()
}

/// System calls, where strace is there and may trace.
fn traced(
    options: &Options,
    workload: &Workload,
    programs: &[&Program],
    servers: &[Server],
    driver: &Driver,
    bar: &ProgressBar,
) -> Result<Vec<Option<Calls>>, String> {
    let mut calls: Vec<Option<Calls>> = vec![None; programs.len()];
    if !options.is_thorough(workload) || !found("strace") {
        return Ok(calls);
    }
    let requests = options.traced_turns() * workload.turn;
    for (index, server) in servers.iter().enumerate() {
        bar.inc(1);
        if !options.traces(programs[index]) {
            continue;
        }
        match trace::calls(driver, server, workload, requests) {
            Ok(found) => calls[index] = Some(found),
            Err(why) => bar.suspend(|| eprintln!("system calls are not counted: {why}")),
        }
    }
    Ok(calls)
}

fn curve(run: &Run) -> Vec<(f64, f64)> {
    let points = run.all["latency_distribution"].as_array().into_iter().flatten();
    points.filter_map(|point| Some((point[0].as_f64()?, point[1].as_f64()?))).collect()
}
