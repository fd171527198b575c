//! Each server reads what the other has written.

use tests::{Wire, command};

use super::{Folder, get, kill, set, terminate, wait_for_info};

/// Strings of every form in which a snapshot can hold them.
fn write_all_forms(wire: &mut Wire) {
    for value in ["0", "-1", "127", "-32768", "2147483647", "-2147483649", "9223372036854775807"] {
        set(wire, &format!("number{value}"), value);
    }
    for length in [0, 1, 63, 64, 16_383, 16_384, 70_000] {
        let same = "a".repeat(length);
        let mixed: String =
            (0..length).map(|n| char::from(b'!' + (n * n / 7 % 90) as u8)).collect();
        wire.exchange(command(&["SET", &format!("same{length}"), &same]), "+OK\r\n");
        wire.exchange(command(&["SET", &format!("mixed{length}"), &mixed]), "+OK\r\n");
    }
    wire.exchange(command(&[&b"SET"[..], b"bytes\0\r\n\xff", b"\0\r\n\xfe"]), "+OK\r\n");
    wire.transcript(&[
        ("SET deadline x EX 5000", "+OK\r\n"),
        ("SELECT 5", "+OK\r\n"),
        ("SET five x", "+OK\r\n"),
        ("SELECT 0", "+OK\r\n"),
    ]);
}

/// All that [`write_all_forms`] has written.
fn all_forms(wire: &mut Wire) -> Vec<(String, String)> {
    let mut keys: Vec<Vec<u8>> =
        wire.ask(&["KEYS", "*"]).items.into_iter().filter_map(|item| item.body).collect();
    keys.sort();
    let mut all = Vec::new();
    for key in keys {
        wire.send(command(&[&b"GET"[..], &key]));
        all.push((key.escape_ascii().to_string(), wire.reply().text()));
    }
    let left: i64 = wire.ask(&["TTL", "deadline"]).text().parse().expect("a number");
    all.push(("ttl".into(), (4000..=5000).contains(&left).to_string()));
    wire.ask(&["SELECT", "5"]);
    all.push(("five".into(), get(wire, "five").unwrap_or_default()));
    wire.ask(&["SELECT", "0"]);
    all
}

#[test]
fn redis_loads_our_log_rewritten_or_not_and_goes_on_with_it() {
    for rewrite in [None, Some("no"), Some("yes")] {
        let folder = Folder::new();
        let server = folder.start_log(&[]);
        let mut wire = server.connect();
        write_all_forms(&mut wire);
        if let Some(format) = rewrite {
            wire.ask(&["CONFIG", "SET", "aof-use-rdb-preamble", format]);
            wire.ask(&["BGREWRITEAOF"]);
            wait_for_info(&mut wire, "aof_rewrites", "1");
        }
        set(&mut wire, "later", "1");
        let expected = all_forms(&mut wire);
        assert!(expected.len() > 20);
        terminate(server);
        let Some(redis) = folder.redis("redis loads our log", &["--appendonly", "yes"]) else {
            return;
        };
        let mut wire = redis.connect();
        assert_eq!(all_forms(&mut wire), expected, "{rewrite:?}");
        set(&mut wire, "by-redis", "1");
        terminate(redis);
        let server = folder.start_log(&[]);
        let mut wire = server.connect();
        assert_eq!(all_forms(&mut wire).len(), expected.len() + 1, "{rewrite:?}");
    }
}

#[test]
fn we_load_the_log_of_redis_rewritten_or_not() {
    for rewrite in [None, Some("no"), Some("yes")] {
        let folder = Folder::new();
        let Some(redis) = folder.redis("we load a log of Redis", &["--appendonly", "yes"]) else {
            return;
        };
        let mut wire = redis.connect();
        write_all_forms(&mut wire);
        if let Some(format) = rewrite {
            wire.ask(&["CONFIG", "SET", "aof-use-rdb-preamble", format]);
            wire.ask(&["BGREWRITEAOF"]);
            wait_for_info(&mut wire, "aof_rewrites", "1");
        }
        wire.send([command(&["MULTI"]), command(&["SET", "m", "1"]), command(&["EXEC"])].concat());
        for _ in 0..3 {
            wire.reply();
        }
        let expected = all_forms(&mut wire);
        terminate(redis);
        let server = folder.start_log(&[]);
        assert_eq!(all_forms(&mut server.connect()), expected, "{rewrite:?}");
    }
}

