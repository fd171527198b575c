//! Values as rows of bits: SETBIT, GETBIT, BITCOUNT, BITPOS.
//!
//! Bit 0 is the highest bit of the first byte. What lies beyond the end is zero.

use super::Call;
use super::command::{Command, DENYOOM, FAST, Keys, READONLY, WRITE};
use super::error::{Error, Outcome, SYNTAX, integer};
use super::ranges::cut;
use crate::db::Deadline;
use crate::events::Event;
use crate::resp::{Arguments, parse_integer};

pub(super) const BITMAP: &[&str] = &["@bitmap"];
pub(super) const SETBIT: Event = Event::string("setbit");
pub(super) const READ: Keys = Keys::one(&["RO", "access"]);
pub(super) const BAD_OFFSET: Error = Error::new("ERR bit offset is not an integer or out of range");
const BAD_BIT: Error = Error::new("ERR bit is not an integer or out of range");

/// This family's rows.
pub(super) static COMMANDS: [Command; 4] = [
    Command::new("setbit", 4, WRITE.and(DENYOOM), setbit)
        .keys(Keys::one(&["RW", "access", "update"]))
        .categories(BITMAP)
        .about("2.2.0", "Sets or clears one bit, and tells what it was"),
    Command::new("getbit", 3, READONLY.and(FAST), getbit)
        .keys(READ)
        .categories(BITMAP)
        .about("2.2.0", "Tells one bit"),
    Command::new("bitcount", -2, READONLY, bitcount)
        .keys(READ)
        .categories(BITMAP)
        .about("2.6.0", "Counts the bits that are set"),
    Command::new("bitpos", -3, READONLY, bitpos)
        .keys(READ)
        .categories(BITMAP)
        .about("2.8.7", "Finds the first bit that is set, or clear"),
];

/// The index of a bit that a string of the allowed length can have.
pub(super) fn bit_offset(call: &Call<'_>, offset: Option<i64>) -> Result<usize, Error> {
    let offset = offset.and_then(|offset| usize::try_from(offset).ok()).ok_or(BAD_OFFSET)?;
    let most = call.state.config.max_bulk as usize;
    if offset >> 3 < most { Ok(offset) } else { Err(BAD_OFFSET) }
}

/// Makes a value long enough for the bit at this index, if it is not. Whether it was changed.
pub(super) fn reach(call: &mut Call<'_>, key: &[u8], bit: usize) -> bool {
    let length = (bit >> 3) + 1;
    let databases = &mut call.state.databases;
    let old = databases.peek(call.database, key, call.now).map(|row| row.value().len());
    if old.is_none() {
        databases.set(call.database, key, b"", Deadline::NEVER);
    }
    let length = length.max(old.unwrap_or(0));
    databases.edit(call.database, key, call.now, |row| {
        row.resize(length);
    });
    old != Some(length)
}

/// `SETBIT key offset bit`
fn setbit(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let key = arguments.at(1);
    let offset = bit_offset(call, parse_integer(arguments.at(2)))?;
    let bit = match parse_integer(arguments.at(3)) {
        Some(0) => false,
        Some(1) => true,
        _ => return Err(BAD_BIT),
    };
    let grown = reach(call, key, offset);
    let mask = 0x80 >> (offset & 7);
    let old = call.state.databases.edit(call.database, key, call.now, |row| {
        let length = row.value().len();
        let byte = &mut row.resize(length)[offset >> 3];
        let old = *byte & mask != 0;
        *byte = if bit { *byte | mask } else { *byte & !mask };
        old
    });
    let old = old.unwrap_or(false);
    if grown || old != bit {
        call.changed(SETBIT, key);
    }
    call.reply.integer(i64::from(old));
    Ok(())
}

/// `GETBIT key offset`
fn getbit(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let offset = bit_offset(call, parse_integer(arguments.at(2)))?;
    let row = call.state.read(call.database, arguments.at(1), call.now);
    let byte = row.and_then(|row| row.value().get(offset >> 3).copied()).unwrap_or(0);
    call.reply.integer(i64::from(byte >> (7 - (offset & 7)) & 1));
    Ok(())
}

/// What a range counts in: bits or bytes.
fn counts_bits(unit: &[u8]) -> Result<bool, Error> {
    match unit.to_ascii_lowercase().as_slice() {
        b"bit" => Ok(true),
        b"byte" => Ok(false),
        _ => Err(SYNTAX),
    }
}

/// The bits from `start` to `end`, the last one excluded.
type Bits = std::ops::Range<usize>;

