//! Arguments that go to the edges: of integers, of times, of patterns, of what a word may be.

use rand::RngExt;
use rand::rngs::StdRng;

/// What arguments depend on beside chance.
#[derive(Default)]
pub(crate) struct Arguments {
    /// Counts commands, so that no two times are alike.
    pub(crate) unique: usize,
    /// The key that all keys are now, if so.
    pub(crate) only: Option<String>,
}

/// Kinds whose arguments come from a list. Times lie far in the future or are errors.
const LISTS: &[(&str, &[&str])] = &[
    ("database", &["0", "0", "1", "1", "15", "16", "-1"]),
    ("protocol", &["2", "3", "3", "1", "4", "x", "", "03", "2 "]),
    // Ids of clients grow from 1: these nobody has.
    ("nobody", &["999999999", "0", "-1", "x", "", "9223372036854775808"]),
    ("past", &["0", "-1", "-1000000"]),
    ("condition", &["NX", "XX", "GT", "LT", "nope"]),
    ("pattern", PATTERNS),
    ("channel", &["news.it", "news.fr", "n", "", "*", "a\r\nb"]),
    ("bit", &["0", "0", "1", "1", "2", "-1", "x", ""]),
    ("unit", &["BYTE", "BIT", "bit", "bits"]),
    ("bitop", &["AND", "OR", "XOR", "NOT", "nor"]),
    ("yesno", &["yes", "no", "YES", "maybe"]),
    ("onoff", &["on", "off", "ON", "x"]),
    ("name", &["me", "a name", "", "line\nbreak", "ok-name", "\u{e9}"]),
    ("setinfo", &["LIB-NAME", "lib-ver", "nope"]),
    ("clientlist", &["TYPE", "ID", "x"]),
    ("clienttype", &["normal", "pubsub", "master", "replica", "slave", "nope", ""]),
    ("unblock", &["TIMEOUT", "ERROR", "x"]),
    ("pause", &["0", "1", "x", "-1", "1.5", ""]),
    ("setting", SETTINGS),
    ("events", &["", "KEA", "Kg$", "Elx", "AKE", "KE$nm", "x", "!", "E", "Kt"]),
    ("infosection", &["server", "clients", "keyspace", "nope", "all", ""]),
    ("debugtype", DEBUG_TYPES),
    // Only the first cursor, 0, means the same to two servers; these are errors.
    ("cursor", &["x", "", " 0", "0x", "18446744073709551616"]),
    ("word", &["x", "", "get", "HELP", "set", "nope\r\n", "append", "*"]),
    ("index", &["0", "1", "2", "-1", "-2", "3", "5", "-5", "100", "-100", "5000", "-5000"]),
    ("lcs", &["LEN", "IDX", "WITHMATCHLEN", "nope"]),
];

const PATTERNS: &[&str] = &[
    "*", "?", "a*", "[a-n]", "[^a]", "[n-a]", "[ab", "\\a", "a\\", "", "**", "*a*", "[^", "[]",
    "[a-", "key*", "?*?", "[\\]a]", "news.*", "n*s.*",
];

/// Those with one and the same value in both servers, and what is none.
const SETTINGS: &[&str] =
    &["save", "MaxClients", "databases", "appendonly", "nope", "timeout", "proto-max-bulk-len"];

const DEBUG_TYPES: &[&str] = &[
    "string", "integer", "double", "null", "array", "set", "map", "push", "verbatim", "true",
    "false", "attrib", "bignum", "nope",
];

impl Arguments {
    /// Adds an argument of this kind; some kinds are several words.
    pub(crate) fn add(&self, random: &mut StdRng, kind: &str, words: &mut Vec<String>) {
        let list = LISTS.iter().find(|(name, _)| *name == kind);
        let word = match kind {
            "key" => self.key(random),
            "value" => self.value(random),
            "integer" => integer(random),
            "float" => float(random),
            "seconds" => relative_time(random, self.unique, false),
            "millis" => relative_time(random, self.unique, true),
            "date" => absolute_time(random, self.unique, false),
            "datemillis" => absolute_time(random, self.unique, true),
            "pair" => {
                words.push(self.key(random));
                self.value(random)
            }
            "place" => place(random, &["536870911999", "536870912", "4294967296"]),
            "bitplace" => place(random, &["4294967296", "4294967299", "9223372036854775808"]),
            "index" if random.random_bool(0.2) => integer(random),
            "option" => return self.set_option(random, words),
            "getex" => return self.getex_option(random, words),
            "copy" => return copy_option(random, words),
            "scan" => return scan_option(random, words),
            "lcs" if random.random_bool(0.3) => {
                words.push("MINMATCHLEN".to_owned());
                integer(random)
            }
            "field" => return field(random, words, true),
            "fieldget" => return field(random, words, false),
            _ => {
                let (_, list) = list.unwrap_or_else(|| unreachable!("no kind `{kind}`"));
                let word = pick(random, list);
                match kind {
                    "condition" | "clienttype" | "setinfo" | "lcs" => case(random, word),
                    _ => word.to_owned(),
                }
            }
        };
        words.push(word);
    }

