//! Deadlines: EXPIRE, TTL, PERSIST and their kin, and the options by which other commands set one.
//!
//! Clients count in seconds or milliseconds, from now or from 1970; the table counts in
//! milliseconds from 1970. What does not fit 64 bits on the way is an error.

use super::Call;
use super::command::{Command, FAST, Keys, READONLY, WRITE};
use super::error::{Error, Outcome, SYNTAX, cut, integer};
use crate::db::{Deadline, Millis};
use crate::events::{DEL, EXPIRE, PERSIST};
use crate::resp::Arguments;

const KEYSPACE: &[&str] = &["@keyspace"];
const MOVE: Keys = Keys::one(&["RW", "update"]);
const LOOK: Keys = Keys::one(&["RO", "access"]);
const VARIES: &[&str] = &["nondeterministic_output"];

/// This family's rows.
pub(super) static COMMANDS: [Command; 9] = [
    Command::new("expire", -3, WRITE.and(FAST), expire)
        .keys(MOVE)
        .categories(KEYSPACE)
        .about("1.0.0", "Ends a key after so many seconds"),
    Command::new("pexpire", -3, WRITE.and(FAST), pexpire)
        .keys(MOVE)
        .categories(KEYSPACE)
        .about("2.6.0", "Ends a key after so many milliseconds"),
    Command::new("expireat", -3, WRITE.and(FAST), expireat)
        .keys(MOVE)
        .categories(KEYSPACE)
        .about("1.2.0", "Ends a key at a unix time in seconds"),
    Command::new("pexpireat", -3, WRITE.and(FAST), pexpireat)
        .keys(MOVE)
        .categories(KEYSPACE)
        .about("2.6.0", "Ends a key at a unix time in milliseconds"),
    Command::new("ttl", 2, READONLY.and(FAST), ttl)
        .keys(LOOK)
        .categories(KEYSPACE)
        .tips(VARIES)
        .about("1.0.0", "Tells for how many seconds a key will stay"),
    Command::new("pttl", 2, READONLY.and(FAST), pttl)
        .keys(LOOK)
        .categories(KEYSPACE)
        .tips(VARIES)
        .about("2.6.0", "Tells for how many milliseconds a key will stay"),
    Command::new("expiretime", 2, READONLY.and(FAST), expiretime)
        .keys(LOOK)
        .categories(KEYSPACE)
        .about("7.0.0", "Tells at which unix time a key ends, in seconds"),
    Command::new("pexpiretime", 2, READONLY.and(FAST), pexpiretime)
        .keys(LOOK)
        .categories(KEYSPACE)
        .about("7.0.0", "Tells at which unix time a key ends, in milliseconds"),
    Command::new("persist", 2, WRITE.and(FAST), persist)
        .keys(MOVE)
        .categories(KEYSPACE)
        .about("2.2.0", "Takes a key's deadline away"),
];

/// What a client counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Seconds,
    Milliseconds,
}

/// A point in time, as a client puts it.
#[derive(Clone, Copy, Debug)]
pub(super) struct When<'a> {
    pub(super) amount: &'a [u8],
    pub(super) unit: Unit,
    /// Counted from 1970, not from now.
    pub(super) absolute: bool,
}

impl<'a> When<'a> {
    /// One of `EX seconds`, `PX milliseconds`, `EXAT unix-seconds`, `PXAT unix-milliseconds`,
    /// where `before` may have been given before: the same again, but no other.
    pub(super) fn option(
        option: &[u8],
        rest: &mut impl Iterator<Item = &'a [u8]>,
        before: Option<&When<'_>>,
    ) -> Result<When<'a>, Error> {
        let (unit, absolute) = match option.to_ascii_lowercase().as_slice() {
            b"ex" => (Unit::Seconds, false),
            b"px" => (Unit::Milliseconds, false),
            b"exat" => (Unit::Seconds, true),
            b"pxat" => (Unit::Milliseconds, true),
            _ => return Err(SYNTAX),
        };
        if before.is_some_and(|before| (before.unit, before.absolute) != (unit, absolute)) {
            return Err(SYNTAX);
        }
        let amount = rest.next().ok_or(SYNTAX)?;
        Ok(When { amount, unit, absolute })
    }

    /// The unix time in milliseconds, if the amount is positive and all of it fits.
    pub(super) fn future(&self, command: &str, now: Millis) -> Result<Millis, Error> {
        let amount = integer(self.amount)?;
        if amount <= 0 {
            return Err(Error::expire_time(command));
        }
        self.millis(amount, now).ok_or_else(|| Error::expire_time(command))
    }

    /// The unix time in milliseconds, wherever it lies, if all of it fits.
    fn any(&self, command: &str, now: Millis) -> Result<Millis, Error> {
        let amount = integer(self.amount)?;
        self.millis(amount, now).ok_or_else(|| Error::expire_time(command))
    }

    fn millis(&self, amount: i64, now: Millis) -> Option<Millis> {
        let millis = match self.unit {
            Unit::Seconds => amount.checked_mul(1000)?,
            Unit::Milliseconds => amount,
        };
        if self.absolute { Some(millis) } else { millis.checked_add(now) }
    }
}

