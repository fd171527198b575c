//! Values as they are: SET, GET and their kin.

use super::command::{BRIEF, Command, DENYOOM, FAST, Keys, READONLY, WRITE};
use super::error::{Error, Outcome, SYNTAX, TOO_LONG};
use super::expiry::{Unit, When};
use super::{Call, expiry};
use crate::db::{Deadline, Millis, Row};
use crate::events::{DEL, EXPIRE, Event, SET};
use crate::resp::Arguments;

const APPEND: Event = Event::string("append");
const STRING: &[&str] = &["@string"];
const READ: Keys = Keys::one(&["RO", "access"]);
const UPDATE: Keys = Keys::one(&["RW", "access", "update"]);
const OVERWRITE: Keys = Keys::one(&["OW", "update"]);

/// This family's rows.
pub(super) static COMMANDS: [Command; 13] = [
    Command::new("get", 2, READONLY.and(FAST), get)
        .keys(READ)
        .categories(STRING)
        .about("1.0.0", "Tells a key's value"),
    Command::new("set", -3, WRITE.and(DENYOOM).and(BRIEF), set)
        .keys(
            Keys::one(&["RW", "access", "update", "variable_flags"])
                .note("RW and ACCESS due to the optional `GET` argument"),
        )
        .categories(STRING)
        .about("1.0.0", "Gives a key a value, and perhaps a deadline"),
    Command::new("getset", 3, WRITE.and(DENYOOM).and(FAST), getset)
        .keys(UPDATE)
        .categories(STRING)
        .about("1.0.0", "Gives a key a value, and tells the one that it had"),
    Command::new("getdel", 2, WRITE.and(FAST), getdel)
        .keys(Keys::one(&["RW", "access", "delete"]))
        .categories(STRING)
        .about("6.2.0", "Tells a key's value and removes the key"),
    Command::new("getex", -2, WRITE.and(FAST), getex)
        .keys(UPDATE.note("RW and UPDATE because it changes the TTL"))
        .categories(STRING)
        .about("6.2.0", "Tells a key's value, and perhaps moves its deadline"),
    Command::new("setnx", 3, WRITE.and(DENYOOM).and(FAST), setnx)
        .keys(Keys::one(&["OW", "insert"]))
        .categories(STRING)
        .about("1.0.0", "Gives a key a value, if it has none"),
    Command::new("setex", 4, WRITE.and(DENYOOM), setex)
        .keys(OVERWRITE)
        .categories(STRING)
        .about("2.0.0", "Gives a key a value and a deadline in seconds"),
    Command::new("psetex", 4, WRITE.and(DENYOOM), psetex)
        .keys(OVERWRITE)
        .categories(STRING)
        .about("2.6.0", "Gives a key a value and a deadline in milliseconds"),
    Command::new("append", 3, WRITE.and(DENYOOM).and(FAST), append)
        .keys(Keys::one(&["RW", "insert"]))
        .categories(STRING)
        .about("2.0.0", "Adds bytes at the end of a key's value"),
    Command::new("strlen", 2, READONLY.and(FAST), strlen)
        .keys(Keys::one(&["RO"]))
        .categories(STRING)
        .about("2.2.0", "Tells how long a key's value is"),
    Command::new("mget", -2, READONLY.and(FAST), mget)
        .keys(Keys::all(1, &["RO", "access"]))
        .categories(STRING)
        .tips(&["request_policy:multi_shard"])
        .about("1.0.0", "Tells the values of several keys"),
    Command::new("mset", -3, WRITE.and(DENYOOM), mset)
        .keys(Keys::all(2, &["OW", "update"]))
        .categories(STRING)
        .tips(&["request_policy:multi_shard", "response_policy:all_succeeded"])
        .about("1.0.1", "Gives several keys their values"),
    Command::new("msetnx", -3, WRITE.and(DENYOOM), msetnx)
        .keys(Keys::all(2, &["OW", "insert"]))
        .categories(STRING)
        .tips(&["request_policy:multi_shard", "response_policy:agg_min"])
        .about("1.0.1", "Gives several keys their values, if none of them has one"),
];

/// In one piece with all that it does, as most of what clients ask is this.
fn get(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    match call.state.read(call.database, arguments.at(1), call.now) {
        Some(row) => call.reply.bulk_here(row.value()),
        None => call.reply.null(),
    }
    Ok(())
}

fn set(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let (key, value) = (arguments.at(1), arguments.at(2));
    if arguments.len() > 3 {
        return set_with_options(call, arguments);
    }
    call.overwrite(key, value, Deadline::NEVER);
    call.changed(SET, key);
    call.reply.ok();
    Ok(())
}

#[derive(Default)]
struct SetOptions<'a> {
    only_new: bool,
    only_old: bool,
    get: bool,
    keep_deadline: bool,
    when: Option<When<'a>>,
}

/// Out of line: nearly always there are none, and `set` is quick without.
#[inline(never)]
fn set_with_options(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let (key, value) = (arguments.at(1), arguments.at(2));
    let options = set_options(arguments)?;
    let mut deadline = Deadline::NEVER;
    if let Some(when) = &options.when {
        deadline = Deadline::at(when.future("set", call.now)?);
    }
    if options.get {
        reply_value(call, key);
    }
    let old = call.state.databases.get(call.database, key, call.now).map(Row::deadline);
    if options.only_new && old.is_some() || options.only_old && old.is_none() {
        if !options.get {
            call.reply.null();
        }
        return Ok(());
    }
    if options.keep_deadline
        && let Some(old) = old
    {
        deadline = old;
    }
    call.state.databases.set(call.database, key, value, deadline);
    call.changed(SET, key);
    if options.when.is_some() {
        log_set(call, key, value, deadline);
        call.also(call.database, EXPIRE, key);
    }
    if !options.get {
        call.reply.ok();
    }
    Ok(())
}

