//! Strings, counters, keys and deadlines.

use std::time::Duration;

use super::{Bench, NOT_AN_INTEGER, NULL, OK, SYNTAX};

#[test]
fn set_obeys_its_conditions() {
    let mut bench = Bench::new();
    let slot = bench.client();
    bench.dialogue(
        slot,
        &[
            ("SET a 1 XX", NULL),
            ("SET a 1 NX", OK),
            ("SET a 2 nx", NULL),
            ("SET a 2 XX GET", "$1\r\n1\r\n"),
            ("SET a 3 NX GET", "$1\r\n2\r\n"),
            ("SET b 3 NX GET", NULL),
            ("GET b", "$1\r\n3\r\n"),
            ("SET a 1 NX XX", SYNTAX),
            ("SET a 1 XX NX", SYNTAX),
            ("SET a 1 FOO", SYNTAX),
        ],
    );
}

#[test]
fn set_takes_one_deadline_and_says_what_is_wrong_with_it() {
    let mut bench = Bench::new();
    let slot = bench.client();
    let invalid = "-ERR invalid expire time in 'set' command\r\n";
    bench.dialogue(
        slot,
        &[
            ("SET a 1 EX 100", OK),
            ("TTL a", ":100\r\n"),
            ("SET a 2 KEEPTTL", OK),
            ("TTL a", ":100\r\n"),
            ("SET a 3", OK),
            ("TTL a", ":-1\r\n"),
            ("SET a 1 PX 1500", OK),
            ("PTTL a", ":1500\r\n"),
            ("SET a 1 EXAT 1700000100", OK),
            ("TTL a", ":100\r\n"),
            ("SET a 1 PXAT 9223372036854775807", OK),
            ("PEXPIRETIME a", ":9223372036854775807\r\n"),
            ("SET a 1 EX 10 EX 20", OK),
            ("TTL a", ":20\r\n"),
            ("SET a 1 EX", SYNTAX),
            ("SET a 1 EX 1 PX 1", SYNTAX),
            ("SET a 1 EX 1 KEEPTTL", SYNTAX),
            ("SET a 1 KEEPTTL EX 1", SYNTAX),
            ("SET a 1 EX x", NOT_AN_INTEGER),
            ("SET a 1 EX 0", invalid),
            ("SET a 1 PX -1", invalid),
            ("SET a 1 EX 9223372036854775807", invalid),
            ("SET a 1 PX 9223372036854775807", invalid),
        ],
    );
}

#[test]
fn strings_grow_and_are_replaced() {
    let mut bench = Bench::new();
    let slot = bench.client();
    bench.dialogue(
        slot,
        &[
            ("APPEND a abc", ":3\r\n"),
            ("APPEND a def", ":6\r\n"),
            ("STRLEN a", ":6\r\n"),
            ("STRLEN none", ":0\r\n"),
            ("GETSET a x", "$6\r\nabcdef\r\n"),
            ("GETDEL a", "$1\r\nx\r\n"),
            ("GETDEL a", NULL),
            ("SETNX a 1", ":1\r\n"),
            ("SETNX a 2", ":0\r\n"),
            ("MSET a 1 b 2 a 3", OK),
            ("MGET a none b", "*3\r\n$1\r\n3\r\n$-1\r\n$1\r\n2\r\n"),
            ("MSET a", "-ERR wrong number of arguments for 'mset' command\r\n"),
            ("MSET a 1 b", "-ERR wrong number of arguments for 'mset' command\r\n"),
            ("MSETNX c 1 a 1", ":0\r\n"),
            ("EXISTS c", ":0\r\n"),
            ("MSETNX c 1 d 1", ":1\r\n"),
            ("SETEX a 10 v", OK),
            ("PSETEX a 0 v", "-ERR invalid expire time in 'psetex' command\r\n"),
            ("SET a ''", OK),
            ("GET a", "$0\r\n\r\n"),
        ],
    );
}