    /// Few keys, so that commands meet one another's.
    pub(crate) fn key(&self, random: &mut StdRng) -> String {
        let keys = [
            "a",
            "a",
            "a",
            "b",
            "b",
            "b",
            "n",
            "n",
            "n",
            "c",
            "d",
            "",
            "key with space",
            "a\r\nb",
            "\u{e9}",
        ];
        match &self.only {
            Some(only) => only.clone(),
            None => pick(random, &keys).to_owned(),
        }
    }

    pub(crate) fn value(&self, random: &mut StdRng) -> String {
        let texts = [
            "",
            "abc",
            "\0",
            "hello\r\nworld",
            "NX",
            "GET",
            "ohmytext",
            "mynewtext",
            "\u{7f}\u{1}",
        ];
        match random.random_range(0..20) {
            0..10 => integer(random),
            10..13 => float(random),
            13 => "x".repeat(random.random_range(0..3000)),
            // About where a string's encoding changes.
            14 => "y".repeat(random.random_range(40..48)),
            15 => "z".repeat(random.random_range(15..25)),
            _ => pick(random, &texts).to_owned(),
        }
    }

    fn set_option(&self, random: &mut StdRng, words: &mut Vec<String>) {
        let options = ["NX", "XX", "GET", "KEEPTTL", "EX", "PX", "EXAT", "PXAT", "nope"];
        self.option(random, &options, words);
    }

    fn getex_option(&self, random: &mut StdRng, words: &mut Vec<String>) {
        self.option(random, &["EX", "PX", "EXAT", "PXAT", "PERSIST", "nope"], words);
    }

    fn option(&self, random: &mut StdRng, options: &[&str], words: &mut Vec<String>) {
        let word = pick(random, options);
        words.push(case(random, word));
        match word {
            "EX" => words.push(relative_time(random, self.unique, false)),
            "PX" => words.push(relative_time(random, self.unique, true)),
            "EXAT" => words.push(absolute_time(random, self.unique, false)),
            "PXAT" => words.push(absolute_time(random, self.unique, true)),
            _ => {}
        }
    }
}

/// One of several, each as likely.
pub(crate) fn pick<'a>(random: &mut StdRng, from: &[&'a str]) -> &'a str {
    from[random.random_range(0..from.len())]
}

/// Integers, almost-integers, and what only looks like one.
pub(crate) fn integer(random: &mut StdRng) -> String {
    let edges = [
        "0",
        "1",
        "-1",
        "2",
        "10",
        "-10",
        "9999",
        "10000",
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775806",
        "-9223372036854775807",
        "9223372036854775808",
        "-9223372036854775809",
        "18446744073709551616",
        "99999999999999999999999999",
        "1.5",
        "1e3",
        " 1",
        "1 ",
        "+1",
        "01",
        "-0",
        "-01",
        "--1",
        "-",
        "",
        "0x10",
        "1\0",
        "nan",
        "4294967296",
    ];
    match random.random_bool(0.4) {
        true => random.random_range(-1000..1000).to_string(),
        false => pick(random, &edges).to_owned(),
    }
}

/// Numbers with a point, and what only looks like one.
pub(crate) fn float(random: &mut StdRng) -> String {
    let edges = [
        "0.1",
        "0.2",
        "-0.1",
        "3.0e3",
        "1e-5",
        "1E10",
        "5.0",
        "-5.50",
        "inf",
        "-inf",
        "nan",
        "+1.5",
        ".5",
        "5.",
        "1e308",
        "1e4932",
        "1e5000",
        "1e-400",
        "",
        " 1.5",
        "1.5 ",
        "1.5x",
        "0x10",
        "-0",
        "-0.0",
        "1e17",
        "1e18",
        "123456789012345678",
        "0.30000000000000004",
        "1e",
        "e1",
        "1e+2",
        "99999999999999999999.5",
        "3.14159265358979323846",
    ];
    match random.random_range(0..10) {
        0..3 => random.random_range(-1000..1000).to_string(),
        3..5 => format!("{:.2}", f64::from(random.random_range(-100_000..100_000)) / 100.0),
        5 => format!("{}", f64::from(random.random_range(-100_000..100_000)) / 7.0),
        _ => pick(random, &edges).to_owned(),
    }
}