#[test]
fn snapshots_are_read_by_both() {
    let folder = Folder::new();
    let server = folder.start(&[]);
    let mut wire = server.connect();
    write_all_forms(&mut wire);
    wire.transcript(&[("BGSAVE", "+Background saving started\r\n")]);
    wait_for_info(&mut wire, "rdb_saves", "1");
    let expected = all_forms(&mut wire);
    terminate(server);
    let Some(redis) = folder.redis("snapshots are read by both", &[]) else { return };
    let mut wire = redis.connect();
    assert_eq!(all_forms(&mut wire), expected);
    set(&mut wire, "more", "1");
    wire.transcript(&[("SAVE", "+OK\r\n")]);
    let expected = all_forms(&mut wire);
    kill(redis);
    let mut server = folder.start(&[]);
    assert_eq!(all_forms(&mut server.connect()), expected);
    let said = server.process().stderr();
    assert!(said.contains("keys read"), "{said}");
}

#[test]
fn a_single_file_of_an_older_redis_becomes_the_base() {
    let folder = Folder::new();
    let old = [command(&["SELECT", "0"]), command(&["SET", "a", "1"])].concat();
    std::fs::write(folder.path().join("appendonly.aof"), &old).expect("there is room");
    let server = folder.start_log(&["--appendfsync", "always"]);
    let mut wire = server.connect();
    assert_eq!(get(&mut wire, "a").as_deref(), Some("1"));
    set(&mut wire, "b", "2");
    kill(server);
    assert_eq!(folder.read("appendonly.aof"), old);
    let server = folder.start_log(&[]);
    let mut wire = server.connect();
    assert_eq!(get(&mut wire, "a").as_deref(), Some("1"));
    assert_eq!(get(&mut wire, "b").as_deref(), Some("2"));
}

#[test]
fn a_type_that_this_server_does_not_have_is_refused_by_its_key() {
    let folder = Folder::new();
    let Some(redis) = folder.redis("other types are refused", &[]) else { return };
    let mut wire = redis.connect();
    set(&mut wire, "string", "1");
    wire.transcript(&[("RPUSH queue a b", ":2\r\n"), ("SAVE", "+OK\r\n")]);
    kill(redis);
    let mut command = std::process::Command::new(tests::binary::kv_server());
    let flags = folder.flags(&["--bind", "127.0.0.1:0"]);
    let mut process = tests::process::Process::spawn("kv-server", command.args(flags));
    assert_eq!(process.wait_for_exit(tests::PATIENCE).code(), Some(1));
    let said = process.stderr();
    assert!(said.contains("\"queue\"") && said.contains("list"), "{said}");
}

#[test]
fn a_log_that_is_plain_text_can_be_piped_into_redis() {
    let folder = Folder::new();
    let server = folder.start_log(&[]);
    let mut wire = server.connect();
    write_all_forms(&mut wire);
    wire.ask(&["BGREWRITEAOF"]);
    wait_for_info(&mut wire, "aof_rewrites", "1");
    let expected = all_forms(&mut wire);
    terminate(server);
    let Some(redis) = tests::Server::oracle("the log can be piped into Redis") else { return };
    let mut wire = redis.connect();
    let bytes = folder.read("appendonly.aof.1.base.aof");
    let mut other = redis.connect();
    other.send([bytes, command(&["PING", "the end"])].concat());
    let (replies, _) =
        other.read_until(tests::PATIENCE, |replies| replies.ends_with(b"$7\r\nthe end\r\n"));
    assert!(!replies.contains(&b'-'), "{}", replies.escape_ascii());
    assert_eq!(all_forms(&mut wire), expected);
}
