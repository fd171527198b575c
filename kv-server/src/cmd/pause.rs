//! CLIENT PAUSE: commands wait, all or those that write, until it is over; and CLIENT UNBLOCK, for
//! commands that wait by themselves, of which there are none here.

use super::Call;
use super::command::{Command, PUBSUB, READONLY, WRITE};
use super::error::{Error, Outcome, integer};
use crate::resp::{Arguments, parse_integer};
use crate::state::Pause;
use crate::transaction::Transaction;

/// Whether a command has to wait; `transaction` is the caller's.
pub(super) fn holds_back(
    pause: Pause,
    command: &Command,
    transaction: Option<&Transaction>,
) -> bool {
    let runs_writes = command.name == "exec" && transaction.is_some_and(|queue| queue.writes);
    !pause.writes_only || command.flags.has(WRITE) || publishes(command) || runs_writes
}

/// A message would go to the copies of the server too, if there were any: for Redis it is a write.
fn publishes(command: &Command) -> bool {
    command.flags.has(PUBSUB) && command.name.ends_with("publish")
}

/// Whether a command reads or writes keys, or counts as one that does.
pub(super) fn touches_keys(command: &Command) -> bool {
    command.flags.has(WRITE) || command.flags.has(READONLY) || publishes(command)
}

/// `CLIENT PAUSE milliseconds [WRITE | ALL]`
pub(super) fn pause(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    if arguments.len() > 4 {
        return Err(Error::subcommand_or_count("CLIENT", arguments.at(1)));
    }
    let mut writes_only = match arguments.get(3).map(<[u8]>::to_ascii_lowercase).as_deref() {
        None | Some(b"all") => false,
        Some(b"write") => true,
        Some(_) => return Err(Error::new("ERR CLIENT PAUSE mode must be WRITE or ALL")),
    };
    let length = parse_integer(arguments.at(2))
        .ok_or(Error::new("ERR timeout is not an integer or out of range"))?;
    if length < 0 {
        return Err(Error::new("ERR timeout is negative"));
    }
    let mut until = call.now.saturating_add(length);
    // A pause is made stricter and longer by a second one, never the other way round.
    if let Some(old) = call.state.pause(call.now) {
        until = until.max(old.until);
        writes_only &= old.writes_only;
    }
    call.state.pause = Some(Pause { until, writes_only });
    call.caller();
    call.reply.ok();
    Ok(())
}

/// `CLIENT UNPAUSE`
pub(super) fn unpause(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    call.state.pause = None;
    call.state.clients.wake_all();
    call.state.wake_expiry();
    call.caller();
    call.reply.ok();
    Ok(())
}

/// `CLIENT UNBLOCK id [TIMEOUT | ERROR]`: nobody is blocked.
pub(super) fn unblock(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    if arguments.len() > 4 {
        return Err(Error::subcommand_or_count("CLIENT", arguments.at(1)));
    }
    if let Some(reason) = arguments.get(3)
        && !reason.eq_ignore_ascii_case(b"timeout")
        && !reason.eq_ignore_ascii_case(b"error")
    {
        return Err(Error::new("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR"));
    }
    integer(arguments.at(2))?;
    call.reply.integer(0);
    Ok(())
}
