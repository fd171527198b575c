//! What was found.

use serde_json::{Map, Value, json};

use crate::machine::Machine;
use crate::options::Workload;
use crate::programs::CONTROL;
use crate::statistics::Summary;
use crate::targets::{self, Target};

/// Between these the reference's ratio to itself must lie, for the others to mean anything.
pub(crate) const TRUSTED: std::ops::RangeInclusive<f64> = 0.97..=1.03;

/// The latencies that are shown; as the load generator names them.
pub(crate) const QUANTILES: [&str; 3] = ["p50", "p99", "p99.9"];

/// All of a comparison.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) quick: bool,
    pub(crate) machine: Machine,
    pub(crate) workloads: Vec<Compared>,
    pub(crate) latency: Vec<Latency>,
    pub(crate) idle: Vec<Idle>,
    pub(crate) quiet: Vec<Quiet>,
    /// Why there are no instructions, where there are none.
    pub(crate) uncounted: Option<String>,
    pub(crate) seconds: Seconds,
}

/// How long it took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seconds {
    pub(crate) building: f64,
    pub(crate) measuring: f64,
}

/// All programs under one load; the first is the reference.
#[derive(Debug)]
pub(crate) struct Compared {
    pub(crate) workload: &'static Workload,
    pub(crate) rows: Vec<Row>,
}

/// One program under one load.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// Processor seconds of the server, a million operations: of each slice, and in the middle.
    pub(crate) slices: Vec<f64>,
    pub(crate) cpu: Summary,
    /// To the reference, pair by pair.
    pub(crate) ratio: Summary,
    pub(crate) ratios: Vec<f64>,
    /// From another core, free-running.
    pub(crate) per_second: Option<Summary>,
    pub(crate) per_second_ratio: Option<Summary>,
    pub(crate) calls: Option<Calls>,
    /// Of user space, an operation.
    pub(crate) instructions: Option<f64>,
}

/// System calls of the server, an operation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Calls {
    pub(crate) all: f64,
    /// Each kind, the most frequent first.
    pub(crate) kinds: Vec<(String, f64)>,
}

/// Latency at a fixed rate, from another core.
#[derive(Debug)]
pub(crate) struct Latency {
    /// Of what.
    pub(crate) title: &'static str,
    pub(crate) rate: u64,
    pub(crate) rows: Vec<LatencyRow>,
}

/// One program's.
#[derive(Debug)]
pub(crate) struct LatencyRow {
    pub(crate) name: &'static str,
    /// Microseconds, in the order of [`QUANTILES`]; over the rounds.
    pub(crate) quantiles: Vec<Summary>,
    /// To the reference, pair by pair.
    pub(crate) ratios: Vec<Summary>,
    /// Share of requests, and microseconds that they did not exceed, of the last round.
    pub(crate) curve: Vec<(f64, f64)>,
}

/// Memory of a connection that was served once and says nothing.
#[derive(Debug)]
pub(crate) struct Idle {
    pub(crate) name: &'static str,
    pub(crate) connections: usize,
    /// Resident bytes, each.
    pub(crate) bytes: f64,
    /// To the reference.
    pub(crate) ratio: f64,
}

/// What a server did while nobody asked it anything.
#[derive(Debug)]
pub(crate) struct Quiet {
    pub(crate) name: &'static str,
    /// For how long it was watched.
    pub(crate) seconds: f64,
    /// System calls that it began.
    pub(crate) calls: usize,
}

impl Compared {
    /// The reference's ratio to itself.
    pub(crate) fn control(&self) -> Option<Summary> {
        self.rows.iter().find(|row| row.name == CONTROL).map(|row| row.ratio)
    }

    /// Whether that is close enough to 1.
    pub(crate) fn is_trusted(&self) -> bool {
        self.control().is_some_and(|ratio| TRUSTED.contains(&ratio.median))
    }
}

