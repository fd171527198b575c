//! Keys that get another name or database, walks over keys, and what is told of values.

use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;

use super::{Bench, NOT_AN_INTEGER, NULL, OK, SYNTAX};

const NO_KEY: &str = "-ERR no such key\r\n";
const SAME: &str = "-ERR source and destination objects are the same\r\n";
const NO_DATABASE: &str = "-ERR DB index is out of range\r\n";

#[test]
fn a_renamed_key_keeps_its_value_and_deadline() {
    let mut bench = Bench::new();
    let slot = bench.client();
    bench.dialogue(
        slot,
        &[
            ("RENAME none b", NO_KEY),
            ("SET a 1 EX 100", OK),
            ("SET b 2", OK),
            ("RENAMENX a b", ":0\r\n"),
            ("RENAME a b", OK),
            ("GET b", "$1\r\n1\r\n"),
            ("TTL b", ":100\r\n"),
            ("EXISTS a", ":0\r\n"),
            ("RENAMENX b c", ":1\r\n"),
            ("RENAME c c", OK),
            ("RENAMENX c c", ":0\r\n"),
            ("TTL c", ":100\r\n"),
        ],
    );
    bench.now += Duration::from_millis(100_001);
    bench.dialogue(slot, &[("RENAME c d", NO_KEY), ("RENAMENX c d", NO_KEY)]);
}

#[test]
fn a_copy_is_a_key_of_its_own() {
    let mut bench = Bench::new();
    let slot = bench.client();
    bench.dialogue(
        slot,
        &[
            ("COPY none b", ":0\r\n"),
            ("COPY none none", SAME),
            ("SET a 1 EX 100", OK),
            ("COPY a b", ":1\r\n"),
            ("COPY a b", ":0\r\n"),
            ("TTL b", ":100\r\n"),
            ("SET a 2", OK),
            ("COPY a b replace", ":1\r\n"),
            ("TTL b", ":-1\r\n"),
            ("COPY a a DB 3", ":1\r\n"),
            ("COPY a a DB 0", SAME),
            ("COPY a b DB 16", NO_DATABASE),
            ("COPY a b DB x", NOT_AN_INTEGER),
            ("COPY a b DB", SYNTAX),
            ("COPY a b FOO", SYNTAX),
            ("APPEND b x", ":2\r\n"),
            ("GET a", "$1\r\n2\r\n"),
            ("SELECT 3", OK),
            ("GET a", "$1\r\n2\r\n"),
        ],
    );
}

#[test]
fn keys_move_between_databases_and_databases_change_places() {
    let mut bench = Bench::new();
    let slot = bench.client();
    bench.dialogue(
        slot,
        &[
            ("SET a 1 EX 100", OK),
            ("MOVE a 0", SAME),
            ("MOVE a 16", NO_DATABASE),
            ("MOVE a 1", ":1\r\n"),
            ("MOVE a 1", ":0\r\n"),
            ("SET a 2", OK),
            ("MOVE a 1", ":0\r\n"),
            ("SWAPDB 0 1", OK),
            ("GET a", "$1\r\n1\r\n"),
            ("TTL a", ":100\r\n"),
            ("SWAPDB 0 0", OK),
            ("SWAPDB x 0", "-ERR invalid first DB index\r\n"),
            ("SWAPDB 0 x", "-ERR invalid second DB index\r\n"),
            ("SWAPDB 4294967296 x", "-ERR invalid first DB index\r\n"),
            ("SWAPDB 0 16", NO_DATABASE),
            ("SELECT 1", OK),
            ("GET a", "$1\r\n2\r\n"),
        ],
    );
}

#[test]
fn swapped_databases_are_a_change_for_who_watches() {
    let mut bench = Bench::new();
    let (watcher, other) = (bench.client(), bench.client());
    bench.dialogue(watcher, &[("SET a 1", OK), ("WATCH a", OK), ("MULTI", OK)]);
    bench.dialogue(other, &[("SWAPDB 0 5", OK)]);
    bench.dialogue(watcher, &[("EXEC", "*-1\r\n")]);
}

