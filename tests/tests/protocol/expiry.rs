//! Expiry: its options, its limits, and that keys do go.

use tests::{PATIENCE, Server, on_every_peer, wait_until};

#[test]
fn times_to_live_are_told_and_taken_away() {
    on_every_peer("expiry", |peer| {
        peer.connect().pipeline(&[
            ("TTL missing", ":-2\r\n"),
            ("PTTL missing", ":-2\r\n"),
            ("PERSIST missing", ":0\r\n"),
            ("EXPIRE missing 100", ":0\r\n"),
            ("SET key 1", "+OK\r\n"),
            ("TTL key", ":-1\r\n"),
            ("PTTL key", ":-1\r\n"),
            ("PERSIST key", ":0\r\n"),
            ("EXPIRE key 1000", ":1\r\n"),
            ("TTL key", ":1000\r\n"),
            ("APPEND key 2", ":2\r\n"),
            ("INCR key", ":13\r\n"),
            ("TTL key", ":1000\r\n"),
            ("SET key 1 KEEPTTL", "+OK\r\n"),
            ("TTL key", ":1000\r\n"),
            ("PERSIST key", ":1\r\n"),
            ("TTL key", ":-1\r\n"),
            ("PEXPIRE key 1000000", ":1\r\n"),
            ("TTL key", ":1000\r\n"),
            ("SET key 1", "+OK\r\n"),
            ("TTL key", ":-1\r\n"),
            ("SET key 1 EX 500", "+OK\r\n"),
            ("TTL key", ":500\r\n"),
        ]);
    });
}

#[test]
fn expire_takes_conditions() {
    let exclusive = "-ERR NX and XX, GT or LT options at the same time are not compatible\r\n";
    let both = "-ERR GT and LT options at the same time are not compatible\r\n";
    on_every_peer("expiry", |peer| {
        peer.connect().pipeline(&[
            ("SET key 1", "+OK\r\n"),
            ("EXPIRE key 100 XX", ":0\r\n"),
            ("EXPIRE key 100 GT", ":0\r\n"),
            ("EXPIRE key 100 nx", ":1\r\n"),
            ("EXPIRE key 200 NX", ":0\r\n"),
            ("EXPIRE key 50 GT", ":0\r\n"),
            ("EXPIRE key 200 GT XX", ":1\r\n"),
            ("EXPIRE key 300 LT", ":0\r\n"),
            ("EXPIRE key 150 LT", ":1\r\n"),
            ("TTL key", ":150\r\n"),
            ("PERSIST key", ":1\r\n"),
            ("EXPIRE key 100 LT", ":1\r\n"),
            ("EXPIRE key 100 NX XX", exclusive),
            ("EXPIRE key 100 NX GT", exclusive),
            ("EXPIRE key 100 GT LT", both),
            ("EXPIRE key 100 SOON", "-ERR Unsupported option SOON\r\n"),
        ]);
    });
}

#[test]
fn impossible_times_are_errors() {
    let set = "-ERR invalid expire time in 'set' command\r\n";
    let expire = "-ERR invalid expire time in 'expire' command\r\n";
    let pexpire = "-ERR invalid expire time in 'pexpire' command\r\n";
    let not_integer = "-ERR value is not an integer or out of range\r\n";
    on_every_peer("expiry", |peer| {
        peer.connect().transcript(&[
            ("SET key 1 EX 0", set),
            ("SET key 1 EX -1", set),
            ("SET key 1 PX 0", set),
            ("SET key 1 EX 9223372036854775807", set),
            ("SET key 1 EX 9223372036854776", set),
            ("SET key 1 PX 9223372036854775807", set),
            ("SET key 1 EXAT 9223372036854775807", set),
            ("SET key 1 PXAT -5", set),
            ("SET key 1 EX soon", not_integer),
            ("SET key 1 EX 9223372036854775808", not_integer),
            ("EXISTS key", ":0\r\n"),
            ("SET key 1", "+OK\r\n"),
            ("EXPIRE key 9223372036854775807", expire),
            ("EXPIRE key -9223372036854775808", expire),
            ("PEXPIRE key 9223372036854775807", pexpire),
            ("EXPIRE key soon", not_integer),
            ("TTL key", ":-1\r\n"),
        ]);
    });
}

#[test]
fn a_time_in_the_past_deletes_at_once() {
    on_every_peer("expiry", |peer| {
        peer.connect().transcript(&[
            ("SET key 1", "+OK\r\n"),
            ("EXPIRE key 0", ":1\r\n"),
            ("EXISTS key", ":0\r\n"),
            ("SET key 1", "+OK\r\n"),
            ("PEXPIRE key -1", ":1\r\n"),
            ("DBSIZE", ":0\r\n"),
            ("SET key 1 EXAT 1", "+OK\r\n"),
            ("GET key", "$-1\r\n"),
            ("TTL key", ":-2\r\n"),
        ]);
    });
}

#[test]
fn a_key_that_is_read_after_its_time_is_gone() {
    on_every_peer("expiry", |peer| {
        let mut wire = peer.connect();
        wire.transcript(&[("SET key 1 PX 30", "+OK\r\n")]);
        wait_until("GET to find the key expired", PATIENCE, || {
            wire.ask(&["GET", "key"]).encode() == b"$-1\r\n"
        });
        wire.transcript(&[("EXISTS key", ":0\r\n"), ("TTL key", ":-2\r\n")]);
    });
}

#[test]
fn keys_go_at_their_time_though_nobody_asks_for_them() {
    on_every_peer("expiry", |peer| {
        let mut wire = peer.connect();
        wire.transcript(&[("SET stays 1", "+OK\r\n")]);
        for number in 0..50 {
            let set = format!("SET goes:{number} 1 PX 40");
            wire.transcript(&[(&set, "+OK\r\n")]);
        }
        // DBSIZE counts what is in memory; it does not look at the keys' times.
        wait_until("the keys to be removed by themselves", PATIENCE, || {
            wire.ask(&["DBSIZE"]).encode() == b":1\r\n"
        });
        wire.transcript(&[("GET stays", "$1\r\n1\r\n")]);
    });
}

/// Of ours alone: the oracle is started without leave to DEBUG.
#[test]
fn debug_keeps_what_has_ended_until_somebody_asks() {
    let server = Server::start_with(&["--enable-debug-command", "local"]);
    let mut wire = server.connect();
    wire.transcript(&[
        ("DEBUG SET-ACTIVE-EXPIRE 0", "+OK\r\n"),
        ("SET a 1 PX 1", "+OK\r\n"),
        ("SET b 1 PX 2", "+OK\r\n"),
    ]);
    wait_until("both keys to have ended", PATIENCE, || {
        wire.ask(&["SCAN", "0"]).items[1].items.is_empty()
    });
    wire.transcript(&[
        ("DBSIZE", ":2\r\n"),
        ("GET a", "$-1\r\n"),
        ("DBSIZE", ":1\r\n"),
        ("DEBUG SET-ACTIVE-EXPIRE 1", "+OK\r\n"),
    ]);
    wait_until("the other key to be removed", PATIENCE, || wire.ask(&["DBSIZE"]).text() == "0");
}
