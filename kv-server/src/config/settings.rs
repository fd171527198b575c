//! The table of settings.

use super::changes::{
    YES_OR_NO, port, seconds, set_disabled, set_log_file, set_metrics, set_notifications,
    set_password, set_port, set_topics, yes_or_no,
};
use super::setting::Setting;
use super::values::{choice, chosen, number, size};
use super::{DebugAccess, LogLevel, MAX_BULK, MAX_QUERY_LIMIT, bind, buffer_limits, durable};
use crate::db::Policy;

/// The setting of this name, in any case.
pub fn setting(name: &[u8]) -> Option<&'static Setting> {
    settings().find(|setting| setting.name.as_bytes().eq_ignore_ascii_case(name))
}

/// All settings, in the order in which `--help` lists them and flags take effect.
pub fn settings() -> impl Iterator<Item = &'static Setting> {
    GENERAL.iter().chain(durable::SETTINGS)
}

/// Those that are not about the disk.
static GENERAL: &[Setting] = &[
    Setting::new(
        "bind",
        "ADDR[:PORT]",
        "Where to listen; several addresses in one word, with blanks between. One with a minus \
         before it may be missing on this machine",
        bind::get,
        bind::set,
    )
    .words()
    .at_start(),
    Setting::new("port", "PORT", "The port to listen at; 0 takes a free one", port, set_port)
        .at_start(),
    Setting::new(
        "maxclients",
        "N",
        "Clients at one time; those above get an error and are closed. The process's limit of open \
         files is raised to fit, or this number lowered",
        |config| config.max_clients.to_string(),
        |config, text| number(text, 1, u32::MAX as usize).map(|value| config.max_clients = value),
    )
    .flag("max-clients"),
    Setting::new(
        "output-limit",
        "SIZE",
        "Bytes of unsent replies after which a client is not read from until it takes them; it is \
         held back, never closed",
        |config| config.output_limit.to_string(),
        |config, text| size(text, 1, usize::MAX).map(|value| config.output_limit = value),
    ),
    Setting::new(
        "client-output-buffer-limit",
        "HARD[:SOFT:SECONDS]",
        "Bytes of unsent messages at which a subscriber is closed: HARD at once, SOFT if it stays \
         above for SECONDS; 0 is no limit. HARD alone means no other limit. Redis's words, \
         \"pubsub 32mb 8mb 60\", do as well",
        buffer_limits::get,
        buffer_limits::set,
    )
    .words()
    .flag("pubsub-limit"),
    Setting::new(
        "client-query-buffer-limit",
        "SIZE",
        "Bytes of one request that may arrive before it is complete; beyond, the client is closed",
        |config| config.query_limit.to_string(),
        |config, text| size(text, 1 << 20, MAX_QUERY_LIMIT).map(|value| config.query_limit = value),
    )
    .flag("query-limit"),
    Setting::new(
        "proto-max-bulk-len",
        "SIZE",
        "Bytes that one argument (a key, a value, a message) may have",
        |config| config.max_bulk.to_string(),
        |config, text| size(text, 1 << 20, MAX_BULK).map(|value| config.max_bulk = value),
    )
    .flag("max-bulk"),
    Setting::new(
        "timeout",
        "SECONDS",
        "Seconds that a client may be silent before it is closed; 0 is for ever. Subscribers may \
         be silent",
        |config| config.timeout.map_or(0, |timeout| timeout.as_secs()).to_string(),
        |config, text| seconds(text).map(|value| config.timeout = value),
    ),
    Setting::new(
        "notify-keyspace-events",
        "LETTERS",
        "What is published about keys, in Redis's letters: KEA publishes all changes",
        |config| config.notifications.to_string(),
        set_notifications,
    ),
    Setting::new(
        "requirepass",
        "PASSWORD",
        "Password that clients must give (AUTH) before they may do anything",
        |config| String::from_utf8_lossy(&config.password).into_owned(),
        set_password,
    ),
    Setting::new(
        "protected-mode",
        "YES|NO",
        "Without a password, serve only clients of this machine",
        |config| chosen(&config.protected, &YES_OR_NO),
        |config, text| yes_or_no(text).map(|value| config.protected = value),
    ),
    Setting::new(
        "tcp-keepalive",
        "SECONDS",
        "Seconds of silence after which the system asks whether a peer's machine is still there; \
         0 is never",
        |config| config.keepalive.map_or(0, |after| after.as_secs()).to_string(),
        |config, text| seconds(text).map(|value| config.keepalive = value),
    )
    .at_start(),
    Setting::new(
        "disable-command",
        "NAME",
        "A command that is to be unknown, as FLUSHALL or CONFIG; may be given several times",
        |config| config.disabled.join(" "),
        set_disabled,
    )
    .words()
    .at_start(),
    Setting::new(
        "topics",
        "[ADDR:]PORT",
        "Where to listen for people with telnet or nc, who type SUB news and PUB news text; they \
         share the channels of Redis clients, and need no password. A port alone is one of \
         127.0.0.1",
        |config| config.topics.map_or_else(String::new, |address| address.to_string()),
        set_topics,
    )
    .at_start(),
    Setting::new(
        "databases",
        "N",
        "Numbered databases, for SELECT",
        |config| config.databases.to_string(),
        |config, text| number(text, 1, u8::MAX).map(|value| config.databases = value),
    )
    .at_start(),
    Setting::new(
        "tcp-backlog",
        "N",
        "Connections that may wait to be accepted; the system may allow fewer",
        |config| config.backlog.to_string(),
        |config, text| number(text, 1, 65_535).map(|value| config.backlog = value),
    )
    .flag("backlog")
    .at_start(),
    Setting::new(
        "maxmemory",
        "SIZE",
        "Bytes that the data and what clients make the server keep may take; 0 is no limit",
        |config| config.max_memory.to_string(),
        |config, text| size(text, 0, usize::MAX).map(|value| config.max_memory = value),
    ),
    Setting::new(
        "maxmemory-policy",
        "POLICY",
        "Which keys go when memory is full: allkeys-lru, allkeys-lfu, allkeys-random, or of those \
         with a deadline volatile-lru, volatile-lfu, volatile-random, volatile-ttl; noeviction \
         refuses to write instead",
        |config| chosen(&config.policy, &Policy::NAMES),
        |config, text| choice(text, &Policy::NAMES).map(|value| config.policy = value),
    ),
    Setting::new(
        "maxmemory-samples",
        "N",
        "Keys that are looked at to find one that goes; more is more exact and slower",
        |config| config.samples.to_string(),
        |config, text| number(text, 1, i32::MAX as u32).map(|value| config.samples = value),
    ),
    Setting::new(
        "lfu-log-factor",
        "N",
        "How slowly the counter of a key's uses rises, where the policy is an lfu",
        |config| config.aging.log_factor.to_string(),
        |config, text| {
            number(text, 0, i32::MAX as u32).map(|value| config.aging.log_factor = value)
        },
    ),
    Setting::new(
        "lfu-decay-time",
        "MINUTES",
        "Minutes without use after which that counter falls by one; 0 is never",
        |config| config.aging.decay_time.to_string(),
        |config, text| {
            number(text, 0, i32::MAX as u32).map(|value| config.aging.decay_time = value)
        },
    ),
    Setting::new(
        "slowlog-log-slower-than",
        "MICROSECONDS",
        "Commands that take so long are kept for SLOWLOG; 0 keeps all, -1 none. From 1000 on, \
         commands that take constant time are looked at by sample only",
        |config| config.slowlog_threshold.to_string(),
        |config, text| number(text, -1, i64::MAX).map(|value| config.slowlog_threshold = value),
    ),
    Setting::new(
        "slowlog-max-len",
        "N",
        "How many of them are kept",
        |config| config.slowlog_length.to_string(),
        |config, text| {
            number(text, 0, i64::MAX as usize).map(|value| config.slowlog_length = value)
        },
    ),
    Setting::new(
        "loglevel",
        "LEVEL",
        "What is worth a line of the log: debug, verbose, notice or warning",
        |config| chosen(&config.log_level, &LogLevel::NAMES),
        |config, text| choice(text, &LogLevel::NAMES).map(|value| config.log_level = value),
    ),
    Setting::new(
        "logfile",
        "PATH",
        "Where the log goes; an empty path means stderr",
        |config| {
            config.log_file.as_ref().map_or_else(String::new, |path| path.display().to_string())
        },
        set_log_file,
    )
    .at_start(),
    Setting::new(
        "metrics",
        "ADDR:PORT",
        "Where to answer GET /metrics, for Prometheus",
        |config| config.metrics.map_or_else(String::new, |address| address.to_string()),
        set_metrics,
    )
    .at_start(),
    Setting::new(
        "enable-debug-command",
        "WHO",
        "Who may call DEBUG: no (nobody), local (who connects from this machine) or yes",
        |config| chosen(&config.debug_access, &DebugAccess::NAMES),
        |config, text| choice(text, &DebugAccess::NAMES).map(|who| config.debug_access = who),
    )
    .at_start(),
];

impl LogLevel {
    const NAMES: [(&'static str, LogLevel); 4] = [
        ("debug", LogLevel::Debug),
        ("verbose", LogLevel::Verbose),
        ("notice", LogLevel::Notice),
        ("warning", LogLevel::Warning),
    ];
}

#[cfg(test)]
mod tests {
    use super::settings;
    use crate::config::Config;

    #[test]
    fn every_setting_takes_what_it_tells() {
        for setting in settings() {
            let mut config = Config::default();
            let told = (setting.get)(&config);
            assert_eq!((setting.set)(&mut config, &told), Ok(()), "{}", setting.name);
            assert_eq!(config, Config::default(), "{}", setting.name);
        }
    }

    #[test]
    fn names_and_flags_are_unique() {
        let mut names: Vec<&str> = settings().map(|setting| setting.name).collect();
        let others = settings().filter(|setting| setting.flag != setting.name);
        names.extend(others.map(|setting| setting.flag));
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
