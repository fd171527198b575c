//! COMMAND: the table of commands as clients see it.

use super::command::{ALWAYS, Command, Keys};
use super::error::{Outcome, SYNTAX};
use super::index::Index;
use super::{Call, getkeys, help};
use crate::glob;
use crate::resp::{Arguments, Reply};

const CONNECTION: &[&str] = &["@connection"];
const UNORDERED: &[&str] = &["nondeterministic_output_order"];

/// This family's rows.
pub(super) static COMMANDS: [Command; 1] = [Command::new("command", -1, ALWAYS, info)
    .categories(CONNECTION)
    .tips(UNORDERED)
    .about("2.8.13", "Tells all about all commands")
    .subcommands(&[
        Command::new("command|count", 2, ALWAYS, count)
            .categories(CONNECTION)
            .about("2.8.13", "Counts the commands"),
        Command::new("command|list", -2, ALWAYS, list)
            .categories(CONNECTION)
            .tips(UNORDERED)
            .about("7.0.0", "Lists the commands' names"),
        Command::new("command|info", -2, ALWAYS, info)
            .categories(CONNECTION)
            .tips(UNORDERED)
            .about("2.8.13", "Tells all about some commands"),
        Command::new("command|docs", -2, ALWAYS, docs)
            .categories(CONNECTION)
            .tips(UNORDERED)
            .about("7.0.0", "Tells people about some commands"),
        Command::new("command|getkeys", -4, ALWAYS, getkeys::getkeys)
            .categories(CONNECTION)
            .about("2.8.13", "Tells which arguments of a whole command are keys"),
        Command::new("command|getkeysandflags", -4, ALWAYS, getkeys::getkeysandflags)
            .categories(CONNECTION)
            .about(
                "7.0.0",
                "Tells which arguments of a whole command are keys, and what it does to them",
            ),
        Command::new("command|help", 2, ALWAYS, command_help)
            .categories(CONNECTION)
            .about("5.0.0", "Lists the subcommands"),
    ])];

fn count(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    call.reply.count(call.commands.all().count());
    Ok(())
}

/// `COMMAND LIST [FILTERBY MODULE name | ACLCAT category | PATTERN pattern]`
fn list(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let names: Vec<&str> = match arguments.len() {
        2 => call.commands.all().map(|command| command.name).collect(),
        5 if arguments.at(2).eq_ignore_ascii_case(b"filterby") => {
            let wanted = arguments.at(4);
            let by: Box<dyn Fn(&Command) -> bool> =
                match arguments.at(3).to_ascii_lowercase().as_slice() {
                    b"module" => Box::new(|_| false),
                    b"aclcat" => Box::new(|command| {
                        let mut categories = command.all_categories();
                        categories.any(|name| name.as_bytes()[1..].eq_ignore_ascii_case(wanted))
                    }),
                    b"pattern" => {
                        let wanted = wanted.to_ascii_lowercase();
                        Box::new(move |command| glob::matches(&wanted, command.name.as_bytes()))
                    }
                    _ => return Err(SYNTAX),
                };
            let with_subcommands = call
                .commands
                .all()
                .flat_map(|command| std::iter::once(command).chain(command.subcommands));
            with_subcommands.filter(|command| by(command)).map(|command| command.name).collect()
        }
        _ => return Err(SYNTAX),
    };
    call.reply.set(names.len());
    names.iter().for_each(|name| call.reply.bulk(name.as_bytes()));
    Ok(())
}

/// `COMMAND`, or `COMMAND INFO [name …]`
fn info(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    if arguments.len() <= 2 {
        call.reply.array(call.commands.all().count());
        call.commands.all().for_each(|command| describe(&mut call.reply, command));
        return Ok(());
    }
    let names = arguments.from(2);
    call.reply.array(names.len());
    for name in names {
        if !call.has_room(0) {
            break;
        }
        match named(call.commands, name) {
            Some(command) => describe(&mut call.reply, command),
            None => call.reply.null(),
        }
    }
    Ok(())
}

