//! Parts of values, what two values have in common, and numbers with decimal places.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tests::{Server, command, on_every_peer};

#[test]
fn ranges_are_cut_to_what_there_is() {
    on_every_peer("parts", |peer| {
        peer.connect().transcript(&[
            ("SET s 0123456789", "+OK\r\n"),
            ("GETRANGE s 2 4", "$3\r\n234\r\n"),
            ("GETRANGE s -3 -1", "$3\r\n789\r\n"),
            ("GETRANGE s 0 -1", "$10\r\n0123456789\r\n"),
            ("GETRANGE s 8 100", "$2\r\n89\r\n"),
            ("GETRANGE s -100 1", "$2\r\n01\r\n"),
            ("GETRANGE s -100 -50", "$1\r\n0\r\n"),
            ("GETRANGE s 5 4", "$0\r\n\r\n"),
            ("GETRANGE s -1 -2", "$0\r\n\r\n"),
            ("GETRANGE s 20 30", "$0\r\n\r\n"),
            ("SUBSTR s 1 2", "$2\r\n12\r\n"),
            ("GETRANGE none 0 -1", "$0\r\n\r\n"),
            ("GETRANGE none x y", "-ERR value is not an integer or out of range\r\n"),
            ("GETRANGE s 0", "-ERR wrong number of arguments for 'getrange' command\r\n"),
        ]);
    });
}

#[test]
fn a_part_is_written_over_and_a_gap_is_filled() {
    on_every_peer("parts", |peer| {
        peer.connect().transcript(&[
            ("SETRANGE s 3 abc", ":6\r\n"),
            ("STRLEN s", ":6\r\n"),
            ("SETRANGE s 0 xyz", ":6\r\n"),
            ("GETRANGE s 0 -1", "$6\r\nxyzabc\r\n"),
            ("SETRANGE s 100 ", ":6\r\n"),
            ("SETRANGE none 5 ", ":0\r\n"),
            ("EXISTS none", ":0\r\n"),
            ("SETRANGE s -1 x", "-ERR offset is out of range\r\n"),
            ("SETRANGE s x x", "-ERR value is not an integer or out of range\r\n"),
            (
                "SETRANGE s 536870911 xx",
                "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n",
            ),
            (
                "SETRANGE none 536870911 xx",
                "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n",
            ),
            (
                "SETRANGE s 9223372036854775807 x",
                "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n",
            ),
            ("EXPIRE s 100", ":1\r\n"),
            ("SETRANGE s 1 Q", ":6\r\n"),
            ("TTL s", ":100\r\n"),
        ]);
    });
}

#[test]
fn floats_are_added_with_80_bits() {
    on_every_peer("parts", |peer| {
        peer.connect().transcript(&[
            ("INCRBYFLOAT f 0.1", "$3\r\n0.1\r\n"),
            ("INCRBYFLOAT f 0.2", "$3\r\n0.3\r\n"),
            ("INCRBYFLOAT f 5.0e3", "$22\r\n5000.29999999999999982\r\n"),
            ("INCRBYFLOAT f -5000.3", "$1\r\n0\r\n"),
            ("SET f 3.0e3", "+OK\r\n"),
            ("INCRBYFLOAT f 200", "$4\r\n3200\r\n"),
            ("SET f 123456.789", "+OK\r\n"),
            ("INCRBYFLOAT f 0", "$24\r\n123456.78900000000000148\r\n"),
            ("SET f 18446744073709551616", "+OK\r\n"),
            ("INCRBYFLOAT f 3", "$20\r\n18446744073709551620\r\n"),
            ("INCRBYFLOAT f -1e400", "$402\r\n-10000000000000000000281880683947586514586453433629052038625910693539685534008629862039363994848324160522094053927317616200295822777259255734023828976593340661017797447434546173917862448116674971723778943824391593338047470675026246684401359237513603830343735485505244955964979021825038280091068414947402456898653040951017512658092615827588920183472511643316591362664138176309734806343732497430221946880\r\n"),
            ("DEL f", ":1\r\n"),
            ("INCRBYFLOAT f 1e-17", "$19\r\n0.00000000000000001\r\n"),
            ("INCRBYFLOAT f 0x10", "$20\r\n16.00000000000000001\r\n"),
            ("INCRBYFLOAT f -0", "$20\r\n16.00000000000000001\r\n"),
            ("INCRBYFLOAT f 1e5000", "-ERR value is not a valid float\r\n"),
            ("INCRBYFLOAT f 1e-5000", "-ERR value is not a valid float\r\n"),
            ("INCRBYFLOAT f x", "-ERR value is not a valid float\r\n"),
            ("INCRBYFLOAT f ", "-ERR value is not a valid float\r\n"),
            ("INCRBYFLOAT f nan", "-ERR value is not a valid float\r\n"),
            ("INCRBYFLOAT f inf", "-ERR increment would produce NaN or Infinity\r\n"),
            ("SET f x", "+OK\r\n"),
            ("INCRBYFLOAT f 1", "-ERR value is not a valid float\r\n"),
            ("SET f 1 EX 100", "+OK\r\n"),
            ("INCRBYFLOAT f 1.5", "$3\r\n2.5\r\n"),
            ("TTL f", ":100\r\n"),
            ("OBJECT ENCODING f", "$6\r\nembstr\r\n"),
            ("INCR f", "-ERR value is not an integer or out of range\r\n"),
        ]);
    });
}

