//! What the server on our own runtime must reach, and whether it did.
//!
//! A ratio of processor times counts only where the control was good; else the run was too noisy to say.
//! What is counted (instructions, system calls, bytes) is hardly another on a noisy machine.
//!
//! Beside each stands the floor: what the bare event loop has in the same place, in the same run. A limit
//! below the floor asks for more than futures and all could ever cost, and nothing on readiness keeps it.

use serde_json::{Value, json};

use crate::options::workload;
use crate::outcome::{Compared, Outcome, Row, TRUSTED};
use crate::programs::{BARE, CHANNELS, OWN, REDIS, REFERENCE_NAME};
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
    /// What the bare event loop has there, as it is written.
    pub(crate) floor: String,
    /// All three as numbers, where they are.
    numbers: Option<Numbers>,
    pub(crate) state: State,
}

#[derive(Clone, Copy, Debug)]
struct Numbers {
    limit: f64,
    found: Option<f64>,
    floor: Option<f64>,
    /// Which part of the other one of two may be and still be taken for the same.
    same: f64,
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
    /// Its load was not run, because nobody asked for it.
    NotRun,
    /// It was not measured; why, or where else it is.
    Unknown(String),
}

impl State {
    fn word(&self) -> &'static str {
        match self {
            State::Met => "met",
            State::Missed => "missed",
            State::Noisy => "too noisy to say",
            State::NotRun => "its load was not run",
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
        floor: Option<f64>,
        digits: usize,
    ) -> Target {
        let number = found.as_ref().ok().copied();
        let state = match found {
            Ok(found) if found <= limit => State::Met,
            Ok(_) => State::Missed,
            Err(why) => State::Unknown(why),
        };
        let written = |number: Option<f64>| {
            number.map_or_else(|| "–".to_owned(), |number| format!("{number:.digits$}"))
        };
        // A limit is not as exact as what is held against it.
        let fewer = digits.saturating_sub(1);
        let limit_written = match limit {
            0.0 => "0".to_owned(),
            limit => format!("≤ {limit:.fewer$}"),
        };
        Target {
            kind: kind.to_owned(),
            what,
            limit: limit_written,
            found: written(number),
            floor: written(floor),
            numbers: Some(Numbers { limit, found: number, floor, same: 1.0 }),
            state,
        }
    }

    /// Whether the bare event loop misses it too, so that nothing above it can do better. Where we are
    /// below the event loop, it is no floor.
    pub(crate) fn is_out_of_reach(&self) -> bool {
        let Some(Numbers { limit, found: Some(found), floor: Some(floor), same }) = self.numbers
        else {
            return false;
        };
        self.state == State::Missed && limit < floor && floor * same <= found
    }