#[test]
fn scan_obeys_its_options() {
    let mut bench = Bench::new();
    let slot = bench.client();
    bench.dialogue(
        slot,
        &[
            ("SCAN 0", "*2\r\n$1\r\n0\r\n*0\r\n"),
            ("RANDOMKEY", NULL),
            ("MSET a 1 b 2 c 3", OK),
            ("SCAN 0 COUNT 2", "*2\r\n$1\r\n1\r\n*2\r\n$1\r\nb\r\n$1\r\nc\r\n"),
            ("SCAN 1", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n"),
            ("SCAN 0 MATCH [ab] TYPE STRING", "*2\r\n$1\r\n0\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n"),
            ("SCAN 0 TYPE list", "*2\r\n$1\r\n0\r\n*0\r\n"),
            ("SCAN x COUNT x", "-ERR invalid cursor\r\n"),
            ("SCAN 0 COUNT x", NOT_AN_INTEGER),
            ("SCAN 0 COUNT 0", SYNTAX),
            ("SCAN 0 MATCH", SYNTAX),
            ("SCAN 0 FOO 1", SYNTAX),
            ("PEXPIRE a 1", ":1\r\n"),
        ],
    );
    bench.now += Duration::from_millis(2);
    bench.dialogue(slot, &[("SCAN 1", "*2\r\n$1\r\n0\r\n*0\r\n")]);
}

/// The cursor and the keys that a reply to SCAN holds.
fn scanned(reply: &str) -> (String, Vec<String>) {
    let mut words = reply.split("\r\n").filter(|word| !word.starts_with(['*', '$']));
    let cursor = words.next().expect("a cursor").to_owned();
    (cursor, words.filter(|word| !word.is_empty()).map(str::to_owned).collect())
}

proptest! {
    #[test]
    fn scan_sees_every_key_that_stays(
        steps in prop::collection::vec((0u8..4, 0u32..60), 0..200),
        count in 1usize..12,
    ) {
        let mut bench = Bench::new();
        let slot = bench.client();
        let stays: BTreeSet<String> = (0..20).map(|number| format!("stays:{number}")).collect();
        for (number, key) in stays.iter().enumerate() {
            bench.call(slot, &format!("MSET {key} 1 goes:{number} 1"));
        }
        let (mut cursor, mut seen) = ("0".to_owned(), BTreeSet::new());
        let mut steps = steps.into_iter();
        loop {
            let reply = bench.call(slot, &format!("SCAN {cursor} COUNT {count}"));
            let (next, keys) = scanned(&reply);
            seen.extend(keys);
            if next == "0" {
                break;
            }
            cursor = next;
            for (what, number) in steps.by_ref().take(3) {
                bench.call(slot, &match what {
                    0 => format!("DEL goes:{number}"),
                    1 => format!("RENAME goes:{number} goes:{}", number * 7 % 60),
                    _ => format!("SET goes:{number} 2"),
                });
            }
        }
        prop_assert!(seen.is_superset(&stays), "{:?} were not seen", stays.difference(&seen));
    }
}

#[test]
fn any_key_can_be_the_random_one_but_no_ended_one() {
    let mut bench = Bench::new();
    let slot = bench.client();
    bench.dialogue(slot, &[("MSET a 1 b 2", OK), ("SET c 3 PX 1", OK)]);
    bench.now += Duration::from_millis(2);
    let mut seen = BTreeSet::new();
    for _ in 0..200 {
        seen.insert(bench.call(slot, "RANDOMKEY"));
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), ["$1\r\na\r\n", "$1\r\nb\r\n"]);
    bench.dialogue(slot, &[("DEL a b", ":2\r\n"), ("SET c 3 PX 1", OK)]);
    bench.now += Duration::from_millis(2);
    bench.dialogue(slot, &[("RANDOMKEY", NULL), ("DBSIZE", ":0\r\n")]);
}

