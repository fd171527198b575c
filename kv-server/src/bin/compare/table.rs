//! The table in the terminal.

use std::fmt::Write as _;

use crate::outcome::{Compared, Idle, Latency, Outcome, QUANTILES, Quiet, Row};
use crate::statistics::Summary;
use crate::targets::{self, State, Target};

/// All tables, and what they say.
pub(crate) fn text(outcome: &Outcome) -> String {
    let mut text = String::new();
    line(&mut text, &outcome.machine.text());
    line(&mut text, "");
    for said in EXPLAINED {
        line(&mut text, said);
    }
    for compared in &outcome.workloads {
        workload(&mut text, compared);
    }
    for found in &outcome.latency {
        latency(&mut text, found);
    }
    if !outcome.idle.is_empty() {
        idle(&mut text, &outcome.idle);
    }
    if !outcome.quiet.is_empty() {
        quiet(&mut text, &outcome.quiet);
    }
    reached(&mut text, &targets::of(outcome));
    line(&mut text, "");
    line(&mut text, &outcome.verdict().1);
    text
}

/// What the numbers of a load are.
const EXPLAINED: [&str; 5] = [
    "CPU seconds of the server, a million operations; server and load on one core, in",
    "lock-step. Ratio: to tokio's of the same round, median [quartiles]. Operations a",
    "second: load from another core, free-running, for the picture. Calls: of the system,",
    "an operation, counted by strace. Instr.: of user space, an operation, counted by",
    "callgrind. A dash: not measured.",
];

fn line(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("a string takes everything");
}

fn workload(text: &mut String, compared: &Compared) {
    line(text, "");
    let head = format!(
        "{:<38}{:>8}{:>22}{:>11}{:>7}{:>8}{:>9}",
        compared.workload.title, "CPU s/M", "ratio", "ops/s", "ratio", "calls", "instr."
    );
    line(text, &head);
    for row in &compared.rows {
        line(text, &workload_row(row));
    }
}

fn workload_row(row: &Row) -> String {
    let per_second = row.per_second.map_or_else(dash, |found| format!("{:.0}", found.median));
    let ratio = row.per_second_ratio.map_or_else(dash, |found| format!("{:.2}", found.median));
    let calls = row.calls.as_ref().map_or_else(dash, |calls| format!("{:.3}", calls.all));
    let instructions = row.instructions.map_or_else(dash, |count| format!("{count:.0}"));
    format!(
        "  {:<36}{:>8.3}{:>22}{per_second:>11}{ratio:>7}{calls:>8}{instructions:>9}",
        row.name,
        row.cpu.median,
        spread(row.ratio)
    )
}

fn latency(text: &mut String, found: &Latency) {
    line(text, "");
    let head = format!("latency, µs (ratio): {}", found.title);
    let columns = QUANTILES.map(|name| format!("{name:>18}"));
    line(text, &format!("{head:<54}{}", columns.concat()));
    for row in &found.rows {
        let columns: String = row
            .quantiles
            .iter()
            .zip(&row.ratios)
            .map(|(own, ratio)| {
                format!("{:>18}", format!("{:.0} ({:.2})", own.median, ratio.median))
            })
            .collect();
        line(text, &format!("  {:<52}{columns}", row.name));
    }
}

fn idle(text: &mut String, found: &[Idle]) {
    line(text, "");
    let connections = found[0].connections;
    let head = format!("memory of {connections} idle connections, served once");
    line(text, &format!("{head:<52}{:>12}{:>8}", "bytes each", "ratio"));
    for row in found {
        line(text, &format!("  {:<50}{:>12.0}{:>8.2}", row.name, row.bytes, row.ratio));
    }
}

fn quiet(text: &mut String, found: &[Quiet]) {
    line(text, "");
    let head = format!("idle, with these connections, for {} s", found[0].seconds);
    line(text, &format!("{head:<52}{:>12}", "calls"));
    for row in found {
        line(text, &format!("  {:<50}{:>12}", row.name, row.calls));
    }
}

fn reached(text: &mut String, targets: &[Target]) {
    line(text, "");
    let head =
        format!("{:<48}{:>8}{:>9}{:>8}", "what own must reach", "target", "measured", "floor");
    line(text, &head);
    let mut last = "";
    let (measured, not_run): (Vec<&Target>, Vec<&Target>) =
        targets.iter().partition(|target| target.state != State::NotRun);
    for target in measured {
        let Target { kind, what, limit, found, floor, .. } = target;
        if kind != last {
            line(text, kind);
            last = kind;
        }
        let came = target.outcome();
        line(text, &format!("  {what:<46}{limit:>8}{found:>9}{floor:>8}  {came}"));
    }
    line(
        text,
        "Floor: what bare epoll, an event loop without futures, has in the same place. Where the",
    );
    line(text, "target is below it, no server that waits for readiness is expected to keep it.");
    if !not_run.is_empty() {
        line(text, &format!("And {} of loads that were not run.", not_run.len()));
    }
}

/// `0.912 [0.905–0.921]`
pub(crate) fn spread(summary: Summary) -> String {
    format!("{:.3} [{:.3}–{:.3}]", summary.median, summary.lower, summary.upper)
}

pub(crate) fn dash() -> String {
    "–".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::tests::example;

    #[test]
    fn the_table_has_a_line_for_each_program_under_its_load_and_no_line_is_too_long() {
        let table = text(&example(1.0));
        let lines: Vec<&str> = table.lines().collect();
        let at = lines.iter().position(|line| line.starts_with("INCR, 16 pipelined"));
        let rows = &lines[at.expect("the load is named") + 1..][..3];
        assert!(rows[0].contains("tokio") && rows[2].contains("tokio again"), "{rows:?}");
        for part in ["own", "7.280", "0.910 [0.901–0.919]", "100000", "2.020", "901"] {
            assert!(rows[1].contains(part), "{part} is not in {}", rows[1]);
        }
        for line in &lines[2..] {
            assert!(line.chars().count() <= 120, "{line}");
        }
    }

    #[test]
    fn what_must_be_reached_has_its_limit_what_was_found_and_a_word_for_it() {
        let table = text(&example(1.0));
        let (_, table) = table.split_once("what own must reach").expect("a heading");
        let row = |kind: &str, what: &str| {
            let (_, rows) = table.split_once(&format!("\n{kind}\n")).expect("its heading");
            let row = rows.lines().find(|row| row.starts_with(&format!("  {what}")));
            let words: Vec<&str> = row.expect("a row").split_whitespace().rev().take(4).collect();
            words.into_iter().rev().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(row("CPU of one, tokio's = 1", "GET, 1 a"), "0.95 0.910 – met");
        assert_eq!(row("user instructions of one", "GET, 1 a"), "900 901 – missed");
        assert_eq!(row("CPU of one, redis's = 1", "INCR, 16"), "redis was not there");
        assert!(!table.contains("MSET") && table.contains("of loads that were not run"), "{table}");
        assert_eq!(row("at rest, and at the limits", "bytes an idle"), "512 300 – met");
    }
}
