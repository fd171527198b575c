//! The command line and the environment: a flag and a variable for each setting of the table.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};
use kv_server::config::{self, Config, Setting, topics_address};

const ABOUT: &str = "A key-value and publish/subscribe server that Redis clients can talk to.";

const DETAILS: &str = "\
Sizes are bytes, or have a unit: 64kb, 8mb, 1gb (1024-based), 64k, 8m, 1g (1000-based).

Each flag is known by Redis's name for it too (--maxclients), and each setting can come from a \
file in the syntax of redis.conf, by Redis's name, or from the environment, as \
KV_SERVER_MAX_CLIENTS. A flag is stronger than the environment, the environment than the file, and \
the file than the default.";

/// What the command line, the environment and the file ask for.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) config: Config,
    /// Where to serve topics, and nothing else.
    pub(crate) only_topics: Option<SocketAddr>,
    /// What is worth a warning.
    pub(crate) note: Option<String>,
}

/// Reads all three. `--help` and mistakes end the process here.
pub(crate) fn settings() -> Result<Asked, String> {
    resolve(&command().get_matches())
}

fn command() -> Command {
    let file = Arg::new("file")
        .value_name("FILE")
        .value_parser(file_to_read)
        .help("A file of settings, in the syntax of redis.conf");
    let address = Arg::new("address")
        .value_name("[ADDR:]PORT")
        .default_value("8889")
        .value_parser(topics_address)
        .help("Where to listen; a port alone is one of 127.0.0.1");
    let topics = Command::new("topics")
        .about("Serve topics alone, for telnet and nc: no keys, no Redis clients")
        .arg(address);
    Command::new("kv-server")
        .version(env!("CARGO_PKG_VERSION"))
        .about(ABOUT)
        .long_about(format!("{ABOUT}\n\n{DETAILS}"))
        .max_term_width(100)
        .arg(file)
        .subcommand(topics)
        .args(config::settings().filter(|setting| !setting.help.is_empty()).map(argument))
}

fn argument(setting: &'static Setting) -> Arg {
    let default = match (setting.get)(&Config::default()) {
        _ if setting.name == "bind" => Config::default().bind.to_string(),
        text if text.is_empty() => "none".to_owned(),
        text if setting.value == "SIZE" => readable(&text),
        text if setting.name == "client-output-buffer-limit" => text
            .rsplit_once("pubsub ")
            .map_or(String::new(), |(_, limit)| format!("pubsub {limit}")),
        text => text,
    };
    let argument = Arg::new(setting.name)
        .long(setting.flag)
        .value_name(setting.value)
        .help(format!("{} [default: {default}]", setting.help))
        .env(variable(setting))
        .hide_env_values(true)
        .allow_hyphen_values(true)
        .action(if setting.words { ArgAction::Append } else { ArgAction::Set })
        .value_parser(move |text: &str| check(setting, text));
    if setting.flag == setting.name { argument } else { argument.alias(setting.name) }
}

/// A path, if there is something to read: a word that is none of our flags is a mistake more often
/// than a file.
fn file_to_read(path: &str) -> Result<PathBuf, String> {
    match std::fs::File::open(path) {
        Ok(_) => Ok(PathBuf::from(path)),
        Err(error) => Err(format!("cannot be read: {error}")),
    }
}

/// The variable of the environment that sets it.
fn variable(setting: &Setting) -> String {
    format!("KV_SERVER_{}", setting.flag.to_ascii_uppercase().replace('-', "_"))
}

/// A number of bytes with the largest unit that fits.
fn readable(bytes: &str) -> String {
    let number: u64 = bytes.parse().unwrap_or(0);
    let units = [("gb", 30), ("mb", 20), ("kb", 10)];
    let fits = |(_, shift): &&(&str, u32)| number > 0 && number.is_multiple_of(1 << shift);
    let unit = units.iter().find(fits);
    unit.map_or_else(|| bytes.to_owned(), |(unit, shift)| format!("{}{unit}", number >> shift))
}

/// The text itself, if it is a value.
fn check(setting: &Setting, text: &str) -> Result<String, String> {
    match (setting.set)(&mut Config::default(), text) {
        Ok(()) => Ok(text.to_owned()),
        Err(why) if setting.value.starts_with("SIZE") => {
            Err(format!("{why}; a size has a unit or none, as in 64kb, 8mb, 1073741824"))
        }
        Err(why) => Err(why),
    }
}

