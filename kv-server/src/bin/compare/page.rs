//! The page: one file, which needs no other.

use std::fmt::Write as _;

use crate::outcome::{Compared, Latency, Outcome, QUANTILES, Row};
use crate::plot;
use crate::programs::{BARE, CHANNELS, CONTROL, OWN, REDIS, REFERENCE_NAME};
use crate::table::{dash, spread};
use crate::targets::{self, State, Target};

const TEMPLATE: &str = include_str!("page.html");

/// What stands above the plots of latency.
const LATENCY: &str = "\
<h2>Latency</h2><p>From another core, each request sent at its time whatever the server does (an open loop), \
over 50 connections; messages by one. Latency counts from that time, so a stall counts for everyone who would \
have asked meanwhile; a message's, until a subscriber has it. A line says how long the fastest share took at \
most: flat and low is good.</p><p>Mind the tail: in it stand the moments in which the machine let another \
program run, and these hit whoever is being measured. So p99 and p99.9 of a shared machine rank nobody; the \
distance of <b>tokio again</b> from <b>tokio</b> is what chance alone does.</p>";

/// How all our pages look.
pub(crate) const STYLE: &str = include_str!("style.css");

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
    let latency = outcome.latency.iter().map(latency).collect::<Result<String, String>>()?;
    let latency = match latency.as_str() {
        "" => latency,
        _ => format!("{LATENCY}<p class=\"legend\">{}</p>{latency}", legend(outcome)),
    };
    let idle = if outcome.idle.is_empty() { String::new() } else { idle(outcome)? };
    let (slice, quick) = match outcome.quick {
        true => ("50 ms", " with <code>--quick</code>"),
        false => ("80 ms", ""),
    };
    let (reached, targets) = targets(outcome);
    Ok(TEMPLATE
        .replace("{style}", STYLE)
        .replace("{machine}", &escaped(&outcome.machine.text()))
        .replace("{times}", &outcome.times())
        .replace("{verdict-class}", if good { "good" } else { "bad" })
        .replace("{verdict}", &escaped(&verdict))
        .replace("{legend}", &legend(outcome))
        .replace("{overview}", &overview(outcome))
        .replace("{reached}", &reached)
        .replace("{targets}", &targets)
        .replace("{calls}", &calls(outcome))
        .replace("{instructions}", &instructions(outcome))
        .replace("{slice}", slice)
        .replace("{workloads}", &workloads)
        .replace("{latency}", &latency)
        .replace("{idle}", &idle)
        .replace("{quick}", quick))
}

/// A sentence on how many targets were met, and all of them.
fn targets(outcome: &Outcome) -> (String, String) {
    let all = targets::of(outcome);
    let count = |wanted: State| all.iter().filter(|target| target.state == wanted).count();
    let (met, missed, noisy) = (count(State::Met), count(State::Missed), count(State::Noisy));
    let not_run = count(State::NotRun);
    let other = all.len() - met - missed - noisy - not_run;
    let not_run = match not_run {
        0 => String::new(),
        count => format!(" Of loads that were not run: {count}, left out here."),
    };
    let beyond = all.iter().filter(|target| target.is_out_of_reach()).count();
    let sentence = format!(
        "Limits that <b>own</b> is to keep. Met: {met}; missed: {missed}, of which {beyond} are below the \
         floor; too noisy to say: {noisy}; not measured: {other}.{not_run}"
    );
    let mut table =
        "<tr><th></th><th>target</th><th>measured</th><th>floor</th><th>outcome</th></tr>"
            .to_owned();
    let mut last = "";
    for target in all.iter().filter(|target| target.state != State::NotRun) {
        let Target { kind, what, limit, found, floor, state, .. } = target;
        if kind != last {
            push(&mut table, format_args!("<tr><th colspan=\"5\">{}</th></tr>", escaped(kind)));
            last = kind;
        }
        let class = match state {
            State::Met => "met",
            State::Missed => "missed",
            _ => "unknown",
        };
        let (what, came) = (escaped(what), escaped(&target.outcome()));
        push(
            &mut table,
            format_args!(
                "<tr><td>{what}</td><td>{limit}</td><td>{found}</td><td>{floor}</td>\
                 <td class=\"{class}\">{came}</td></tr>"
            ),
        );
    }
    (sentence, table)
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
    // The control is last, also where not all programs know the first load.
    names.sort_by_key(|name| *name == CONTROL);
    names
}

fn legend(outcome: &Outcome) -> String {
    let entry = |name: &&str| format!("<span><i class=\"{}\"></i>{name}</span>", class(name));
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
    let cell = |row: &Row| row.calls.as_ref().map(|calls| format!("{:.3}", calls.all));
    counted(outcome, "system calls an operation", cell).unwrap_or_else(|| {
        "<p>System calls were not counted: there is no strace that may trace.</p>".to_owned()
    })
}