/// An offset that costs little memory, or an error. What is within the limit and costs half a
/// gigabyte is left out.
fn place(random: &mut StdRng, beyond: &[&str]) -> String {
    match random.random_range(0..10) {
        0 => pick(random, beyond).to_owned(),
        1 => pick(random, &["-1", "x", "", "1.5", " 1", "-9223372036854775808"]).to_owned(),
        2..5 => random.random_range(0..5000).to_string(),
        _ => random.random_range(0..40).to_string(),
    }
}

fn copy_option(random: &mut StdRng, words: &mut Vec<String>) {
    match random.random_range(0..4) {
        0..2 => words.push(case(random, "REPLACE")),
        2 => {
            words.push("DB".to_owned());
            words.push(pick(random, &["0", "1", "15", "16", "-1", "x"]).to_owned());
        }
        _ => words.push("nope".to_owned()),
    }
}

fn scan_option(random: &mut StdRng, words: &mut Vec<String>) {
    let word = pick(random, &["MATCH", "COUNT", "TYPE", "TYPE", "nope"]);
    words.push(case(random, word));
    match word {
        "MATCH" => words.push(pick(random, PATTERNS).to_owned()),
        // Large ones alone: what a call gives of a part is a matter of the table's order.
        "COUNT" => words.push(pick(random, &["1000", "0", "-1", "x", "100000", ""]).to_owned()),
        "TYPE" => words.push(pick(random, &["string", "list", "STRING", "x", ""]).to_owned()),
        _ => {}
    }
}

fn field(random: &mut StdRng, words: &mut Vec<String>, writes: bool) {
    let all = ["GET", "SET", "INCRBY", "OVERFLOW", "SET", "INCRBY", "nope"];
    let word = pick(random, if writes { &all } else { &["GET"] });
    words.push(case(random, word));
    if word == "OVERFLOW" {
        words.push(pick(random, &["WRAP", "SAT", "FAIL", "sat", "x"]).to_owned());
        return;
    }
    if word == "nope" {
        return;
    }
    let types = [
        "u1", "u8", "i8", "u4", "i5", "u16", "i16", "u32", "i64", "u63", "u64", "i65", "u0", "x8",
        "i", "i8x", "",
    ];
    words.push(pick(random, &types).to_owned());
    let offsets =
        ["0", "1", "7", "8", "#0", "#1", "#3", "100", "-1", "#-1", "x", "#", "4294967295999"];
    words.push(pick(random, &offsets).to_owned());
    if word != "GET" {
        words.push(integer(random));
    }
}

/// How long from now, in seconds or milliseconds; `unique` tells this one from the others.
///
/// Nothing here is due within a test's run, and no two are closer together than a run is
/// long, so that no answer depends on which server was asked a moment later.
fn relative_time(random: &mut StdRng, unique: usize, milliseconds: bool) -> String {
    let wrong = [
        "-9223372036854775808",
        "9223372036854775807",
        "9223372036854775",
        "9223372036854776",
        "-9223372036854776",
        "9223372036854775808",
        "x",
        "",
        "1.5",
        " 5",
        "1e5",
    ];
    if random.random_bool(0.2) {
        return pick(random, &wrong).to_owned();
    }
    let seconds = 1_000_000 + (unique * 7919 % 10_007) * 1_000;
    (seconds * if milliseconds { 1000 } else { 1 }).to_string()
}

/// A point in time: far in the future, or an error. One in the past is left out: Redis keeps
/// such a key until something looks at it.
fn absolute_time(random: &mut StdRng, unique: usize, milliseconds: bool) -> String {
    let wrong = ["0", "-1", "9223372036854775808", "x", "", "-9223372036854775808"];
    if random.random_bool(0.2) {
        return pick(random, &wrong).to_owned();
    }
    let seconds = 9_000_000_000 + (unique * 7919 % 10_007) * 1_000;
    (seconds * if milliseconds { 1000 } else { 1 }).to_string()
}

/// Upper case, lower case, or both.
pub(crate) fn case(random: &mut StdRng, word: &str) -> String {
    match random.random_range(0..4) {
        0 => word.to_lowercase(),
        1 => word
            .chars()
            .map(|letter| match random.random::<bool>() {
                true => letter.to_ascii_lowercase(),
                false => letter,
            })
            .collect(),
        _ => word.to_owned(),
    }
}
