//! Rows to bytes.

use std::time::Duration;

use super::{AUX, DEADLINE_MILLIS, EOF, SELECT, STRING, VERSION};
use crate::db::Millis;

/// The beginning of a file: its version, and what Redis likes to know about it.
pub(in crate::log) fn begin(out: &mut Vec<u8>, time: Duration, version: &str, is_base: bool) {
    out.extend_from_slice(format!("REDIS{VERSION:04}").as_bytes());
    let seconds = time.as_secs().to_string();
    let bits = usize::BITS.to_string();
    let base = if is_base { "1" } else { "0" };
    for (name, value) in
        [("redis-ver", version), ("redis-bits", &bits), ("ctime", &seconds), ("aof-base", base)]
    {
        out.push(AUX);
        string(out, name.as_bytes());
        string(out, value.as_bytes());
    }
}

/// The rows that follow are of this database.
pub(in crate::log) fn select(out: &mut Vec<u8>, database: u8) {
    out.push(SELECT);
    length(out, database.into());
}

/// A row.
pub(in crate::log) fn row(out: &mut Vec<u8>, key: &[u8], value: &[u8], deadline: Option<Millis>) {
    if let Some(when) = deadline {
        out.push(DEADLINE_MILLIS);
        out.extend_from_slice(&when.to_le_bytes());
    }
    out.push(STRING);
    string(out, key);
    string(out, value);
}

/// The end of a file; after it comes the checksum over everything.
pub(in crate::log) fn end(out: &mut Vec<u8>) {
    out.push(EOF);
}

fn string(out: &mut Vec<u8>, bytes: &[u8]) {
    length(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn length(out: &mut Vec<u8>, length: u64) {
    if let Ok(short @ 0..64) = u8::try_from(length) {
        out.push(short);
    } else if let Ok(short @ 0..0x4000) = u16::try_from(length) {
        out.extend_from_slice(&(0x4000 | short).to_be_bytes());
    } else if let Ok(medium) = u32::try_from(length) {
        out.push(0x80);
        out.extend_from_slice(&medium.to_be_bytes());
    } else {
        out.push(0x81);
        out.extend_from_slice(&length.to_be_bytes());
    }
}