/// A command by its name, or by its container's and its own: `client|kill`.
pub(super) fn named(commands: &'static Index, name: &[u8]) -> Option<&'static Command> {
    let mut parts = name.splitn(2, |&byte| byte == b'|');
    let command = commands.find(parts.next()?)?;
    parts.next().map_or(Some(command), |name| command.subcommand(name))
}

fn describe(reply: &mut Reply<'_>, command: &Command) {
    reply.array(10);
    reply.bulk(command.name.as_bytes());
    reply.integer(i64::from(command.arity));
    let flags = command.flags.names();
    reply.set(flags.len());
    flags.iter().for_each(|flag| reply.status(flag));
    let (first, last, step) = key_range(command);
    reply.integer(first.into());
    reply.integer(last.into());
    reply.integer(step.into());
    let categories: Vec<&str> = command.all_categories().collect();
    reply.set(categories.len());
    categories.iter().for_each(|category| reply.status(category));
    reply.set(command.tips.len());
    command.tips.iter().for_each(|tip| reply.bulk(tip.as_bytes()));
    reply.set(command.all_keys().count());
    command.all_keys().for_each(|keys| describe_keys(reply, keys));
    reply.set(command.subcommands.len());
    command.subcommands.iter().for_each(|subcommand| describe(reply, subcommand));
}

/// The first key, the last and the distance between them, over all places of keys.
fn key_range(command: &Command) -> (i32, i32, i32) {
    let mut all = command.all_keys();
    let Some(first) = all.next() else { return (0, 0, 0) };
    let last = all.map(|keys| keys.last).fold(first.last, |last, other| match other < 0 {
        true => other,
        false => last.max(other),
    });
    (first.first, last, first.step)
}

fn describe_keys(reply: &mut Reply<'_>, keys: &Keys) {
    reply.map(3 + usize::from(keys.note.is_some()));
    if let Some(note) = keys.note {
        reply.bulk(b"notes");
        reply.bulk(note.as_bytes());
    }
    reply.bulk(b"flags");
    reply.set(keys.access.len());
    keys.access.iter().for_each(|access| reply.status(access));
    reply.bulk(b"begin_search");
    reply.map(2);
    reply.bulk(b"type");
    reply.bulk(b"index");
    reply.bulk(b"spec");
    reply.map(1);
    reply.bulk(b"index");
    reply.integer(keys.first.into());
    reply.bulk(b"find_keys");
    reply.map(2);
    reply.bulk(b"type");
    reply.bulk(b"range");
    reply.bulk(b"spec");
    reply.map(3);
    reply.bulk(b"lastkey");
    // Counted from the first key here, if it is not counted from the end.
    let last = if keys.last < 0 { keys.last } else { keys.last - keys.first };
    reply.integer(last.into());
    reply.bulk(b"keystep");
    reply.integer(keys.step.into());
    reply.bulk(b"limit");
    reply.integer(0);
}

/// `COMMAND DOCS [name …]`: names that do not exist are left out.
fn docs(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let commands: Vec<&Command> = if arguments.len() == 2 {
        call.commands.all().collect()
    } else {
        arguments.from(2).filter_map(|name| named(call.commands, name)).collect()
    };
    call.reply.map(commands.len());
    for command in commands {
        if !call.has_room(0) {
            break;
        }
        document(&mut call.reply, command);
    }
    Ok(())
}

fn document(reply: &mut Reply<'_>, command: &Command) {
    reply.bulk(command.name.as_bytes());
    let container = !command.subcommands.is_empty();
    reply.map(3 + usize::from(container));
    outline(reply, command, command.group());
    if container {
        reply.bulk(b"subcommands");
        // One level: subcommands have none themselves.
        reply.map(command.subcommands.len());
        for subcommand in command.subcommands {
            reply.bulk(subcommand.name.as_bytes());
            reply.map(3);
            outline(reply, subcommand, command.group());
        }
    }
}

/// Three pairs: what it is for, since when, and in which group; a subcommand is in its container's.
fn outline(reply: &mut Reply<'_>, command: &Command, group: &str) {
    reply.bulk(b"summary");
    reply.bulk(command.summary.as_bytes());
    reply.bulk(b"since");
    reply.bulk(command.since.as_bytes());
    reply.bulk(b"group");
    reply.bulk(group.as_bytes());
}

fn command_help(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    help::list(call, "command")
}
