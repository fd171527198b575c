//! SLOWLOG: which commands took long.
//!
//! With a threshold below a millisecond every command is timed. With a higher one, such as the
//! default of ten milliseconds, a command that takes constant time (COMMAND calls it "fast", or it is
//! a plain SET) is timed once in 64 calls: to look at the clock twice would cost as much as it takes.

use std::time::Duration;

use super::command::{ADMIN, ALWAYS, Command, Flags, NONE, SKIP_SLOWLOG};
use super::error::{Error, Outcome};
use super::redact::public;
use super::{Call, help};
use crate::resp::{Arguments, parse_integer};
use crate::slowlog::{self, Entry};

const FLAGS: Flags = ADMIN.and(ALWAYS);
/// How many `SLOWLOG GET` tells if it is not asked for more.
const FEW: usize = 10;

/// This family's rows.
pub(super) static COMMANDS: [Command; 1] = [Command::new("slowlog", -2, NONE, no_subcommand)
    .about("2.2.12", "Tells which commands took long")
    .subcommands(&[
        Command::new("slowlog|get", -2, FLAGS, get)
            .tips(&["request_policy:all_nodes", "nondeterministic_output"])
            .about("2.2.12", "Lists the newest entries, 10 or as many as are asked for"),
        Command::new("slowlog|len", 2, FLAGS, len)
            .tips(&[
                "request_policy:all_nodes",
                "response_policy:agg_sum",
                "nondeterministic_output",
            ])
            .about("2.2.12", "Counts the entries"),
        Command::new("slowlog|reset", 2, FLAGS, reset)
            .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"])
            .about("2.2.12", "Removes all entries"),
        Command::new("slowlog|help", 2, ALWAYS, help_slowlog)
            .about("6.2.0", "Lists the subcommands"),
    ])];

fn no_subcommand(_: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    Err(Error::arity("slowlog"))
}

fn help_slowlog(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    help::list(call, "slowlog")
}

/// `SLOWLOG GET [count]`; -1 means all.
fn get(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    if arguments.len() > 3 {
        return Err(Error::subcommand_or_count("SLOWLOG", arguments.at(1)));
    }
    let count = match arguments.get(2) {
        None => FEW,
        Some(count) => match parse_integer(count) {
            Some(-1) => usize::MAX,
            Some(count @ 0..) => usize::try_from(count).unwrap_or(usize::MAX),
            _ => return Err(Error::new("ERR count should be greater than or equal to -1")),
        },
    };
    let slowlog = &call.state.slowlog;
    call.reply.array(count.min(slowlog.len()));
    for entry in slowlog.iter().take(count) {
        call.reply.array(6);
        for number in [entry.id, entry.time, entry.microseconds] {
            call.reply.integer(i64::try_from(number).unwrap_or(i64::MAX));
        }
        call.reply.array(entry.arguments.len());
        entry.arguments.iter().for_each(|argument| call.reply.bulk(argument));
        call.reply.bulk(entry.address.as_bytes());
        call.reply.bulk(&entry.name);
    }
    Ok(())
}

fn len(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    call.reply.count(call.state.slowlog.len());
    Ok(())
}

fn reset(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    call.state.slowlog.clear();
    call.reply.ok();
    Ok(())
}

/// A command took long: writes it down. EXEC has this flag, for the commands that it ran are there.
#[cold]
pub(super) fn note(
    call: &mut Call<'_>,
    command: &Command,
    arguments: Arguments<'_>,
    taken: Duration,
) {
    if command.flags.has(SKIP_SLOWLOG) {
        return;
    }
    let client = &call.state.clients[call.slot];
    let entry = Entry {
        id: 0,
        time: call.time.as_secs(),
        microseconds: u64::try_from(taken.as_micros()).unwrap_or(u64::MAX),
        arguments: slowlog::cut(&public(command, arguments)),
        address: client.address().to_string(),
        name: client.name().to_vec(),
    };
    let most = call.state.config.slowlog_length;
    call.state.slowlog.push(entry, most);
}
