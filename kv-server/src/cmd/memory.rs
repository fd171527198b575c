//! MEMORY: what the data takes. All numbers are estimates, as only the allocator knows what it adds.

use super::command::{ALWAYS, Command, Keys, NONE, READONLY};
use super::error::{Error, Outcome, SYNTAX, integer};
use super::{Call, help};
use crate::db::Row;
use crate::resp::Arguments;

const VARIES: &[&str] =
    &["nondeterministic_output", "request_policy:all_shards", "response_policy:special"];

/// This family's rows.
pub(super) static COMMANDS: [Command; 1] = [Command::new("memory", -2, NONE, no_subcommand)
    .about("4.0.0", "Tells about memory")
    .subcommands(&[
        Command::new("memory|usage", -3, READONLY, usage)
            .keys(Keys::at(2, &["RO"]))
            .about("4.0.0", "Tells how many bytes a key and its value take"),
        Command::new("memory|stats", 2, NONE, stats)
            .tips(VARIES)
            .about("4.0.0", "Tells what the memory is used for"),
        Command::new("memory|doctor", 2, NONE, doctor)
            .tips(VARIES)
            .about("4.0.0", "Tells what is wrong with the memory, in words"),
        Command::new("memory|malloc-stats", 2, NONE, malloc_stats)
            .tips(VARIES)
            .about("4.0.0", "Would tell what the allocator says; ours says nothing"),
        Command::new("memory|purge", 2, NONE, purge)
            .tips(&["request_policy:all_shards", "response_policy:all_succeeded"])
            .about("4.0.0", "Would give unused memory back; that is done all the time"),
        Command::new("memory|help", 2, ALWAYS, help_memory).about("4.0.0", "Lists the subcommands"),
    ])];

fn no_subcommand(_: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    Err(Error::arity("memory"))
}

fn help_memory(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    help::list(call, "memory")
}

/// `MEMORY USAGE key [SAMPLES count]`: strings have no parts to take samples of.
fn usage(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let mut rest = arguments.from(3);
    while let Some(option) = rest.next() {
        if !option.eq_ignore_ascii_case(b"samples") {
            return Err(SYNTAX);
        }
        if integer(rest.next().ok_or(SYNTAX)?)? < 0 {
            return Err(SYNTAX);
        }
    }
    match call.state.databases.peek(call.database, arguments.at(2), call.now).map(Row::memory) {
        Some(bytes) => call.reply.count(bytes),
        None => call.reply.null(),
    }
    Ok(())
}

fn stats(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    let databases = &call.state.databases;
    let (bytes, keys) = (databases.memory(), databases.iter().map(|one| one.len()).sum::<usize>());
    let told = [
        ("total.allocated", call.state.used_memory()),
        ("dataset.bytes", bytes),
        ("keys.count", keys),
        ("keys.bytes-per-key", bytes.checked_div(keys).unwrap_or(0)),
    ];
    call.reply.map(told.len());
    for (name, number) in told {
        call.reply.bulk(name.as_bytes());
        call.reply.count(number);
    }
    Ok(())
}

fn doctor(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    call.reply.verbatim("Nothing is known to be wrong with the memory of this server.\n");
    Ok(())
}

fn malloc_stats(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    call.reply.bulk(b"Stats not supported for the current allocator");
    Ok(())
}

fn purge(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    call.reply.ok();
    Ok(())
}
