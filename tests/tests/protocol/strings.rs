//! Strings and counters.

use tests::{command, on_every_peer};

#[test]
fn set_and_get_answer_as_documented() {
    on_every_peer("strings", |peer| {
        peer.connect().transcript(&[
            ("PING", "+PONG\r\n"),
            ("PING hello", "$5\r\nhello\r\n"),
            ("ECHO hello", "$5\r\nhello\r\n"),
            ("GET missing", "$-1\r\n"),
            ("SET key value", "+OK\r\n"),
            ("GET key", "$5\r\nvalue\r\n"),
            ("get KEY", "$-1\r\n"),
            ("sEt key 1", "+OK\r\n"),
            ("GET key", "$1\r\n1\r\n"),
            ("SET key ", "+OK\r\n"),
            ("GET key", "$0\r\n\r\n"),
            ("STRLEN key", ":0\r\n"),
            ("STRLEN missing", ":0\r\n"),
        ]);
    });
}

#[test]
fn set_takes_its_options_in_any_order_and_case() {
    on_every_peer("strings", |peer| {
        peer.connect().transcript(&[
            ("SET key 1 XX", "$-1\r\n"),
            ("EXISTS key", ":0\r\n"),
            ("SET key 1 NX", "+OK\r\n"),
            ("SET key 2 nx", "$-1\r\n"),
            ("GET key", "$1\r\n1\r\n"),
            ("SET key 3 GET XX", "$1\r\n1\r\n"),
            ("SET key 4 px 100000 get", "$1\r\n3\r\n"),
            ("SET other 5 GET", "$-1\r\n"),
            ("SET third 5 NX GET", "$-1\r\n"),
            ("SET third 6 NX GET", "$1\r\n5\r\n"),
            ("GET third", "$1\r\n5\r\n"),
            ("SET key 1 NX XX", "-ERR syntax error\r\n"),
            ("SET key 1 EX 1 PX 1", "-ERR syntax error\r\n"),
            ("SET key 1 EX 1 KEEPTTL", "-ERR syntax error\r\n"),
            ("SET key 1 KEEPTTL KEEPTTL", "+OK\r\n"),
            ("SET key 1 EX", "-ERR syntax error\r\n"),
            ("SET key 1 SOON", "-ERR syntax error\r\n"),
        ]);
    });
}

#[test]
fn counters_check_their_range() {
    let not_integer = "-ERR value is not an integer or out of range\r\n";
    let overflow = "-ERR increment or decrement would overflow\r\n";
    on_every_peer("strings", |peer| {
        peer.connect().transcript(&[
            ("INCR n", ":1\r\n"),
            ("INCRBY n 41", ":42\r\n"),
            ("DECR n", ":41\r\n"),
            ("DECRBY n 50", ":-9\r\n"),
            ("GET n", "$2\r\n-9\r\n"),
            ("SET n 9223372036854775807", "+OK\r\n"),
            ("INCR n", overflow),
            ("INCRBY n -1", ":9223372036854775806\r\n"),
            ("SET n -9223372036854775808", "+OK\r\n"),
            ("DECR n", overflow),
            ("INCRBY n 9223372036854775807", ":-1\r\n"),
            ("DECRBY n -9223372036854775808", "-ERR decrement would overflow\r\n"),
            ("INCRBY n 9223372036854775808", not_integer),
            ("INCRBY n 1.5", not_integer),
            ("INCRBY n  1", not_integer_arity()),
            ("SET n 01", "+OK\r\n"),
            ("INCR n", not_integer),
            ("SET n +1", "+OK\r\n"),
            ("INCR n", not_integer),
            ("SET n -0", "+OK\r\n"),
            ("INCR n", not_integer),
            ("SET n text", "+OK\r\n"),
            ("INCR n", not_integer),
            ("GET n", "$4\r\ntext\r\n"),
        ]);
    });
}

/// Two spaces make an empty word, and so a word too many.
fn not_integer_arity() -> &'static str {
    "-ERR wrong number of arguments for 'incrby' command\r\n"
}

#[test]
fn append_and_the_many_key_commands_answer_as_documented() {
    on_every_peer("strings", |peer| {
        peer.connect().transcript(&[
            ("APPEND key abc", ":3\r\n"),
            ("APPEND key def", ":6\r\n"),
            ("APPEND key ", ":6\r\n"),
            ("GET key", "$6\r\nabcdef\r\n"),
            ("MSET a 1 b 2 a 3", "+OK\r\n"),
            ("MGET a missing b a", "*4\r\n$1\r\n3\r\n$-1\r\n$1\r\n2\r\n$1\r\n3\r\n"),
            ("MSET a 1 b", "-ERR wrong number of arguments for 'mset' command\r\n"),
            ("GETSET a 9", "$1\r\n3\r\n"),
            ("GETDEL a", "$1\r\n9\r\n"),
            ("GETDEL a", "$-1\r\n"),
            ("SETNX a 1", ":1\r\n"),
            ("SETNX a 2", ":0\r\n"),
        ]);
    });
}

#[test]
fn keys_and_values_hold_any_bytes() {
    let every_byte: Vec<u8> = (0..=255).collect();
    on_every_peer("strings", |peer| {
        let mut wire = peer.connect();
        wire.exchange(command(&[b"SET".as_slice(), &every_byte, &every_byte]), "+OK\r\n");
        let mut expected = b"$256\r\n".to_vec();
        expected.extend_from_slice(&every_byte);
        expected.extend_from_slice(b"\r\n");
        wire.exchange(command(&[b"GET".as_slice(), &every_byte]), expected);
        wire.transcript(&[("SET  empty-key", "+OK\r\n"), ("STRLEN ", ":9\r\n")]);
    });
}

#[test]
fn a_large_value_comes_back_whole() {
    let large: Vec<u8> = (0..3_000_000_u32).map(|at| (at % 251) as u8).collect();
    on_every_peer("strings", |peer| {
        let mut wire = peer.connect();
        wire.exchange(command(&[b"SET".as_slice(), b"large", &large]), "+OK\r\n");
        let mut expected = format!("${}\r\n", large.len()).into_bytes();
        expected.extend_from_slice(&large);
        expected.extend_from_slice(b"\r\n");
        wire.exchange(command(&["GET", "large"]), expected);
    });
}
