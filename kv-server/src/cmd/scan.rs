//! Walks over all keys: SCAN step by step, KEYS at once, RANDOMKEY by chance.

use super::Call;
use super::command::{Command, READONLY};
use super::error::{Error, Outcome, SYNTAX, cut, integer};
use crate::db::Row;
use crate::glob;
use crate::resp::Arguments;

const KEYSPACE: &[&str] = &["@keyspace"];

/// This family's rows.
pub(super) static COMMANDS: [Command; 3] = [
    Command::new("keys", 2, READONLY, keys)
        .categories(&["@keyspace", "@dangerous"])
        .tips(&["request_policy:all_shards", "nondeterministic_output_order"])
        .about("1.0.0", "Lists the keys that a pattern describes"),
    Command::new("scan", -2, READONLY, scan)
        .categories(KEYSPACE)
        .tips(&["nondeterministic_output", "request_policy:special"])
        .about("2.8.0", "Lists the keys step by step"),
    Command::new("randomkey", 1, READONLY, randomkey)
        .categories(KEYSPACE)
        .tips(&["request_policy:all_shards", "nondeterministic_output"])
        .about("1.0.0", "Tells any one key"),
];

/// Whether a pattern describes a key. "*" alone means all, also the empty key, which no other pattern
/// with a star describes.
fn describes(pattern: &[u8], key: &[u8]) -> bool {
    pattern == b"*" || glob::matches(pattern, key)
}

/// `KEYS pattern`
fn keys(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let pattern = arguments.at(1);
    let databases = &call.state.databases;
    let rows = databases.rows(call.database, call.now);
    let found: Vec<&Row> = rows.filter(|row| describes(pattern, row.key())).collect();
    call.reply.array(found.len());
    found.iter().for_each(|row| call.reply.bulk(row.key()));
    Ok(())
}

/// `SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]`
fn scan(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let cursor = cursor(arguments.at(1)).ok_or(Error::new("ERR invalid cursor"))?;
    let mut pattern = &b"*"[..];
    let mut count = 10;
    let mut strings = true;
    let mut rest = arguments.from(2);
    while let Some(option) = rest.next() {
        let value = rest.next().ok_or(SYNTAX)?;
        match option.to_ascii_lowercase().as_slice() {
            b"match" => pattern = value,
            b"count" => {
                count = usize::try_from(integer(value)?).map_err(|_| SYNTAX)?;
                if count == 0 {
                    return Err(SYNTAX);
                }
            }
            // There are no others; nothing is of a type that does not exist.
            b"type" => strings = cut(value, usize::MAX).eq_ignore_ascii_case(b"string"),
            _ => return Err(SYNTAX),
        }
    }
    let (rows, next) = call.state.databases.scan(call.database, cursor, count);
    let is_found = |row: &&Row| {
        strings && !row.deadline().has_passed(call.now) && describes(pattern, row.key())
    };
    let found: Vec<&Row> = rows.iter().filter(is_found).collect();
    call.reply.array(2);
    call.reply.bulk(itoa::Buffer::new().format(next).as_bytes());
    call.reply.array(found.len());
    found.iter().for_each(|row| call.reply.bulk(row.key()));
    Ok(())
}

/// A cursor, read as C's `strtoul` reads a number: signs are fine, the empty text is zero.
fn cursor(text: &[u8]) -> Option<usize> {
    let text = cut(text, usize::MAX);
    let (negative, digits) = match text {
        [] => return Some(0),
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number: u64 = str::from_utf8(digits).ok()?.parse().ok()?;
    usize::try_from(if negative { number.wrapping_neg() } else { number }).ok()
}

fn randomkey(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    let row = call.state.databases.random(call.database, call.now);
    call.reply.bulk_or_null(row.map(Row::key));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::cursor;

    #[test]
    fn cursors_are_what_c_reads_as_a_number() {
        assert_eq!(cursor(b"17"), Some(17));
        assert_eq!(cursor(b"+017"), Some(17));
        assert_eq!(cursor(b""), Some(0));
        assert_eq!(cursor(b"-1"), Some(usize::MAX));
        assert_eq!(cursor(b"18446744073709551615"), Some(usize::MAX));
        assert_eq!(cursor(b"5\0x"), Some(5), "the text ends there");
        for text in ["x", "1x", " 1", "-", "+", "--1", "1.0", "18446744073709551616"] {
            assert_eq!(cursor(text.as_bytes()), None, "{text}");
        }
    }
}
