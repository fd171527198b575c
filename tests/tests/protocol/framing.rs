//! Frames: pipelines, fragments, and what is wrong with a frame.

use tests::{command, on_every_peer};

/// Some of everything, so that a cut falls into each part of a frame.
const STREAM: &[u8] = b"*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$12\r\nhello\r\nworld\r\n\
    PING\r\n*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n\r\nECHO \"a b\"\n*0\r\n*-1\r\n*2\r\n$4\r\nECHO\r\n$0\r\n\r\n\
    *1\r\n$4\r\nNONO\r\n";

const ANSWERS: &[u8] = b"+OK\r\n+PONG\r\n$12\r\nhello\r\nworld\r\n$3\r\na b\r\n$0\r\n\r\n\
    -ERR unknown command 'NONO', with args beginning with: \r\n";

#[test]
fn a_stream_cut_at_any_byte_is_answered_alike() {
    on_every_peer("framing", |peer| {
        let mut wire = peer.connect();
        for cut in 0..=STREAM.len() {
            let (head, tail) = STREAM.split_at(cut);
            wire.send(head);
            // Another connection's round trip: the head has been read before the tail leaves.
            peer.connect().exchange("PING\r\n", "+PONG\r\n");
            wire.exchange(tail, ANSWERS);
        }
    });
}

#[test]
fn a_stream_sent_byte_by_byte_is_answered_alike() {
    on_every_peer("framing", |peer| {
        let mut wire = peer.connect();
        let mut other = peer.connect();
        for byte in STREAM {
            wire.send([*byte]);
            other.exchange("PING\r\n", "+PONG\r\n");
        }
        wire.expect(ANSWERS);
    });
}

#[test]
fn a_pipeline_is_answered_in_order() {
    let count = 10_000;
    let mut requests = Vec::new();
    let mut replies = String::new();
    for number in 0..count {
        requests.extend(command(&["ECHO", &number.to_string()]));
        requests.extend(command(&["INCR", "n"]));
        let digits = number.to_string();
        replies += &format!("${}\r\n{digits}\r\n:{}\r\n", digits.len(), number + 1);
    }
    on_every_peer("framing", |peer| {
        peer.connect().exchange(&requests, &replies);
    });
}

#[test]
fn a_broken_frame_is_named_and_ends_the_connection() {
    let cases = [
        ("*x\r\n", "invalid multibulk length"),
        ("*2147483648\r\n", "invalid multibulk length"),
        ("*9223372036854775807\r\n", "invalid multibulk length"),
        ("*9223372036854775808\r\n", "invalid multibulk length"),
        ("*1.5\r\n", "invalid multibulk length"),
        ("* 1\r\n", "invalid multibulk length"),
        ("*\r\n", "invalid multibulk length"),
        ("*1\r\n$x\r\n", "invalid bulk length"),
        ("*1\r\n$-1\r\n", "invalid bulk length"),
        ("*1\r\n$536870913\r\n", "invalid bulk length"),
        ("*1\r\n$9223372036854775808\r\n", "invalid bulk length"),
        ("*1\r\n$\r\n", "invalid bulk length"),
        ("*1\r\nPING\r\n", "expected '$', got 'P'"),
        ("*1\r\n:1\r\n", "expected '$', got ':'"),
        ("*1\r\n*1\r\n$4\r\nPING\r\n", "expected '$', got '*'"),
        ("*2\r\n$4\r\nECHO\r\n\r\n", "expected '$', got '\r'"),
    ];
    on_every_peer("framing", |peer| {
        for (broken, reason) in cases {
            let mut wire = peer.connect();
            wire.send(format!("PING\r\n{broken}PING\r\n"));
            // As in every error's text, a line break is shown as a space.
            let reason = reason.replace('\r', " ");
            wire.expect_end(format!("+PONG\r\n-ERR Protocol error: {reason}\r\n"));
        }
    });
}

#[test]
fn a_length_that_does_not_end_within_64_kibibytes_is_too_long() {
    let digits = "9".repeat(66_000);
    let cases = [("*", "mbulk"), ("*1\r\n$", "bulk"), ("*2\r\n$4\r\nECHO\r\n$", "bulk")];
    on_every_peer("framing", |peer| {
        for (begin, which) in cases {
            let mut wire = peer.connect();
            wire.exchange("PING\r\n", "+PONG\r\n");
            wire.send(begin);
            // The server may close before it has read all of it.
            let _ = wire.try_send(&digits);
            let error = format!("-ERR Protocol error: too big {which} count string\r\n");
            wire.expect_end(error);
        }
    });
}

#[test]
fn empty_and_negative_arrays_are_nothing() {
    on_every_peer("framing", |peer| {
        peer.connect().exchange(
            "*0\r\n*-1\r\n*-2147483648\r\n*-9223372036854775808\r\nPING\r\n",
            "+PONG\r\n",
        );
    });
}

#[test]
fn the_bytes_after_a_bulk_string_are_not_looked_at() {
    on_every_peer("framing", |peer| {
        // Redis skips two bytes, whatever they are; clients do not rely on it, but a server
        // that stops to look answers differently.
        let mut wire = peer.connect();
        wire.exchange("*1\r\n$4\r\nPINGxxPING\r\n", "+PONG\r\n+PONG\r\n");
    });
}

#[test]
fn quit_answers_and_ends_and_nothing_after_it_is_done() {
    on_every_peer("framing", |peer| {
        let mut wire = peer.connect();
        wire.send("PING\r\nQUIT\r\nSET key 1\r\n");
        wire.expect_end("+PONG\r\n+OK\r\n");
        peer.connect().transcript(&[("EXISTS key", ":0\r\n")]);
    });
}
