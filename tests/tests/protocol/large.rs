//! The largest key and the largest value, of 512 MB each.
//!
//! This takes up to 1.2 GB of memory, and some seconds.

use tests::{Wire, on_every_peer};

/// The longest argument unless `proto-max-bulk-len` says otherwise.
const LARGEST: usize = 512 << 20;

/// Sends `SET`, some arguments, one of `length` bytes, and some more.
fn set(wire: &mut Wire, before: &str, length: usize, after: &str) {
    wire.send(format!("*3\r\n$3\r\nSET\r\n{before}${length}\r\n"));
    let piece = vec![b'v'; 1 << 20];
    for _ in 0..length >> 20 {
        wire.send(&piece);
    }
    wire.send(format!("\r\n{after}"));
}

/// One test, so that the two are not in memory at the same time.
#[test]
fn values_and_keys_may_have_512_megabytes_and_no_byte_more() {
    on_every_peer("the largest value", |peer| {
        let mut wire = peer.connect();
        set(&mut wire, "$1\r\nk\r\n", LARGEST, "");
        wire.expect("+OK\r\n");
        let too_long = "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n";
        let too_far = "-ERR bit offset is not an integer or out of range\r\n";
        wire.transcript(&[
            ("STRLEN k", ":536870912\r\n"),
            ("APPEND k x", too_long),
            ("SETRANGE k 536870911 w", ":536870912\r\n"),
            ("SETRANGE k 536870911 ww", too_long),
            ("SETRANGE k 536870912 w", too_long),
            ("SETBIT k 4294967295 0", ":1\r\n"),
            ("SETBIT k 4294967296 0", too_far),
            ("GETRANGE k 536870909 536870999", "$3\r\nvvv\r\n"),
            ("GETBIT k 4294967295", ":0\r\n"),
            ("GETBIT k 4294967296", too_far),
            ("DEL k", ":1\r\n"),
        ]);
        // One byte more is refused before it has come.
        wire.send(format!("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n${}\r\n", LARGEST + 1));
        wire.expect_end("-ERR Protocol error: invalid bulk length\r\n");
        let mut wire = peer.connect();
        set(&mut wire, "", LARGEST, "$1\r\n1\r\n");
        wire.expect("+OK\r\n");
        // Another one, so that it is not the last that came.
        wire.transcript(&[
            ("SET k 2", "+OK\r\n"),
            ("DBSIZE", ":2\r\n"),
            ("KEYS ?", "*1\r\n$1\r\nk\r\n"),
        ]);
    });
}