#[test]
fn an_encoding_follows_from_the_bytes_and_from_how_they_came_to_be() {
    let mut bench = Bench::new();
    let slot = bench.client();
    for (commands, encoding, shared) in [
        (&["SET k 5"][..], "int", true),
        (&["SET k 10000"], "int", false),
        (&["SET k -1"], "int", false),
        (&["SET k 05"], "embstr", false),
        (&["SET k 9223372036854775808"], "embstr", false),
        (&["SET k xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"], "embstr", false),
        (&["SET k xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"], "raw", false),
        (&["DEL k", "APPEND k 5"], "int", true),
        (&["SET k 5", "APPEND k 5"], "raw", false),
        (&["SET k 5", "APPEND k 5", "INCR k"], "int", true),
        (&["SET k 5", "SETRANGE k 0 6"], "raw", false),
        (&["SET k 5", "SETBIT k 7 0"], "raw", false),
        (&["SET k 5", "BITFIELD k GET u8 0"], "int", true),
        (&["SET k 5", "BITFIELD k SET u8 0 53"], "raw", false),
        (&["SET j 5", "BITOP AND k j"], "raw", false),
        (&["SET k 5", "INCRBYFLOAT k 1"], "embstr", false),
        (&["SET j 5", "DEL k", "COPY j k"], "int", false),
        (&["SET j 5", "APPEND j 5", "DEL k", "COPY j k"], "raw", false),
        (&["SET j 5", "APPEND j 5", "RENAME j k"], "raw", false),
        (&["SET j 5", "APPEND j 5", "RENAME j k", "GETSET k 5"], "int", true),
    ] {
        for command in commands {
            bench.call(slot, command);
        }
        let told = bench.call(slot, "OBJECT ENCODING k");
        assert_eq!(told, format!("${}\r\n{encoding}\r\n", encoding.len()), "{commands:?}");
        let count = if shared { i32::MAX } else { 1 };
        assert_eq!(bench.call(slot, "OBJECT REFCOUNT k"), format!(":{count}\r\n"), "{commands:?}");
    }
}

#[test]
fn memory_usage_grows_with_the_value() {
    let mut bench = Bench::new();
    let slot = bench.client();
    let mut usage = |line: &str| {
        bench.call(slot, line);
        let reply = bench.call(slot, "MEMORY USAGE k SAMPLES 5");
        reply.trim_start_matches(':').trim_end().parse::<usize>().expect("a number")
    };
    let small = usage("SET k 1");
    assert!((40..200).contains(&small), "{small}");
    assert!(usage("EXPIRE k 100") > small);
    assert!(usage("SETRANGE k 10000 x") > 10_000 + small);
    bench.dialogue(
        slot,
        &[
            ("MEMORY USAGE none", NULL),
            ("MEMORY USAGE none SAMPLES", SYNTAX),
            ("MEMORY USAGE k SAMPLES x", NOT_AN_INTEGER),
            ("MEMORY USAGE k SAMPLES -1", SYNTAX),
        ],
    );
}

#[test]
fn memory_is_told_in_numbers_and_in_words() {
    let mut bench = Bench::new();
    let slot = bench.client();
    bench.dialogue(slot, &[("MSET a 1 b 2", OK), ("MEMORY PURGE", OK)]);
    let stats = bench.call(slot, "MEMORY STATS");
    assert!(stats.starts_with("*8\r\n"), "{stats}");
    assert!(stats.contains("$10\r\nkeys.count\r\n:2\r\n"), "{stats}");
    bench.call(slot, "HELLO 3");
    assert!(bench.call(slot, "MEMORY STATS").starts_with("%4\r\n"));
    assert!(bench.call(slot, "MEMORY DOCTOR").contains("\r\ntxt:Nothing is known"));
}

#[test]
fn containers_list_their_subcommands() {
    let mut bench = Bench::new();
    let slot = bench.client();
    for (container, subcommand) in
        [("OBJECT", "ENCODING"), ("MEMORY", "USAGE"), ("FUNCTION", "FLUSH"), ("COMMAND", "GETKEYS")]
    {
        let help = bench.call(slot, &format!("{container} HELP"));
        assert!(help.contains(&format!("+{container} <subcommand> ")), "{help}");
        assert!(help.contains(&format!("+{subcommand}\r\n")), "{help}");
        let arity = format!(
            "-ERR wrong number of arguments for '{}' command\r\n",
            container.to_lowercase()
        );
        if container != "COMMAND" {
            bench.dialogue(slot, &[(container, &arity)]);
        }
    }
}

