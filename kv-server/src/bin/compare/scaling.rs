//! What one request costs with ten connections, and with as many as a process may have.
//!
//! ```text
//!   10 connections: tokio own bare redis │ own bare redis tokio │ …   then 100, 1,000, …
//!                   all send, all wait, in lock-step, on one core
//! ```
//!
//! A cost that grows with the connections that are *there*, rather than with those that are ready, shows
//! as a line that rises. Some rise is the caches': the bare event loop's line says how much.

use std::fmt::Write as _;

use indicatif::ProgressBar;
use serde_json::{Value, json};

use crate::drive::Driver;
use crate::machine::Machine;
use crate::options::Options;
use crate::outcome::Seconds;
use crate::page::{STYLE, class, escaped};
use crate::place::Place;
use crate::plot;
use crate::programs::{CONTROL, Program};
use crate::server::{Server, Start};
use crate::statistics::Summary;

/// How many connections, one after the other. The last is near what the usual hard limit of 20,000
/// open files allows a process.
const SIZES: [usize; 6] = [10, 100, 1_000, 5_000, 10_000, 19_900];
const FEW_SIZES: [usize; 3] = [10, 1_000, 5_000];

/// Requests of a slice, at least; and turns, where there are many connections.
const REQUESTS: usize = 20_000;
const TURNS: usize = 3;

const TEMPLATE: &str = include_str!("scaling.html");

/// All that was found.
#[derive(Debug)]
pub(crate) struct Scaling {
    pub(crate) quick: bool,
    pub(crate) machine: Machine,
    pub(crate) rounds: usize,
    pub(crate) sizes: Vec<usize>,
    pub(crate) rows: Vec<Scaled>,
    pub(crate) seconds: Seconds,
}

/// One program, with each number of connections.
#[derive(Debug)]
pub(crate) struct Scaled {
    pub(crate) name: &'static str,
    /// Processor seconds, a million requests; in the order of the sizes.
    pub(crate) cpu: Vec<Summary>,
}

impl Scaled {
    /// The last as a part of the first.
    fn growth(&self) -> f64 {
        match (self.cpu.first(), self.cpu.last()) {
            (Some(first), Some(last)) => last.median / first.median,
            _ => f64::NAN,
        }
    }
}

/// Measures all programs with all numbers of connections.
///
/// # Errors
/// In words: a server does not take so many, or the load fails.
pub(crate) fn run(
    options: &Options,
    programs: &[Program],
    driver: &Driver,
    bar: &ProgressBar,
) -> Result<Vec<Scaled>, String> {
    let sizes = sizes(options);
    // Inherited by the servers that do not raise it themselves.
    let most = sizes[sizes.len() - 1] as u64 + 100;
    let limit = rlimit::increase_nofile_limit(most).unwrap_or(most);
    if limit < most {
        return Err(format!("this needs {most} open files, and the hard limit is {limit}"));
    }
    let programs: Vec<&Program> = compared(programs).collect();
    let mut rows: Vec<Scaled> =
        programs.iter().map(|program| Scaled { name: program.name, cpu: Vec::new() }).collect();
    for size in sizes {
        bar.set_message(format!("{size} connections"));
        for (row, found) in rows.iter_mut().zip(with(options, *size, &programs, driver, bar)?) {
            row.cpu.push(Summary::of(&found).expect("there are rounds"));
        }
    }
    Ok(rows)
}

/// Slices in all, for who shows how far it is.
pub(crate) fn slices(options: &Options, programs: &[Program]) -> usize {
    sizes(options).len() * compared(programs).count() * options.scaling_rounds()
}

pub(crate) fn sizes(options: &Options) -> &'static [usize] {
    if options.quick { &FEW_SIZES } else { &SIZES }
}

/// The control would only cost time: what is read here is the form of a line.
fn compared(programs: &[Program]) -> impl Iterator<Item = &Program> {
    programs.iter().filter(|program| program.name != CONTROL)
}

/// The processor time of each program and round, with so many connections.
fn with(
    options: &Options,
    size: usize,
    programs: &[&Program],
    driver: &Driver,
    bar: &ProgressBar,
) -> Result<Vec<Vec<f64>>, String> {
    let start = Start { clients: Some(size), ..Start::default() };
    let servers: Vec<Server> = programs
        .iter()
        .map(|program| Server::start_as(program, &driver.places, &start))
        .collect::<Result<_, String>>()?;
    let connections = format!("--connections={size}");
    let requests = format!("--requests={}", REQUESTS.max(TURNS * size));
    let load = ["--mix=get", "--lock-step", &connections];
    let mut found = vec![Vec::new(); servers.len()];
    for round in 0..options.scaling_rounds() {
        for place in 0..servers.len() {
            let index = (round + place) % servers.len();
            // A turn at least is unmeasured: buffers are made in it. The keys stay from the first round.
            let more = ["--warm-up=0.01", &requests, "--no-fill"];
            let more = if round == 0 { &more[..2] } else { &more };
            let run = driver.run(&servers[index], Place::Server, &load, more);
            let told = |why| format!("{} with {size} connections: {why}", programs[index].name);
            found[index].push(run.map_err(told)?.cpu);
            bar.inc(1);
        }
    }
    Ok(found)
}