/// The bits of a range in bits or bytes, of a value of so many bytes.
fn bits(start: i64, end: i64, in_bits: bool, length: usize) -> Bits {
    let each = if in_bits { 1 } else { 8 };
    match cut(start, end, length * 8 / each) {
        Some((start, end)) => start * each..(end + 1) * each,
        None => 0..0,
    }
}

/// `BITCOUNT key [start end [BYTE | BIT]]`
fn bitcount(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let Some(row) = call.state.read(call.database, arguments.at(1), call.now) else {
        call.reply.integer(0);
        return Ok(());
    };
    let value = row.value();
    let range = match arguments.len() {
        2 => 0..value.len() * 8,
        4 | 5 => {
            let (start, end) = (integer(arguments.at(2))?, integer(arguments.at(3))?);
            if start < 0 && end < 0 && start > end {
                0..0
            } else {
                let in_bits = arguments.get(4).map_or(Ok(false), counts_bits)?;
                bits(start, end, in_bits, value.len())
            }
        }
        _ => return Err(SYNTAX),
    };
    call.reply.count(count_ones(value, range));
    Ok(())
}

fn count_ones(value: &[u8], range: Bits) -> usize {
    if range.is_empty() {
        return 0;
    }
    let bytes = &value[range.start / 8..range.end.div_ceil(8)];
    let (words, rest) = bytes.as_chunks::<8>();
    let in_words: usize =
        words.iter().map(|word| u64::from_ne_bytes(*word).count_ones() as usize).sum();
    let in_rest: usize = rest.iter().map(|byte| byte.count_ones() as usize).sum();
    let first = bytes[0] & !(0xff >> (range.start & 7));
    let last = bytes[bytes.len() - 1] & low_bits(range.end.wrapping_neg() & 7);
    in_words + in_rest - (first.count_ones() + last.count_ones()) as usize
}

/// The `count` lowest bits of a byte; fewer than eight.
fn low_bits(count: usize) -> u8 {
    (1 << count) - 1
}

/// `BITPOS key bit [start [end [BYTE | BIT]]]`
fn bitpos(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let bit = match integer(arguments.at(2))? {
        0 => false,
        1 => true,
        _ => return Err(Error::new("ERR The bit argument must be 1 or 0.")),
    };
    let Some(row) = call.state.read(call.database, arguments.at(1), call.now) else {
        call.reply.integer(if bit { -1 } else { 0 });
        return Ok(());
    };
    let value = row.value();
    if arguments.len() > 6 {
        return Err(SYNTAX);
    }
    let start = arguments.get(3).map_or(Ok(0), integer)?;
    let in_bits = arguments.get(5).map_or(Ok(false), counts_bits)?;
    let end = arguments.get(4).map_or(Ok(-1), integer)?;
    let range = bits(start, end, in_bits, value.len());
    let found = first_bit(value, range.clone(), bit);
    // Without an end the value goes on, with zeros.
    let beyond = !bit && arguments.len() < 5 && !range.is_empty();
    match found.or(beyond.then_some(range.end)) {
        Some(position) => call.reply.count(position),
        None => call.reply.integer(-1),
    }
    Ok(())
}

/// The first bit in a range that is like `bit`.
fn first_bit(value: &[u8], range: Bits, bit: bool) -> Option<usize> {
    let none = if bit { 0 } else { 0xff };
    let mut position = range.start;
    while position < range.end {
        let byte = value[position / 8];
        if position.is_multiple_of(8) && byte == none {
            let rest = &value[position / 8..range.end.div_ceil(8)];
            let skipped = rest.iter().take_while(|&&byte| byte == none).count();
            position += skipped * 8;
            continue;
        }
        if (byte >> (7 - position % 8) & 1 == 1) == bit {
            return Some(position);
        }
        position += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{count_ones, first_bit};

    proptest! {
        #[test]
        fn bits_are_counted_and_found_as_one_by_one(
            value in prop::collection::vec(prop::sample::select(vec![0u8, 0xff, 1, 0x80, 0x5a]), 1..40),
            start in 0usize..320,
            length in 0usize..320,
            bit: bool,
        ) {
            let end = (start + length).min(value.len() * 8);
            let range = start.min(end)..end;
            let at = |index: usize| value[index / 8] >> (7 - index % 8) & 1 == 1;
            let ones = range.clone().filter(|&index| at(index)).count();
            prop_assert_eq!(count_ones(&value, range.clone()), ones);
            let first = range.clone().find(|&index| at(index) == bit);
            prop_assert_eq!(first_bit(&value, range, bit), first);
        }
    }
}
