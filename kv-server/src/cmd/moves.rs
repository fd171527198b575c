//! Keys that get another name or another database: RENAME, COPY, MOVE, SWAPDB.

use super::Call;
use super::command::{Command, DENYOOM, FAST, Keys, WRITE};
use super::error::{Error, Outcome, SYNTAX, integer};
use crate::events::Event;
use crate::resp::{Arguments, parse_integer};

const RENAME_FROM: Event = Event::generic("rename_from");
const RENAME_TO: Event = Event::generic("rename_to");
const COPY_TO: Event = Event::generic("copy_to");
const MOVE_FROM: Event = Event::generic("move_from");
const MOVE_TO: Event = Event::generic("move_to");

const KEYSPACE: &[&str] = &["@keyspace"];
const LEAVES: Keys = Keys::one(&["RW", "access", "delete"]);
const SAME: Error = Error::new("ERR source and destination objects are the same");
const NO_DATABASE: Error = Error::new("ERR DB index is out of range");

/// This family's rows.
pub(super) static COMMANDS: [Command; 5] = [
    Command::new("rename", 3, WRITE, rename)
        .keys(LEAVES)
        .more_keys(Keys::at(2, &["OW", "update"]))
        .categories(KEYSPACE)
        .about("1.0.0", "Gives a key another name, over what has that name"),
    Command::new("renamenx", 3, WRITE.and(FAST), renamenx)
        .keys(LEAVES)
        .more_keys(Keys::at(2, &["OW", "insert"]))
        .categories(KEYSPACE)
        .about("1.0.0", "Gives a key another name, if nothing has that name"),
    Command::new("copy", -3, WRITE.and(DENYOOM), copy)
        .keys(Keys::one(&["RO", "access"]))
        .more_keys(Keys::at(2, &["OW", "update"]))
        .categories(KEYSPACE)
        .about("6.2.0", "Copies a key's value and deadline to another key"),
    Command::new("move", 3, WRITE.and(FAST), move_key)
        .keys(Keys::one(&["RW", "access", "update"]))
        .categories(KEYSPACE)
        .about("1.0.0", "Moves a key to another database"),
    Command::new("swapdb", 3, WRITE.and(FAST), swapdb)
        .categories(&["@keyspace", "@dangerous"])
        .about("4.0.0", "Exchanges two databases"),
];

/// `RENAME key new-key`
fn rename(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    rename_unless(call, arguments, false)?;
    call.reply.ok();
    Ok(())
}

/// `RENAMENX key new-key`
fn renamenx(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let renamed = rename_unless(call, arguments, true)?;
    call.reply.integer(i64::from(renamed));
    Ok(())
}

/// Renames, unless something has that name already, and must be `kept`. Whether it was renamed.
fn rename_unless(call: &mut Call<'_>, arguments: Arguments<'_>, kept: bool) -> Result<bool, Error> {
    let (from, to) = (arguments.at(1), arguments.at(2));
    let databases = &mut call.state.databases;
    if !databases.contains(call.database, from, call.now) {
        return Err(Error::new("ERR no such key"));
    }
    let taken = databases.contains(call.database, to, call.now);
    if from == to || taken && kept {
        return Ok(false);
    }
    if let Some(row) = databases.remove(call.database, from, call.now) {
        databases.remove(call.database, to, call.now);
        databases.insert(call.database, row.with_key(to));
    }
    call.changed(RENAME_FROM, from);
    call.also(call.database, RENAME_TO, to);
    Ok(true)
}

/// `COPY source destination [DB database] [REPLACE]`
fn copy(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let (from, to) = (arguments.at(1), arguments.at(2));
    let (mut target, mut replaces) = (call.database, false);
    let mut rest = arguments.from(3);
    while let Some(option) = rest.next() {
        match option.to_ascii_lowercase().as_slice() {
            b"replace" => replaces = true,
            b"db" => target = database(call, rest.next().ok_or(SYNTAX)?)?,
            _ => return Err(SYNTAX),
        }
    }
    if from == to && target == call.database {
        return Err(SAME);
    }
    let row = call.state.read(call.database, from, call.now).map(|row| row.copy(to));
    let taken = call.state.databases.contains(target, to, call.now);
    let row = row.filter(|_| !taken || replaces);
    call.reply.integer(i64::from(row.is_some()));
    if let Some(row) = row {
        call.state.databases.remove(target, to, call.now);
        call.state.databases.insert(target, row);
        call.changed_in(target, COPY_TO, to);
    }
    Ok(())
}

/// `MOVE key database`
fn move_key(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let key = arguments.at(1);
    let target = database(call, arguments.at(2))?;
    if target == call.database {
        return Err(SAME);
    }
    let databases = &mut call.state.databases;
    let there = databases.contains(call.database, key, call.now);
    let moved = there && !databases.contains(target, key, call.now);
    if moved && let Some(row) = databases.remove(call.database, key, call.now) {
        databases.insert(target, row);
        call.changed(MOVE_FROM, key);
        call.also(target, MOVE_TO, key);
    }
    call.reply.integer(i64::from(moved));
    Ok(())
}

/// `SWAPDB database database`
fn swapdb(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let number = |argument: &[u8]| parse_integer(argument).filter(|&n| i32::try_from(n).is_ok());
    let one = number(arguments.at(1)).ok_or(Error::new("ERR invalid first DB index"))?;
    let other = number(arguments.at(2)).ok_or(Error::new("ERR invalid second DB index"))?;
    let (one, other) = (existing(call, one)?, existing(call, other)?);
    if one != other {
        call.state.touch_all(one, Some(other));
        call.state.touch_all(other, Some(one));
        call.state.databases.swap(one, other);
    }
    call.state.databases.dirty += 1;
    call.reply.ok();
    Ok(())
}

/// The database of this number.
fn database(call: &Call<'_>, argument: &[u8]) -> Result<u8, Error> {
    let index = integer(argument)?;
    if i32::try_from(index).is_err() {
        return Err(Error::new(
            "ERR value is out of range, value must between -2147483648 and 2147483647",
        ));
    }
    existing(call, index)
}

fn existing(call: &Call<'_>, index: i64) -> Result<u8, Error> {
    let index = u8::try_from(index).ok();
    index.filter(|&index| usize::from(index) < call.state.databases.count()).ok_or(NO_DATABASE)
}
