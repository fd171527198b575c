//! MONITOR, SLOWLOG, INFO: what who runs the server sees.

use tests::on_every_peer;

/// The words of the next lines that MONITOR shows, without the times and the addresses.
fn shown(wire: &mut tests::Wire, count: usize) -> Vec<String> {
    (0..count)
        .map(|_| {
            let line = wire.reply().text();
            let (_, words) = line.split_once("] ").expect("a time, a database and an address");
            words.to_owned()
        })
        .collect()
}

#[test]
fn a_monitor_sees_commands_when_they_have_run_and_no_secrets() {
    on_every_peer("monitor", |peer| {
        let mut monitor = peer.connect();
        monitor.exchange("MONITOR\r\n", "+OK\r\n");
        let mut other = peer.connect();
        other.exchange("SET \"a\\x01\\n\" 'b\"c'\r\n", "+OK\r\n");
        other.transcript(&[
            ("CONFIG SET timeout 0", "+OK\r\n"),
            ("MULTI", "+OK\r\n"),
            ("GET none", "+QUEUED\r\n"),
            ("EXEC", "*1\r\n$-1\r\n"),
        ]);
        other.ask(&["AUTH", "default", "secret"]);
        other.ask(&["HELLO", "3", "AUTH", "default", "secret"]);
        other.ask(&["NOPE"]);
        other.ask(&["GET"]);
        other.exchange("PING\r\n", "+PONG\r\n");
        let expected = [
            r#""SET" "a\x01\n" "b\"c""#,
            r#""MULTI""#,
            r#""GET" "none""#,
            r#""EXEC""#,
            r#""AUTH" "(redacted)" "(redacted)""#,
            r#""HELLO" "3" "AUTH" "(redacted)" "(redacted)""#,
            r#""PING""#,
        ];
        assert_eq!(shown(&mut monitor, expected.len()), expected, "{}", peer.name());
        monitor.exchange("RESET\r\n", "+RESET\r\n");
        other.exchange("PING\r\n", "+PONG\r\n");
        monitor.exchange("ECHO a\r\n", "$1\r\na\r\n");
    });
}