#[test]
fn getex_moves_the_deadline_and_reads() {
    let mut bench = Bench::new();
    let slot = bench.client();
    bench.dialogue(
        slot,
        &[
            ("GETEX a EX 0", NULL),
            ("SET a v", OK),
            ("GETEX a", "$1\r\nv\r\n"),
            ("GETEX a EX 100", "$1\r\nv\r\n"),
            ("TTL a", ":100\r\n"),
            ("GETEX a PERSIST", "$1\r\nv\r\n"),
            ("TTL a", ":-1\r\n"),
            ("GETEX a EX 0", "-ERR invalid expire time in 'getex' command\r\n"),
            ("GETEX a PERSIST EX 1", SYNTAX),
            ("GETEX a EX 1 PERSIST", SYNTAX),
            ("GETEX a NX", SYNTAX),
            ("GETEX a PXAT 1", "$1\r\nv\r\n"),
            ("EXISTS a", ":0\r\n"),
        ],
    );
}

#[test]
fn counters_count_within_64_bits() {
    let mut bench = Bench::new();
    let slot = bench.client();
    let overflow = "-ERR increment or decrement would overflow\r\n";
    bench.dialogue(
        slot,
        &[
            ("INCR n", ":1\r\n"),
            ("INCRBY n 9", ":10\r\n"),
            ("DECR n", ":9\r\n"),
            ("DECRBY n 10", ":-1\r\n"),
            ("GET n", "$2\r\n-1\r\n"),
            ("INCRBY n x", NOT_AN_INTEGER),
            ("DECRBY n -9223372036854775808", "-ERR decrement would overflow\r\n"),
            ("SET n 9223372036854775807", OK),
            ("INCR n", overflow),
            ("INCRBY n 1", overflow),
            ("SET n -9223372036854775808", OK),
            ("DECR n", overflow),
            ("SET n ' 1'", OK),
            ("INCR n", NOT_AN_INTEGER),
            ("SET n 01", OK),
            ("INCR n", NOT_AN_INTEGER),
            ("SET n 1 EX 100", OK),
            ("INCR n", ":2\r\n"),
            ("TTL n", ":100\r\n"),
        ],
    );
}

#[test]
fn keys_are_counted_as_often_as_they_are_named() {
    let mut bench = Bench::new();
    let slot = bench.client();
    bench.dialogue(
        slot,
        &[
            ("MSET a 1 b 2", OK),
            ("EXISTS a a b none", ":3\r\n"),
            ("TOUCH a none", ":1\r\n"),
            ("TYPE a", "+string\r\n"),
            ("TYPE none", "+none\r\n"),
            ("DBSIZE", ":2\r\n"),
            ("KEYS [ab]?", "*0\r\n"),
            ("KEYS a", "*1\r\n$1\r\na\r\n"),
            ("DEL a a b", ":2\r\n"),
            ("UNLINK a", ":0\r\n"),
            ("SET '' empty", OK),
            ("KEYS *", "*1\r\n$0\r\n\r\n"),
            ("KEYS **", "*0\r\n"),
            ("FLUSHALL FOO", SYNTAX),
            ("FLUSHALL SYNC ASYNC", SYNTAX),
            ("FLUSHALL ASYNC", OK),
            ("DBSIZE", ":0\r\n"),
        ],
    );
}

#[test]
fn databases_are_apart() {
    let mut bench = Bench::new();
    let slot = bench.client();
    let out_of_range = "-ERR DB index is out of range\r\n";
    bench.dialogue(
        slot,
        &[
            ("SET a 0", OK),
            ("SELECT 15", OK),
            ("GET a", NULL),
            ("SET a 15", OK),
            ("FLUSHDB", OK),
            ("SELECT 16", out_of_range),
            ("SELECT -1", out_of_range),
            ("SELECT x", NOT_AN_INTEGER),
            (
                "SELECT 4294967296",
                "-ERR value is out of range, value must between -2147483648 and 2147483647\r\n",
            ),
            ("DBSIZE", ":0\r\n"),
            ("SELECT 0", OK),
            ("GET a", "$1\r\n0\r\n"),
        ],
    );
}

