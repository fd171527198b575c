//! The log itself: what survives, and that it is rewritten while clients write.

use tests::trace::Trace;
use tests::{PATIENCE, command, wait_until};

use super::{Folder, get, kill, set, terminate, wait_for_info};

#[test]
fn a_change_survives_a_good_end_under_every_policy() {
    for policy in ["always", "everysec", "no"] {
        let folder = Folder::new();
        let server = folder.start_log(&["--appendfsync", policy]);
        let mut wire = server.connect();
        set(&mut wire, "a", "1");
        wire.transcript(&[("SELECT 3", "+OK\r\n"), ("SET b 2 EX 1000", "+OK\r\n")]);
        terminate(server);
        let server = folder.start_log(&["--appendfsync", policy]);
        let mut wire = server.connect();
        assert_eq!(get(&mut wire, "a").as_deref(), Some("1"), "{policy}");
        wire.ask(&["SELECT", "3"]);
        assert_eq!(get(&mut wire, "b").as_deref(), Some("2"), "{policy}");
        let left: i64 = wire.ask(&["PTTL", "b"]).text().parse().expect("a number");
        assert!((900_000..=1_000_000).contains(&left), "{policy}: {left}");
    }
}

#[test]
fn what_was_written_is_read_also_if_no_client_may_send_it_now() {
    let folder = Folder::new();
    let server = folder.start_log(&[]);
    let mut wire = server.connect();
    wire.transcript(&[("SETRANGE a 2000000 x", ":2000001\r\n"), ("APPEND a y", ":2000002\r\n")]);
    wire.transcript(&[("SETBIT b 20000000 1", ":0\r\n")]);
    terminate(server);
    let server = folder.start_log(&["--proto-max-bulk-len", "1mb"]);
    let mut wire = server.connect();
    wire.transcript(&[("STRLEN a", ":2000002\r\n"), ("STRLEN b", ":2500001\r\n")]);
    let refused = wire.ask(&["APPEND", "a", "z"]);
    assert!(refused.text().contains("string exceeds maximum allowed size"), "{refused:?}");
}

#[test]
fn under_always_a_change_that_is_acknowledged_survives_a_kill() {
    let folder = Folder::new();
    for round in 0..5 {
        let server = folder.start_log(&["--appendfsync", "always"]);
        let mut wire = server.connect();
        for earlier in 0..round {
            assert_eq!(get(&mut wire, &format!("k{earlier}")).as_deref(), Some("v"));
        }
        set(&mut wire, &format!("k{round}"), "v");
        kill(server);
    }
}

#[test]
fn under_always_a_reply_leaves_after_the_sync_and_one_sync_serves_all() {
    let folder = Folder::new();
    let mut server = folder.start_log(&["--appendfsync", "always"]);
    let mut wires: Vec<_> = (0..20).map(|_| server.connect()).collect();
    for wire in &mut wires {
        wire.exchange("PING\r\n", "+PONG\r\n");
    }
    let Some(trace) = Trace::attach("a reply leaves after the sync", server.id()) else { return };
    wires[0].transcript(&[("SET marked 1", "+OK\r\n")]);
    wires[0].transcript(&[("ECHO middle", "$6\r\nmiddle\r\n")]);
    // Stopped, it finds all of these at the same moment when it goes on.
    server.process().signal("STOP");
    for wire in &mut wires {
        wire.send(command(&["SET", "key", "1"]).repeat(10));
    }
    server.process().signal("CONT");
    for wire in &mut wires {
        wire.expect("+OK\r\n".repeat(10));
    }
    wires[0].transcript(&[("ECHO end", "$3\r\nend\r\n")]);
    let calls = trace.detach();
    let one = calls.between("marked", "+OK");
    assert_eq!(one.named(&["fdatasync"]), 1, "{one}");
    let all = calls.between("middle", "ECHO");
    let syncs = all.named(&["fdatasync"]);
    assert!((1..=6).contains(&syncs), "{syncs} syncs for 200 changes of 20 clients\n{all}");
}

