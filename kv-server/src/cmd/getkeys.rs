//! COMMAND GETKEYS: which arguments of a command are keys, for clients that do not know it.

use super::Call;
use super::command::{Command, Keys};
use super::error::{Error, Outcome};
use super::index::Index;
use crate::resp::Arguments;

const VARIES: &str = "variable_flags";
const OVERWRITES: &[&str] = &["OW", "update"];
const READS: &[&str] = &["RO", "access"];
const UPDATES: &[&str] = &["RW", "access", "update"];

/// `COMMAND GETKEYS name argument …`
pub(super) fn getkeys(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let found = keys(call.commands, arguments)?;
    call.reply.array(found.len());
    found.iter().for_each(|(key, _)| call.reply.bulk(key));
    Ok(())
}

/// `COMMAND GETKEYSANDFLAGS name argument …`
pub(super) fn getkeysandflags(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let found = keys(call.commands, arguments)?;
    call.reply.array(found.len());
    for (key, access) in found {
        call.reply.array(2);
        call.reply.bulk(key);
        call.reply.set(access.len());
        access.iter().for_each(|flag| call.reply.status(flag));
    }
    Ok(())
}

type Access = &'static [&'static str];

fn keys<'a>(
    commands: &'static Index,
    arguments: Arguments<'a>,
) -> Result<Vec<(&'a [u8], Access)>, Error> {
    const FIRST: usize = 2;
    let command = called(commands, arguments.at(FIRST), arguments.get(FIRST + 1));
    let command = command.ok_or(Error::new("ERR Invalid command specified"))?;
    // A channel is found like a key, but is none.
    let mut specs = command.all_keys().filter(|keys| !keys.access.contains(&"not_key")).peekable();
    if specs.peek().is_none() {
        return Err(Error::new("ERR The command has no key arguments"));
    }
    let count = arguments.len() - FIRST;
    if !command.takes(count) {
        return Err(Error::new("ERR Invalid number of arguments specified for command"));
    }
    let mut found = Vec::new();
    for spec in specs {
        let access = access(command, spec, arguments);
        let places =
            spec.places(count).ok_or(Error::new("ERR Invalid arguments specified for command"))?;
        found.extend(places.map(|place| (arguments.at(FIRST + place), access)));
    }
    Ok(found)
}

/// The command that these first words call.
fn called(commands: &'static Index, name: &[u8], next: Option<&[u8]>) -> Option<&'static Command> {
    let command = commands.find(name)?;
    match next {
        Some(name) if !command.subcommands.is_empty() => command.subcommand(name),
        _ => Some(command),
    }
}

/// What happens to the keys: with two commands that depends on their options.
fn access(command: &Command, keys: &Keys, arguments: Arguments<'_>) -> Access {
    if !keys.access.contains(&VARIES) {
        return keys.access;
    }
    match command.name {
        "set" => {
            let gets = arguments.from(5).any(|option| option.eq_ignore_ascii_case(b"get"));
            if gets { UPDATES } else { OVERWRITES }
        }
        _ => {
            if only_reads_bits(arguments) {
                READS
            } else {
                UPDATES
            }
        }
    }
}

/// Whether a BITFIELD changes nothing: it reads fields, and perhaps says what to do on an overflow.
fn only_reads_bits(arguments: Arguments<'_>) -> bool {
    let mut rest = arguments.from(4);
    while let Some(name) = rest.next() {
        let passed = match name.to_ascii_lowercase().as_slice() {
            b"get" => 2,
            b"overflow" => 1,
            _ => return false,
        };
        if rest.len() < passed {
            return false;
        }
        rest.nth(passed - 1);
    }
    true
}
