//! INFO, CONFIG, COMMAND, TIME.

use std::time::Duration;

use super::{Bench, NULL, OK, SYNTAX};

#[test]
fn info_has_what_clients_wait_for() {
    let mut bench = Bench::new();
    let slot = bench.client();
    bench.call(slot, "SET a 1 EX 100");
    bench.call(slot, "GET a");
    bench.call(slot, "GET none");
    let info = bench.call(slot, "INFO");
    for line in [
        "# Server",
        "redis_version:7.0.15",
        "arch_bits:64",
        "connected_clients:1",
        "used_memory_rss:12345",
        "loading:0",
        "role:master",
        "total_commands_processed:4",
        "keyspace_hits:1",
        "keyspace_misses:1",
        "cluster_enabled:0",
        "db0:keys=1,expires=1,avg_ttl=100000",
        "# Runtime",
        "runtime:none",
        "backend:nothing",
        "tasks:7",
        "timers:3",
        "slow_clients_disconnected:0",
    ] {
        assert!(info.contains(&format!("{line}\r\n")), "{line} is missing in {info}");
    }
    assert!(!info.contains("sources:"), "what the runtime does not count is not shown");
}

#[test]
fn info_shows_the_sections_that_are_asked_for() {
    let mut bench = Bench::new();
    let slot = bench.client();
    bench.dialogue(slot, &[("INFO nope", "$0\r\n\r\n")]);
    let titles = |text: String| -> Vec<String> {
        text.lines().filter_map(|line| line.strip_prefix("# ")).map(str::to_owned).collect()
    };
    assert_eq!(titles(bench.call(slot, "INFO keyspace SERVER")), ["Server", "Keyspace"]);
    assert_eq!(titles(bench.call(slot, "INFO everything")).len(), 14);
    assert_eq!(titles(bench.call(slot, "INFO all")).len(), 13, "no modules");
    assert_eq!(titles(bench.call(slot, "INFO")).len(), 12, "neither times of commands");
    bench.call(slot, "HELLO 3");
    let text = bench.call(slot, "INFO cluster");
    assert_eq!(text, "=34\r\ntxt:# Cluster\r\ncluster_enabled:0\r\n\r\n");
}

#[test]
fn settings_are_told_by_pattern_and_by_name() {
    let mut bench = Bench::new();
    let slot = bench.client();
    bench.dialogue(
        slot,
        &[
            ("CONFIG GET save", "*2\r\n$4\r\nsave\r\n$0\r\n\r\n"),
            ("CONFIG GET appendonly", "*2\r\n$10\r\nappendonly\r\n$2\r\nno\r\n"),
            ("CONFIG GET nope", "*0\r\n"),
            ("CONFIG GET MaxClients", "*2\r\n$10\r\nMaxClients\r\n$5\r\n10000\r\n"),
            ("CONFIG GET TIME* time*", "*2\r\n$7\r\ntimeout\r\n$1\r\n0\r\n"),
            (
                "CONFIG GET client-output-*",
                "*2\r\n$26\r\nclient-output-buffer-limit\r\n$67\r\nnormal 0 0 0 slave 268435456 \
                 67108864 60 pubsub 33554432 8388608 60\r\n",
            ),
        ],
    );
}

#[test]
fn settings_change_together_or_not_at_all() {
    let mut bench = Bench::new();
    let slot = bench.client();
    let failed = |name: &str, why: &str| {
        format!("-ERR CONFIG SET failed (possibly related to argument '{name}') - {why}\r\n")
    };
    bench.dialogue(
        slot,
        &[
            ("CONFIG SET timeout 60 maxclients 20", OK),
            (
                "CONFIG SET timeout 90 maxclients 0",
                &failed("maxclients", "argument must be between 1 and 4294967295 inclusive"),
            ),
            ("CONFIG GET timeout", "*2\r\n$7\r\ntimeout\r\n$2\r\n60\r\n"),
            (
                "CONFIG SET timeout x",
                &failed("timeout", "argument couldn't be parsed into an integer"),
            ),
            ("CONFIG SET databases 3", &failed("databases", "can't set immutable config")),
            ("CONFIG SET timeout 1 TIMEOUT 2", &failed("timeout", "duplicate parameter")),
            ("CONFIG SET save ''", OK),
            (
                "CONFIG SET appendonly maybe",
                &failed("appendonly", "argument must be 'yes' or 'no'"),
            ),
            ("CONFIG SET timeout 1 maxclients", SYNTAX),
            (
                "CONFIG SET foo 1",
                "-ERR Unknown option or number of arguments for CONFIG SET - 'foo'\r\n",
            ),
            ("CONFIG SET client-output-buffer-limit 'pubsub 2mb 1mb 5'", OK),
        ],
    );
    let limit = bench.state.config.pubsub_limit;
    assert_eq!((limit.hard, limit.soft, limit.patience.as_secs()), (2 << 20, 1 << 20, 5));
}

