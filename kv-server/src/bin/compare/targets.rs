//! What the server on our own runtime must reach, and whether it did.
//!
//! A ratio of processor times counts only where the control was good; else the run was too noisy to say.
//! What is counted (instructions, system calls, bytes) is hardly another on a noisy machine.

use serde_json::{Value, json};

use crate::options::workload;
use crate::outcome::{Compared, Outcome, Row};
use crate::programs::{BARE, OWN, REDIS, REFERENCE_NAME};
use crate::statistics::{Summary, ratios};

/// One thing to reach: no more than a limit.
#[derive(Debug)]
pub(crate) struct Target {
    /// What is measured; many targets have the same.
    pub(crate) kind: String,
    /// Of what.
    pub(crate) what: String,
    /// The limit, as it is written.
    pub(crate) limit: String,
    /// What was found, as it is written.
    pub(crate) found: String,
    /// Both as numbers, where they are.
    numbers: Option<(f64, Option<f64>)>,
    pub(crate) state: State,
}

/// Whether it was reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It was.
    Met,
    /// It was not.
    Missed,
    /// The control says that the machine was too noisy for this.
    Noisy,
    /// It was not measured; why, or where else it is.
    Unknown(String),
}

impl State {
    /// In words, for all who read it.
    pub(crate) fn text(&self) -> String {
        match self {
            State::Met => "met".to_owned(),
            State::Missed => "missed".to_owned(),
            State::Noisy => "too noisy to say".to_owned(),
            State::Unknown(why) => format!("not measured: {why}"),
        }
    }

    fn word(&self) -> &'static str {
        match self {
            State::Met => "met",
            State::Missed => "missed",
            State::Noisy => "too noisy to say",
            State::Unknown(_) => "not measured",
        }
    }
}

impl Target {
    /// `digits` after the point.
    fn new(
        kind: &str,
        what: String,
        limit: f64,
        found: Result<f64, String>,
        digits: usize,
    ) -> Target {
        let number = found.as_ref().ok().copied();
        let state = match found {
            Ok(found) if found <= limit => State::Met,
            Ok(_) => State::Missed,
            Err(why) => State::Unknown(why),
        };
        let written = number.map_or_else(|| "–".to_owned(), |found| format!("{found:.digits$}"));
        // A limit is not as exact as what is held against it.
        let fewer = digits.saturating_sub(1);
        let limit_written = match limit {
            0.0 => "0".to_owned(),
            limit => format!("≤ {limit:.fewer$}"),
        };
        let (kind, numbers) = (kind.to_owned(), Some((limit, number)));
        Target { kind, what, limit: limit_written, found: written, numbers, state }
    }

    pub(crate) fn json(&self) -> Value {
        let why = match &self.state {
            State::Unknown(why) => Some(why),
            _ => None,
        };
        json!({
            "kind": self.kind,
            "what": self.what,
            "limit": self.numbers.map(|(limit, _)| limit),
            "measured": self.numbers.and_then(|(_, found)| found),
            "state": self.state.word(),
            "why": why,
        })
    }
}

/// Limits of a load.
struct Limits {
    load: &'static str,
    tokio: Option<f64>,
    bare: Option<f64>,
    redis: Option<f64>,
    instructions: Option<f64>,
    calls: Option<f64>,
}

const fn to_redis(load: &'static str, limit: f64) -> Limits {
    let none = None;
    Limits { load, tokio: none, bare: none, redis: Some(limit), instructions: none, calls: none }
}

const fn one(load: &'static str, instructions: Option<f64>) -> Limits {
    let (tokio, bare, redis) = (Some(0.95), Some(1.05), Some(0.75));
    Limits { load, tokio, bare, redis, instructions, calls: Some(2.05) }
}

const fn sixteen(load: &'static str, instructions: Option<f64>) -> Limits {
    let (tokio, bare, redis) = (Some(0.9), Some(1.1), Some(0.45));
    Limits { load, tokio, bare, redis, instructions, calls: Some(0.13) }
}