/// Instructions of all loads, the same.
fn instructions(outcome: &Outcome) -> String {
    let cell = |row: &Row| row.instructions.map(|count| format!("{count:.0}"));
    counted(outcome, "user instructions an operation", cell).unwrap_or_else(|| {
        let why = outcome.uncounted.as_deref().unwrap_or("nobody asked for it");
        format!("<p>User instructions were not counted: {}.</p>", escaped(why))
    })
}

/// A table of what there is without a control; `None` where there is nothing.
fn counted(
    outcome: &Outcome,
    title: &str,
    cell: impl Fn(&Row) -> Option<String>,
) -> Option<String> {
    let programs: Vec<&str> = names(outcome).into_iter().filter(|name| *name != CONTROL).collect();
    let mut rows = outcome.workloads.iter().flat_map(|compared| &compared.rows);
    rows.any(|row| cell(row).is_some())
        .then(|| format!("<table>{}</table>", by_load(outcome, title, &programs, cell)))
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
                OWN => format!("<td><b>{text}</b></td>"),
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
            "<div class=\"scroll\"><table><tr><th></th><th>CPU s/million</th><th>ratio [quartiles]</th>\
             <th>{unit}s/s</th><th>ratio</th><th>system calls/{unit}</th><th>of these</th></tr>"
        ),
    );
    for row in &compared.rows {
        html.push_str(&numbers(row));
    }
    html.push_str("</table></div></details>");
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

/// What the style sheet calls a program.
pub(crate) fn class(name: &str) -> &'static str {
    match name {
        OWN => "own",
        REFERENCE_NAME => "tokio",
        BARE => "bare",
        REDIS => "redis",
        CHANNELS => "channels",
        CONTROL => "control",
        _ => "other",
    }
}

fn latency(latency: &Latency) -> Result<String, String> {
    let mut html = format!("<h3>{}</h3>", latency.title);
    html.push_str(&plot::latency(latency)?);
    let head: String =
        QUANTILES.iter().map(|name| format!("<th>{name}, µs (ratio)</th>")).collect();
    push(&mut html, format_args!("<div class=\"scroll\"><table><tr><th></th>{head}</tr>"));
    for row in &latency.rows {
        let pairs = row.quantiles.iter().zip(&row.ratios);
        let cells: String = pairs
            .map(|(own, ratio)| format!("<td>{:.0} ({:.2})</td>", own.median, ratio.median))
            .collect();
        let (class, name) = (class(row.name), row.name);
        push(&mut html, format_args!("<tr class=\"{class}\"><td>{name}</td>{cells}</tr>"));
    }
    html.push_str("</table></div>");
    Ok(html)
}

fn idle(outcome: &Outcome) -> Result<String, String> {
    let idle = &outcome.idle;
    let mut html = format!(
        "<h2>Idle connections</h2><p>What {} connections that asked once, and then say \
         nothing, add to the server's resident memory, each. The kernel's own memory of a socket is \
         the same for all, and not in it.</p>",
        idle[0].connections
    );
    html.push_str(&plot::idle(idle)?);
    if let Some(first) = outcome.quiet.first() {
        let each = outcome.quiet.iter().map(|quiet| format!("{} {}", quiet.name, quiet.calls));
        push(
            &mut html,
            format_args!(
                "<p>System calls that the servers began while nobody asked for anything, in {} s, with \
                 these connections open: {}.</p>",
                first.seconds,
                each.collect::<Vec<_>>().join(", ")
            ),
        );
    }
    Ok(html)
}

fn push(html: &mut String, text: std::fmt::Arguments<'_>) {
    html.write_fmt(text).expect("a string takes everything");
}

pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::tests::example;

    #[test]
    fn the_page_holds_all_that_it_shows() {
        let page = html(&example(1.0)).expect("plots of good numbers");
        assert_eq!(
            page.matches("<svg").count(),
            8,
            "two loads, latency, memory; each for two widths"
        );
        assert_eq!(page.matches("<svg").count(), page.matches("</svg>").count());
        for shown in [
            "GET, 1 a round trip",
            "INCR, 16 pipelined",
            "&lt;here&gt;",
            "0.910",
            "300 bytes",
            "class=\"met\">met<",
            "class=\"missed\">missed<",
            "not measured: redis was not there",
            "in 2 s, with these connections open: own 0.",
        ] {
            assert!(page.contains(shown), "{shown} is missing");
        }
        for other in ["src=", "href=", "@import", "url("] {
            assert!(!page.contains(other), "the page asks for another file: {other}");
        }
        assert!(page.contains("prefers-color-scheme: dark") && page.contains("max-width: 640px"));
        let places = TEMPLATE.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
        for (name, _) in places.filter(|(name, _)| !name.contains([' ', ':'])) {
            assert!(!page.contains(&format!("{{{name}}}")), "{name} was not filled in");
        }
    }

    #[test]
    fn noise_is_told_at_the_top_and_at_the_load() {
        let page = html(&example(1.2)).expect("plots of good numbers");
        assert_eq!(page.matches("verdict bad").count(), 3, "once for all, and at each load");
        assert!(page.contains("too noisy to say: 1"), "the ratio of times to tokio's");
        assert!(!html(&example(1.0)).expect("a page").contains("verdict bad"));
    }
}