#[test]
fn the_policy_can_be_changed_while_changes_are_under_way() {
    let folder = Folder::new();
    let server = folder.start_log(&["--appendfsync", "no"]);
    let mut wire = server.connect();
    for _ in 0..20 {
        wire.transcript(&[
            ("SET n 1", "+OK\r\n"),
            ("CONFIG SET appendfsync always", "+OK\r\n"),
            ("PING", "+PONG\r\n"),
            ("SET a 1", "+OK\r\n"),
            ("CONFIG SET appendfsync everysec", "+OK\r\n"),
            ("SET a 2", "+OK\r\n"),
            ("CONFIG SET appendfsync no", "+OK\r\n"),
        ]);
    }
    kill(server);
}

#[test]
fn replies_keep_their_order_while_they_wait_for_the_disk() {
    let folder = Folder::new();
    let server = folder.start_log(&["--appendfsync", "always"]);
    let mut wire = server.connect();
    let mut requests = Vec::new();
    let mut replies = Vec::new();
    for number in 1..=2000 {
        requests.extend(command(&["INCR", "n"]));
        requests.extend(command(&["GET", "n"]));
        let text = number.to_string();
        replies.extend(format!(":{text}\r\n${}\r\n{text}\r\n", text.len()).into_bytes());
    }
    wire.exchange(requests, replies);
    wire.transcript(&[("QUIT", "+OK\r\n")]);
    wire.expect_end("");
}

#[test]
fn what_depends_on_the_time_is_written_as_what_it_came_to() {
    let folder = Folder::new();
    let server = folder.start_log(&["--appendfsync", "always"]);
    let mut wire = server.connect();
    wire.transcript(&[
        ("SET a 1 PX 30", "+OK\r\n"),
        ("SET b 1 PX 100000", "+OK\r\n"),
        ("PERSIST b", ":1\r\n"),
    ]);
    // The key ends by itself, and that is written down too.
    wait_for_info(&mut wire, "expired_keys", "1");
    set(&mut wire, "end", "1");
    kill(server);
    let text = folder.read("appendonly.aof.1.incr.aof").escape_ascii().to_string();
    for part in ["PXAT", r"DEL\r\n$1\r\na\r\n", "PERSIST"] {
        assert!(text.contains(part), "no {part} in {text}");
    }
    let server = folder.start_log(&[]);
    let mut wire = server.connect();
    assert_eq!(get(&mut wire, "a"), None);
    wire.transcript(&[("TTL b", ":-1\r\n")]);
}

#[test]
fn a_deadline_that_passed_since_does_not_hide_what_came_later() {
    let folder = Folder::new();
    let long_ago = ["SELECT 0", "SET k v PXAT 1000", "APPEND k w", "PERSIST k"];
    let moved = ["SET m v PXAT 1000", "PEXPIREAT m 99999999999999", "SET gone v PXAT 1000"];
    let words = long_ago.iter().chain(&moved).map(|line| line.split(' ').collect::<Vec<_>>());
    folder.only(&words.flat_map(|words| command(&words)).collect::<Vec<u8>>());
    let server = folder.start_log(&[]);
    let mut wire = server.connect();
    assert_eq!(get(&mut wire, "k").as_deref(), Some("vw"));
    assert_eq!(get(&mut wire, "m").as_deref(), Some("v"));
    assert_eq!(get(&mut wire, "gone"), None);
}

