//! The table in the terminal.

use std::fmt::Write as _;

use crate::outcome::{Compared, Idle, Latency, Outcome, QUANTILES, Row};
use crate::statistics::Summary;

/// All tables, and what they say.
pub(crate) fn text(outcome: &Outcome) -> String {
    let mut text = String::new();
    line(&mut text, &outcome.machine.text());
    line(&mut text, "");
    line(
        &mut text,
        "CPU seconds of the server, a million operations; server and load on one core, in",
    );
    line(
        &mut text,
        "lock-step. Ratio: to tokio's of the same round, median [quartiles]. Operations a",
    );
    line(&mut text, "second: load from another core, free-running, for the picture.");
    for compared in &outcome.workloads {
        workload(&mut text, compared);
    }
    if let Some(found) = &outcome.latency {
        latency(&mut text, found);
    }
    if !outcome.idle.is_empty() {
        idle(&mut text, &outcome.idle);
    }
    line(&mut text, "");
    line(&mut text, &outcome.verdict().1);
    text
}

fn line(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("a string takes everything");
}

fn workload(text: &mut String, compared: &Compared) {
    let (title, unit) = (compared.workload.title, compared.workload.unit);
    line(text, "");
    let each = format!("calls/{unit}");
    let head = format!(
        "{title:<40}{:>7}{:>22}{:>12}{:>8}{each:>15}",
        "CPU s/M", "ratio", "ops/s", "ratio"
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
    format!(
        "  {:<38}{:>7.3}{:>22}{per_second:>12}{ratio:>8}{calls:>15}",
        row.name,
        row.cpu.median,
        spread(row.ratio)
    )
}

fn latency(text: &mut String, found: &Latency) {
    line(text, "");
    let head = format!("latency, µs (ratio), {} GET/s, open loop", found.rate);
    let columns = QUANTILES.map(|name| format!("{name:>20}"));
    line(text, &format!("{head:<44}{}", columns.concat()));
    for row in &found.rows {
        let columns: String = row
            .quantiles
            .iter()
            .zip(&row.ratios)
            .map(|(own, ratio)| {
                format!("{:>20}", format!("{:.0} ({:.2})", own.median, ratio.median))
            })
            .collect();
        line(text, &format!("  {:<42}{columns}", row.name));
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
        for part in ["own", "7.280", "0.910 [0.901–0.919]", "100000", "2.020"] {
            assert!(rows[1].contains(part), "{part} is not in {}", rows[1]);
        }
        for line in &lines[2..lines.len() - 1] {
            assert!(line.chars().count() <= 108, "{line}");
        }
    }
}