    /// What came of it, for all who read it.
    pub(crate) fn outcome(&self) -> String {
        match &self.state {
            State::Missed if self.is_out_of_reach() => {
                "missed: the target is below the floor".to_owned()
            }
            State::Unknown(why) => format!("not measured: {why}"),
            state => state.word().to_owned(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        let why = match &self.state {
            State::Unknown(why) => Some(why),
            _ => None,
        };
        json!({
            "kind": self.kind,
            "what": self.what,
            "limit": self.numbers.map(|numbers| numbers.limit),
            "measured": self.numbers.and_then(|numbers| numbers.found),
            "floor": self.numbers.and_then(|numbers| numbers.floor),
            "out_of_reach": self.is_out_of_reach(),
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
    channels: Option<f64>,
    instructions: Option<f64>,
    calls: Option<f64>,
}

const fn unlimited(load: &'static str) -> Limits {
    let none = None;
    Limits {
        load,
        tokio: none,
        bare: none,
        redis: none,
        channels: none,
        instructions: none,
        calls: none,
    }
}

const fn to_redis(load: &'static str, limit: f64) -> Limits {
    Limits { redis: Some(limit), ..unlimited(load) }
}

const fn one(load: &'static str, instructions: Option<f64>) -> Limits {
    let (tokio, bare, redis) = (Some(0.95), Some(1.05), Some(0.75));
    Limits { tokio, bare, redis, instructions, calls: Some(2.05), ..unlimited(load) }
}

const fn sixteen(load: &'static str, instructions: Option<f64>) -> Limits {
    let (tokio, bare, redis) = (Some(0.9), Some(1.1), Some(0.45));
    Limits { tokio, bare, redis, instructions, calls: Some(0.13), ..unlimited(load) }
}

const LIMITS: [Limits; 11] = [
    one("get-1", Some(900.0)),
    one("set-1", None),
    sixteen("get-16", Some(450.0)),
    sixteen("set-16", None),
    Limits {
        tokio: Some(0.6),
        bare: Some(1.1),
        channels: Some(0.6),
        instructions: Some(110.0),
        ..unlimited("fan-out-16")
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
    let sides: [Side; 4] = [
        (REFERENCE_NAME, |limits| limits.tokio),
        (CHANNELS, |limits| limits.channels),
        (BARE, |limits| limits.bare),
        (REDIS, |limits| limits.redis),
    ];
    for (other, limit) in sides {
        let kind = match other {
            CHANNELS => format!("CPU of one, that of {CHANNELS} = 1"),
            _ => format!("CPU of one, {other}'s = 1"),
        };
        let rows = each(outcome, &kind, 3, limit, |compared, name| ratio(compared, name, other));
        targets.extend(rows.map(|(mut target, trusted)| {
            if let Some(numbers) = &mut target.numbers {
                numbers.same = *TRUSTED.start();
            }
            if !trusted && matches!(target.state, State::Met | State::Missed) {
                target.state = State::Noisy;
            }
            target
        }));
    }
    let limit = |limits: &Limits| limits.instructions;
    let counted = each(outcome, "user instructions of one", 0, limit, |compared, name| {
        let why = || outcome.uncounted.clone().unwrap_or_else(|| "not counted".to_owned());
        row(compared, name).and_then(|row| row.instructions).ok_or_else(why)
    });
    targets.extend(counted.map(|(target, _)| target));
    let limit = |limits: &Limits| limits.calls;
    let traced = each(outcome, "system calls of one, in lock-step", 3, limit, |compared, name| {
        let calls = row(compared, name).and_then(|row| row.calls.as_ref());
        calls.map(|calls| calls.all).ok_or_else(|| UNTRACED.to_owned())
    });
    targets.extend(traced.map(|(target, _)| target));
    at_rest(outcome, &mut targets);
    targets
}

/// A target of each load that has such a limit, and whether the load's control was good. `found` is told
/// of whom it is asked: of ours, and of the floor.
fn each(
    outcome: &Outcome,
    kind: &str,
    digits: usize,
    limit: impl Fn(&Limits) -> Option<f64>,
    found: impl Fn(&Compared, &'static str) -> Result<f64, String>,
) -> impl Iterator<Item = (Target, bool)> {
    LIMITS.iter().filter_map(move |limits| {
        let limit = limit(limits)?;
        let title = workload(limits.load).ok()?.title;
        let all = &outcome.workloads;
        let compared = all.iter().find(|compared| compared.workload.name == limits.load);
        let Some(compared) = compared else {
            let mut target =
                Target::new(kind, title.to_owned(), limit, Err(String::new()), None, digits);
            target.state = State::NotRun;
            return Some((target, false));
        };
        let floor = found(compared, BARE).ok();
        let found = found(compared, OWN);
        let target = Target::new(kind, title.to_owned(), limit, found, floor, digits);
        Some((target, compared.is_trusted()))
    })
}

/// One's processor time to another's, pair by pair.
fn ratio(compared: &Compared, one: &str, other: &str) -> Result<f64, String> {
    let found = row(compared, one).zip(row(compared, other));
    let pairs = found.map(|(one, theirs)| ratios(&one.slices, &theirs.slices));
    let summary = pairs.and_then(|pairs| Summary::of(&pairs));
    summary.map(|ratio| ratio.median).ok_or_else(|| format!("{other} was not there"))
}

fn row<'a>(compared: &'a Compared, name: &str) -> Option<&'a Row> {
    compared.rows.iter().find(|row| row.name == name)
}

/// What is asked of a server that nobody asks anything.
fn at_rest(outcome: &Outcome, targets: &mut Vec<Target>) {
    let idle = outcome.idle.iter().find(|idle| idle.name == OWN);
    let count = idle.map_or_else(String::new, |idle| format!("{}, ", idle.connections));
    let what = format!("bytes an idle connection ({count}served once)");
    let bytes = idle.map(|idle| idle.bytes);
    let found = bytes.ok_or_else(|| "the system does not say".to_owned());
    let floor = outcome.idle.iter().find(|idle| idle.name == BARE).map(|idle| idle.bytes);
    targets.push(Target::new(AT_REST, what, IDLE_BYTES, found, floor, 0));
    let quiet = outcome.quiet.iter().find(|quiet| quiet.name == OWN);
    let time = quiet.map_or_else(String::new, |quiet| format!(", in {} s", quiet.seconds));
    let what = format!("system calls of an idle server{time}");
    let found = quiet.map(|quiet| quiet.calls as f64);
    let found = found.ok_or_else(|| UNTRACED.to_owned());
    targets.push(Target::new(AT_REST, what, 0.0, found, None, 0));
    let elsewhere = |what: &str, limit: &str, place: &str| Target {
        kind: AT_REST.to_owned(),
        what: what.to_owned(),
        limit: limit.to_owned(),
        found: "–".to_owned(),
        floor: "–".to_owned(),
        numbers: None,
        state: State::Unknown(place.to_owned()),
    };
    targets.push(elsewhere("connections at once", "19900", "--scaling does that"));
    targets.push(elsewhere(
        "without a descriptor (EMFILE)",
        "at rest",
        "see tests/tests/limits.rs",
    ));
}

#[cfg(test)]
mod tests;
