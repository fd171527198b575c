//! The server as a whole: its time. (Its state is in [`super::info`].)

use super::command::{ALWAYS, Command, FAST};
use super::error::Outcome;
use super::{Call, info};
use crate::resp::Arguments;

/// This family's rows.
pub(super) static COMMANDS: [Command; 2] = [
    Command::new("time", 1, ALWAYS.and(FAST), time)
        .tips(&["nondeterministic_output"])
        .about("2.6.0", "Tells the time: unix seconds, and microseconds"),
    Command::new("info", -1, ALWAYS, info::info)
        .categories(&["@dangerous"])
        .tips(&["nondeterministic_output", "request_policy:all_shards", "response_policy:special"])
        .about("1.0.0", "Tells about the server, section by section"),
];

fn time(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    let mut text = itoa::Buffer::new();
    call.reply.array(2);
    call.reply.bulk(text.format(call.time.as_secs()).as_bytes());
    call.reply.bulk(text.format(call.time.subsec_micros()).as_bytes());
    Ok(())
}