/// In the journal the deadline is a point in time.
fn log_set(call: &mut Call<'_>, key: &[u8], value: &[u8], deadline: Deadline) {
    let mut text = itoa::Buffer::new();
    let when = text.format(deadline.millis().unwrap_or(Millis::MAX)).as_bytes();
    call.log_as(&[b"SET", key, value, b"PXAT", when]);
}

fn set_options(arguments: Arguments<'_>) -> Result<SetOptions<'_>, Error> {
    let mut options = SetOptions::default();
    let mut rest = arguments.from(3);
    while let Some(option) = rest.next() {
        match option.to_ascii_lowercase().as_slice() {
            b"nx" if !options.only_old => options.only_new = true,
            b"xx" if !options.only_new => options.only_old = true,
            b"get" => options.get = true,
            b"keepttl" if options.when.is_none() => options.keep_deadline = true,
            _ if options.keep_deadline => return Err(SYNTAX),
            _ => options.when = Some(When::option(option, &mut rest, options.when.as_ref())?),
        }
    }
    Ok(options)
}

fn getset(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    reply_value(call, arguments.at(1));
    call.state.databases.set(call.database, arguments.at(1), arguments.at(2), Deadline::NEVER);
    call.changed(SET, arguments.at(1));
    Ok(())
}

fn getdel(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    reply_value(call, arguments.at(1));
    if call.state.databases.remove(call.database, arguments.at(1), call.now).is_some() {
        call.log_as(&[b"DEL", arguments.at(1)]);
        call.changed(DEL, arguments.at(1));
    }
    Ok(())
}

fn getex(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let key = arguments.at(1);
    let mut persist = false;
    let mut when: Option<When<'_>> = None;
    let mut rest = arguments.from(2);
    while let Some(option) = rest.next() {
        if option.eq_ignore_ascii_case(b"persist") && when.is_none() {
            persist = true;
        } else if persist {
            return Err(SYNTAX);
        } else {
            when = Some(When::option(option, &mut rest, when.as_ref())?);
        }
    }
    if !call.state.databases.contains(call.database, key, call.now) {
        reply_value(call, key);
        return Ok(());
    }
    let deadline = when.map(|when| when.future("getex", call.now)).transpose()?;
    reply_value(call, key);
    if persist {
        expiry::remove_deadline(call, key);
    } else if let Some(deadline) = deadline {
        expiry::set_or_remove(call, key, deadline);
    }
    Ok(())
}

fn setnx(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let (key, value) = (arguments.at(1), arguments.at(2));
    let absent = !call.state.databases.contains(call.database, key, call.now);
    if absent {
        call.state.databases.set(call.database, key, value, Deadline::NEVER);
        call.changed(SET, key);
    }
    call.reply.integer(i64::from(absent));
    Ok(())
}

fn setex(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    set_for(call, arguments, "setex", Unit::Seconds)
}

fn psetex(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    set_for(call, arguments, "psetex", Unit::Milliseconds)
}

fn set_for(call: &mut Call<'_>, arguments: Arguments<'_>, name: &str, unit: Unit) -> Outcome {
    let when = When { amount: arguments.at(2), unit, absolute: false };
    let deadline = Deadline::at(when.future(name, call.now)?);
    let (key, value) = (arguments.at(1), arguments.at(3));
    call.overwrite(key, value, deadline);
    log_set(call, key, value, deadline);
    call.changed(SET, key);
    call.also(call.database, EXPIRE, key);
    call.reply.ok();
    Ok(())
}

fn append(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let (key, more) = (arguments.at(1), arguments.at(2));
    let most = call.state.config.max_bulk as usize;
    let edited = call.state.databases.edit(call.database, key, call.now, |row| {
        let length = row.value().len() + more.len();
        if length > most {
            return Err(TOO_LONG);
        }
        row.append(more);
        Ok(length)
    });
    let length = match edited {
        Some(length) => length?,
        None => {
            call.state.databases.set(call.database, key, more, Deadline::NEVER);
            more.len()
        }
    };
    call.changed(APPEND, key);
    call.reply.count(length);
    Ok(())
}

fn strlen(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let row = call.state.read(call.database, arguments.at(1), call.now);
    call.reply.count(row.map_or(0, |row| row.value().len()));
    Ok(())
}

fn mget(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let keys = arguments.from(1);
    call.reply.array(keys.len());
    for key in keys {
        if !call.has_room(0) {
            break;
        }
        reply_value(call, key);
    }
    Ok(())
}

fn mset(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    if arguments.len().is_multiple_of(2) {
        return Err(Error::arity("mset"));
    }
    set_pairs(call, arguments);
    call.reply.ok();
    Ok(())
}

fn msetnx(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    if arguments.len().is_multiple_of(2) {
        return Err(Error::arity("msetnx"));
    }
    let databases = &mut call.state.databases;
    let mut keys = arguments.from(1).step_by(2);
    let absent = keys.all(|key| !databases.contains(call.database, key, call.now));
    if absent {
        set_pairs(call, arguments);
    }
    call.reply.integer(i64::from(absent));
    Ok(())
}

fn set_pairs(call: &mut Call<'_>, arguments: Arguments<'_>) {
    let mut rest = arguments.from(1);
    while let (Some(key), Some(value)) = (rest.next(), rest.next()) {
        call.overwrite(key, value, Deadline::NEVER);
        call.changed(SET, key);
    }
}

/// The value, straight from the table into the output, or a null.
fn reply_value(call: &mut Call<'_>, key: &[u8]) {
    match call.state.read(call.database, key, call.now) {
        Some(row) => call.reply.bulk(row.value()),
        None => call.reply.null(),
    }
}