impl Outcome {
    /// A sentence on whether the numbers can be trusted, and whether they can.
    pub(crate) fn verdict(&self) -> (bool, String) {
        let (least, most) = (TRUSTED.start(), TRUSTED.end());
        let noisy: Vec<String> = self
            .workloads
            .iter()
            .filter(|compared| !compared.is_trusted())
            .map(|compared| {
                let ratio = compared.control().map_or(f64::NAN, |ratio| ratio.median);
                format!("{} ({ratio:.3})", compared.workload.title)
            })
            .collect();
        if noisy.is_empty() {
            let good = "The control is good: the tokio build against itself is within";
            return (true, format!("{good} {least}–{most} under every load."));
        }
        let text = format!(
            "TOO NOISY TO SAY for {}: there the tokio build against itself is not within \
             {least}–{most}. Run it again when the machine does less.",
            noisy.join(", ")
        );
        (false, text)
    }

    /// Everything, for programs.
    pub(crate) fn json(&self) -> Value {
        json!({
            "quick": self.quick,
            "machine": self.machine.json(),
            "trusted": self.verdict().0,
            "verdict": self.verdict().1,
            "reference": crate::programs::REFERENCE_NAME,
            "workloads": self.workloads.iter().map(Compared::json).collect::<Vec<_>>(),
            "latency": self.latency.iter().map(Latency::json).collect::<Vec<_>>(),
            "idle": self.idle.iter().map(Idle::json).collect::<Vec<_>>(),
            "quiet": self.quiet.iter().map(Quiet::json).collect::<Vec<_>>(),
            "instructions_not_counted": self.uncounted,
            "targets": targets::of(self).iter().map(Target::json).collect::<Vec<_>>(),
            "seconds": self.seconds.json(),
        })
    }

    /// The times, and what they were to be.
    pub(crate) fn times(&self) -> String {
        let text = self.seconds.text();
        match (self.quick, &self.uncounted) {
            // Somebody has asked for more than is quick.
            (true, None) => text,
            (true, Some(_)) => format!("{text} (to be within 30)"),
            (false, _) => format!("{text} (to be within 300)"),
        }
    }
}

impl Seconds {
    pub(crate) fn text(self) -> String {
        format!("built in {:.0} s, measured in {:.0} s", self.building, self.measuring)
    }

    pub(crate) fn json(self) -> Value {
        json!({ "building": self.building, "measuring": self.measuring })
    }
}

impl Quiet {
    fn json(&self) -> Value {
        json!({ "name": self.name, "seconds": self.seconds, "system_calls": self.calls })
    }
}

impl Compared {
    fn json(&self) -> Value {
        json!({
            "name": self.workload.name,
            "title": self.workload.title,
            "unit": self.workload.unit,
            "load": self.workload.load,
            "trusted": self.is_trusted(),
            "programs": self.rows.iter().map(Row::json).collect::<Vec<_>>(),
        })
    }
}

impl Row {
    fn json(&self) -> Value {
        let calls = |calls: &Calls| {
            let kinds: Map<String, Value> =
                calls.kinds.iter().map(|(name, each)| (name.clone(), json!(each))).collect();
            json!({ "all": calls.all, "kinds": kinds })
        };
        json!({
            "name": self.name,
            "cpu_seconds_per_million": self.cpu.json(),
            "cpu_ratio": self.ratio.json(),
            "cpu_ratios": self.ratios,
            "operations_per_second": self.per_second.map(Summary::json),
            "operations_per_second_ratio": self.per_second_ratio.map(Summary::json),
            "system_calls_per_operation": self.calls.as_ref().map(calls),
            "user_instructions_per_operation": self.instructions,
        })
    }
}

impl Latency {
    fn json(&self) -> Value {
        let row = |row: &LatencyRow| {
            let named = |summaries: &[Summary]| -> Map<String, Value> {
                let pairs = QUANTILES.iter().zip(summaries);
                pairs.map(|(name, summary)| ((*name).to_owned(), summary.json())).collect()
            };
            json!({
                "name": row.name,
                "microseconds": named(&row.quantiles),
                "ratio": named(&row.ratios),
                "distribution": row.curve,
            })
        };
        let rows: Vec<Value> = self.rows.iter().map(row).collect();
        json!({ "title": self.title, "sent_per_second": self.rate, "programs": rows })
    }
}

