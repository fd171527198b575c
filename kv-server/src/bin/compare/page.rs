//! The page: one file, which needs no other.

use std::fmt::Write as _;

use crate::outcome::{Compared, Idle, Latency, Outcome, QUANTILES, Row};
use crate::plot;
use crate::programs::{CONTROL, REFERENCE_NAME};
use crate::table::{dash, spread};

const TEMPLATE: &str = include_str!("page.html");

/// The whole page.
///
/// # Errors
/// A plot cannot be drawn.
pub(crate) fn html(outcome: &Outcome) -> Result<String, String> {
    let (good, verdict) = outcome.verdict();
    let range = range(outcome);
    let mut workloads = String::new();
    for compared in &outcome.workloads {
        workloads.push_str(&workload(compared, range)?);
    }
    let latency = outcome.latency.as_ref().map(latency).transpose()?.unwrap_or_default();
    let idle = if outcome.idle.is_empty() { String::new() } else { idle(&outcome.idle)? };
    let (slice, quick) = match outcome.quick {
        true => ("a twentieth of a second", " with <code>--quick</code>"),
        false => ("a tenth of a second", ""),
    };
    Ok(TEMPLATE
        .replace("{machine}", &escaped(&outcome.machine.text()))
        .replace("{verdict-class}", if good { "good" } else { "bad" })
        .replace("{verdict}", &escaped(&verdict))
        .replace("{legend}", &legend(outcome))
        .replace("{overview}", &overview(outcome))
        .replace("{calls}", &calls(outcome))
        .replace("{slice}", slice)
        .replace("{workloads}", &workloads)
        .replace("{latency}", &latency)
        .replace("{idle}", &idle)
        .replace("{quick}", quick))
}

/// One axis for all plots of ratios: medians and quartiles are on it, a wild point may not be.
fn range(outcome: &Outcome) -> (f64, f64) {
    let rows = || outcome.workloads.iter().flat_map(|compared| &compared.rows);
    let least = rows().map(|row| row.ratio.lower).fold(0.9, f64::min);
    let most = rows().map(|row| row.ratio.upper).fold(1.1, f64::max);
    (least * 0.92, most * 1.08)
}

/// All programs, in the order of the tables.
fn names(outcome: &Outcome) -> Vec<&'static str> {
    let mut names: Vec<&str> = Vec::new();
    for row in outcome.workloads.iter().flat_map(|compared| &compared.rows) {
        if !names.contains(&row.name) {
            names.push(row.name);
        }
    }
    names
}

fn legend(outcome: &Outcome) -> String {
    let entry = |name: &&str| {
        let plotters::style::RGBColor(red, green, blue) = plot::colour(name);
        format!("<span><i style=\"background:rgb({red},{green},{blue})\"></i>{name}</span>")
    };
    names(outcome).iter().map(entry).collect()
}

/// The ratios of all loads in one small table.
fn overview(outcome: &Outcome) -> String {
    let others: Vec<&str> =
        names(outcome).into_iter().filter(|name| *name != REFERENCE_NAME).collect();
    by_load(outcome, "processor time, tokio = 1", &others, |row| {
        Some(format!("{:.2}", row.ratio.median))
    })
}

/// System calls of all loads, where they were counted.
fn calls(outcome: &Outcome) -> String {
    let counted: Vec<&str> = names(outcome).into_iter().filter(|name| *name != CONTROL).collect();
    let cell = |row: &Row| row.calls.as_ref().map(|calls| format!("{:.3}", calls.all));
    let mut rows = outcome.workloads.iter().flat_map(|compared| &compared.rows);
    if rows.all(|row| row.calls.is_none()) {
        return "<p>System calls were not counted: there is no strace that may trace.</p>"
            .to_owned();
    }
    format!("<table>{}</table>", by_load(outcome, "system calls an operation", &counted, cell))
}

/// A row a load, a column a program.
fn by_load(
    outcome: &Outcome,
    title: &str,
    names: &[&str],
    cell: impl Fn(&Row) -> Option<String>,
) -> String {
    let head = names.iter().map(|name| format!("<th>{name}</th>")).collect::<String>();
    let mut table = format!("<tr><th>{title}</th>{head}</tr>");
    for compared in &outcome.workloads {
        let column = |name: &&str| {
            let row = compared.rows.iter().find(|row| row.name == *name);
            let text = row.and_then(&cell).unwrap_or_else(dash);
            match *name {
                "own" => format!("<td><b>{text}</b></td>"),
                _ => format!("<td>{text}</td>"),
            }
        };
        let cells: String = names.iter().map(column).collect();
        let mark = if compared.is_trusted() { "" } else { " (too noisy)" };
        push(
            &mut table,
            format_args!("<tr><td>{}{mark}</td>{cells}</tr>", compared.workload.title),
        );
    }
    table
}

