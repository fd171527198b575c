//! MULTI, EXEC, WATCH: all of a queue or nothing of it.

use std::time::Duration;

use tests::{PATIENCE, Wire, on_every_peer, wait_until};

const QUEUED: &str = "+QUEUED\r\n";
const ABORTED: &str = "-EXECABORT Transaction discarded because of previous errors.\r\n";

#[test]
fn a_queue_runs_as_one_and_an_error_in_it_stops_nothing() {
    on_every_peer("transactions", |peer| {
        let mut other = peer.connect();
        peer.connect().transcript(&[
            ("MULTI", "+OK\r\n"),
            ("SET a 1", QUEUED),
            ("INCR a", QUEUED),
            ("SET text x", QUEUED),
            ("INCR text", QUEUED),
            ("MGET a none", QUEUED),
            ("CLIENT GETNAME", QUEUED),
        ]);
        let mut wire = peer.connect();
        wire.transcript(&[("MULTI", "+OK\r\n"), ("SET a 1", QUEUED), ("INCR a", QUEUED)]);
        other.transcript(&[("GET a", "$-1\r\n")]);
        wire.transcript(&[
            ("INCR text", QUEUED),
            ("SET text x", QUEUED),
            ("INCR text", QUEUED),
            ("MGET a none", QUEUED),
            ("CLIENT GETNAME", QUEUED),
            (
                "EXEC",
                "*7\r\n+OK\r\n:2\r\n:1\r\n+OK\r\n\
                 -ERR value is not an integer or out of range\r\n*2\r\n$1\r\n2\r\n$-1\r\n$-1\r\n",
            ),
            ("EXEC", "-ERR EXEC without MULTI\r\n"),
            ("MULTI", "+OK\r\n"),
            ("EXEC", "*0\r\n"),
        ]);
        other.transcript(&[("GET a", "$1\r\n2\r\n")]);
    });
}

#[test]
fn what_cannot_be_queued_spoils_the_transaction() {
    on_every_peer("transactions", |peer| {
        let mut wire = peer.connect();
        wire.transcript(&[
            ("DISCARD", "-ERR DISCARD without MULTI\r\n"),
            ("MULTI", "+OK\r\n"),
            ("MULTI", "-ERR MULTI calls can not be nested\r\n"),
            ("WATCH a", "-ERR WATCH inside MULTI is not allowed\r\n"),
            ("SET a 1", QUEUED),
            ("EXEC", "*1\r\n+OK\r\n"),
        ]);
        for wrong in ["SET a", "NOPE x", "CLIENT nope", "CONFIG GET"] {
            wire.transcript(&[("MULTI", "+OK\r\n"), ("SET a 2", QUEUED)]);
            assert!(wire.ask(&wrong.split(' ').collect::<Vec<_>>()).is_error());
            wire.transcript(&[("GET a", QUEUED), ("EXEC", ABORTED), ("GET a", "$1\r\n1\r\n")]);
        }
        let because = "-EXECABORT Transaction discarded because of: wrong number of arguments for \
                       'exec' command\r\n";
        wire.transcript(&[
            ("MULTI", "+OK\r\n"),
            ("SET a 2", QUEUED),
            ("EXEC now", because),
            ("EXEC", "-ERR EXEC without MULTI\r\n"),
            ("MULTI", "+OK\r\n"),
            ("SET a 2", QUEUED),
            ("DISCARD", "+OK\r\n"),
            ("GET a", "$1\r\n1\r\n"),
            ("MULTI", "+OK\r\n"),
            ("SET a 2", QUEUED),
            ("RESET", "+RESET\r\n"),
            ("GET a", "$1\r\n1\r\n"),
            ("EXEC", "-ERR EXEC without MULTI\r\n"),
            ("MULTI", "+OK\r\n"),
            ("QUIT", "+OK\r\n"),
        ]);
        wire.expect_end("");
    });
}

/// Watches `key`, lets `change` happen on another connection, and tells whether EXEC runs.
fn survives(watcher: &mut Wire, other: &mut Wire, keys: &str, change: &str) -> bool {
    watcher.transcript(&[(&format!("WATCH {keys}"), "+OK\r\n")]);
    let reply = other.ask(&change.split(' ').collect::<Vec<_>>());
    assert!(!reply.is_error(), "{change}: {reply:?}");
    watcher.transcript(&[("MULTI", "+OK\r\n"), ("PING", QUEUED)]);
    let reply = watcher.ask(&["EXEC"]);
    if reply.is_null() {
        return false;
    }
    assert_eq!(reply.items.len(), 1, "{change}: {reply:?}");
    true
}

