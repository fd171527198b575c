//! Streams of commands with something broken in them.

use rand::RngExt;
use rand::rngs::StdRng;
use tests::command;

use crate::arguments::{Arguments, integer, pick};

/// A few commands, framed or inline, with up to three small damages.
pub(crate) fn mangled(random: &mut StdRng) -> Vec<u8> {
    let mut bytes = Vec::new();
    let any = Arguments::default();
    for _ in 0..random.random_range(1..5) {
        let words = [pick(random, &["SET", "INCRBY", "ECHO", "GET"]).to_owned(), any.key(random)];
        let mut words = words.to_vec();
        match words[0].as_str() {
            "SET" => words.push(any.value(random)),
            "INCRBY" => words.push(integer(random)),
            _ => {}
        }
        if random.random_bool(0.7) {
            bytes.extend(command(&words));
        } else {
            bytes.extend(inline(random, &words));
        }
    }
    for _ in 0..random.random_range(0..4) {
        damage(random, &mut bytes);
    }
    bytes
}

/// The words on a line, quoted in one way or another, sometimes wrongly.
fn inline(random: &mut StdRng, words: &[String]) -> Vec<u8> {
    let mut line = String::new();
    for word in words {
        let word: String = word.chars().take(40).collect();
        line += pick(random, &["", " ", "\t"]);
        line += &match random.random_range(0..5) {
            0 => format!("\"{word}\""),
            1 => format!("'{word}'"),
            2 => format!("{word:?}"),
            _ => word,
        };
        line += pick(random, &[" ", " ", " ", "  ", "\"", "\\x4"]);
    }
    line += pick(random, &["\r\n", "\n", "\n\r\n"]);
    line.into_bytes()
}

fn damage(random: &mut StdRng, bytes: &mut Vec<u8>) {
    if bytes.is_empty() {
        return;
    }
    let at = random.random_range(0..bytes.len());
    let any = b"*$:\r\n\"'\\ 0123456789-x\0\xff";
    let byte = any[random.random_range(0..any.len())];
    match random.random_range(0..4) {
        0 => bytes[at] = byte,
        1 => bytes.insert(at, byte),
        2 => {
            bytes.remove(at);
        }
        _ => bytes.truncate(at),
    }
}