/// Moves the deadline of a key that is there; one that is not in the future ends it now. (Not while
/// an earlier run's commands are read: then it was in the future, and a later one may move it on.)
pub(super) fn set_or_remove(call: &mut Call<'_>, key: &[u8], deadline: Millis) {
    if deadline <= call.now && !call.state.databases.is_loading() {
        call.state.databases.remove(call.database, key, call.now);
        call.log_as(&[b"DEL", key]);
        call.changed(DEL, key);
    } else {
        call.state.databases.set_deadline(call.database, key, Deadline::at(deadline));
        let mut text = itoa::Buffer::new();
        call.log_as(&[b"PEXPIREAT", key, text.format(deadline).as_bytes()]);
        call.changed(EXPIRE, key);
    }
}

fn expire(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    expire_at(call, arguments, "expire", Unit::Seconds, false)
}

fn pexpire(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    expire_at(call, arguments, "pexpire", Unit::Milliseconds, false)
}

fn expireat(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    expire_at(call, arguments, "expireat", Unit::Seconds, true)
}

fn pexpireat(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    expire_at(call, arguments, "pexpireat", Unit::Milliseconds, true)
}

fn expire_at(
    call: &mut Call<'_>,
    arguments: Arguments<'_>,
    command: &str,
    unit: Unit,
    absolute: bool,
) -> Outcome {
    let key = arguments.at(1);
    let condition = Condition::parse(arguments)?;
    let deadline = When { amount: arguments.at(2), unit, absolute }.any(command, call.now)?;
    let row = call.state.databases.peek(call.database, key, call.now);
    let moved = row.is_some_and(|row| condition.allows(row.deadline().millis(), deadline));
    if moved {
        set_or_remove(call, key, deadline);
    }
    call.reply.integer(i64::from(moved));
    Ok(())
}

/// Under which circumstances a deadline is moved.
#[derive(Default)]
struct Condition {
    only_without: bool,
    only_with: bool,
    only_later: bool,
    only_earlier: bool,
}

impl Condition {
    fn parse(arguments: Arguments<'_>) -> Result<Condition, Error> {
        let mut condition = Condition::default();
        for option in arguments.from(3) {
            match option.to_ascii_lowercase().as_slice() {
                b"nx" => condition.only_without = true,
                b"xx" => condition.only_with = true,
                b"gt" => condition.only_later = true,
                b"lt" => condition.only_earlier = true,
                _ => {
                    let option = cut(option, usize::MAX);
                    return Err(Error::with(&[b"ERR Unsupported option ", option]));
                }
            }
        }
        let Condition { only_without, only_with, only_later, only_earlier } = condition;
        if only_without && (only_with || only_later || only_earlier) {
            return Err(Error::new(
                "ERR NX and XX, GT or LT options at the same time are not compatible",
            ));
        }
        if only_later && only_earlier {
            return Err(Error::new("ERR GT and LT options at the same time are not compatible"));
        }
        Ok(condition)
    }

    /// No deadline counts as one that is later than any other.
    fn allows(&self, old: Option<Millis>, new: Millis) -> bool {
        !(self.only_without && old.is_some()
            || self.only_with && old.is_none()
            || self.only_later && old.is_none_or(|old| new <= old)
            || self.only_earlier && old.is_some_and(|old| new >= old))
    }
}

fn ttl(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    tell(call, arguments, |deadline, now| seconds((deadline - now).max(0)))
}

fn pttl(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    tell(call, arguments, |deadline, now| (deadline - now).max(0))
}

fn expiretime(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    tell(call, arguments, |deadline, _| seconds(deadline))
}

fn pexpiretime(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    tell(call, arguments, |deadline, _| deadline)
}

/// Tells something about the deadline; -1 if there is none, -2 if there is no key.
fn tell(
    call: &mut Call<'_>,
    arguments: Arguments<'_>,
    value: impl Fn(Millis, Millis) -> i64,
) -> Outcome {
    let now = call.now;
    let row = call.state.look(call.database, arguments.at(1), now);
    let deadline = row.map(|row| row.deadline().millis());
    call.reply.integer(match deadline {
        None => -2,
        Some(None) => -1,
        Some(Some(deadline)) => value(deadline, now),
    });
    Ok(())
}

/// Milliseconds to seconds, rounded.
fn seconds(millis: Millis) -> i64 {
    millis / 1000 + i64::from(millis % 1000 >= 500)
}

fn persist(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let removed = remove_deadline(call, arguments.at(1));
    call.reply.integer(i64::from(removed));
    Ok(())
}

/// Takes the deadline of a key away. Whether there was one.
pub(super) fn remove_deadline(call: &mut Call<'_>, key: &[u8]) -> bool {
    let row = call.state.databases.peek(call.database, key, call.now);
    let had_deadline = row.is_some_and(|row| row.deadline() != Deadline::NEVER);
    if had_deadline {
        call.state.databases.set_deadline(call.database, key, Deadline::NEVER);
        call.log_as(&[b"PERSIST", key]);
        call.changed(PERSIST, key);
    }
    had_deadline
}