#[test]
fn a_watched_key_that_changes_breaks_the_transaction() {
    on_every_peer("transactions", |peer| {
        let (mut watcher, mut other) = (peer.connect(), peer.connect());
        for (prepare, change, runs) in [
            ("SET k 1", "SET k 1", false),
            ("SET k 1", "SET other 1", true),
            ("SET k 1", "INCR k", false),
            ("SET k 1", "APPEND k x", false),
            ("SET k 1", "GET k", true),
            ("SET k 1", "DEL k", false),
            ("SET k 1", "DEL nothing", true),
            ("SET k 1", "EXPIRE k 100", false),
            ("SET k 1", "PERSIST k", true),
            ("SET k 1 EX 100", "PERSIST k", false),
            ("SET k 1", "SETNX k 2", true),
            ("SET k 1", "FLUSHALL", false),
            ("SET k 1", "FLUSHDB", false),
            ("DEL k", "FLUSHALL", true),
            ("DEL k", "FLUSHDB", true),
            ("DEL k", "SET k 1", false),
            ("SET k 1", "GETDEL k", false),
            ("SET k 1", "GETEX k", true),
            ("SET k 1", "GETEX k EX 100", false),
        ] {
            other.ask(&["FLUSHALL"]);
            other.ask(&prepare.split(' ').collect::<Vec<_>>());
            assert_eq!(
                survives(&mut watcher, &mut other, "a k b k", change),
                runs,
                "{}: after {prepare}, WATCH k; then {change}",
                peer.name()
            );
        }
        // In another database it is another key.
        other.transcript(&[("SELECT 1", "+OK\r\n")]);
        assert!(survives(&mut watcher, &mut other, "k", "SET k 1"), "{}", peer.name());
    });
}

#[test]
fn unwatch_exec_and_discard_forget_what_was_watched() {
    on_every_peer("transactions", |peer| {
        let (mut watcher, mut other) = (peer.connect(), peer.connect());
        for forget in [&["UNWATCH"][..], &["MULTI", "EXEC"], &["MULTI", "DISCARD"], &["RESET"]] {
            watcher.transcript(&[("WATCH k", "+OK\r\n")]);
            forget.iter().for_each(|word| {
                watcher.ask(&[word]);
            });
            assert!(survives(&mut watcher, &mut other, "other", "SET k 1"), "{forget:?}");
        }
        watcher.transcript(&[("WATCH k", "+OK\r\n"), ("SET k 2", "+OK\r\n")]);
        watcher.transcript(&[("MULTI", "+OK\r\n"), ("EXEC", "*-1\r\n")]);
        watcher.transcript(&[
            ("WATCH k", "+OK\r\n"),
            ("MULTI", "+OK\r\n"),
            ("UNWATCH", QUEUED),
            ("SET k 3", QUEUED),
            ("EXEC", "*2\r\n+OK\r\n+OK\r\n"),
        ]);
        let hello = watcher.ask(&["HELLO", "3"]);
        assert!(!hello.is_error());
        watcher.transcript(&[("WATCH k", "+OK\r\n"), ("SET k 2", "+OK\r\n")]);
        watcher.transcript(&[("MULTI", "+OK\r\n"), ("EXEC", "_\r\n")]);
    });
}

#[test]
fn a_watched_key_that_ends_breaks_the_transaction_unless_it_had_ended_before() {
    on_every_peer("transactions", |peer| {
        let (mut watcher, mut other) = (peer.connect(), peer.connect());
        // The key must live when WATCH comes; on a machine that is busy it may be over by then.
        wait_until("a watch on a key that lives", PATIENCE, || {
            watcher.transcript(&[("UNWATCH", "+OK\r\n")]);
            other.transcript(&[("SET k 1 PX 60", "+OK\r\n")]);
            watcher.transcript(&[("WATCH k", "+OK\r\n")]);
            other.ask(&["EXISTS", "k"]).text() == "1"
        });
        wait_until("the key to end", PATIENCE, || other.ask(&["EXISTS", "k"]).text() == "0");
        watcher.transcript(&[("MULTI", "+OK\r\n"), ("PING", QUEUED), ("EXEC", "*-1\r\n")]);
        watcher.transcript(&[("WATCH k", "+OK\r\n")]);
        std::thread::sleep(Duration::from_millis(5));
        watcher.transcript(&[("MULTI", "+OK\r\n"), ("PING", QUEUED), ("EXEC", "*1\r\n+PONG\r\n")]);
    });
}

#[test]
fn messages_and_subscriptions_in_a_transaction_come_in_their_order() {
    on_every_peer("transactions", |peer| {
        let mut wire = peer.connect();
        wire.transcript(&[
            ("MULTI", "+OK\r\n"),
            ("SUBSCRIBE ch", QUEUED),
            ("PUBLISH ch hi", QUEUED),
            (
                "EXEC",
                "*2\r\n*3\r\n$9\r\nsubscribe\r\n$2\r\nch\r\n:1\r\n\
                 *3\r\n$7\r\nmessage\r\n$2\r\nch\r\n$2\r\nhi\r\n:1\r\n",
            ),
            ("UNSUBSCRIBE ch", "*3\r\n$11\r\nunsubscribe\r\n$2\r\nch\r\n:0\r\n"),
            ("CLIENT REPLY OFF", ""),
        ]);
        wire.send("MULTI\r\nSET a 1\r\nEXEC\r\nCLIENT REPLY ON\r\nGET a\r\n");
        wire.expect("+OK\r\n$1\r\n1\r\n");
    });
}
