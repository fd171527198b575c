//! Bytes to rows.

use std::io::BufRead;

use super::super::input::{Fault, Input};
use super::super::lzf;
use super::{AUX, DEADLINE_MILLIS, DEADLINE_SECONDS, EOF, LAST_VERSION, RESIZE, SELECT, STRING};
use crate::config::MAX_BULK;
use crate::db::Millis;

const FREQUENCY: u8 = 0xf9;
const IDLE: u8 = 0xf8;
const MODULE: u8 = 0xf7;
const FUNCTIONS: [u8; 2] = [0xf5, 0xf6];

/// Takes one row: its database, key, value and deadline. What is wrong with it, if it is.
pub(crate) trait Rows:
    FnMut(u64, &[u8], &[u8], Option<Millis>) -> Result<(), String>
{
}

impl<F: FnMut(u64, &[u8], &[u8], Option<Millis>) -> Result<(), String>> Rows for F {}

/// Reads a snapshot to its end, and gives each row to `rows`. The checksum is compared last: after
/// an error, what was given is to be thrown away.
pub(crate) fn read(input: &mut Input<impl BufRead>, mut rows: impl Rows) -> Result<(), Fault> {
    let version = header(input)?;
    let mut database = 0;
    let mut deadline = None;
    loop {
        let at = input.offset();
        match input.byte()? {
            AUX => {
                string(input)?;
                string(input)?;
            }
            RESIZE => {
                length(input)?;
                length(input)?;
            }
            DEADLINE_MILLIS => deadline = Some(Millis::from_le_bytes(array(input)?)),
            DEADLINE_SECONDS => {
                deadline = Some(Millis::from(i32::from_le_bytes(array(input)?)) * 1000);
            }
            FREQUENCY => {
                input.byte()?;
            }
            IDLE => {
                length(input)?;
            }
            SELECT => database = length(input)?,
            EOF => return if version >= 5 { compare_checksums(input) } else { Ok(()) },
            MODULE => return Err(Fault::wrong(at, "it holds a module's data")),
            code if FUNCTIONS.contains(&code) => {
                return Err(Fault::wrong(
                    at,
                    "it holds functions, which this server does not have",
                ));
            }
            kind => {
                let key = string(input)?;
                if kind != STRING {
                    let text = format!(
                        "the key \"{}\" holds a {}, and this server has strings alone",
                        key.escape_ascii(),
                        name(kind)
                    );
                    return Err(Fault::wrong(at, text));
                }
                let value = string(input)?;
                // Redis takes a deadline of -1 for none.
                let deadline = deadline.take().filter(|&when| when != -1);
                let row = rows(database, &key, &value, deadline);
                row.map_err(|why| Fault::wrong(at, why))?;
            }
        }
    }
}

/// The first nine bytes: which version it is.
fn header(input: &mut Input<impl BufRead>) -> Result<u32, Fault> {
    input.start_checksum();
    let header: [u8; 9] = array(input)?;
    let version = header.strip_prefix(b"REDIS").and_then(|digits| str::from_utf8(digits).ok());
    let Some(version) = version.and_then(|digits| digits.parse().ok()) else {
        return Err(Fault::wrong(0, "it does not begin with REDIS and a version"));
    };
    if !(1..=LAST_VERSION).contains(&version) {
        let text = format!("it has version {version}, and only up to {LAST_VERSION} is known");
        return Err(Fault::wrong(0, text));
    }
    Ok(version)
}

fn compare_checksums(input: &mut Input<impl BufRead>) -> Result<(), Fault> {
    let at = input.offset();
    let computed = input.take_checksum();
    let written = u64::from_le_bytes(array(input)?);
    // Zero: whoever wrote it was told not to compute one.
    if written != 0 && written != computed {
        let text = format!("the checksum is {written:016x}, but of these bytes {computed:016x}");
        return Err(Fault::wrong(at, text));
    }
    Ok(())
}

/// A length, or in what other way a string is written.
enum Length {
    Bytes(u64),
    Special(u8),
}

fn any_length(input: &mut Input<impl BufRead>) -> Result<Length, Fault> {
    let at = input.offset();
    let first = input.byte()?;
    Ok(match first >> 6 {
        0 => Length::Bytes((first & 0x3f).into()),
        1 => Length::Bytes(u64::from(first & 0x3f) << 8 | u64::from(input.byte()?)),
        2 if first == 0x80 => Length::Bytes(u32::from_be_bytes(array(input)?).into()),
        2 if first == 0x81 => Length::Bytes(u64::from_be_bytes(array(input)?)),
        3 => Length::Special(first & 0x3f),
        _ => return Err(Fault::wrong(at, format!("the length {first:#04x} has no meaning"))),
    })
}

fn length(input: &mut Input<impl BufRead>) -> Result<u64, Fault> {
    let at = input.offset();
    match any_length(input)? {
        Length::Bytes(length) => Ok(length),
        Length::Special(_) => Err(Fault::wrong(at, "a string where a number must be")),
    }
}

/// A string: as it is, as an integer, or compressed.
fn string(input: &mut Input<impl BufRead>) -> Result<Vec<u8>, Fault> {
    let at = input.offset();
    let number = |number: i32| Ok(number.to_string().into_bytes());
    match any_length(input)? {
        Length::Bytes(length) => bytes(input, length),
        Length::Special(0) => number(i8::from_le_bytes(array(input)?).into()),
        Length::Special(1) => number(i16::from_le_bytes(array(input)?).into()),
        Length::Special(2) => number(i32::from_le_bytes(array(input)?)),
        Length::Special(3) => {
            let packed = length(input)?;
            let unpacked = length(input)?;
            let packed = bytes(input, packed)?;
            let unpacked = usize::try_from(unpacked).ok().filter(|&size| size <= MAX_BULK as usize);
            unpacked
                .and_then(|size| lzf::unpack(&packed, size))
                .ok_or_else(|| Fault::wrong(at, "a compressed string cannot be unpacked"))
        }
        Length::Special(code) => {
            Err(Fault::wrong(at, format!("a string of the unknown kind {code}")))
        }
    }
}

fn bytes(input: &mut Input<impl BufRead>, length: u64) -> Result<Vec<u8>, Fault> {
    if length > MAX_BULK.into() {
        let text = format!("a string of {length} bytes, which is more than 512 MB");
        return Err(Fault::wrong(input.offset(), text));
    }
    input.bytes(length)
}

fn array<const LENGTH: usize>(input: &mut Input<impl BufRead>) -> Result<[u8; LENGTH], Fault> {
    let mut bytes = [0; LENGTH];
    input.exact(&mut bytes)?;
    Ok(bytes)
}

/// What Redis calls the types.
fn name(kind: u8) -> String {
    let name = match kind {
        1 | 10 | 14 | 18 => "list",
        2 | 11 | 20 => "set",
        3 | 5 | 12 | 17 => "sorted set",
        4 | 9 | 13 | 16 => "hash",
        6 | 7 => "module's value",
        15 | 19 | 21 => "stream",
        _ => return format!("value of the unknown type {kind}"),
    };
    name.to_owned()
}