#[test]
fn the_longest_common_subsequence_is_told() {
    on_every_peer("parts", |peer| {
        peer.connect().transcript(&[
            ("MSET a ohmytext b mynewtext", "+OK\r\n"),
            ("LCS a b", "$6\r\nmytext\r\n"),
            ("LCS a b LEN", ":6\r\n"),
            ("LCS a b IDX", "*4\r\n$7\r\nmatches\r\n*2\r\n*2\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n*2\r\n*2\r\n:2\r\n:3\r\n*2\r\n:0\r\n:1\r\n$3\r\nlen\r\n:6\r\n"),
            ("LCS a b IDX MINMATCHLEN 4", "*4\r\n$7\r\nmatches\r\n*1\r\n*2\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n$3\r\nlen\r\n:6\r\n"),
            ("LCS a b IDX MINMATCHLEN 4 WITHMATCHLEN", "*4\r\n$7\r\nmatches\r\n*1\r\n*3\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n:4\r\n$3\r\nlen\r\n:6\r\n"),
            ("LCS b a IDX MINMATCHLEN -1 WITHMATCHLEN", "*4\r\n$7\r\nmatches\r\n*2\r\n*3\r\n*2\r\n:5\r\n:8\r\n*2\r\n:4\r\n:7\r\n:4\r\n*3\r\n*2\r\n:0\r\n:1\r\n*2\r\n:2\r\n:3\r\n:2\r\n$3\r\nlen\r\n:6\r\n"),
            ("LCS a none", "$0\r\n\r\n"),
            ("LCS a none IDX", "*4\r\n$7\r\nmatches\r\n*0\r\n$3\r\nlen\r\n:0\r\n"),
            ("LCS none none LEN", ":0\r\n"),
            ("LCS a b IDX LEN", "-ERR If you want both the length and indexes, please just use IDX.\r\n"),
            ("LCS a b MINMATCHLEN", "-ERR syntax error\r\n"),
            ("LCS a b MINMATCHLEN x", "-ERR value is not an integer or out of range\r\n"),
            ("LCS a b FOO", "-ERR syntax error\r\n"),
            ("LCS a", "-ERR wrong number of arguments for 'lcs' command\r\n"),
        ]);
    });
}

/// A number as people write it, or at the edges of what 80 bits hold.
fn float(random: &mut StdRng) -> String {
    let sign = ["", "-"][random.random_range(0..2)];
    let mut up_to_18_digits = || {
        let most = 10u64.pow(random.random_range(1..19));
        random.random_range(0..most)
    };
    let (digits, places) = (up_to_18_digits(), up_to_18_digits());
    match random.random_range(0..5) {
        0 => format!("{sign}{digits}"),
        1 => format!("{sign}{digits}.{places}e{}", random.random_range(-30..30)),
        2 => format!("{sign}{digits}.{places}e{}", random.random_range(-5000..4960)),
        3 => format!("{sign}0x{digits:x}.{places:x}p{}", random.random_range(-16_600..16_600)),
        _ => format!("{sign}{}.{places}", digits % 1_000_000),
    }
}

#[test]
fn random_floats_are_added_as_redis_adds_them() {
    let Some(oracle) = Server::oracle("floats") else {
        return;
    };
    let ours = Server::start();
    let (mut theirs, mut own) = (oracle.connect(), ours.connect());
    let mut random = StdRng::seed_from_u64(80);
    for _ in 0..40 {
        let pairs: Vec<[String; 2]> =
            (0..50).map(|_| [float(&mut random), float(&mut random)]).collect();
        for wire in [&mut theirs, &mut own] {
            for [one, other] in &pairs {
                wire.send(command(&["SET", "f", one]));
                wire.send(command(&["INCRBYFLOAT", "f", other]));
            }
        }
        for [one, other] in pairs {
            let expected = [theirs.reply(), theirs.reply()];
            assert_eq!([own.reply(), own.reply()], expected, "{one} + {other}");
        }
    }
}