#[test]
fn resetstat_counts_anew() {
    let mut bench = Bench::new();
    let slot = bench.client();
    bench.call(slot, "SET a 1 PX 1");
    bench.now += Duration::from_secs(1);
    bench.call(slot, "GET a");
    assert_eq!(bench.state.expired_keys(), 1);
    bench.dialogue(slot, &[("CONFIG RESETSTAT", OK)]);
    assert_eq!(bench.state.expired_keys(), 0);
    assert_eq!((bench.state.stats.misses, bench.state.stats.commands), (0, 0));
}

#[test]
fn the_table_of_commands_describes_itself() {
    let mut bench = Bench::new();
    let slot = bench.client();
    let get = "*10\r\n$3\r\nget\r\n:2\r\n*2\r\n+readonly\r\n+fast\r\n:1\r\n:1\r\n:1\r\n*3\r\n+@read\r\n\
               +@string\r\n+@fast\r\n*0\r\n*1\r\n*6\r\n$5\r\nflags\r\n*2\r\n+RO\r\n+access\r\n$12\r\n\
               begin_search\r\n*4\r\n$4\r\ntype\r\n$5\r\nindex\r\n$4\r\nspec\r\n*2\r\n$5\r\nindex\r\n\
               :1\r\n$9\r\nfind_keys\r\n*4\r\n$4\r\ntype\r\n$5\r\nrange\r\n$4\r\nspec\r\n*6\r\n$7\r\n\
               lastkey\r\n:0\r\n$7\r\nkeystep\r\n:1\r\n$5\r\nlimit\r\n:0\r\n*0\r\n";
    bench.dialogue(slot, &[("COMMAND INFO GET nope", &format!("*2\r\n{get}{NULL}"))]);
    let count: usize = super::super::table::TABLE.all().count();
    bench.dialogue(slot, &[("COMMAND COUNT", &format!(":{count}\r\n"))]);
    assert!(bench.call(slot, "COMMAND").starts_with(&format!("*{count}\r\n")));
    assert!(bench.call(slot, "COMMAND LIST").starts_with(&format!("*{count}\r\n")));
    assert!(bench.call(slot, "COMMAND DOCS").starts_with(&format!("*{}\r\n", count * 2)));
    bench.dialogue(
        slot,
        &[
            ("COMMAND LIST FILTERBY PATTERN ps*ex", "*1\r\n$6\r\npsetex\r\n"),
            ("COMMAND LIST FILTERBY MODULE none", "*0\r\n"),
            ("COMMAND LIST FILTERBY FOO none", SYNTAX),
            ("COMMAND DOCS nope", "*0\r\n"),
        ],
    );
}

#[test]
fn help_lists_every_subcommand() {
    let mut bench = Bench::new();
    let slot = bench.client();
    for (container, subcommand) in
        [("CLIENT", "KILL"), ("CONFIG", "GET"), ("PUBSUB", "NUMPAT"), ("COMMAND", "DOCS")]
    {
        let help = bench.call(slot, &format!("{container} HELP"));
        assert!(help.contains(&format!("+{container} <subcommand>")), "{help}");
        assert!(help.contains(&format!("+{subcommand}\r\n")), "{help}");
    }
}

#[test]
fn time_has_microseconds() {
    let mut bench = Bench::new();
    let slot = bench.client();
    bench.now += Duration::from_micros(42);
    bench.dialogue(slot, &[("TIME", "*2\r\n$10\r\n1700000000\r\n$2\r\n42\r\n")]);
}
