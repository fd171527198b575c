//! FUNCTION: there are no functions here, but test harnesses of clients flush them all the same.

use super::command::{ALWAYS, Command, NONE, NOSCRIPT, WRITE};
use super::error::{Error, Outcome};
use super::{Call, help};
use crate::resp::Arguments;

const SCRIPTING: &[&str] = &["@scripting"];

/// This family's rows.
pub(super) static COMMANDS: [Command; 1] = [Command::new("function", -2, NONE, no_subcommand)
    .about("7.0.0", "Would keep functions; there are none")
    .subcommands(&[
        Command::new("function|flush", -2, WRITE.and(NOSCRIPT), flush)
            .categories(SCRIPTING)
            .tips(&["request_policy:all_shards", "response_policy:all_succeeded"])
            .about("7.0.0", "Removes all functions; there are none"),
        Command::new("function|help", 2, ALWAYS, help_function)
            .categories(SCRIPTING)
            .about("7.0.0", "Lists the subcommands"),
    ])];

fn no_subcommand(_: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    Err(Error::arity("function"))
}

fn help_function(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    help::list(call, "function")
}

/// `FUNCTION FLUSH [SYNC | ASYNC]`
fn flush(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    if arguments.len() > 3 {
        return Err(Error::subcommand_or_count("FUNCTION", arguments.at(1)));
    }
    let is_mode =
        |mode: &[u8]| mode.eq_ignore_ascii_case(b"sync") || mode.eq_ignore_ascii_case(b"async");
    if !arguments.get(2).is_none_or(is_mode) {
        return Err(Error::new("ERR FUNCTION FLUSH only supports SYNC|ASYNC option"));
    }
    call.reply.ok();
    Ok(())
}