#[test]
fn debug_shows_every_type_of_the_protocol() {
    let mut bench = Bench::new();
    let slot = bench.client();
    bench.state.config.debug_access = crate::config::DebugAccess::Yes;
    for (kind, second, third) in [
        ("integer", ":12345\r\n", ":12345\r\n"),
        ("null", "$-1\r\n", "_\r\n"),
        ("double", "$5\r\n3.141\r\n", ",3.141\r\n"),
        ("true", ":1\r\n", "#t\r\n"),
        ("SET", "*3\r\n:0\r\n:1\r\n:2\r\n", "~3\r\n:0\r\n:1\r\n:2\r\n"),
        (
            "verbatim",
            "$25\r\nThis is a verbatim\nstring\r\n",
            "=29\r\ntxt:This is a verbatim\nstring\r\n",
        ),
    ] {
        for (version, expected) in [("2", second), ("3", third)] {
            bench.call(slot, &format!("HELLO {version}"));
            assert_eq!(bench.call(slot, &format!("DEBUG PROTOCOL {kind}")), expected);
        }
    }
    let object = "+Value at:0x0 refcount:1 encoding:embstr serializedlength:6 lru:5501184 \
                  lru_seconds_idle:0\r\n";
    bench.dialogue(
        slot,
        &[
            ("DEBUG OBJECT k", NO_KEY),
            ("SET k hello", OK),
            ("DEBUG OBJECT k", object),
            ("DEBUG SET-ACTIVE-EXPIRE 0", OK),
        ],
    );
    assert!(!bench.state.active_expiry);
}

#[test]
fn debug_is_for_whom_it_is_allowed() {
    use crate::config::DebugAccess;
    let mut bench = Bench::new();
    let slot = bench.client();
    let refused = "-ERR DEBUG command not allowed. If the enable-debug-command option is set to \
                   \"local\", you can run it from a local connection, otherwise you need to set \
                   this option in the configuration file, and then restart the server.\r\n";
    bench.dialogue(slot, &[("DEBUG SLEEP 0", refused), ("MULTI", OK), ("DEBUG SLEEP 0", refused)]);
    let aborted = "-EXECABORT Transaction discarded because of previous errors.\r\n";
    bench.dialogue(slot, &[("EXEC", aborted)]);
    bench.state.config.debug_access = DebugAccess::Local;
    bench.dialogue(slot, &[("DEBUG SLEEP 0", OK)]);
    let address = std::net::SocketAddr::from(([192, 0, 2, 1], 50_000));
    bench.state.clients[slot].peer = address.into();
    bench.dialogue(slot, &[("DEBUG SLEEP 0", refused)]);
    bench.state.config.debug_access = DebugAccess::Yes;
    let unknown =
        "-ERR unknown subcommand or wrong number of arguments for 'JMAP'. Try DEBUG HELP.\r\n";
    bench.dialogue(
        slot,
        &[("DEBUG SLEEP nan", OK), ("DEBUG JMAP", unknown), ("DEBUG ERROR 'oh no'", "-oh no\r\n")],
    );
}

#[test]
fn what_is_told_of_the_use_of_a_key_depends_on_the_policy() {
    let mut bench = Bench::new();
    let slot = bench.client();
    let (not_counted, counted) = (
        "-ERR An LFU maxmemory policy is not selected, access frequency not tracked. ",
        "-ERR An LFU maxmemory policy is selected, idle time not tracked. ",
    );
    bench.dialogue(slot, &[("SET k v", OK)]);
    bench.now += Duration::from_secs(7);
    bench.dialogue(
        slot,
        &[
            ("EXISTS k", ":1\r\n"),
            ("OBJECT ENCODING k", "$6\r\nembstr\r\n"),
            ("OBJECT IDLETIME k", ":7\r\n"),
            ("OBJECT FREQ none", NULL),
            ("TOUCH k", ":1\r\n"),
            ("OBJECT IDLETIME k", ":0\r\n"),
            ("OBJECT IDLETIME none", NULL),
        ],
    );
    let freq = bench.call(slot, "OBJECT FREQ k");
    assert!(freq.starts_with(not_counted), "{freq}");
    bench.dialogue(slot, &[("CONFIG SET maxmemory-policy allkeys-lfu", OK), ("SET l v", OK)]);
    bench.dialogue(slot, &[("OBJECT FREQ l", ":5\r\n")]);
    let idle = bench.call(slot, "OBJECT IDLETIME l");
    assert!(idle.starts_with(counted), "{idle}");
}
