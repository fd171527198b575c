//! What one request costs with ten connections, and with as many as a process may have.
//!
//! ```text
//!   10 connections: tokio own bare redis │ own bare redis tokio │ …   then 100, 1,000, …
//!                   ten of them ask, the others are silent; then all ask
//!                   in lock-step, on one core
//! ```
//!
//! Where ten ask, a cost that grows with the connections that are *there*, rather than with those that are
//! ready, shows as a line that rises. Where all ask, what rises is the caches', for the most part: the bare
//! event loop's line says how much.

use std::fmt::Write as _;

use indicatif::ProgressBar;
use serde_json::{Value, json};

use crate::drive::Driver;
use crate::idle::is_asked;
use crate::machine::Machine;
use crate::options::Options;
use crate::outcome::Seconds;
use crate::page::{STYLE, class, escaped};
use crate::place::Place;
use crate::plot;
use crate::programs::Program;
use crate::server::{Server, Start};
use crate::statistics::Summary;

/// How many connections, one after the other. The last is near what the usual hard limit of 20,000
/// open files allows a process. Each slice connects them all anew, which is most of its time: one more
/// size of this order is one more minute.
const SIZES: [usize; 5] = [10, 100, 1_000, 10_000, 19_900];
const FEW_SIZES: [usize; 3] = [10, 1_000, 5_000];

/// Slices of each program with each number of connections.
pub(crate) const ROUNDS: usize = 3;

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
    pub(crate) series: Vec<Series>,
    pub(crate) seconds: Seconds,
}

/// All programs, in one way to ask.
#[derive(Debug)]
pub(crate) struct Series {
    pub(crate) asking: Asking,
    pub(crate) rows: Vec<Scaled>,
}

/// Which of the connections ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asking {
    Ten,
    All,
}

impl Asking {
    pub(crate) fn title(self) -> &'static str {
        match self {
            Asking::Ten => "Ten of so many connections ask",
            Asking::All => "All of so many connections ask",
        }
    }

    /// Options of the load, where there are so many.
    fn load(self, size: usize) -> [String; 3] {
        let (connections, requests) = match self {
            Asking::Ten => (size.min(10), REQUESTS),
            Asking::All => (size, REQUESTS.max(TURNS * size)),
        };
        [
            format!("--connections={connections}"),
            format!("--idle={}", size - connections),
            format!("--requests={requests}"),
        ]
    }
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
) -> Result<Vec<Series>, String> {
    let sizes = sizes(options);
    // Inherited by the servers that do not raise it themselves.
    let most = sizes[sizes.len() - 1] as u64 + 100;
    let limit = rlimit::increase_nofile_limit(most).unwrap_or(most);
    if limit < most {
        return Err(format!("this needs {most} open files, and the hard limit is {limit}"));
    }
    let programs: Vec<&Program> = compared(programs).collect();
    let mut all = Vec::new();
    for asking in [Asking::Ten, Asking::All] {
        let mut rows: Vec<Scaled> =
            programs.iter().map(|program| Scaled { name: program.name, cpu: Vec::new() }).collect();
        for size in sizes {
            bar.set_message(format!("{}: {size}", asking.title()));
            let found = with(asking, *size, &programs, driver, bar)?;
            for (row, found) in rows.iter_mut().zip(found) {
                row.cpu.push(Summary::of(&found).expect("there are rounds"));
            }
        }
        all.push(Series { asking, rows });
    }
    Ok(all)
}

/// Slices in all, for who shows how far it is.
pub(crate) fn slices(options: &Options, programs: &[Program]) -> usize {
    2 * sizes(options).len() * compared(programs).count() * ROUNDS
}

pub(crate) fn sizes(options: &Options) -> &'static [usize] {
    if options.quick { &FEW_SIZES } else { &SIZES }
}

/// The control would only cost time: what is read here is the form of a line.
fn compared(programs: &[Program]) -> impl Iterator<Item = &Program> {
    programs.iter().filter(|program| is_asked(program))
}