#[test]
fn a_rewrite_keeps_everything_and_stops_nobody() {
    for format in ["yes", "no"] {
        let folder = Folder::new();
        let flags = ["--appendfsync", "no", "--aof-use-rdb-preamble", format];
        let server = folder.start_log(&flags);
        let mut wire = server.connect();
        let mut requests = Vec::new();
        for number in 0..20_000 {
            requests.extend(command(&["SET", &format!("k{number}"), &format!("before {number}")]));
        }
        wire.exchange(requests, "+OK\r\n".repeat(20_000));
        let started = "+Background append only file rewriting started\r\n";
        wire.transcript(&[("BGREWRITEAOF", started)]);
        // Changes of all kinds while it runs; each is answered.
        let mut during = 0;
        for number in (0..20_000).step_by(7) {
            let key = format!("k{number}");
            match number % 3 {
                0 => wire.exchange(command(&["SET", &key, "during"]), "+OK\r\n"),
                1 => wire.exchange(command(&["DEL", &key]), ":1\r\n"),
                _ => wire.exchange(command(&["EXPIRE", &key, "1000"]), ":1\r\n"),
            }
            during += 1;
        }
        assert!(during > 2000);
        wait_for_info(&mut wire, "aof_rewrite_in_progress", "0");
        wire.ask(&["SET", "end", "1"]);
        assert_eq!(wire.info("aof_last_bgrewrite_status"), "ok");
        assert_eq!(wire.info("aof_rewrites"), "1");
        let expected = state(&mut wire);
        terminate(server);
        let suffix = if format == "yes" { "rdb" } else { "aof" };
        assert!(!folder.read(&format!("appendonly.aof.1.base.{suffix}")).is_empty());
        assert!(!folder.log("appendonly.aof.1.incr.aof").exists(), "it is replaced");
        let server = folder.start_log(&[]);
        assert_eq!(state(&mut server.connect()), expected, "{format}");
    }
}

/// All keys with their values and whether they have a deadline.
fn state(wire: &mut tests::Wire) -> Vec<(String, String, bool)> {
    let mut keys: Vec<String> =
        wire.ask(&["KEYS", "*"]).items.iter().map(tests::reply::Reply::text).collect();
    keys.sort();
    let mut requests = Vec::new();
    for key in &keys {
        requests.extend(command(&["GET", key]));
        requests.extend(command(&["TTL", key]));
    }
    wire.send(requests);
    let look = |key: String| {
        let value = wire.reply().text();
        (key, value, wire.reply().text() != "-1")
    };
    keys.into_iter().map(look).collect()
}

#[test]
fn a_log_that_has_grown_is_rewritten_by_itself() {
    let folder = Folder::new();
    let size = ["--auto-aof-rewrite-min-size", "64kb", "--auto-aof-rewrite-percentage", "100"];
    let server = folder.start_log(&size);
    let mut wire = server.connect();
    let value = "v".repeat(1000);
    let requests = command(&["SET", "key", &value]).repeat(200);
    wire.exchange(requests, "+OK\r\n".repeat(200));
    // What comes after the first may have grown enough for a second.
    wait_until("a rewrite, and none under way", PATIENCE, || {
        wire.info("aof_rewrites") != "0" && wire.info("aof_rewrite_in_progress") == "0"
    });
    let size: u64 = wire.info("aof_current_size").parse().expect("a number");
    assert!(size < 150_000, "{size} bytes for one key of 1000");
    terminate(server);
    let server = folder.start_log(&[]);
    assert_eq!(get(&mut server.connect(), "key").as_deref(), Some(&*value));
}

#[test]
fn the_log_is_turned_on_and_off_while_the_server_runs() {
    let folder = Folder::new();
    let server = folder.start(&["--appendfsync", "always"]);
    let mut wire = server.connect();
    set(&mut wire, "before", "1");
    wire.transcript(&[("CONFIG SET appendonly yes", "+OK\r\n")]);
    wait_for_info(&mut wire, "aof_rewrites", "1");
    assert_eq!(wire.info("aof_enabled"), "1");
    set(&mut wire, "during", "1");
    wire.transcript(&[("CONFIG SET appendonly no", "+OK\r\n")]);
    wait_for_info(&mut wire, "aof_enabled", "0");
    set(&mut wire, "after", "1");
    wire.transcript(&[("CONFIG SET appendonly yes", "+OK\r\n")]);
    wait_for_info(&mut wire, "aof_rewrites", "2");
    set(&mut wire, "again", "1");
    kill(server);
    let server = folder.start_log(&[]);
    let mut wire = server.connect();
    for key in ["before", "during", "after", "again"] {
        assert_eq!(get(&mut wire, key).as_deref(), Some("1"), "{key}");
    }
}
