//! Parts of values: GETRANGE, SETRANGE.

use super::Call;
use super::command::{Command, DENYOOM, Keys, READONLY, WRITE};
use super::error::{Error, Outcome, TOO_LONG, integer};
use crate::db::Deadline;
use crate::events::Event;
use crate::resp::Arguments;

const SETRANGE: Event = Event::string("setrange");
const STRING: &[&str] = &["@string"];
const READ: Keys = Keys::one(&["RO", "access"]);

/// This family's rows.
pub(super) static COMMANDS: [Command; 3] = [
    Command::new("getrange", 4, READONLY, getrange)
        .keys(READ)
        .categories(STRING)
        .about("2.4.0", "Tells a part of a key's value"),
    Command::new("substr", 4, READONLY, getrange)
        .keys(READ)
        .categories(STRING)
        .about("1.0.0", "Tells a part of a key's value; the old name of GETRANGE"),
    Command::new("setrange", 4, WRITE.and(DENYOOM), setrange)
        .keys(Keys::one(&["RW", "update"]))
        .categories(STRING)
        .about("2.2.0", "Writes over a part of a key's value"),
];

/// The elements from `start` to `end`, both included, of a sequence of so many; negative ones count
/// from its end. `None` if there are none.
pub(super) fn within(start: i64, end: i64, length: usize) -> Option<(usize, usize)> {
    if start < 0 && end < 0 && start > end {
        return None;
    }
    cut(start, end, length)
}

/// The same, for commands that take two ends before the beginning for the first element, also if they
/// are given in the wrong order.
pub(super) fn cut(start: i64, end: i64, length: usize) -> Option<(usize, usize)> {
    let length = i64::try_from(length).ok()?;
    let from_end = |index: i64| if index < 0 { (length + index).max(0) } else { index };
    let (start, end) = (from_end(start), from_end(end).min(length - 1));
    if start > end {
        return None;
    }
    Some((usize::try_from(start).ok()?, usize::try_from(end).ok()?))
}

/// `GETRANGE key start end`
fn getrange(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let (start, end) = (integer(arguments.at(2))?, integer(arguments.at(3))?);
    let value = call.state.read(call.database, arguments.at(1), call.now);
    let value = value.map_or(&b""[..], |row| row.value());
    call.reply.bulk(match within(start, end, value.len()) {
        Some((start, end)) => &value[start..=end],
        None => b"",
    });
    Ok(())
}

/// `SETRANGE key offset value`
fn setrange(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let (key, part) = (arguments.at(1), arguments.at(3));
    let offset = integer(arguments.at(2))?;
    let offset = usize::try_from(offset).map_err(|_| Error::new("ERR offset is out of range"))?;
    let row = call.state.databases.peek(call.database, key, call.now);
    let old = row.map(|row| row.value().len());
    if part.is_empty() {
        call.reply.count(old.unwrap_or(0));
        return Ok(());
    }
    let most = call.state.config.max_bulk as usize;
    let end = offset.checked_add(part.len()).filter(|&end| end <= most).ok_or(TOO_LONG)?;
    if old.is_none() {
        call.state.databases.set(call.database, key, b"", Deadline::NEVER);
    }
    let length = old.unwrap_or(0).max(end);
    call.state.databases.edit(call.database, key, call.now, |row| {
        row.resize(length)[offset..end].copy_from_slice(part);
    });
    call.changed(SETRANGE, key);
    call.reply.count(length);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn a_range_is_cut_to_what_there_is() {
        assert_eq!(within(0, -1, 5), Some((0, 4)));
        assert_eq!(within(-3, -2, 5), Some((2, 3)));
        assert_eq!(within(3, 100, 5), Some((3, 4)));
        assert_eq!(within(-100, 1, 5), Some((0, 1)));
        assert_eq!(within(-100, -50, 5), Some((0, 0)), "both ends are cut");
        assert_eq!(within(i64::MIN, i64::MAX, 5), Some((0, 4)));
        assert_eq!(within(0, 0, 1), Some((0, 0)));
    }

    #[test]
    fn a_range_may_be_empty() {
        for (start, end, length) in [(3, 2, 5), (-1, -2, 5), (5, 9, 5), (0, -1, 0), (0, 0, 0)] {
            assert_eq!(within(start, end, length), None, "{start} to {end} of {length}");
        }
        assert_eq!(within(i64::MAX, i64::MIN, 5), None);
    }
}
