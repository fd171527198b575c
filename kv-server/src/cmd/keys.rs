//! Keys as such, whatever they hold: DEL, EXISTS, TOUCH, TYPE, and emptying databases.

use super::Call;
use super::command::{Command, FAST, Keys, READONLY, WRITE};
use super::error::{Outcome, SYNTAX};
use crate::events::DEL;
use crate::resp::Arguments;

const KEYSPACE: &[&str] = &["@keyspace"];
const DANGEROUS: &[&str] = &["@keyspace", "@dangerous"];
const DELETE: Keys = Keys::all(1, &["RM", "delete"]);
const LOOK: Keys = Keys::all(1, &["RO"]);
const SUM: &[&str] = &["request_policy:multi_shard", "response_policy:agg_sum"];
const EVERYWHERE: &[&str] = &["request_policy:all_shards", "response_policy:all_succeeded"];

/// This family's rows.
pub(super) static COMMANDS: [Command; 8] = [
    Command::new("del", -2, WRITE, del)
        .keys(DELETE)
        .categories(KEYSPACE)
        .tips(SUM)
        .about("1.0.0", "Removes keys"),
    Command::new("unlink", -2, WRITE.and(FAST), del)
        .keys(DELETE)
        .categories(KEYSPACE)
        .tips(SUM)
        .about("4.0.0", "Removes keys; here the same as DEL"),
    Command::new("exists", -2, READONLY.and(FAST), exists)
        .keys(LOOK)
        .categories(KEYSPACE)
        .tips(SUM)
        .about("1.0.0", "Counts which of the keys there are"),
    Command::new("touch", -2, READONLY.and(FAST), touch)
        .keys(LOOK)
        .categories(KEYSPACE)
        .tips(SUM)
        .about("3.2.1", "Counts which of the keys there are, and notes that they were used"),
    Command::new("type", 2, READONLY.and(FAST), type_of)
        .keys(Keys::one(&["RO"]))
        .categories(KEYSPACE)
        .about("1.0.0", "Tells what kind of value a key has"),
    Command::new("dbsize", 1, READONLY.and(FAST), dbsize)
        .categories(KEYSPACE)
        .tips(&["request_policy:all_shards", "response_policy:agg_sum"])
        .about("1.0.0", "Counts the keys of the database"),
    Command::new("flushall", -1, WRITE, flushall)
        .categories(DANGEROUS)
        .tips(EVERYWHERE)
        .about("1.0.0", "Empties all databases"),
    Command::new("flushdb", -1, WRITE, flushdb)
        .categories(DANGEROUS)
        .tips(EVERYWHERE)
        .about("1.0.0", "Empties the database"),
];

fn del(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let mut removed = 0;
    for key in arguments.from(1) {
        if call.state.databases.remove(call.database, key, call.now).is_some() {
            call.changed(DEL, key);
            removed += 1;
        }
    }
    call.reply.count(removed);
    Ok(())
}

/// Counts a key as often as it is named.
fn exists(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let mut there = 0;
    for key in arguments.from(1) {
        there += usize::from(call.state.look(call.database, key, call.now).is_some());
    }
    call.reply.count(there);
    Ok(())
}

fn touch(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let mut there = 0;
    for key in arguments.from(1) {
        there += usize::from(call.state.read(call.database, key, call.now).is_some());
    }
    call.reply.count(there);
    Ok(())
}

fn type_of(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let row = call.state.look(call.database, arguments.at(1), call.now);
    call.reply.status(if row.is_some() { "string" } else { "none" });
    Ok(())
}

fn dbsize(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    call.reply.count(call.state.databases.at(call.database).len());
    Ok(())
}

fn flushall(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    flush_option(arguments)?;
    let mut removed = 0;
    for index in 0..call.state.config.databases {
        removed += flush(call, index);
    }
    call.state.databases.dirty += removed.max(1);
    call.reply.ok();
    Ok(())
}

fn flushdb(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    flush_option(arguments)?;
    let removed = flush(call, call.database);
    call.state.databases.dirty += removed.max(1);
    call.reply.ok();
    Ok(())
}

/// Empties a database; how many keys it had. Each is a change, and so is to empty what is empty: it is
/// written down like any other.
fn flush(call: &mut Call<'_>, index: u8) -> u64 {
    call.state.touch_all(index, None);
    call.state.databases.clear(index) as u64
}

/// Whether to wait for the memory to be freed: it is freed at once, in either case.
fn flush_option(arguments: Arguments<'_>) -> Outcome {
    match (arguments.len(), arguments.get(1)) {
        (1, _) => Ok(()),
        (2, Some(option))
            if option.eq_ignore_ascii_case(b"sync") || option.eq_ignore_ascii_case(b"async") =>
        {
            Ok(())
        }
        _ => Err(SYNTAX),
    }
}
