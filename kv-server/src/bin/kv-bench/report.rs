//! What a run found, for people and for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::load::Outcome;
use crate::options::Options;

/// Latencies that are reported: a name, and the share of operations that took no longer.
const QUANTILES: [(&str, f64); 6] =
    [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999), ("p99.99", 0.9999), ("max", 1.0)];

/// A few lines of text.
pub(crate) fn text(options: &Options, outcome: &Outcome) -> String {
    let measured = &outcome.measured;
    let mut text = String::new();
    let mut line = |name: &str, rest: String| {
        writeln!(text, "{name:<12}{rest}").expect("a string takes everything");
    };
    line("load", load(options));
    line(
        "operations",
        format!(
            "{} in {:.2} s: {:.0} a second",
            measured.operations,
            outcome.elapsed.as_secs_f64(),
            per_second(outcome)
        ),
    );
    let quantiles =
        QUANTILES.iter().map(|(name, share)| format!("{name} {:.0}", measured.quantile(*share)));
    line("latency", format!("{} µs", quantiles.collect::<Vec<_>>().join("   ")));
    if options.rate.is_none() {
        let note =
            "of a closed loop, which asks a slow server less often; --rate tells what users feel";
        line("", note.to_owned());
    }
    if let Some(seconds) = cpu_per_million(outcome) {
        line("server CPU", format!("{seconds:.3} s per million operations"));
    }
    if let Some(error) = &measured.first_error {
        line("errors", format!("{}; the first: {error}", measured.errors));
    }
    text
}

fn load(options: &Options) -> String {
    let sizes = &options.value_size;
    let size = match sizes.start() == sizes.end() {
        true => sizes.start().to_string(),
        false => format!("{}-{}", sizes.start(), sizes.end()),
    };
    let way = options.way();
    let connections = options.connections;
    let window = options.pipeline;
    if options.subscribers > 0 {
        let subscribers = options.subscribers;
        let pace = match options.rate {
            Some(rate) => format!("{rate} messages of {size} bytes a second in all"),
            None => format!("{window} messages of {size} bytes each at a time"),
        };
        return format!("{way}: {connections} publishers, {pace}, to {subscribers} subscribers");
    }
    let (mix, keys, law) = (&options.mix, options.keys, options.distribution);
    let pace = match options.rate {
        Some(rate) => format!("{rate} requests a second"),
        None => format!("{window} at a time"),
    };
    format!(
        "{way}: {connections} connections, {pace}: {mix}; {keys} keys, {law}; values of {size} bytes"
    )
}

/// All of it.
pub(crate) fn json(options: &Options, outcome: &Outcome) -> Value {
    let measured = &outcome.measured;
    let quantiles: serde_json::Map<String, Value> = QUANTILES
        .iter()
        .map(|(name, share)| ((*name).to_owned(), json!(measured.quantile(*share))))
        .collect();
    // A step where the share of those left halves, as the histogram's library walks.
    let distribution: Vec<Value> = measured
        .latency
        .iter_quantiles(2)
        .map(|step| json!([step.quantile(), step.value_iterated_to() as f64 / 1000.0]))
        .collect();
    json!({
        "way": options.way(),
        "mix": options.mix.to_string(),
        "connections": options.connections,
        "pipeline": options.pipeline,
        "subscribers": options.subscribers,
        "idle": options.idle,
        "rate": options.rate,
        "keys": options.keys,
        "distribution": options.distribution.to_string(),
        "value_size": [options.value_size.start(), options.value_size.end()],
        "seed": options.seed,
        "operations": measured.operations,
        "seconds": outcome.elapsed.as_secs_f64(),
        "operations_per_second": per_second(outcome),
        "errors": measured.errors,
        "first_error": measured.first_error,
        "latency_microseconds": quantiles,
        "latency_distribution": distribution,
        "server_cpu_seconds": outcome.server_cpu.map(|cpu| cpu.as_secs_f64()),
        "server_cpu_seconds_per_million": cpu_per_million(outcome),
    })
}

fn per_second(outcome: &Outcome) -> f64 {
    outcome.measured.operations as f64 / outcome.elapsed.as_secs_f64().max(1e-9)
}

fn cpu_per_million(outcome: &Outcome) -> Option<f64> {
    let cpu = outcome.server_cpu?.as_secs_f64();
    match outcome.measured.operations {
        0 => None,
        operations => Some(cpu * 1e6 / operations as f64),
    }
}