impl Scaling {
    /// The table in the terminal.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("{}\n\n", self.machine.text());
        text.push_str(
            "CPU, µs a GET, one a round trip, in lock-step, by the number of connections\n",
        );
        let mut line = |name: &str, cells: Vec<String>, last: &str| {
            let cells: String = cells.iter().map(|cell| format!("{cell:>9}")).collect();
            writeln!(text, "{name:<14}{cells}{last:>14}").expect("a string takes everything");
        };
        line("", self.sizes.iter().map(ToString::to_string).collect(), "last : first");
        for row in &self.rows {
            let cells = row.cpu.iter().map(|cpu| format!("{:.2}", cpu.median)).collect();
            line(row.name, cells, &format!("{:.2}", row.growth()));
        }
        text
    }

    /// Everything, for programs.
    pub(crate) fn json(&self) -> Value {
        let row = |row: &Scaled| {
            let cpu: Vec<Value> = row.cpu.iter().map(|cpu| cpu.json()).collect();
            json!({
                "name": row.name,
                "cpu_seconds_per_million": cpu,
                "last_to_first": row.growth(),
            })
        };
        json!({
            "quick": self.quick,
            "machine": self.machine.json(),
            "rounds": self.rounds,
            "connections": self.sizes,
            "programs": self.rows.iter().map(row).collect::<Vec<_>>(),
            "seconds": self.seconds.json(),
        })
    }

    /// A page that needs no other file.
    ///
    /// # Errors
    /// The plot cannot be drawn.
    pub(crate) fn html(&self) -> Result<String, String> {
        let legend: String = self
            .rows
            .iter()
            .map(|row| format!("<span><i class=\"{}\"></i>{}</span>", class(row.name), row.name))
            .collect();
        let heads: String = self.sizes.iter().map(|size| format!("<th>{size}</th>")).collect();
        let mut table = format!("<tr><th>connections</th>{heads}<th>last : first</th></tr>");
        for row in &self.rows {
            let cells: String =
                row.cpu.iter().map(|cpu| format!("<td>{:.2}</td>", cpu.median)).collect();
            write!(
                table,
                "<tr class=\"{}\"><td>{}</td>{cells}<td>{:.2}</td></tr>",
                class(row.name),
                row.name,
                row.growth()
            )
            .expect("a string takes everything");
        }
        Ok(TEMPLATE
            .replace("{style}", STYLE)
            .replace("{machine}", &escaped(&self.machine.text()))
            .replace("{times}", &self.seconds.text())
            .replace("{legend}", &legend)
            .replace("{plot}", &plot::scaling(self)?)
            .replace("{table}", &table)
            .replace("{rounds}", &self.rounds.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Scaling {
        let cpu =
            |middle: f64| Summary { lower: middle - 0.5, median: middle, upper: middle + 0.5 };
        Scaling {
            quick: true,
            machine: Machine::look("<here>"),
            rounds: 3,
            sizes: vec![10, 1_000],
            rows: vec![
                Scaled { name: "tokio", cpu: vec![cpu(8.0), cpu(10.0)] },
                Scaled { name: "own", cpu: vec![cpu(7.5), cpu(9.0)] },
            ],
            seconds: Seconds { building: 2.0, measuring: 31.0 },
        }
    }

    #[test]
    fn a_line_ends_with_the_last_cost_as_a_part_of_the_first() {
        let text = example().text();
        let own = text.lines().find(|line| line.starts_with("own")).expect("a line for it");
        let words: Vec<&str> = own.split_whitespace().collect();
        assert_eq!(words, ["own", "7.50", "9.00", "1.20"]);
        let json = example().json();
        assert_eq!(json["programs"][0]["last_to_first"], 1.25);
        assert_eq!(json["connections"][1], 1_000);
    }

    #[test]
    fn the_page_holds_plot_and_numbers_and_no_blank_place() {
        let page = example().html().expect("a plot of good numbers");
        assert_eq!(page.matches("<svg").count(), 2, "for two widths");
        for shown in ["<td>7.50</td>", "<td>1.20</td>", "&lt;here&gt;", "median of 3 turns"] {
            assert!(page.contains(shown), "{shown} is missing");
        }
        let places = TEMPLATE.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
        for (name, _) in places {
            assert!(!page.contains(&format!("{{{name}}}")), "{name} was not filled in");
        }
    }
}