fn workload(compared: &Compared, range: (f64, f64)) -> Result<String, String> {
    let mut html = format!("<h3>{}</h3>", compared.workload.title);
    if !compared.is_trusted() {
        html.push_str("<p class=\"verdict bad\">Too noisy to say: look at “tokio again”.</p>");
    }
    html.push_str(&plot::ratios(compared, range)?);
    let unit = compared.workload.unit;
    html.push_str("<details><summary>Numbers, and operations a second from another core</summary>");
    push(
        &mut html,
        format_args!(
            "<table><tr><th></th><th>CPU s/million</th><th>ratio [quartiles]</th>\
             <th>{unit}s/s</th><th>ratio</th><th>system calls/{unit}</th><th>of these</th></tr>"
        ),
    );
    for row in &compared.rows {
        html.push_str(&numbers(row));
    }
    html.push_str("</table></details>");
    Ok(html)
}

fn numbers(row: &Row) -> String {
    let per_second = row.per_second.map_or_else(dash, |found| format!("{:.0}", found.median));
    let ratio = row.per_second_ratio.map_or_else(dash, |found| format!("{:.2}", found.median));
    let calls = row.calls.as_ref().map_or_else(dash, |calls| format!("{:.3}", calls.all));
    let kinds = row.calls.as_ref().map_or_else(String::new, |calls| {
        let most = calls.kinds.iter().take(3);
        most.map(|(name, each)| format!("{name} {each:.3}")).collect::<Vec<_>>().join(", ")
    });
    format!(
        "<tr class=\"{}\"><td>{}</td><td>{:.3}</td><td>{}</td><td>{per_second}</td><td>{ratio}</td>\
         <td>{calls}</td><td>{kinds}</td></tr>",
        class(row.name),
        row.name,
        row.cpu.median,
        spread(row.ratio)
    )
}

fn class(name: &str) -> &'static str {
    match name {
        "own" => "own",
        CONTROL => "control",
        _ => "other",
    }
}

fn latency(latency: &Latency) -> Result<String, String> {
    let mut html = format!(
        "<h2>Latency</h2><p>{} GET a second from another core, over 50 connections, each sent at its \
         time whatever the server does (an open loop); so a stall counts for everyone who would have \
         asked meanwhile. A line says how long the fastest share of the requests took at most: flat \
         and low is good. The tail is the machine's at least as much as the server's, so this ranks \
         nobody unless the lines lie far apart; <b>tokio again</b> shows what chance does.</p>",
        latency.rate
    );
    html.push_str(&plot::latency(latency)?);
    let head: String =
        QUANTILES.iter().map(|name| format!("<th>{name}, µs (ratio)</th>")).collect();
    push(&mut html, format_args!("<table><tr><th></th>{head}</tr>"));
    for row in &latency.rows {
        let pairs = row.quantiles.iter().zip(&row.ratios);
        let cells: String = pairs
            .map(|(own, ratio)| format!("<td>{:.0} ({:.2})</td>", own.median, ratio.median))
            .collect();
        let (class, name) = (class(row.name), row.name);
        push(&mut html, format_args!("<tr class=\"{class}\"><td>{name}</td>{cells}</tr>"));
    }
    html.push_str("</table>");
    Ok(html)
}

fn idle(idle: &[Idle]) -> Result<String, String> {
    let html = format!(
        "<h2>Memory of an idle connection</h2><p>What {} connections that asked once, and then say \
         nothing, add to the server's resident memory, each. The kernel's own memory of a socket is \
         the same for all, and not in it.</p>",
        idle[0].connections
    );
    Ok(html + &plot::idle(idle)?)
}

fn push(html: &mut String, text: std::fmt::Arguments<'_>) {
    html.write_fmt(text).expect("a string takes everything");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::tests::example;

    #[test]
    fn the_page_holds_all_that_it_shows() {
        let page = html(&example(1.0)).expect("plots of good numbers");
        assert_eq!(page.matches("<svg").count(), 4, "two loads, latency, memory");
        assert_eq!(page.matches("<svg").count(), page.matches("</svg>").count());
        for shown in
            ["GET, 1 a round trip", "INCR, 16 pipelined", "&lt;here&gt;", "0.910", "300 bytes"]
        {
            assert!(page.contains(shown), "{shown} is missing");
        }
        for other in ["src=", "href=", "@import", "url("] {
            assert!(!page.contains(other), "the page asks for another file: {other}");
        }
        let places = TEMPLATE.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
        for (name, _) in places.filter(|(name, _)| !name.contains([' ', ':'])) {
            assert!(!page.contains(&format!("{{{name}}}")), "{name} was not filled in");
        }
    }

    #[test]
    fn noise_is_told_at_the_top_and_at_the_load() {
        let page = html(&example(1.2)).expect("plots of good numbers");
        assert_eq!(page.matches("verdict bad").count(), 3, "once for all, and at each load");
        assert!(!html(&example(1.0)).expect("a page").contains("verdict bad"));
    }
}
