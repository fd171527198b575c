//! CONFIG: the settings of the running server, by the names that Redis gives them.
//!
//! One table holds what can be asked for, and how what can be changed is changed. A `CONFIG SET`
//! of several settings is tried on a copy, and takes effect as a whole or not at all.

use std::time::Duration;

use super::command::{ADMIN, ALWAYS, Command, Flags, NONE, NOSCRIPT};
use super::error::{Error, Outcome, SYNTAX, cut};
use super::{Call, help};
use crate::config::{Config, MAX_BULK, MAX_QUERY_LIMIT, PubsubLimit, parse_size};
use crate::glob;
use crate::resp::{Arguments, parse_integer};
use crate::state::State;

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
            .about("2.8.0", "Would write the settings to their file; there is none"),
        Command::new("config|help", 2, ALWAYS, help_config).about("5.0.0", "Lists the subcommands"),
    ])];

/// One setting: how it is told and how it is changed; `None` if only a new start can change it.
struct Setting {
    name: &'static str,
    get: fn(&State) -> String,
    set: Option<Change>,
}

type Change = fn(&mut Config, &State, &str) -> Result<(), String>;

static SETTINGS: [Setting; 13] = [
    Setting { name: "save", get: |_| String::new(), set: Some(save) },
    Setting { name: "appendonly", get: |_| "no".into(), set: Some(appendonly) },
    Setting {
        name: "maxclients",
        get: |state| state.config.max_clients.to_string(),
        set: Some(max_clients),
    },
    Setting {
        name: "timeout",
        get: |state| state.config.timeout.map_or(0, |timeout| timeout.as_secs()).to_string(),
        set: Some(timeout),
    },
    Setting { name: "client-output-buffer-limit", get: buffer_limits, set: Some(buffer_limit) },
    Setting {
        name: "output-limit",
        get: |state| state.config.output_limit.to_string(),
        set: Some(output_limit),
    },
    Setting {
        name: "client-query-buffer-limit",
        get: |state| state.config.query_limit.to_string(),
        set: Some(query_limit),
    },
    Setting {
        name: "proto-max-bulk-len",
        get: |state| state.config.max_bulk.to_string(),
        set: Some(max_bulk),
    },
    Setting { name: "maxmemory", get: |_| "0".into(), set: None },
    Setting { name: "databases", get: |state| state.config.databases.to_string(), set: None },
    Setting { name: "tcp-backlog", get: |state| state.config.backlog.to_string(), set: None },
    Setting { name: "bind", get: |state| state.config.bind.ip().to_string(), set: None },
    Setting { name: "port", get: |state| state.platform.port.to_string(), set: None },
];

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
        SETTINGS.iter().filter_map(|setting| asked(setting).map(|name| (name, setting))).collect();
    call.reply.map(found.len());
    for (name, setting) in found {
        call.reply.bulk(name);
        call.reply.bulk((setting.get)(call.state).as_bytes());
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
        let same = |setting: &&Setting| setting.name.as_bytes().eq_ignore_ascii_case(name);
        let Some(setting) = SETTINGS.iter().find(same) else {
            let name = cut(name, usize::MAX);
            let text = b"ERR Unknown option or number of arguments for CONFIG SET - '";
            return Err(Error::with(&[text, name, b"'"]));
        };
        if setting.set.is_none() {
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
        if let Some(change) = setting.set {
            change(&mut config, call.state, &value).map_err(|why| failed(setting, &why))?;
        }
    }
    call.state.config = config;
    // A connection looks at its limits when it runs, so each must run once.
    call.state.clients.wake_all();
    call.reply.ok();
    Ok(())
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

fn rewrite(_: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    Err(Error::new("ERR The server is running without a config file"))
}

fn save(_: &mut Config, _: &State, value: &str) -> Result<(), String> {
    if value.is_empty() { Ok(()) } else { Err("this server keeps its data in memory only".into()) }
}

fn appendonly(_: &mut Config, _: &State, value: &str) -> Result<(), String> {
    match value.to_ascii_lowercase().as_str() {
        "no" => Ok(()),
        "yes" => Err("this server keeps its data in memory only".into()),
        _ => Err("argument must be 'yes' or 'no'".into()),
    }
}

fn max_clients(config: &mut Config, state: &State, value: &str) -> Result<(), String> {
    let wanted = number(value, 1, u32::MAX.into())?;
    let most = state.platform.most_clients;
    config.max_clients = usize::try_from(wanted).unwrap_or(usize::MAX);
    if config.max_clients > most {
        return Err(format!(
            "The operating system is not able to handle the specified number of clients, \
             try with {most}"
        ));
    }
    Ok(())
}

fn timeout(config: &mut Config, _: &State, value: &str) -> Result<(), String> {
    let seconds = u64::try_from(number(value, 0, i32::MAX.into())?).unwrap_or(0);
    config.timeout = (seconds > 0).then(|| Duration::from_secs(seconds));
    Ok(())
}

fn output_limit(config: &mut Config, _: &State, value: &str) -> Result<(), String> {
    config.output_limit = size(value, 1, usize::MAX)?;
    Ok(())
}

fn query_limit(config: &mut Config, _: &State, value: &str) -> Result<(), String> {
    config.query_limit = size(value, 1 << 20, MAX_QUERY_LIMIT)?;
    Ok(())
}

fn max_bulk(config: &mut Config, _: &State, value: &str) -> Result<(), String> {
    config.max_bulk = size(value, 1 << 20, MAX_BULK)?;
    Ok(())
}

/// Tools expect all three classes. Normal clients are held back instead of being cut off, and
/// replicas there are none: only the last class means something here.
fn buffer_limits(state: &State) -> String {
    let PubsubLimit { hard, soft, patience } = state.config.pubsub_limit;
    let patience = patience.as_secs();
    format!("normal 0 0 0 slave 268435456 67108864 60 pubsub {hard} {soft} {patience}")
}

fn buffer_limit(config: &mut Config, _: &State, value: &str) -> Result<(), String> {
    let words: Vec<&str> = value.split_ascii_whitespace().collect();
    if words.is_empty() || !words.len().is_multiple_of(4) {
        return Err("Wrong number of arguments in buffer limit configuration.".into());
    }
    for group in words.chunks_exact(4) {
        let bytes = |text| parse_size(text).and_then(|bytes| usize::try_from(bytes).ok());
        let (Some(hard), Some(soft), Ok(seconds)) =
            (bytes(group[1]), bytes(group[2]), group[3].parse::<u32>())
        else {
            return Err("Error in hard, soft or soft_seconds setting in buffer limit \
                        configuration."
                .into());
        };
        match group[0].to_ascii_lowercase().as_str() {
            "pubsub" => {
                let patience = Duration::from_secs(seconds.into());
                config.pubsub_limit = PubsubLimit { hard, soft, patience };
            }
            "normal" | "slave" | "replica" => {}
            _ => return Err("Invalid client class specified in buffer limit configuration.".into()),
        }
    }
    Ok(())
}

fn number(text: &str, least: i64, most: i64) -> Result<i64, String> {
    let number = parse_integer(text.as_bytes())
        .ok_or("argument couldn't be parsed into an integer".to_owned())?;
    if (least..=most).contains(&number) {
        return Ok(number);
    }
    Err(format!("argument must be between {least} and {most} inclusive"))
}

fn size<Bytes>(text: &str, least: Bytes, most: Bytes) -> Result<Bytes, String>
where
    Bytes: TryFrom<u64> + PartialOrd + std::fmt::Display,
{
    let bytes = parse_size(text).ok_or("argument must be a memory value".to_owned())?;
    match Bytes::try_from(bytes) {
        Ok(bytes) if (&least..=&most).contains(&&bytes) => Ok(bytes),
        _ => Err(format!("argument must be between {least} and {most} inclusive")),
    }
}
