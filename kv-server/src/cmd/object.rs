//! OBJECT: how a value is kept, in the words that Redis has for it.
//!
//! Here every value is bytes, and nothing is shared. Redis keeps a string in one of three ways, and
//! clients ask which; what it would say follows from the bytes and from how they came to be.

use super::command::{ALWAYS, Command, Keys, NONE, READONLY};
use super::error::{Error, Outcome};
use super::{Call, help};
use crate::db::{Databases, Form, Row};
use crate::resp::{Arguments, parse_integer};

const KEYSPACE: &[&str] = &["@keyspace"];
const VARIES: &[&str] = &["nondeterministic_output"];
const LOOK: Keys = Keys::at(2, &["RO"]);

/// The longest string that Redis keeps together with its header.
const EMBEDDED: usize = 44;
/// What is told of values that all who use them share.
const SHARED: i64 = i32::MAX as i64;

const NOT_COUNTED: Error = Error::new(
    "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when \
     switching between policies at runtime LRU and LFU data will take some time to adjust.",
);
const COUNTED: Error = Error::new(
    "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching \
     between policies at runtime LRU and LFU data will take some time to adjust.",
);

/// This family's rows.
pub(super) static COMMANDS: [Command; 1] = [Command::new("object", -2, NONE, no_subcommand)
    .about("2.2.3", "Tells how a value is kept")
    .subcommands(&[
        Command::new("object|encoding", 3, READONLY, encoding_of)
            .keys(LOOK)
            .categories(KEYSPACE)
            .tips(VARIES)
            .about("2.2.3", "Tells what representation Redis would choose"),
        Command::new("object|refcount", 3, READONLY, refcount_of)
            .keys(LOOK)
            .categories(KEYSPACE)
            .tips(VARIES)
            .about("2.2.3", "Tells how many keys share the value"),
        Command::new("object|idletime", 3, READONLY, idletime_of)
            .keys(LOOK)
            .categories(KEYSPACE)
            .tips(VARIES)
            .about("2.2.3", "Tells for how many seconds the key was not used"),
        Command::new("object|freq", 3, READONLY, freq_of)
            .keys(LOOK)
            .categories(KEYSPACE)
            .tips(VARIES)
            .about("4.0.0", "Tells how often the key is used, on a logarithmic scale"),
        Command::new("object|help", 2, ALWAYS, help_object)
            .categories(KEYSPACE)
            .about("6.2.0", "Lists the subcommands"),
    ])];

fn no_subcommand(_: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    Err(Error::arity("object"))
}

fn help_object(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    help::list(call, "object")
}

/// The representation's name.
pub(super) fn encoding(row: &Row) -> &'static str {
    let value = row.value();
    match row.form() {
        Form::Whole | Form::Copied if parse_integer(value).is_some() => "int",
        Form::Whole | Form::Copied | Form::Text if value.len() <= EMBEDDED => "embstr",
        _ => "raw",
    }
}

/// How many share the value: small integers all do, unless they were copied; others never.
pub(super) fn refcount(row: &Row) -> i64 {
    let small = parse_integer(row.value()).is_some_and(|number| (0..10_000).contains(&number));
    if small && row.form() == Form::Whole { SHARED } else { 1 }
}

fn encoding_of(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let row = call.state.databases.peek(call.database, arguments.at(2), call.now);
    call.reply.bulk_or_null(row.map(|row| encoding(row).as_bytes()));
    Ok(())
}

fn refcount_of(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let row = call.state.databases.peek(call.database, arguments.at(2), call.now);
    match row.map(refcount) {
        Some(count) => call.reply.integer(count),
        None => call.reply.null(),
    }
    Ok(())
}

fn idletime_of(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let told = told(call, arguments.at(2), |databases, row| match databases.counts_uses() {
        true => Err(COUNTED),
        false => Ok(databases.idle_seconds(row)),
    });
    reply_number(call, told)
}

fn freq_of(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let told = told(call, arguments.at(2), |databases, row| match databases.counts_uses() {
        true => Ok(databases.frequency(row)),
        false => Err(NOT_COUNTED),
    });
    reply_number(call, told)
}

/// Something about a row, if it is there. That it was asked for is no use of it.
fn told(
    call: &mut Call<'_>,
    key: &[u8],
    tell: impl Fn(&Databases, &Row) -> Result<u32, Error>,
) -> Option<Result<u32, Error>> {
    call.state.databases.set_time(call.time);
    if !call.state.databases.contains(call.database, key, call.now) {
        return None;
    }
    let databases = &call.state.databases;
    databases.at(call.database).row_of(key).map(|row| tell(databases, row))
}

fn reply_number(call: &mut Call<'_>, told: Option<Result<u32, Error>>) -> Outcome {
    match told.transpose()? {
        Some(number) => call.reply.integer(number.into()),
        None => call.reply.null(),
    }
    Ok(())
}
