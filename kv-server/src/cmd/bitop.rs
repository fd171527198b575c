//! BITOP: several values combined bit by bit.

use super::Call;
use super::bits::BITMAP;
use super::command::{Command, DENYOOM, Keys, WRITE};
use super::error::{Error, Outcome, SYNTAX};
use crate::db::Deadline;
use crate::events::{DEL, SET};
use crate::resp::Arguments;

/// This family's rows.
pub(super) static COMMANDS: [Command; 1] = [Command::new("bitop", -4, WRITE.and(DENYOOM), bitop)
    .keys(Keys::at(2, &["OW", "update"]))
    .more_keys(Keys { first: 3, last: -1, step: 1, access: &["RO", "access"], note: None })
    .categories(BITMAP)
    .about("2.6.0", "Combines values bit by bit, and stores the result")];

#[derive(Clone, Copy)]
enum Operation {
    And,
    Or,
    Xor,
    Not,
}

/// `BITOP AND | OR | XOR | NOT destination source …`
fn bitop(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let operation = match arguments.at(1).to_ascii_lowercase().as_slice() {
        b"and" => Operation::And,
        b"or" => Operation::Or,
        b"xor" => Operation::Xor,
        b"not" if arguments.len() == 4 => Operation::Not,
        b"not" => {
            return Err(Error::new("ERR BITOP NOT must be called with a single source key."));
        }
        _ => return Err(SYNTAX),
    };
    let mut result = Vec::new();
    for (index, key) in arguments.from(3).enumerate() {
        let row = call.state.read(call.database, key, call.now);
        let value = row.map_or(&b""[..], |row| row.value());
        match index {
            0 => result.extend_from_slice(value),
            _ => combine(operation, &mut result, value),
        }
    }
    if matches!(operation, Operation::Not) {
        result.iter_mut().for_each(|byte| *byte = !*byte);
    }
    store(call, arguments.at(2), &result);
    call.reply.count(result.len());
    Ok(())
}

/// Both go on with zeros up to the other's length.
fn combine(operation: Operation, result: &mut Vec<u8>, value: &[u8]) {
    result.resize(result.len().max(value.len()), 0);
    let (common, beyond) = result.split_at_mut(value.len());
    let pairs = common.iter_mut().zip(value);
    match operation {
        Operation::And => {
            pairs.for_each(|(one, other)| *one &= other);
            beyond.fill(0);
        }
        Operation::Or => pairs.for_each(|(one, other)| *one |= other),
        Operation::Xor => pairs.for_each(|(one, other)| *one ^= other),
        Operation::Not => {}
    }
}

/// Writes the result; an empty one is no key.
fn store(call: &mut Call<'_>, target: &[u8], result: &[u8]) {
    if !result.is_empty() {
        call.state.databases.set(call.database, target, result, Deadline::NEVER);
        call.state.databases.edit(call.database, target, call.now, |row| {
            row.resize(result.len());
        });
        call.changed(SET, target);
    } else if call.state.databases.remove(call.database, target, call.now).is_some() {
        call.changed(DEL, target);
    }
}
