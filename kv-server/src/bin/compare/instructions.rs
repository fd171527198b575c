//! How many instructions of user space an operation takes, counted by callgrind(1), a part of valgrind.
//!
//! ```text
//!   valgrind server ──► fill the keys ──► dump │ n turns ──► dump │ 2n turns ──► dump │ three times
//!                                              └───── a ─────┘    └───── b ──────┘
//!   an operation: (least b − least a) : n turns. Connecting and leaving are in both.
//! ```
//!
//! A count does not depend on how fast the machine is. A little it depends on what happens meanwhile: a
//! clock that ticks, a request that is found by a wait of its own. That only adds, so the least counts. The
//! kernel's part is not in it: that is what processor time and system calls are for. A dump is asked for
//! by vgdb(1), and sets the count to zero.

use std::cell::Cell;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use crate::drive::Driver;
use crate::options::{Options, Workload};
use crate::outcome::Compared;
use crate::place::Place;
use crate::programs::{CONTROL, Program, found};
use crate::server::{Server, Start};

/// Turns of the shorter run: enough that what a server does at each so many requests is in both alike,
/// and no more, for a server takes fifty times as long under callgrind.
const TURNS: u64 = 16;

/// How often each length is run.
const TIMES: usize = 3;

/// How long valgrind may take to write what it has counted.
const PATIENCE: Duration = Duration::from_secs(60);

/// Puts the counts of all programs and loads where they belong. What could not be counted, in words.
pub(crate) fn count(
    options: &Options,
    programs: &[Program],
    compared: &mut [Compared],
    driver: &Driver,
    bar: &ProgressBar,
) -> Option<String> {
    if !options.counts_instructions() {
        return Some("ask by --instructions".to_owned());
    }
    if !found("valgrind") || !found("vgdb") {
        return Some("valgrind is not installed".to_owned());
    }
    for program in counted(programs, compared) {
        bar.set_message(format!("instructions: {}", program.name));
        if let Err(why) = of_program(options, &program, compared, driver) {
            return Some(format!("{}: {why}", program.name));
        }
        bar.inc(1);
    }
    None
}

/// The programs that are compared under any load. The control would say the same again.
fn counted(programs: &[Program], compared: &[Compared]) -> Vec<Program> {
    let runs = |program: &&Program| {
        let mut rows = compared.iter().flat_map(|compared| &compared.rows);
        program.name != CONTROL && rows.any(|row| row.name == program.name)
    };
    programs.iter().filter(runs).cloned().collect()
}

fn of_program(
    options: &Options,
    program: &Program,
    compared: &mut [Compared],
    driver: &Driver,
) -> Result<(), String> {
    let counted = Counted::start(program, driver)?;
    for compared in compared {
        let workload = compared.workload;
        let row = compared.rows.iter_mut().find(|row| row.name == program.name);
        if let Some(row) = row.filter(|_| options.is_thorough(workload)) {
            let requests = TURNS * workload.turn;
            row.instructions = Some(counted.price(driver, workload, requests)?);
        }
    }
    Ok(())
}

/// A server that callgrind runs.
struct Counted {
    server: Server,
    /// Where callgrind writes; gone with it.
    folder: PathBuf,
    dumps: Cell<usize>,
}

impl Counted {
    fn start(program: &Program, driver: &Driver) -> Result<Counted, String> {
        let name = format!("kv-compare-{}-{}", std::process::id(), program.name.replace(' ', "-"));
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let file = format!("--callgrind-out-file={}", folder.join("out").display());
        let under = ["valgrind", "--tool=callgrind", "--quiet", "--dump-line=no", &file];
        let under = under.map(str::to_owned);
        let start = Start { under: &under, ..Start::default() };
        match Server::start_as(program, &driver.places, &start) {
            Ok(server) => Ok(Counted { server, folder, dumps: Cell::new(0) }),
            Err(why) => {
                // Ours, and of no use any more.
                let _ = fs::remove_dir_all(&folder);
                Err(why)
            }
        }
    }

    /// Instructions of one operation.
    fn price(&self, driver: &Driver, workload: &Workload, requests: u64) -> Result<f64, String> {
        let run = |requests: u64, more: &[&str]| {
            let requests = requests.to_string();
            let options = [&["--lock-step", "--requests", &requests], more].concat();
            driver.run(&self.server, Place::Server, workload.load, &options)
        };
        // Sets the keys, and makes the tables as large as they will be.
        run(requests, &[])?;
        self.dump()?;
        let mut least = [(0.0, f64::INFINITY); 2];
        for _ in 0..TIMES {
            for (least, requests) in least.iter_mut().zip([requests, 2 * requests]) {
                let operations = run(requests, &["--no-fill"])?.operations;
                *least = (operations, self.dump()?.min(least.1));
            }
        }
        let [few, many] = least;
        Ok((many.1 - few.1) / (many.0 - few.0))
    }

    /// Has valgrind write what was counted since the last time.
    fn dump(&self) -> Result<f64, String> {
        let process = format!("--pid={}", self.server.process());
        let mut asked = Command::new("vgdb")
            .args([&process, "dump", "operations"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("vgdb cannot be run: {error}"))?;
        let begun = Instant::now();
        let status = loop {
            match asked.try_wait().map_err(|error| error.to_string())? {
                Some(status) => break status,
                None if begun.elapsed() > PATIENCE => {
                    // It may have ended by now.
                    let _ = asked.kill();
                    let _ = asked.wait();
                    return Err(format!("valgrind wrote no count in {} s", PATIENCE.as_secs()));
                }
                None => thread::sleep(Duration::from_millis(5)),
            }
        };
        if !status.success() {
            return Err(format!("vgdb failed, {status}: may it trace?"));
        }
        self.dumps.set(self.dumps.get() + 1);
        let file = self.folder.join(format!("out.{}", self.dumps.get()));
        let text = fs::read_to_string(&file)
            .map_err(|error| format!("no count in {}: {error}", file.display()))?;
        total(&text).ok_or_else(|| format!("no total in {}", file.display()))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        // What is left over is in the folder for what is temporary.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The sum at the end of a file of callgrind's.
fn total(text: &str) -> Option<f64> {
    text.lines().rev().find_map(|line| line.strip_prefix("totals: ")?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_the_last_line_that_says_so() {
        let text = "\
# callgrind format
version: 1
events: Ir
summary: 22195916

fn=(12) (below main)
0 17
totals: 22195916
";
        assert_eq!(total(text), Some(22_195_916.0));
        assert_eq!(total("events: Ir\nsummary: 5\n"), None);
    }
}
