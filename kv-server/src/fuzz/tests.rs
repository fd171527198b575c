use proptest::prelude::*;
use proptest::sample::select;

use super::files::load;
use super::{TURN, commands, files, replies, requests};

/// Words that lead somewhere.
const WORDS: &[&str] = &[
    "GET",
    "SET",
    "DEL",
    "INCR",
    "INCRBY",
    "APPEND",
    "SETRANGE",
    "GETRANGE",
    "MSET",
    "MGET",
    "EXPIRE",
    "PEXPIREAT",
    "TTL",
    "SCAN",
    "KEYS",
    "RENAME",
    "COPY",
    "MOVE",
    "SWAPDB",
    "SELECT",
    "SUBSCRIBE",
    "PSUBSCRIBE",
    "UNSUBSCRIBE",
    "PUBLISH",
    "MULTI",
    "EXEC",
    "DISCARD",
    "WATCH",
    "HELLO",
    "CLIENT",
    "REPLY",
    "OFF",
    "ON",
    "SKIP",
    "KILL",
    "ID",
    "LIST",
    "PAUSE",
    "CONFIG",
    "COMMAND",
    "DOCS",
    "GETKEYS",
    "INFO",
    "OBJECT",
    "ENCODING",
    "SETBIT",
    "BITFIELD",
    "BITCOUNT",
    "BITPOS",
    "BITOP",
    "AND",
    "LCS",
    "IDX",
    "u8",
    "i64",
    "OVERFLOW",
    "SAT",
    "EX",
    "PX",
    "NX",
    "XX",
    "KEEPTTL",
    "MATCH",
    "COUNT",
    "RESET",
    "QUIT",
    "PING",
    "a",
    "b",
    "*",
    "[a-",
    "news",
    "0",
    "1",
    "-1",
    "3",
    "2047",
    "2048",
    "9223372036854775807",
    "-9223372036854775808",
    "1.5e308",
    "\"\"",
    "'",
    "\"\\x",
    "*1\r\n$4\r\nPING\r",
    "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$",
];

fn stream() -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        12 => select(WORDS).prop_map(|word| word.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..20),
    ];
    let end = prop_oneof![
        10 => Just(b"\n".to_vec()),
        1 => any::<u8>().prop_map(|who| vec![b'\n', TURN, who]),
        1 => Just(Vec::new()),
    ];
    let line = (prop::collection::vec(word, 1..6), end)
        .prop_map(|(words, end)| [words.join(&b' '), end].concat());
    prop::collection::vec(line, 0..40).prop_map(|lines| lines.concat())
}

/// What replies are made of.
const PARTS: &[&str] = &[
    "+",
    "-",
    ":",
    "$",
    "*",
    "%",
    "~",
    ">",
    "|",
    "_",
    "#t",
    "#f",
    ",",
    "(",
    "=",
    "!",
    "\r\n",
    "\r\n",
    "\r\n",
    "\r",
    "\n",
    "0",
    "1",
    "3",
    "-1",
    "7",
    "abc",
    "txt:",
    "inf",
    "nan",
    "1.5",
    "999999999999",
];

proptest! {
    #[test]
    fn replies_are_the_same_in_any_pieces(parts in prop::collection::vec(select(PARTS), 0..60)) {
        replies(parts.concat().as_bytes());
        replies(&[b"\x03", parts.concat().as_bytes()].concat());
    }

    #[test]
    fn requests_are_the_same_in_any_pieces(data in stream()) {
        requests(&data);
    }

    #[test]
    fn any_commands_are_answered_with_replies(data in stream()) {
        commands(&[b"\0", data.as_slice()].concat());
    }

    #[test]
    fn any_bytes_are_answered_with_replies(
        data in prop::collection::vec(any::<u8>(), 0..500)
    ) {
        requests(&data);
        commands(&data);
        replies(&data);
        files(&data);
    }
}

/// Files as Redis and this server write them: the fuzzer begins with these.
fn seeds() -> Vec<(String, Vec<u8>)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/seeds/files");
    let entries = std::fs::read_dir(folder).expect("there are seeds");
    let seed = |path: std::path::PathBuf| {
        let bytes = std::fs::read(&path).expect("a seed");
        (path.display().to_string(), bytes)
    };
    entries.map(|entry| seed(entry.expect("a seed").path())).collect()
}

#[test]
fn real_files_are_read_and_torn_ones_cut_off() {
    let seeds = seeds();
    assert!(seeds.len() > 3, "{} seeds", seeds.len());
    for (name, seed) in seeds {
        // The first byte is the length of the pieces.
        let bytes = &seed[1..];
        let is_list = bytes.starts_with(b"file ");
        let (rows, outcome) = load(bytes, 100);
        assert_eq!(outcome.is_ok(), !is_list, "{name}: {outcome:?}");
        assert_eq!(rows.is_empty(), is_list, "{name} makes rows, if it is no list of files");
        for length in 0..=seed.len() {
            files(&seed[..length]);
        }
    }
}

#[test]
fn real_files_with_one_byte_changed_do_no_harm() {
    for (_, seed) in seeds() {
        for at in 1..seed.len() {
            for other in [0xff, seed[at] ^ 1] {
                let mut seed = seed.clone();
                seed[at] = other;
                files(&seed);
            }
        }
    }
}
