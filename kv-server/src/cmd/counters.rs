//! Values that are integers: INCR and its kin. The text in the table is the number; there is no
//! second representation to keep in step.

use super::Call;
use super::command::{Command, DENYOOM, FAST, Flags, Keys, WRITE};
use super::error::{Error, NOT_AN_INTEGER, OVERFLOW, Outcome, integer};
use crate::db::Deadline;
use crate::events::Event;
use crate::resp::{Arguments, parse_integer};

const FLAGS: Flags = WRITE.and(DENYOOM).and(FAST);
const STRING: &[&str] = &["@string"];
const INCRBY: Event = Event::string("incrby");
const UPDATE: Keys = Keys::one(&["RW", "access", "update"]);

/// This family's rows.
pub(super) static COMMANDS: [Command; 4] = [
    Command::new("incr", 2, FLAGS, incr)
        .keys(UPDATE)
        .categories(STRING)
        .about("1.0.0", "Adds one to an integer"),
    Command::new("decr", 2, FLAGS, decr)
        .keys(UPDATE)
        .categories(STRING)
        .about("1.0.0", "Takes one from an integer"),
    Command::new("incrby", 3, FLAGS, incrby)
        .keys(UPDATE)
        .categories(STRING)
        .about("1.0.0", "Adds an amount to an integer"),
    Command::new("decrby", 3, FLAGS, decrby)
        .keys(UPDATE)
        .categories(STRING)
        .about("1.0.0", "Takes an amount from an integer"),
];

fn incr(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    add(call, arguments.at(1), 1)
}

fn decr(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    add(call, arguments.at(1), -1)
}

fn incrby(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let amount = integer(arguments.at(2))?;
    add(call, arguments.at(1), amount)
}

fn decrby(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let amount = integer(arguments.at(2))?;
    let amount = amount.checked_neg().ok_or(Error::new("ERR decrement would overflow"))?;
    add(call, arguments.at(1), amount)
}

/// Adds to the integer, which is 0 if there is none; its deadline stays.
fn add(call: &mut Call<'_>, key: &[u8], amount: i64) -> Outcome {
    let mut text = itoa::Buffer::new();
    let edited = call.state.databases.edit(call.database, key, call.now, |row| {
        let old = parse_integer(row.value()).ok_or(NOT_AN_INTEGER)?;
        let sum = old.checked_add(amount).ok_or(OVERFLOW)?;
        row.replace(text.format(sum).as_bytes());
        Ok(sum)
    });
    let sum = match edited {
        Some(sum) => sum?,
        None => {
            let value = text.format(amount).as_bytes();
            call.state.databases.set(call.database, key, value, Deadline::NEVER);
            amount
        }
    };
    call.changed(INCRBY, key);
    call.reply.integer(sum);
    Ok(())
}