#[test]
fn a_monitor_sees_its_own_command_behind_the_answer_also_if_that_is_an_error() {
    on_every_peer("monitor", |peer| {
        let mut monitor = peer.connect();
        monitor.exchange("MONITOR\r\n", "+OK\r\n");
        for (line, error, seen) in [
            ("SELECT 99", "-ERR DB index is out of range\r\n", r#""SELECT" "99""#),
            (
                "PING a b",
                "-ERR wrong number of arguments for 'ping' command\r\n",
                r#""PING" "a" "b""#,
            ),
            ("ECHO a", "$1\r\na\r\n", r#""ECHO" "a""#),
        ] {
            monitor.transcript(&[(line, error)]);
            assert_eq!(shown(&mut monitor, 1), [seen], "{}", peer.name());
        }
        // What did not run at all is not shown.
        monitor.transcript(&[
            ("GET", "-ERR wrong number of arguments for 'get' command\r\n"),
            ("GET a", "-ERR Replica can't interact with the keyspace\r\n"),
            ("MULTI", "+OK\r\n"),
        ]);
        assert_eq!(shown(&mut monitor, 1), [r#""MULTI""#], "{}", peer.name());
        monitor.transcript(&[("SELECT 99", "+QUEUED\r\n")]);
        monitor.transcript(&[("EXEC", "*1\r\n-ERR DB index is out of range\r\n")]);
        let seen = [r#""SELECT" "99""#, r#""EXEC""#];
        assert_eq!(shown(&mut monitor, 2), seen, "{}", peer.name());
    });
}

#[test]
fn the_slow_log_keeps_the_beginnings_of_the_first_arguments() {
    on_every_peer("slowlog", |peer| {
        let mut wire = peer.connect();
        wire.transcript(&[
            ("CONFIG SET slowlog-log-slower-than 0", "+OK\r\n"),
            ("SLOWLOG RESET", "+OK\r\n"),
        ]);
        wire.ask(&["ECHO", &"x".repeat(200)]);
        let many: Vec<String> = (0..40).map(|number| format!("k{number}")).collect();
        let words: Vec<&str> =
            std::iter::once("DEL").chain(many.iter().map(String::as_str)).collect();
        wire.ask(&words);
        wire.exchange("CONFIG SET slowlog-log-slower-than -1\r\n", "+OK\r\n");
        let log = String::from_utf8(wire.ask(&["SLOWLOG", "GET"]).encode()).expect("text");
        for part in [
            "*3\r\n*6\r\n:3\r\n",
            "$3\r\nk29\r\n$23\r\n... (10 more arguments)\r\n",
            &format!("$147\r\n{}... (72 more bytes)\r\n", "x".repeat(128)),
        ] {
            assert!(log.contains(part), "{}: no {part} in {log}", peer.name());
        }
        wire.exchange("SLOWLOG LEN\r\n", ":3\r\n");
    });
}

#[test]
fn info_tells_what_went_wrong_by_code_and_by_command() {
    on_every_peer("info", |peer| {
        let mut wire = peer.connect();
        wire.ask(&["CONFIG", "RESETSTAT"]);
        for words in [&["SET", "k", "v"][..], &["INCR", "k"], &["INCR"], &["NOPE"], &["GET", "k"]] {
            wire.ask(words);
        }
        wire.ask(&["AUTH", "nobody", "secret"]);
        let text = wire.ask(&["INFO", "errorstats", "commandstats"]).text();
        for line in ["errorstat_ERR:count=3", "errorstat_WRONGPASS:count=1"] {
            assert!(text.contains(line), "{}: no {line} in {text}", peer.name());
        }
        let incr = text.lines().find(|line| line.starts_with("cmdstat_incr:"));
        let incr = incr.unwrap_or_else(|| panic!("{}: no incr in {text}", peer.name()));
        assert!(incr.contains("calls=1,") && incr.ends_with("rejected_calls=1,failed_calls=1"));
        wire.exchange("INFO nosuch\r\n", "$0\r\n\r\n");
    });
}

#[test]
fn a_full_memory_forbids_what_grows_and_nothing_else() {
    on_every_peer("maxmemory", |peer| {
        let full = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
        let mut wire = peer.connect();
        wire.transcript(&[
            ("SET k 1", "+OK\r\n"),
            ("CONFIG SET maxmemory 1", "+OK\r\n"),
            ("SET k 2", full),
            ("INCR k", full),
            ("SET k", "-ERR wrong number of arguments for 'set' command\r\n"),
            ("GET k", "$1\r\n1\r\n"),
            ("EXPIRE k 100", ":1\r\n"),
            ("PUBLISH ch hi", ":0\r\n"),
            ("MULTI", "+OK\r\n"),
            ("GET k", full),
            ("EXEC", "-EXECABORT Transaction discarded because of previous errors.\r\n"),
            ("DEL k", ":1\r\n"),
            ("CONFIG SET maxmemory 0", "+OK\r\n"),
            ("SET k 2", "+OK\r\n"),
        ]);
    });
}

#[test]
fn a_full_memory_makes_room_where_it_may() {
    on_every_peer("eviction", |peer| {
        let mut wire = peer.connect();
        wire.transcript(&[("SET k 1 EX 1000", "+OK\r\n"), ("SET stays 1", "+OK\r\n")]);
        let mut listener = peer.connect();
        wire.exchange("CONFIG SET notify-keyspace-events Ee\r\n", "+OK\r\n");
        listener.ask(&["SUBSCRIBE", "__keyevent@0__:evicted"]);
        let full = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
        wire.transcript(&[
            ("CONFIG SET maxmemory-policy volatile-ttl", "+OK\r\n"),
            ("CONFIG SET maxmemory 1", "+OK\r\n"),
            ("SET new 1", full),
            ("EXISTS k stays", ":1\r\n"),
        ]);
        listener.expect("*3\r\n$7\r\nmessage\r\n$22\r\n__keyevent@0__:evicted\r\n$1\r\nk\r\n");
        assert_eq!(wire.info("evicted_keys"), "1", "{}", peer.name());
    });
}

#[test]
fn info_tells_how_long_commands_take() {
    on_every_peer("latencystats", |peer| {
        let mut wire = peer.connect();
        wire.transcript(&[("CONFIG RESETSTAT", "+OK\r\n"), ("INCR n", ":1\r\n")]);
        for _ in 0..200 {
            wire.exchange("PING\r\n", "+PONG\r\n");
        }
        // What did not run has taken no time.
        wire.ask(&["GET"]);
        let text = wire.ask(&["INFO", "latencystats"]).text();
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("# Latencystats"), "{}", peer.name());
        let mut names = Vec::new();
        for line in lines {
            let line = line.strip_prefix("latency_percentiles_usec_").expect("what it tells of");
            let (name, times) = line.split_once(':').expect("a command and its times");
            names.push(name);
            let mut least = 0.0;
            for (told, percent) in times.split(',').zip(["p50=", "p99=", "p99.9="]) {
                let number = told.strip_prefix(percent).expect("this percentile");
                assert_eq!(number.split_once('.').map(|(_, part)| part.len()), Some(3), "{line}");
                let microseconds: f64 = number.parse().expect("a number");
                assert!(microseconds > 0.0 && microseconds >= least, "{}: {line}", peer.name());
                least = microseconds;
            }
        }
        names.retain(|name| *name != "config|resetstat");
        names.sort_unstable();
        assert_eq!(names, ["incr", "ping"], "{}", peer.name());
    });
}
