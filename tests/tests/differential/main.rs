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
//! `KV_DIFFERENTIAL_SEED` repeats a run, `KV_DIFFERENTIAL` is how many commands it sends.

mod arguments;
mod commands;
mod explained;
mod extremes;
mod frames;
mod generate;
mod normalise;
mod shrink;
mod sides;

use std::env;

use rand::SeedableRng;
use rand::rngs::StdRng;
use tests::Server;

use generate::{CLIENTS, Generator, Step};
use sides::Sides;

/// Enough to have found each difference that was ever found, in a few seconds.
const USUAL_COMMANDS: u64 = 40_000;

/// Each stretch of commands begins with an empty server: what shrinking has to repeat stays short.
const STRETCH: usize = 5_000;

/// A command that was found to differ is sent no more, and the others go on, to this number.
const MOST_DIFFERENCES: usize = 20;

#[test]
fn random_commands_are_answered_as_redis_answers() {
    if let Some(sides) = Sides::start("random commands") {
        compare_commands(sides, number("KV_DIFFERENTIAL", USUAL_COMMANDS));
    }
}

#[test]
fn mangled_frames_are_answered_as_redis_answers() {
    if let Some(sides) = Sides::start("mangled frames") {
        compare_frames(sides, number("KV_DIFFERENTIAL", USUAL_COMMANDS) / 10);
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
    let seed = number("KV_DIFFERENTIAL_SEED", 20_260_101);
    let mut generator = Generator::new(seed, sides.shapes());
    let count = usize::try_from(count).expect("a number of commands");
    let mut sent = 0;
    let mut differences = Vec::new();
    while sent < count && differences.len() < MOST_DIFFERENCES {
        let begun = sent;
        let mut steps = Vec::new();
        while sent < count.min(begun + STRETCH) {
            let step = generator.step();
            sent += step.commands.len().max(1);
            steps.push(step);
        }
        steps.push(look_at_everything());
        if let Some((at, difference)) = sides.first_difference(&steps) {
            let fewest = shrink::shrink(&mut sides, &steps[..=at]);
            let (_, difference) = sides.first_difference(&fewest).unwrap_or((at, difference));
            let shown: Vec<String> = fewest.iter().map(Step::to_string).collect();
            let shown = shown.join("\n");
            differences.push(format!("commands {begun} to {sent}: after\n{shown}\n{difference}\n"));
            let last = fewest.last().and_then(|step| step.commands.last());
            generator.forget(last.map_or(&[], Vec::as_slice));
        } else if let Some(difference) = sides.difference_of_walks() {
            differences.push(format!("after commands {begun} to {sent}: {difference}\n"));
        }
    }
    assert!(differences.is_empty(), "seed {seed}: {}", differences.join("\n"));
}

/// What all the commands have led to.
fn look_at_everything() -> Step {
    let mut lines = vec!["RESET".to_owned(), "HELLO 3".to_owned()];
    for database in ["0", "1", "15"] {
        lines.extend([format!("SELECT {database}"), "DBSIZE".to_owned(), "KEYS *".to_owned()]);
        for key in ["a", "b", "c", "d", "n", "", "a\r\nb", "\u{e9}"] {
            for look in ["GET", "TYPE", "PTTL"] {
                lines.push(format!("{look} {key}"));
            }
        }
    }
    let commands = lines.iter().map(|line| line.split(' ').map(str::to_owned).collect()).collect();
    Step { client: CLIENTS - 1, commands, raw: "" }
}

fn compare_frames(mut sides: Sides, count: u64) {
    let seed = number("KV_DIFFERENTIAL_SEED", 20_260_102);
    let mut random = StdRng::seed_from_u64(seed);
    for at in 0..count {
        let bytes = frames::mangled(&mut random);
        if let Some(difference) = sides.difference_for_bytes(&bytes) {
            let shown = bytes.escape_ascii();
            panic!("seed {seed}, stream {at}: for \"{shown}\" and the end\n{difference}");
        }
    }
}

fn number(variable: &str, usual: u64) -> u64 {
    match env::var(variable) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{variable}={text} is not a number")),
        Err(_) => usual,
    }
}
