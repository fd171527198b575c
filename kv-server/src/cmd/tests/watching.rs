//! SLOWLOG, MONITOR, and the counters of commands.

use super::{Bench, OK};

#[test]
fn the_slow_log_keeps_what_is_slow_without_secrets() {
    let mut bench = Bench::new();
    let slot = bench.client();
    bench.dialogue(
        slot,
        &[
            ("CONFIG SET slowlog-log-slower-than 0", OK),
            ("SLOWLOG RESET", OK),
            ("CLIENT SETNAME joe", OK),
            ("AUTH default secret", OK),
            ("GET a", "$-1\r\n"),
        ],
    );
    let log = bench.call(slot, "SLOWLOG GET 2");
    let lines: Vec<&str> = log.split("\r\n").collect();
    assert_eq!(lines[..3], ["*2", "*6", ":4"], "{log}");
    assert_eq!(lines[3], ":1700000000");
    assert_eq!(lines[5..10], ["*2", "$3", "GET", "$1", "a"]);
    assert_eq!(lines[10..14], ["$15", "127.0.0.1:50000", "$3", "joe"]);
    assert!(log.contains("AUTH") && log.contains("(redacted)") && !log.contains("secret"), "{log}");
    assert_eq!(bench.call(slot, "SLOWLOG LEN"), ":5\r\n");
    bench.dialogue(
        slot,
        &[
            ("CONFIG SET slowlog-max-len 3", OK),
            ("SLOWLOG LEN", ":3\r\n"),
            ("CONFIG SET slowlog-log-slower-than -1", OK),
            ("GET a", "$-1\r\n"),
            ("SLOWLOG LEN", ":3\r\n"),
            ("SLOWLOG GET -2", "-ERR count should be greater than or equal to -1\r\n"),
            ("SLOWLOG GET x", "-ERR count should be greater than or equal to -1\r\n"),
            ("SLOWLOG RESET", OK),
            ("SLOWLOG GET -1", "*0\r\n"),
        ],
    );
}

#[test]
fn a_monitor_sees_what_others_call_without_secrets() {
    let mut bench = Bench::new();
    let (monitor, other) = (bench.client(), bench.client());
    bench.dialogue(monitor, &[("MONITOR", OK), ("MONITOR", "")]);
    bench.call(other, r#"SET "a\n\x01\"" 'ä b'"#);
    bench.call(other, "AUTH default secret");
    bench.call(other, "HELLO 2 AUTH default secret SETNAME q");
    bench.call(other, "CONFIG GET port");
    bench.call(other, "NOPE");
    bench.call(other, "SELECT 3");
    let head = |database| format!("+1700000000.000000 [{database} 127.0.0.1:50000]");
    let expected = [
        format!(r#"{} "SET" "a\n\x01\"" "\xc3\xa4 b""#, head(0)),
        format!(r#"{} "AUTH" "(redacted)" "(redacted)""#, head(0)),
        format!(r#"{} "HELLO" "2" "AUTH" "(redacted)" "(redacted)" "SETNAME" "q""#, head(0)),
        format!(r#"{} "SELECT" "3""#, head(3)),
    ];
    assert_eq!(bench.received(monitor), expected.join("\r\n") + "\r\n");
    let own = bench.call(monitor, "PING");
    assert_eq!(own, format!("+PONG\r\n{} \"PING\"\r\n", head(0)));
    assert!(bench.call(monitor, "CLIENT INFO").contains(" flags=O "));
    bench.dialogue(monitor, &[("RESET", "+RESET\r\n")]);
    bench.call(other, "PING");
    assert_eq!(bench.received(monitor), "");
    assert!(bench.state.monitors.is_empty());
    let refused = "*1\r\n-ERR MONITOR isn't allowed for DENY BLOCKING client\r\n";
    let queued = "+QUEUED\r\n";
    bench.dialogue(monitor, &[("MULTI", OK), ("MONITOR", queued), ("EXEC", refused)]);
}

#[test]
fn a_monitor_touches_no_keys() {
    let mut bench = Bench::new();
    let slot = bench.client();
    let refused = "-ERR Replica can't interact with the keyspace\r\n";
    bench.dialogue(slot, &[("MONITOR", OK)]);
    for line in ["GET a", "SET a b", "PUBLISH a b", "DBSIZE", "EXPIRE a 1"] {
        bench.dialogue(slot, &[(line, refused)]);
    }
    assert!(bench.call(slot, "PING").starts_with("+PONG\r\n"));
    bench.dialogue(slot, &[("RESET", "+RESET\r\n"), ("GET a", "$-1\r\n")]);
}

#[test]
fn a_monitor_that_does_not_keep_up_is_cut_off() {
    let mut bench = Bench::new();
    let (monitor, other) = (bench.client(), bench.client());
    bench.dialogue(monitor, &[("MONITOR", OK)]);
    bench.dialogue(other, &[("CONFIG SET client-output-buffer-limit 'pubsub 10kb 0 0'", OK)]);
    let value = "v".repeat(1000);
    for _ in 0..20 {
        bench.call(other, &format!("SET a {value}"));
    }
    assert_eq!(bench.state.clients[monitor].ending, crate::clients::Ending::Now);
    assert_eq!(bench.state.stats.slow_clients, 1);
    bench.state.remove(monitor);
    assert!(bench.state.monitors.is_empty());
}

#[test]
fn calls_are_counted_by_command() {
    let mut bench = Bench::new();
    let slot = bench.client();
    for _ in 0..130 {
        bench.call(slot, "GET a");
    }
    bench.call(slot, "SET a x");
    bench.call(slot, "INCR a");
    bench.call(slot, "INCR");
    bench.call(slot, "CONFIG GET port");
    let info = bench.call(slot, "INFO commandstats");
    let of = |name: &str| {
        let start = format!("cmdstat_{name}:");
        let line = info.lines().find_map(|line| line.strip_prefix(&start));
        line.unwrap_or_else(|| panic!("no {name} in {info}")).to_owned()
    };
    assert!(of("get").starts_with("calls=130,usec="));
    let without_time = |line: String| {
        let (calls, rest) = line.split_once(',').expect("fields");
        format!("{calls},{}", rest.split(',').skip(2).collect::<Vec<_>>().join(","))
    };
    assert_eq!(without_time(of("incr")), "calls=1,rejected_calls=1,failed_calls=1");
    assert_eq!(without_time(of("config|get")), "calls=1,rejected_calls=0,failed_calls=0");
    assert!(!info.contains("cmdstat_info"), "it has not ended yet: {info}");
    let number = bench.state.stats.by_command.iter().position(|stats| stats.calls == 130);
    let get = &bench.state.stats.by_command[number.expect("GET has a number")];
    assert_eq!(get.timed, 3, "the first, and one in 64");
    bench.call(slot, "CONFIG RESETSTAT");
    let info = bench.call(slot, "INFO commandstats errorstats");
    assert_eq!(info.matches("cmdstat_").count(), 1, "RESETSTAT itself: {info}");
    assert!(!info.contains("errorstat_"), "{info}");
}

#[test]
fn the_rate_is_computed_when_it_is_asked_for() {
    let mut bench = Bench::new();
    let slot = bench.client();
    bench.call(slot, "INFO");
    for _ in 0..99 {
        bench.call(slot, "PING");
    }
    bench.now += std::time::Duration::from_secs(2);
    let info = bench.call(slot, "INFO stats");
    assert!(info.contains("instantaneous_ops_per_sec:50\r\n"), "{info}");
}
