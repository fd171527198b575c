//! CONFIG: the settings of the running server, by the names that Redis gives them.
//!
//! The table is that of [`crate::config`]. A `CONFIG SET` of several settings is tried on a copy,
//! and takes effect as a whole or not at all.

use super::command::{ADMIN, ALWAYS, Command, Flags, NONE, NOSCRIPT};
use super::error::{Error, Outcome, SYNTAX, cut};
use super::{Call, help};
use crate::config::{self, Config, Setting, setting, settings};
use crate::glob;
use crate::resp::Arguments;

/// How many keys go at once where less memory is allowed than before; more go with each write.
const EVICTED: usize = 10_000;
const FLAGS: Flags = ADMIN.and(NOSCRIPT).and(ALWAYS);

/// This family's rows.
pub(super) static COMMANDS: [Command; 1] = [Command::new("config", -2, NONE, no_subcommand)
    .about("2.0.0", "Tells and changes settings")
    .subcommands(&[
        Command::new("config|get", -3, FLAGS, get).about("2.0.0", "Tells settings"),
        Command::new("config|set", -4, FLAGS, set)
            .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"])
            .about("2.0.0", "Changes settings"),
        Command::new("config|resetstat", 2, FLAGS, resetstat)
            .about("2.0.0", "Sets the counters of INFO to zero"),
        Command::new("config|rewrite", 2, FLAGS, rewrite)
            .about("2.8.0", "Writes the settings back to their file"),
        Command::new("config|help", 2, ALWAYS, help_config).about("5.0.0", "Lists the subcommands"),
    ])];

fn no_subcommand(_: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    Err(Error::arity("config"))
}

fn help_config(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    help::list(call, "config")
}

/// `CONFIG GET pattern …`
fn get(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    // A setting that is asked for by its name is told by that name, in the caller's case.
    let asked = |setting: &'static Setting| {
        let name = setting.name.as_bytes();
        let exact = arguments.from(2).find(|pattern| pattern.eq_ignore_ascii_case(name));
        let mut patterns = arguments.from(2).map(<[u8]>::to_ascii_lowercase);
        exact.or_else(|| patterns.any(|pattern| glob::matches(&pattern, name)).then_some(name))
    };
    let found: Vec<(&[u8], &Setting)> =
        settings().filter_map(|setting| asked(setting).map(|name| (name, setting))).collect();
    call.reply.map(found.len());
    for (name, setting) in found {
        call.reply.bulk(name);
        call.reply.bulk((setting.get)(&call.state.config).as_bytes());
    }
    Ok(())
}

/// `CONFIG SET name value …`
fn set(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    if arguments.len() % 2 == 1 {
        return Err(SYNTAX);
    }
    let mut changes: Vec<(&Setting, &[u8])> = Vec::new();
    let mut rest = arguments.from(2);
    while let (Some(name), Some(value)) = (rest.next(), rest.next()) {
        let Some(setting) = setting(name) else {
            let name = cut(name, usize::MAX);
            let text = b"ERR Unknown option or number of arguments for CONFIG SET - '";
            return Err(Error::with(&[text, name, b"'"]));
        };
        if !setting.changes {
            return Err(failed(setting, "can't set immutable config"));
        }
        if changes.iter().any(|(other, _)| other.name == setting.name) {
            return Err(failed(setting, "duplicate parameter"));
        }
        changes.push((setting, value));
    }
    let mut config = call.state.config.clone();
    for (setting, value) in changes {
        let value = String::from_utf8_lossy(value);
        (setting.set)(&mut config, &value).map_err(|why| failed(setting, &why))?;
        let most = call.state.platform.most_clients;
        if config.max_clients > most {
            let why = format!(
                "The operating system is not able to handle the specified number of clients, \
                 try with {most}"
            );
            return Err(failed(setting, &why));
        }
    }
    call.apply(config);
    call.reply.ok();
    Ok(())
}

impl Call<'_> {
    /// Makes these the settings.
    fn apply(&mut self, config: Config) {
        self.state.config = config;
        self.state.reconfigure();
        // What happened before is no news for those who are told from now on.
        self.state.databases.take_arrived();
        self.state.evict(EVICTED);
        // What holds for the caller is looked at anew before its next command …
        self.caller();
        // … and a connection looks at its limits when it runs, so each must run once.
        self.state.clients.wake_all();
        self.state.persistence.wake();
    }
}

fn failed(setting: &Setting, why: &str) -> Error {
    let start = b"ERR CONFIG SET failed (possibly related to argument '";
    Error::with(&[start, setting.name.as_bytes(), b"') - ", why.as_bytes()])
}

fn resetstat(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    call.state.reset_stats();
    call.reply.ok();
    Ok(())
}

/// `CONFIG REWRITE`
fn rewrite(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    let config = &call.state.config;
    if config.file.is_none() {
        return Err(Error::new("ERR The server is running without a config file"));
    }
    if let Err(error) = config::rewrite(config) {
        let why = error.to_string();
        return Err(Error::with(&[b"ERR Rewriting config file: ", why.as_bytes()]));
    }
    call.reply.ok();
    Ok(())
}