#[test]
fn expire_obeys_its_conditions() {
    let mut bench = Bench::new();
    let slot = bench.client();
    bench.dialogue(
        slot,
        &[
            ("EXPIRE none 10", ":0\r\n"),
            ("SET a 1", OK),
            ("EXPIRE a 100 XX", ":0\r\n"),
            ("EXPIRE a 100 GT", ":0\r\n"),
            ("EXPIRE a 100 NX", ":1\r\n"),
            ("EXPIRE a 200 NX", ":0\r\n"),
            ("EXPIRE a 50 GT", ":0\r\n"),
            ("EXPIRE a 200 GT", ":1\r\n"),
            ("EXPIRE a 300 LT", ":0\r\n"),
            ("EXPIRE a 50 LT", ":1\r\n"),
            ("TTL a", ":50\r\n"),
            ("PERSIST a", ":1\r\n"),
            ("PERSIST a", ":0\r\n"),
            ("EXPIRE a 100 LT", ":1\r\n"),
            (
                "EXPIRE a 1 NX XX",
                "-ERR NX and XX, GT or LT options at the same time are not compatible\r\n",
            ),
            ("EXPIRE a 1 GT LT", "-ERR GT and LT options at the same time are not compatible\r\n"),
            ("EXPIRE a 1 FOO", "-ERR Unsupported option FOO\r\n"),
            ("EXPIRE a x", NOT_AN_INTEGER),
            ("EXPIRE a 9223372036854775807", "-ERR invalid expire time in 'expire' command\r\n"),
            ("PEXPIRE a 9223372036854775807", "-ERR invalid expire time in 'pexpire' command\r\n"),
            ("PEXPIREAT a 9223372036854775807", ":1\r\n"),
            ("EXPIRE a -9223372036854775808", "-ERR invalid expire time in 'expire' command\r\n"),
            ("EXPIRE a 0", ":1\r\n"),
            ("EXISTS a", ":0\r\n"),
            ("TTL a", ":-2\r\n"),
        ],
    );
}

#[test]
fn time_to_live_is_rounded_and_ends() {
    let mut bench = Bench::new();
    let slot = bench.client();
    bench.dialogue(slot, &[("SET a 1 PX 1500", OK), ("TTL a", ":2\r\n")]);
    bench.now += Duration::from_millis(1);
    bench.dialogue(slot, &[("TTL a", ":1\r\n"), ("PTTL a", ":1499\r\n")]);
    bench.now += Duration::from_millis(1499);
    bench.dialogue(slot, &[("PTTL a", ":0\r\n"), ("GET a", "$1\r\n1\r\n")]);
    bench.now += Duration::from_millis(1);
    bench.dialogue(slot, &[("DBSIZE", ":1\r\n"), ("KEYS *", "*0\r\n"), ("GET a", NULL)]);
    bench.dialogue(slot, &[("DBSIZE", ":0\r\n"), ("TTL a", ":-2\r\n")]);
    assert_eq!(bench.state.expired_keys(), 1);
}

#[test]
fn an_expired_key_is_as_if_it_had_never_been() {
    for (line, expected) in [
        ("SET a 2 XX", NULL),
        ("SET a 2 NX", OK),
        ("SET a 2 GET", NULL),
        ("SET a 2 KEEPTTL", OK),
        ("GETSET a 2", NULL),
        ("GETDEL a", NULL),
        ("GETEX a PERSIST", NULL),
        ("SETNX a 2", ":1\r\n"),
        ("MSETNX a 2", ":1\r\n"),
        ("APPEND a x", ":1\r\n"),
        ("STRLEN a", ":0\r\n"),
        ("INCR a", ":1\r\n"),
        ("DEL a", ":0\r\n"),
        ("EXISTS a", ":0\r\n"),
        ("TYPE a", "+none\r\n"),
        ("EXPIRE a 10", ":0\r\n"),
        ("PERSIST a", ":0\r\n"),
        ("PTTL a", ":-2\r\n"),
    ] {
        let mut bench = Bench::new();
        let slot = bench.client();
        bench.dialogue(slot, &[("SET a 10 PX 1", OK)]);
        bench.now += Duration::from_millis(2);
        bench.dialogue(slot, &[(line, expected)]);
        let ttl = bench.call(slot, "PTTL a");
        assert!(
            matches!(ttl.as_str(), ":-1\r\n" | ":-2\r\n"),
            "{line} left the old deadline: {ttl}"
        );
    }
}
