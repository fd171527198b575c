//! Arguments that go to the edges: of integers, of times, of patterns, of what a word may be.

use rand::RngExt;
use rand::rngs::StdRng;

/// One of several, each as likely.
pub(crate) fn pick<'a>(random: &mut StdRng, from: &[&'a str]) -> &'a str {
    from[random.random_range(0..from.len())]
}

/// Few keys, so that commands meet one another's.
pub(crate) fn key(random: &mut StdRng) -> String {
    let keys = ["a", "a", "b", "b", "n", "n", "", "key with space", "a\r\nb", "\u{e9}"];
    pick(random, &keys).to_owned()
}

pub(crate) fn value(random: &mut StdRng) -> String {
    match random.random_range(0..10) {
        0..=5 => integer(random),
        6 => "x".repeat(random.random_range(0..3000)),
        _ => pick(random, &["", "abc", "\0", "hello\r\nworld", "NX", "GET"]).to_owned(),
    }
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

/// How long from now, in seconds or milliseconds; `unique` tells this one from the others.
///
/// Nothing here is due within a test's run, and no two are closer together than a run is
/// long, so that no answer depends on which server was asked a moment later.
pub(crate) fn relative_time(random: &mut StdRng, unique: usize, milliseconds: bool) -> String {
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

/// A point in time, for SET: far in the future, or an error. One in the past is left out:
/// Redis keeps such a key until something looks at it.
pub(crate) fn absolute_time(random: &mut StdRng, unique: usize, milliseconds: bool) -> String {
    if random.random_bool(0.3) {
        return pick(random, &["0", "-1", "9223372036854775808", "x", "", "-9223372036854775808"])
            .to_owned();
    }
    let seconds = 9_000_000_000 + (unique * 7919 % 10_007) * 1_000;
    (seconds * if milliseconds { 1000 } else { 1 }).to_string()
}

pub(crate) fn pattern(random: &mut StdRng) -> String {
    let patterns = [
        "*", "?", "a*", "[a-n]", "[^a]", "[n-a]", "[ab", "\\a", "a\\", "", "**", "*a*", "[^", "[]",
        "[a-", "key*", "?*?", "[\\]a]", "news.*", "n*s.*",
    ];
    pick(random, &patterns).to_owned()
}

pub(crate) fn channel(random: &mut StdRng) -> String {
    pick(random, &["news.it", "news.fr", "n", "", "*", "a\r\nb"]).to_owned()
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