const LIMITS: [Limits; 11] = [
    one("get-1", Some(900.0)),
    one("set-1", None),
    sixteen("get-16", Some(450.0)),
    sixteen("set-16", None),
    Limits {
        load: "fan-out-16",
        tokio: Some(0.6),
        bare: Some(1.1),
        redis: None,
        instructions: Some(110.0),
        calls: None,
    },
    to_redis("incr-1", 0.75),
    to_redis("mset-1", 0.75),
    to_redis("publish-1", 0.75),
    to_redis("incr-16", 0.45),
    to_redis("mset-16", 0.45),
    to_redis("publish-16", 0.45),
];

/// Why there are no system calls.
const UNTRACED: &str = "no strace that may trace";

/// What is asked of a server that has nothing to do, or can do no more.
const AT_REST: &str = "at rest, and at the limits";

/// Bytes of resident memory that an idle connection may take.
const IDLE_BYTES: f64 = 512.0;

/// All that is to be reached, one kind after the other.
pub(crate) fn of(outcome: &Outcome) -> Vec<Target> {
    let mut targets = Vec::new();
    type Side = (&'static str, fn(&Limits) -> Option<f64>);
    let sides: [Side; 3] = [
        (REFERENCE_NAME, |limits| limits.tokio),
        (BARE, |limits| limits.bare),
        (REDIS, |limits| limits.redis),
    ];
    for (other, limit) in sides {
        let kind = format!("CPU of one, {other}'s = 1");
        let rows = each(outcome, &kind, 3, limit, |compared| ratio(compared, other));
        targets.extend(rows.map(|(mut target, trusted)| {
            if !trusted && !matches!(target.state, State::Unknown(_)) {
                target.state = State::Noisy;
            }
            target
        }));
    }
    let limit = |limits: &Limits| limits.instructions;
    let counted = each(outcome, "user instructions of one", 0, limit, |compared| {
        let why = || outcome.uncounted.clone().unwrap_or_else(|| "not counted".to_owned());
        row(compared, OWN).and_then(|own| own.instructions).ok_or_else(why)
    });
    targets.extend(counted.map(|(target, _)| target));
    let limit = |limits: &Limits| limits.calls;
    let traced = each(outcome, "system calls of one, in lock-step", 3, limit, |compared| {
        let calls = row(compared, OWN).and_then(|own| own.calls.as_ref());
        calls.map(|calls| calls.all).ok_or_else(|| UNTRACED.to_owned())
    });
    targets.extend(traced.map(|(target, _)| target));
    at_rest(outcome, &mut targets);
    targets
}

/// A target of each load that has such a limit, and whether the load's control was good.
fn each(
    outcome: &Outcome,
    kind: &str,
    digits: usize,
    limit: impl Fn(&Limits) -> Option<f64>,
    found: impl Fn(&Compared) -> Result<f64, String>,
) -> impl Iterator<Item = (Target, bool)> {
    LIMITS.iter().filter_map(move |limits| {
        let limit = limit(limits)?;
        let title = workload(limits.load).ok()?.title;
        let all = &outcome.workloads;
        let compared = all.iter().find(|compared| compared.workload.name == limits.load);
        let found = compared.map_or_else(|| Err("this load was not run".to_owned()), &found);
        let target = Target::new(kind, title.to_owned(), limit, found, digits);
        Some((target, compared.is_some_and(Compared::is_trusted)))
    })
}

/// Our processor time to another's, pair by pair.
fn ratio(compared: &Compared, other: &str) -> Result<f64, String> {
    let found = row(compared, OWN).zip(row(compared, other));
    let pairs = found.map(|(own, theirs)| ratios(&own.slices, &theirs.slices));
    let summary = pairs.and_then(|pairs| Summary::of(&pairs));
    summary.map(|ratio| ratio.median).ok_or_else(|| format!("{other} was not there"))
}

fn row<'a>(compared: &'a Compared, name: &str) -> Option<&'a Row> {
    compared.rows.iter().find(|row| row.name == name)
}