/// The processor time of each program and round, with so many connections.
fn with(
    asking: Asking,
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
    let [connections, idle, requests] = asking.load(size);
    let load = ["--mix=get", "--lock-step", &connections, &idle];
    let mut found = vec![Vec::new(); servers.len()];
    for round in 0..ROUNDS {
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
            writeln!(text, "{name:<32}{cells}{last:>14}").expect("a string takes everything");
        };
        for series in &self.series {
            let sizes = self.sizes.iter().map(ToString::to_string).collect();
            line(series.asking.title(), sizes, "last : first");
            for row in &series.rows {
                let cells = row.cpu.iter().map(|cpu| format!("{:.2}", cpu.median)).collect();
                line(&format!("  {}", row.name), cells, &format!("{:.2}", row.growth()));
            }
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
        let series = |series: &Series| {
            let rows: Vec<Value> = series.rows.iter().map(row).collect();
            json!({ "title": series.asking.title(), "programs": rows })
        };
        json!({
            "quick": self.quick,
            "machine": self.machine.json(),
            "rounds": self.rounds,
            "connections": self.sizes,
            "series": self.series.iter().map(series).collect::<Vec<_>>(),
            "seconds": self.seconds.json(),
        })
    }

    /// A page that needs no other file.
    ///
    /// # Errors
    /// The plot cannot be drawn.
    pub(crate) fn html(&self) -> Result<String, String> {
        let programs = self.series.iter().take(1).flat_map(|series| &series.rows);
        let legend: String = programs
            .map(|row| format!("<span><i class=\"{}\"></i>{}</span>", class(row.name), row.name))
            .collect();
        let plots: Result<String, String> =
            self.series.iter().map(|series| self.section(series)).collect();
        Ok(TEMPLATE
            .replace("{style}", STYLE)
            .replace("{machine}", &escaped(&self.machine.text()))
            .replace("{times}", &self.seconds.text())
            .replace("{legend}", &legend)
            .replace("{plots}", &plots?)
            .replace("{rounds}", &self.rounds.to_string()))
    }

    /// A plot, and its numbers.
    fn section(&self, series: &Series) -> Result<String, String> {
        let heads: String = self.sizes.iter().map(|size| format!("<th>{size}</th>")).collect();
        let mut table = format!("<tr><th>connections</th>{heads}<th>last : first</th></tr>");
        for row in &series.rows {
            let cells: String =
                row.cpu.iter().map(|cpu| format!("<td>{:.2}</td>", cpu.median)).collect();
            let (class, name, growth) = (class(row.name), row.name, row.growth());
            write!(table, "<tr class=\"{class}\"><td>{name}</td>{cells}<td>{growth:.2}</td></tr>")
                .expect("a string takes everything");
        }
        let (title, plot) = (series.asking.title(), plot::scaling(&self.sizes, series)?);
        Ok(format!("<h2>{title}</h2>{plot}<div class=\"scroll\"><table>{table}</table></div>"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Scaling {
        let cpu =
            |middle: f64| Summary { lower: middle - 0.5, median: middle, upper: middle + 0.5 };
        let series = |asking| {
            let tokio = Scaled { name: "tokio", cpu: vec![cpu(8.0), cpu(10.0)] };
            let own = Scaled { name: "own", cpu: vec![cpu(7.5), cpu(9.0)] };
            Series { asking, rows: vec![tokio, own] }
        };
        Scaling {
            quick: true,
            machine: Machine::look("<here>"),
            rounds: 3,
            sizes: vec![10, 1_000],
            series: vec![series(Asking::Ten), series(Asking::All)],
            seconds: Seconds { building: 2.0, measuring: 31.0 },
        }
    }

    #[test]
    fn so_many_connections_are_there_whoever_asks() {
        let load = |asking: Asking, size| asking.load(size).join(" ");
        assert_eq!(load(Asking::Ten, 10), "--connections=10 --idle=0 --requests=20000");
        assert_eq!(load(Asking::Ten, 19_900), "--connections=10 --idle=19890 --requests=20000");
        assert_eq!(load(Asking::All, 10), "--connections=10 --idle=0 --requests=20000");
        assert_eq!(load(Asking::All, 19_900), "--connections=19900 --idle=0 --requests=59700");
    }

    #[test]
    fn a_line_ends_with_the_last_cost_as_a_part_of_the_first() {
        let text = example().text();
        let own = text.lines().find(|line| line.starts_with("  own")).expect("a line for it");
        let words: Vec<&str> = own.split_whitespace().collect();
        assert_eq!(words, ["own", "7.50", "9.00", "1.20"]);
        let json = example().json();
        assert_eq!(json["series"][1]["programs"][0]["last_to_first"], 1.25);
        assert_eq!(json["connections"][1], 1_000);
    }

    #[test]
    fn the_page_holds_plot_and_numbers_and_no_blank_place() {
        let page = example().html().expect("a plot of good numbers");
        assert_eq!(page.matches("<svg").count(), 4, "two ways to ask, for two widths");
        for shown in ["<td>7.50</td>", "<td>1.20</td>", "&lt;here&gt;", "median of 3 turns"] {
            assert!(page.contains(shown), "{shown} is missing");
        }
        let places = TEMPLATE.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
        for (name, _) in places {
            assert!(!page.contains(&format!("{{{name}}}")), "{name} was not filled in");
        }
    }
}
