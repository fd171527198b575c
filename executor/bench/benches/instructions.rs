//! How many instructions of user space does an operation take, ours and others'?
//!
//! ```text
//! cargo bench -p executor-bench --bench instructions               all runtimes, as a table
//! cargo bench -p executor-bench --bench instructions -- --check    ours and tokio's, against `instructions.txt`
//! cargo bench -p executor-bench --bench instructions -- --bless    writes `instructions.txt` anew
//! ```
//!
//! Each workload runs under callgrind (valgrind's), twice, once longer; the difference of the two counts
//! by the difference in operations is the price of one, and what the program's begin and end cost is out
//! of it. What the kernel does is not counted.
//!
//! # What is kept
//! A count is the same on every processor, but another compiler makes other code of the same source. So
//! what `instructions.txt` keeps is our count as a part of tokio's, of one run: both come out of the same
//! compiler, and by how much one of them has changed alone is what a change of ours did. A rise of more
//! than 3 % fails the check. Who means it, or has gained, blesses.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use executor_bench::{ALL, Workload};

/// How much a ratio may rise, as noise: a socket is ready a little earlier, a table grows at another time.
const TOLERANCE: f64 = 0.03;

/// How many operations the longer and the shorter run do: multiples of all numbers of tasks and connections.
const TIMES: [u64; 2] = [16_000, 8_000];

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["--run", workload, runtime, times] => run(workload, runtime, times),
        _ if arguments.contains(&"--check") => return check(),
        _ if arguments.contains(&"--bless") => bless(),
        _ => table(),
    }
    ExitCode::SUCCESS
}

/// What callgrind runs.
fn run(workload: &str, runtime: &str, times: &str) {
    let workload = ALL.iter().find(|known| known.name == workload).expect("a workload's name");
    let run = workload.runs.iter().find(|(known, _)| *known == runtime).expect("a runtime's name");
    run.1(times.parse().expect("a number"));
}

/// Instructions of one operation.
fn price(workload: &Workload, runtime: &str) -> f64 {
    let [long, short] = TIMES.map(|times| count(workload.name, runtime, times) as f64);
    (long - short) / (TIMES[0] - TIMES[1]) as f64
}

fn count(workload: &str, runtime: &str, times: u64) -> u64 {
    let myself = env::current_exe().expect("this program has a path");
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(myself);
    valgrind.args(["--run", workload, runtime, &times.to_string()]);
    let output = valgrind.output().expect("valgrind is installed");
    let said = String::from_utf8_lossy(&output.stderr);
    let collected = said.lines().find_map(|line| line.split_once("Collected : "));
    let collected = collected.and_then(|(_, count)| count.trim().parse().ok());
    match collected {
        Some(count) if output.status.success() => count,
        _ => panic!("{valgrind:?} ended with {} and said:\n{said}", output.status),
    }
}

fn table() {
    for workload in ALL {
        println!("{} ({})", workload.name, workload.operation);
        let mut ours = None;
        for (runtime, _) in workload.runs {
            let price = price(workload, runtime);
            let ours = *ours.get_or_insert(price);
            println!("    {runtime:10} {price:8.0}    ours is {:.3} of it", ours / price);
        }
    }
}

/// Ours as a part of tokio's.
fn ratio(workload: &Workload) -> f64 {
    let [ours, tokio] = [0, 1].map(|index| price(workload, workload.runs[index].0));
    println!("{:12} {ours:6.0} / {tokio:6.0} = {:.3}", workload.name, ours / tokio);
    ours / tokio
}

fn kept() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/instructions.txt"))
}

fn bless() {
    let lines = ALL.iter().map(|workload| format!("{} {:.3}\n", workload.name, ratio(workload)));
    fs::write(kept(), lines.collect::<String>()).expect("the figures can be written");
}

fn check() -> ExitCode {
    let kept = fs::read_to_string(kept()).expect("the figures can be read");
    let mut outcome = ExitCode::SUCCESS;
    for workload in ALL {
        let now = ratio(workload);
        let line =
            kept.lines().find_map(|line| line.strip_prefix(workload.name)?.strip_prefix(' '));
        let before: Option<f64> = line.and_then(|number| number.parse().ok());
        match before {
            Some(before) if now <= before * (1.0 + TOLERANCE) => {
                if now < before * (1.0 - TOLERANCE) {
                    println!("    it was {before:.3}: `.ci/instructions --bless` keeps the gain");
                }
            }
            Some(before) => {
                println!("    it was {before:.3}; if that is meant: `.ci/instructions --bless`");
                outcome = ExitCode::FAILURE;
            }
            None => {
                println!("    nothing is kept for it: `.ci/instructions --bless`");
                outcome = ExitCode::FAILURE;
            }
        }
    }
    outcome
}