/// What is asked of a server that nobody asks anything.
fn at_rest(outcome: &Outcome, targets: &mut Vec<Target>) {
    let idle = outcome.idle.iter().find(|idle| idle.name == OWN);
    let count = idle.map_or_else(String::new, |idle| format!(" of {}", idle.connections));
    let what = format!("bytes, each{count} idle connections, served once");
    let bytes = idle.map(|idle| idle.bytes);
    let found = bytes.ok_or_else(|| "the system does not say".to_owned());
    targets.push(Target::new(AT_REST, what, IDLE_BYTES, found, 0));
    let quiet = outcome.quiet.iter().find(|quiet| quiet.name == OWN);
    let time = quiet.map_or_else(String::new, |quiet| format!(", in {} s", quiet.seconds));
    let what = format!("system calls of an idle server{time}");
    let found = quiet.map(|quiet| quiet.calls as f64);
    let found = found.ok_or_else(|| UNTRACED.to_owned());
    targets.push(Target::new(AT_REST, what, 0.0, found, 0));
    let elsewhere = |what: &str, limit: &str, place: &str| Target {
        kind: AT_REST.to_owned(),
        what: what.to_owned(),
        limit: limit.to_owned(),
        found: "–".to_owned(),
        numbers: None,
        state: State::Unknown(place.to_owned()),
    };
    targets.push(elsewhere("connections at once", "19900", "--scaling does that"));
    targets.push(elsewhere(
        "without a descriptor (EMFILE)",
        "at rest",
        "tests/tests/limits.rs asserts it",
    ));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::tests::example;

    fn states(outcome: &Outcome, part: &str) -> Vec<State> {
        let all = of(outcome).into_iter();
        all.filter(|target| format!("{}: {}", target.kind, target.what).contains(part))
            .map(|target| target.state)
            .collect()
    }

    #[test]
    fn a_limit_is_met_up_to_itself_and_missed_beyond() {
        let state = |found| Target::new("k", "x".to_owned(), 0.95, Ok(found), 3).state;
        assert_eq!([state(0.95), state(0.951)], [State::Met, State::Missed]);
        let none = Target::new("k", "x".to_owned(), 0.0, Err("no tool".to_owned()), 0);
        assert_eq!((none.limit.as_str(), none.found.as_str()), ("0", "–"));
        assert_eq!(none.state.text(), "not measured: no tool");
    }

    #[test]
    fn a_ratio_counts_only_where_the_control_is_good() {
        // 0.91 of tokio's time, of which 0.95 is allowed; no bare loop and no Redis ran.
        assert_eq!(states(&example(1.0), "tokio's = 1: GET, 1 a"), [State::Met]);
        assert_eq!(states(&example(1.2), "tokio's = 1: GET, 1 a"), [State::Noisy]);
        let missing = State::Unknown("redis was not there".to_owned());
        assert_eq!(states(&example(1.2), "redis's = 1: INCR, 16"), [missing]);
        assert_eq!(states(&example(1.2), "lock-step: GET, 1 a"), [State::Met], "2.02 of 2.05");
    }

    #[test]
    fn what_was_counted_and_what_was_not_is_told() {
        let mut outcome = example(1.0);
        assert_eq!(
            states(&outcome, "instructions of one: GET, 1 a"),
            [State::Missed],
            "901 of 900"
        );
        assert_eq!(states(&outcome, "idle connections, served"), [State::Met]);
        assert_eq!(states(&outcome, "an idle server"), [State::Met]);
        for row in outcome.workloads.iter_mut().flat_map(|compared| &mut compared.rows) {
            row.instructions = None;
        }
        outcome.uncounted = Some("valgrind is not installed".to_owned());
        let why = State::Unknown("valgrind is not installed".to_owned());
        assert_eq!(states(&outcome, "instructions of one: GET, 1 a"), [why]);
        let json: Vec<Value> = of(&outcome).iter().map(Target::json).collect();
        let of_get = |row: &&Value| row["kind"] == "user instructions of one";
        let row = json.iter().find(of_get).expect("a row");
        assert_eq!(row["why"], "valgrind is not installed");
    }
}
