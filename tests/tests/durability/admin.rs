//! The commands and settings around it, as Redis has them.

use tests::{PATIENCE, Server, on_every_peer, wait_until};

use super::{Folder, get, set, wait_for_info};

#[test]
fn commands_answer_as_redis_does() {
    // The folder is the current one: nothing here may succeed in writing.
    on_every_peer("commands of durability", |peer| {
        let mut wire = peer.connect();
        wire.transcript(&[
            ("BGSAVE NOW", "-ERR syntax error\r\n"),
            ("SHUTDOWN ABORT", "-ERR No shutdown in progress.\r\n"),
            ("SHUTDOWN SAVE NOSAVE", "-ERR syntax error\r\n"),
            ("SHUTDOWN ABORT NOW", "-ERR syntax error\r\n"),
            ("SAVE x", "-ERR wrong number of arguments for 'save' command\r\n"),
            ("LASTSAVE x", "-ERR wrong number of arguments for 'lastsave' command\r\n"),
            ("BGREWRITEAOF x", "-ERR wrong number of arguments for 'bgrewriteaof' command\r\n"),
        ]);
        assert_eq!(wire.ask(&["LASTSAVE"]).kind, b':');
    });
}

#[test]
fn settings_are_told_and_checked_as_redis_does() {
    on_every_peer("settings of durability", |peer| {
        let mut wire = peer.connect();
        let failed = |name: &str, why: &str| {
            format!("-ERR CONFIG SET failed (possibly related to argument '{name}') - {why}\r\n")
        };
        let flag = "argument must be 'yes' or 'no'";
        let policies = "argument(s) must be one of the following: everysec, always, no";
        let percentage = "argument must be between 0 and 2147483647 inclusive";
        wire.transcript(&[
            ("CONFIG GET appendfsync", "*2\r\n$11\r\nappendfsync\r\n$8\r\neverysec\r\n"),
            ("CONFIG SET appendfsync no", "+OK\r\n"),
            ("CONFIG GET appendfsync", "*2\r\n$11\r\nappendfsync\r\n$2\r\nno\r\n"),
            ("CONFIG SET appendfsync x", &failed("appendfsync", policies)),
            ("CONFIG SET appendonly x", &failed("appendonly", flag)),
            ("CONFIG GET appendonly", "*2\r\n$10\r\nappendonly\r\n$2\r\nno\r\n"),
            (
                "CONFIG SET auto-aof-rewrite-percentage -1",
                &failed("auto-aof-rewrite-percentage", percentage),
            ),
            ("CONFIG SET auto-aof-rewrite-percentage 50", "+OK\r\n"),
            ("CONFIG SET auto-aof-rewrite-min-size 1mb", "+OK\r\n"),
            (
                "CONFIG GET auto-aof-rewrite-min-size",
                "*2\r\n$25\r\nauto-aof-rewrite-min-size\r\n$7\r\n1048576\r\n",
            ),
            (
                "CONFIG SET appendfilename x",
                &failed("appendfilename", "can't set immutable config"),
            ),
            ("CONFIG SET save x", &failed("save", "Invalid save parameters")),
            ("CONFIG GET dbfilename", "*2\r\n$10\r\ndbfilename\r\n$8\r\ndump.rdb\r\n"),
        ]);
        wire.exchange(tests::command(&["CONFIG", "SET", "save", "900 1 60 5"]), "+OK\r\n");
        wire.transcript(&[("CONFIG GET save", "*2\r\n$4\r\nsave\r\n$10\r\n900 1 60 5\r\n")]);
        wire.exchange(tests::command(&["CONFIG", "SET", "save", ""]), "+OK\r\n");
    });
}

#[test]
fn info_has_the_fields_of_redis() {
    let folder = Folder::new();
    let Some(redis) = folder.redis("INFO has the fields", &["--appendonly", "yes"]) else { return };
    let own = Folder::new();
    let ours = own.start_log(&[]);
    let fields = |server: &Server| -> Vec<String> {
        let text = server.connect().ask(&["INFO", "persistence"]).text();
        text.lines().filter_map(|line| line.split_once(':')).map(|(name, _)| name.into()).collect()
    };
    let theirs = fields(&redis);
    for field in fields(&ours) {
        assert!(theirs.contains(&field), "Redis has no {field}");
    }
    for field in ["aof_enabled", "aof_current_size", "rdb_last_save_time", "aof_rewrites"] {
        assert!(fields(&ours).iter().any(|name| name == field), "{field} is missing");
    }
}

#[test]
fn a_snapshot_is_taken_by_itself_when_enough_has_changed() {
    let folder = Folder::new();
    let server = folder.start(&["--save", "1 2"]);
    let mut wire = server.connect();
    set(&mut wire, "a", "1");
    assert_eq!(wire.info("rdb_changes_since_last_save"), "1");
    set(&mut wire, "b", "1");
    wait_for_info(&mut wire, "rdb_saves", "1");
    assert_eq!(wire.info("rdb_changes_since_last_save"), "0");
    drop(server);
    let server = folder.start(&["--save", "1 2"]);
    let mut wire = server.connect();
    assert_eq!(get(&mut wire, "b").as_deref(), Some("1"));
    assert_eq!(wire.info("rdb_changes_since_last_save"), "0", "what was read is no change");
}

#[test]
fn shutdown_ends_the_process_with_a_snapshot_or_without() {
    for (words, saves) in [(&["SHUTDOWN"][..], false), (&["SHUTDOWN", "SAVE"], true)] {
        let folder = Folder::new();
        let mut server = folder.start(&[]);
        let mut wire = server.connect();
        set(&mut wire, "a", "1");
        wire.send(tests::command(words));
        wire.expect_end("");
        assert_eq!(server.process().wait_for_exit(PATIENCE).code(), Some(0));
        assert_eq!(folder.path().join("dump.rdb").exists(), saves, "{words:?}");
    }
    // With save points, the end of the process is a reason to take one, however it comes.
    for signal in [None, Some("TERM")] {
        let folder = Folder::new();
        let mut server = folder.start(&["--save", "3600 1"]);
        let mut wire = server.connect();
        set(&mut wire, "a", "1");
        match signal {
            Some(signal) => server.process().signal(signal),
            None => wire.send(tests::command(&["SHUTDOWN"])),
        }
        assert_eq!(server.process().wait_for_exit(PATIENCE).code(), Some(0));
        let server = folder.start(&[]);
        assert_eq!(get(&mut server.connect(), "a").as_deref(), Some("1"), "{signal:?}");
    }
}

#[test]
fn a_start_with_nothing_to_read_says_nothing() {
    let folder = Folder::new();
    for _ in 0..2 {
        let mut server = folder.start_log(&[]);
        let mut wire = server.connect();
        wire.exchange("PING\r\n", "+PONG\r\n");
        wait_until("the log to be on", PATIENCE, || wire.info("aof_enabled") == "1");
        server.process().signal("TERM");
        assert_eq!(server.process().wait_for_exit(PATIENCE).code(), Some(0));
        assert_eq!(server.process().stderr(), "");
    }
}