fn resolve(matches: &ArgMatches) -> Result<Asked, String> {
    let mut config = Config::default();
    let mut note = None;
    if let Some(path) = matches.get_one::<PathBuf>("file") {
        note = config::load(path, &mut config)?;
    }
    for source in [ValueSource::EnvVariable, ValueSource::CommandLine] {
        for setting in config::settings().filter(|setting| !setting.help.is_empty()) {
            if matches.value_source(setting.name) != Some(source) {
                continue;
            }
            for text in matches.get_many::<String>(setting.name).into_iter().flatten() {
                (setting.set)(&mut config, text)
                    .map_err(|why| format!("--{}: {why}", setting.flag))?;
            }
        }
    }
    let topics = matches.subcommand_matches("topics");
    let only_topics = topics.and_then(|topics| topics.get_one("address")).copied();
    Ok(Asked { config, only_topics, note })
}

#[cfg(test)]
mod tests {
    use super::{Config, command, resolve};

    fn parse(arguments: &[&str]) -> Result<Config, String> {
        let arguments = [&["kv-server"], arguments].concat();
        let matches = command().try_get_matches_from(arguments);
        resolve(&matches.map_err(|error| error.to_string())?).map(|asked| asked.config)
    }

    #[test]
    fn the_definition_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn the_defaults_are_those_of_the_library() {
        assert_eq!(parse(&[]), Ok(Config::default()));
    }

    #[test]
    fn limits_take_units() {
        let config = parse(&["--output-limit", "64kb", "--pubsub-limit", "1mb:512kb:5"]);
        let config = config.expect("valid options");
        assert_eq!(config.output_limit, 65_536);
        assert_eq!(config.pubsub_limit.hard, 1 << 20);
        assert_eq!(config.pubsub_limit.soft, 512 << 10);
        assert_eq!(config.pubsub_limit.patience.as_secs(), 5);
        let config = parse(&["--pubsub-limit", "1048576"]).expect("valid options");
        assert_eq!((config.pubsub_limit.hard, config.pubsub_limit.soft), (1 << 20, 0));
    }

    #[test]
    fn redis_names_for_flags_do_as_well() {
        let config = parse(&["--maxclients", "7", "--proto-max-bulk-len", "2mb", "--port", "7777"]);
        let config = config.expect("valid options");
        assert_eq!((config.max_clients, config.max_bulk, config.bind.port()), (7, 2 << 20, 7777));
        let config = parse(&["--port", "7777", "--bind", "127.0.0.2 -::1"]).expect("valid options");
        assert_eq!((config.bind.to_string(), config.bind_also.len()), ("127.0.0.2:7777".into(), 1));
        let config = parse(&["--slowlog-log-slower-than", "-1"]).expect("valid options");
        assert_eq!(config.slowlog_threshold, -1);
    }

    #[test]
    fn commands_can_be_disabled_one_by_one() {
        let config = parse(&["--disable-command", "FLUSHALL", "--disable-command", "config"]);
        assert_eq!(config.expect("valid options").disabled, ["flushall", "config"]);
    }

    #[test]
    fn topics_alone_are_another_program() {
        let only = |arguments: &[&str]| {
            let matches = command().try_get_matches_from([&["kv-server"], arguments].concat());
            let asked = resolve(&matches.expect("valid options")).expect("no file");
            asked.only_topics.map(|address| address.to_string())
        };
        assert_eq!(only(&["topics"]).as_deref(), Some("127.0.0.1:8889"));
        assert_eq!(only(&["topics", "0.0.0.0:7"]).as_deref(), Some("0.0.0.0:7"));
        assert_eq!(only(&["--topics", "8889"]), None);
    }

    #[test]
    fn invalid_values_are_refused_by_name() {
        for (flag, value) in [
            ("--bind", "6379"),
            ("--bind", "nowhere"),
            ("--port", "65536"),
            ("--max-clients", "0"),
            ("--max-clients", "many"),
            ("--output-limit", "0"),
            ("--output-limit", "8 mb"),
            ("--pubsub-limit", "1mb:2mb"),
            ("--pubsub-limit", "1mb:2mb:x"),
            ("--query-limit", "1kb"),
            ("--max-bulk", "1gb"),
            ("--max-bulk", "1000"),
            ("--timeout", "-1"),
            ("--databases", "0"),
            ("--databases", "300"),
            ("--backlog", "0"),
            ("--maxmemory", "lots"),
            ("--maxmemory-policy", "lru"),
            ("--loglevel", "loud"),
            ("--metrics", "9121"),
            ("--topics", "nowhere"),
            ("--protected-mode", "maybe"),
            ("--tcp-keepalive", "x"),
            ("--notify-keyspace-events", "KEq"),
        ] {
            let error = parse(&[&format!("{flag}={value}")]).expect_err(value);
            assert!(error.contains(flag), "{flag}={value}: {error}");
        }
    }
}
