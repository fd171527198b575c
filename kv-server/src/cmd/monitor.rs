//! MONITOR: one client sees what all others call.
//!
//! A line for each command, after it has run: `+1700000000.000042 [0 127.0.0.1:50000] "GET" "a"`.
//! Commands for who runs the server are not shown, passwords neither. While nobody looks, it costs
//! nothing: that somebody does is one of the reasons for which a command is timed, and what is timed
//! is looked at closely ([`super::measure`]).
//!
//! Redis takes a client that looks for a copy of the server, and lets it touch no keys; so do we.
//!
//! A client that looks and does not keep up is cut off like a subscriber that does not, by the same
//! limits. (Redis keeps for it whatever comes, as for any normal client.)

use std::fmt::Write;

use super::Call;
use super::command::{ADMIN, ALWAYS, Command, NOSCRIPT};
use super::error::{Error, Outcome};
use super::redact::public;
use crate::clients::Replies;
use crate::resp::Arguments;

/// This family's rows.
pub(super) static COMMANDS: [Command; 1] =
    [Command::new("monitor", 1, ADMIN.and(NOSCRIPT).and(ALWAYS), monitor)
        .about("1.0.0", "Shows every command that is called from now on")];

fn monitor(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    // EXEC's replies are counted before they are made: MONITOR, which may have none, is no part of it.
    if call.last.is_some_and(|found| found.command.name == "exec") {
        return Err(Error::new("ERR MONITOR isn't allowed for DENY BLOCKING client"));
    }
    if call.state.clients[call.slot].monitor {
        // As Redis does: no second answer.
        return Ok(());
    }
    call.caller().monitor = true;
    call.state.monitors.push(call.slot);
    call.reply.ok();
    Ok(())
}

/// Shows a command to all who look.
#[cold]
pub(super) fn feed(call: &mut Call<'_>, command: &Command, arguments: Arguments<'_>) {
    if command.flags.has(ADMIN) {
        return;
    }
    let line = line(call, &public(command, arguments));
    let hard_limit = match call.state.config.pubsub_limit.hard {
        0 => usize::MAX,
        limit => limit,
    };
    let state = &mut *call.state;
    for &slot in &state.monitors {
        if slot == call.slot {
            call.reply.out.extend_from_slice(line.as_bytes());
        } else if state.clients[slot].replies != Replies::Off
            && !state.clients.post(slot, line.as_bytes(), hard_limit)
        {
            state.stats.slow_clients += 1;
        }
    }
}

fn line(call: &Call<'_>, arguments: &[&[u8]]) -> String {
    let (seconds, micros) = (call.time.as_secs(), call.time.subsec_micros());
    let (database, address) = (call.database, call.state.clients[call.slot].address());
    let mut line = format!("+{seconds}.{micros:06} [{database} {address}]");
    for argument in arguments {
        line.push_str(" \"");
        for &byte in *argument {
            // Writing to a string cannot fail.
            let _ = match byte {
                b'"' | b'\\' => write!(line, "\\{}", char::from(byte)),
                b'\n' => write!(line, "\\n"),
                b'\r' => write!(line, "\\r"),
                b'\t' => write!(line, "\\t"),
                0x07 => write!(line, "\\a"),
                0x08 => write!(line, "\\b"),
                b' '..=b'~' => write!(line, "{}", char::from(byte)),
                _ => write!(line, "\\x{byte:02x}"),
            };
        }
        line.push('"');
    }
    line.push_str("\r\n");
    line
}