impl Idle {
    fn json(&self) -> Value {
        json!({
            "name": self.name,
            "connections": self.connections,
            "resident_bytes_each": self.bytes,
            "ratio": self.ratio,
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::options::Options;
    use clap::Parser;

    fn summary(middle: f64) -> Summary {
        Summary { lower: middle * 0.99, median: middle, upper: middle * 1.01 }
    }

    /// Two loads, three programs; `control` is what the reference shows against itself.
    pub(crate) fn example(control: f64) -> Outcome {
        let row = |name, ratio: f64| Row {
            name,
            slices: [0.98, 1.0, 1.02].map(|noise| 8.0 * ratio * noise).to_vec(),
            cpu: summary(8.0 * ratio),
            ratio: summary(ratio),
            ratios: vec![ratio * 0.98, ratio, ratio * 1.02],
            per_second: Some(summary(100_000.0)),
            per_second_ratio: Some(summary(1.0)),
            calls: Some(Calls { all: 2.02, kinds: vec![("recvfrom".to_owned(), 1.0)] }),
            instructions: Some(990.0 * ratio),
        };
        let rows = || vec![row("tokio", 1.0), row("own", 0.91), row(CONTROL, control)];
        let options = Options::parse_from(["compare", "--workload=get-1", "--workload=incr-16"]);
        let workloads = options.workloads().into_iter();
        let latency_row = |name| LatencyRow {
            name,
            quantiles: vec![summary(50.0), summary(200.0), summary(900.0)],
            ratios: vec![summary(1.0); 3],
            curve: vec![(0.0, 30.0), (0.5, 50.0), (0.99, 200.0), (1.0, 900.0)],
        };
        Outcome {
            quick: true,
            machine: Machine::look("<here>"),
            workloads: workloads.map(|workload| Compared { workload, rows: rows() }).collect(),
            latency: vec![Latency {
                title: "5000 GET/s",
                rate: 5000,
                rows: vec![latency_row("own")],
            }],
            idle: vec![Idle { name: "own", connections: 1000, bytes: 300.0, ratio: 0.25 }],
            quiet: vec![Quiet { name: "own", seconds: 2.0, calls: 0 }],
            uncounted: None,
            seconds: Seconds { building: 1.0, measuring: 28.0 },
        }
    }

    #[test]
    fn a_control_beside_one_is_too_noisy_to_say_and_named() {
        let (good, text) = example(1.02).verdict();
        assert!(good, "{text}");
        let (good, text) = example(1.04).verdict();
        assert!(!good);
        assert!(text.contains("TOO NOISY TO SAY for GET, 1 a round trip (1.040)"), "{text}");
        assert_eq!(example(0.96).json()["trusted"], false);
    }

    #[test]
    fn the_numbers_behind_the_page_name_every_program_and_load() {
        let json = example(1.0).json();
        let own = &json["workloads"][1]["programs"][1];
        assert_eq!(json["workloads"][1]["name"], "incr-16");
        assert_eq!(
            (own["name"].as_str(), own["cpu_ratio"]["median"].as_f64()),
            (Some("own"), Some(0.91))
        );
        assert_eq!(own["cpu_ratios"].as_array().map(Vec::len), Some(3));
        assert_eq!(own["system_calls_per_operation"]["kinds"]["recvfrom"], 1.0);
        assert_eq!(json["latency"][0]["programs"][0]["microseconds"]["p99.9"]["median"], 900.0);
        assert_eq!(json["idle"][0]["resident_bytes_each"], 300.0);
        assert_eq!(json["quiet"][0]["system_calls"], 0);
        let target = &json["targets"][0];
        assert_eq!(target["kind"], "CPU of one, tokio's = 1");
        assert_eq!(target["what"], "GET, 1 a round trip");
        assert_eq!((target["limit"].as_f64(), target["state"].as_str()), (Some(0.95), Some("met")));
    }
}
