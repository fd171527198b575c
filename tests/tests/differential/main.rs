//! The same random commands to Redis and to our server; the same bytes must come back.
//!
//! ```text
//!            ┌──► redis-server ──► replies ─┐
//!  seed ──► steps                           ├─► set aside what must differ ─► compare
//!            └──► kv-server ─────► replies ─┘            (normalise.rs)
//!                                                              │ they differ
//!                                     the steps, made fewer ◄──┘ while they still do
//! ```
//!
//! A failure prints the seed, the fewest steps that still differ, and both answers.
//! `DIFFERENTIAL_SEED` repeats a run, `DIFFERENTIAL_COMMANDS` makes it longer than usual.

mod arguments;
mod frames;
mod generate;
mod normalise;
mod sides;

use std::env;
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand::rngs::StdRng;
use tests::Server;

use generate::Step;
use sides::Sides;

/// Enough to have found each difference that was ever found, in a few seconds.
const USUAL_COMMANDS: u64 = 20_000;

/// How long to look for fewer steps that still differ.
const SHRINKING: Duration = Duration::from_secs(20);

#[test]
fn random_commands_are_answered_as_redis_answers() {
    if let Some(sides) = Sides::start("random commands") {
        compare_commands(sides, number("DIFFERENTIAL_COMMANDS", USUAL_COMMANDS));
    }
}

#[test]
fn mangled_frames_are_answered_as_redis_answers() {
    if let Some(sides) = Sides::start("mangled frames") {
        compare_frames(sides, number("DIFFERENTIAL_COMMANDS", USUAL_COMMANDS) / 10);
    }
}

#[test]
fn redis_differs_from_itself_in_nothing_that_is_compared() {
    for compare in [compare_commands, compare_frames] {
        if let Some(sides) = Sides::start_the_same("Redis against itself") {
            compare(sides, USUAL_COMMANDS / 10);
        }
    }
}

#[test]
fn the_command_table_says_what_redis_says() {
    let Some(oracle) = Server::oracle("the command table") else {
        return;
    };
    let ours = Server::start();
    let (mut theirs, mut own) = (oracle.connect(), ours.connect());
    let mut wrong = Vec::new();
    let names = own.ask(&["COMMAND", "LIST"]);
    assert!(names.items.len() > 30, "{} commands", names.items.len());
    for name in names.items {
        let name = name.text();
        let describe = ["COMMAND", "INFO", name.as_str()];
        let expected = normalise::described(&theirs.ask(&describe));
        let actual = normalise::described(&own.ask(&describe));
        if expected != actual {
            wrong.push(format!("{name}\n  redis {expected}\n  ours  {actual}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn compare_commands(mut sides: Sides, count: u64) {
    let seed = number("DIFFERENTIAL_SEED", 20_260_101);
    let mut random = StdRng::seed_from_u64(seed);
    let count = usize::try_from(count).expect("a number of commands");
    // In stretches, each from an empty server: what shrinking has to repeat stays short.
    let stretch = 2_000;
    for begin in (0..count).step_by(stretch) {
        let end = count.min(begin + stretch);
        let steps: Vec<Step> = (begin..end).map(|at| generate::step(&mut random, at)).collect();
        if let Some((at, difference)) = sides.first_difference(&steps) {
            let fewest = shrink(&mut sides, &steps[..=at]);
            let (_, difference) = sides.first_difference(&fewest).unwrap_or((at, difference));
            let shown: Vec<String> = fewest.iter().map(Step::to_string).collect();
            let shown = shown.join("\n");
            panic!("seed {seed}, step {}: after\n{shown}\n{difference}", begin + at);
        }
    }
}

fn compare_frames(mut sides: Sides, count: u64) {
    let seed = number("DIFFERENTIAL_SEED", 20_260_102);
    let mut random = StdRng::seed_from_u64(seed);
    for at in 0..count {
        let bytes = frames::mangled(&mut random);
        if let Some(difference) = sides.difference_for_bytes(&bytes) {
            let shown = bytes.escape_ascii();
            panic!("seed {seed}, stream {at}: for \"{shown}\" and the end\n{difference}");
        }
    }
}

/// Leaves out steps, in halves, quarters, … down to single ones, and then commands of the
/// steps that are left, while it still differs.
fn shrink(sides: &mut Sides, steps: &[Step]) -> Vec<Step> {
    let begun = Instant::now();
    let mut fewest = steps.to_vec();
    let mut still_differs = |fewer: &mut Vec<Step>| match sides.first_difference(fewer) {
        Some((last, _)) => {
            fewer.truncate(last + 1);
            true
        }
        None => false,
    };
    let mut piece = fewest.len() / 2;
    while piece > 0 {
        let mut at = 0;
        while at < fewest.len() && begun.elapsed() < SHRINKING {
            let mut fewer = fewest.clone();
            fewer.drain(at..(at + piece).min(fewest.len()));
            match still_differs(&mut fewer) {
                true => fewest = fewer,
                false => at += piece,
            }
        }
        piece /= 2;
    }
    for at in (0..fewest.len()).rev() {
        let mut command = 0;
        while begun.elapsed() < SHRINKING
            && fewest.get(at).is_some_and(|step| command < step.commands.len())
        {
            let mut fewer = fewest.clone();
            fewer[at].commands.remove(command);
            match still_differs(&mut fewer) {
                true => fewest = fewer,
                false => command += 1,
            }
        }
    }
    // A step without its commands is one PING more, and tells nothing.
    fewest.retain(|step| !step.commands.is_empty() || !step.raw.is_empty());
    fewest
}

fn number(variable: &str, usual: u64) -> u64 {
    match env::var(variable) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{variable}={text} is not a number")),
        Err(_) => usual,
    }
}
