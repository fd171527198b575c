//! Random steps: valid commands, nearly valid ones, pipelines of both.

use std::fmt;

use rand::RngExt;
use rand::rngs::StdRng;
use tests::command;

use crate::arguments::{
    absolute_time, case, channel, integer, key, pattern, pick, relative_time, value,
};

/// How many connections take part.
pub(crate) const CLIENTS: usize = 3;

/// No step has more commands than this.
const LONGEST: usize = 20;

/// Some commands, sent by one client in one piece.
#[derive(Clone)]
pub(crate) struct Step {
    pub(crate) client: usize,
    pub(crate) commands: Vec<Vec<String>>,
    /// Bytes that are no command, after the commands: they end the connection.
    pub(crate) raw: &'static str,
}

impl Step {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes: Vec<u8> = self.commands.iter().flat_map(|words| command(words)).collect();
        bytes.extend_from_slice(self.raw.as_bytes());
        bytes
    }

    /// Whether one of its commands is `name`.
    pub(crate) fn has(&self, name: &str) -> bool {
        let first = |words: &Vec<String>| words.first().cloned().unwrap_or_default();
        self.commands.iter().any(|words| first(words).eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "  client {}:", self.client)?;
        for words in &self.commands {
            for word in words {
                match word.len() {
                    0..60 => write!(formatter, " \"{}\"", word.as_bytes().escape_ascii())?,
                    long => write!(formatter, " \"x\" * {long}")?,
                }
            }
            write!(formatter, ";")?;
        }
        match self.raw {
            "" => Ok(()),
            raw => write!(formatter, " raw \"{}\"", raw.as_bytes().escape_ascii()),
        }
    }
}

/// The step at a position; positions make its times unlike all others'.
pub(crate) fn step(random: &mut StdRng, position: usize) -> Step {
    let at = position * LONGEST;
    let mut step = Step { client: random.random_range(0..CLIENTS), commands: Vec::new(), raw: "" };
    match random.random_range(0..100) {
        // These have replies in an order of the server's own, and so come alone.
        0..=3 => step.commands.push(words(random, &["KEYS", "pattern"], at)),
        4..=5 => step.commands.push(words(random, &["PUBSUB", "=CHANNELS", "pattern?"], at)),
        6 => step.raw = pick(random, BROKEN),
        7 => {
            step.commands.push(single(random, at));
            step.raw = pick(random, BROKEN);
        }
        8 => {
            let silent = ["CLIENT", "REPLY", pick(random, &["OFF", "SKIP"])];
            step.commands.push(silent.map(str::to_owned).to_vec());
            step.commands.push(words(random, &["SET", "key", "value"], at));
            step.commands.push(["CLIENT", "REPLY", "ON"].map(str::to_owned).to_vec());
        }
        9..=20 => {
            for number in 0..random.random_range(2..LONGEST) {
                step.commands.push(single(random, at + number));
            }
        }
        _ => step.commands.push(single(random, at)),
    }
    step
}

/// What ends a connection, each with an error or silently.
const BROKEN: &[&str] = &[
    "*x\r\n",
    "*1\r\n$-1\r\n",
    "*1\r\nPING\r\n",
    "GET \"a\r\n",
    "GET 'a'b\r\n",
    "*1\r\n$\r\n",
    "*2147483648\r\n",
    "*1\r\n$536870913\r\n",
    "*3\r\n$3\r\nSET\r\n$1\r\na\r\nx\r\n",
];

/// The commands: a name, then what each argument is. `=WORD` stands for itself, `x?` may be
/// left out, `x+` comes several times.
const COMMANDS: &[&[&str]] = &[
    &["PING"],
    &["PING", "value?"],
    &["ECHO", "value"],
    &["SELECT", "database"],
    &["SELECT", "integer"],
    &["GET", "key"],
    &["GET", "key"],
    &["GET", "key"],
    &["DEL", "key+"],
    &["EXISTS", "key+"],
    &["UNLINK", "key+"],
    &["TOUCH", "key+"],
    &["TYPE", "key"],
    &["INCR", "key"],
    &["DECR", "key"],
    &["INCRBY", "key", "integer"],
    &["DECRBY", "key", "integer"],
    &["INCRBY", "key", "integer"],
    &["APPEND", "key", "value"],
    &["STRLEN", "key"],
    &["MGET", "key+"],
    &["MSET", "pair+"],
    &["GETSET", "key", "value"],
    &["SETNX", "key", "value"],
    &["GETDEL", "key"],
    &["SET", "key", "value"],
    &["SET", "key", "value", "option+"],
    &["SET", "key", "value", "option+"],
    &["SET", "key", "value", "option+"],
    &["EXPIRE", "key", "seconds", "condition?"],
    &["PEXPIRE", "key", "millis", "condition?"],
    &["EXPIRE", "key", "seconds", "condition+"],
    &["EXPIRE", "key", "past", "condition?"],
    &["TTL", "key"],
    &["PTTL", "key"],
    &["PERSIST", "key"],
    &["DBSIZE"],
    &["PUBLISH", "channel", "value"],
    &["PUBLISH", "channel", "value"],
    &["PUBLISH", "channel", "value"],
    &["SUBSCRIBE", "channel+"],
    &["PSUBSCRIBE", "pattern+"],
    &["UNSUBSCRIBE", "channel+"],
    &["PUNSUBSCRIBE", "pattern+"],
    &["PUNSUBSCRIBE"],
    &["PUBSUB", "=NUMSUB", "channel+"],
    &["PUBSUB", "=NUMPAT"],
    &["RESET"],
    &["RESET"],
    &["HELLO", "protocol?"],
    &["HELLO", "protocol", "=SETNAME", "value"],
    &["HELLO", "protocol", "=AUTH", "value", "value"],
    &["HELLO", "protocol", "value"],
    &["CLIENT", "=GETNAME"],
    &["CLIENT", "=SETNAME", "key"],
    &["CLIENT", "=KILL", "value"],
    &["CLIENT", "=KILL", "=ID", "nobody"],
    &["CLIENT", "=NO-EVICT", "=on"],
    &["CLIENT", "value"],
    &["CLIENT", "=REPLY", "value"],
    &["CONFIG", "=GET", "=save"],
    &["CONFIG", "value"],
    &["CONFIG", "=GET", "=MaxClients"],
    &["PUBSUB", "value"],
    &["COMMAND", "value"],
    &["COMMAND", "=INFO", "=nope"],
    &["NONSENSE", "value+"],
    &["QUIT"],
];

/// Rare, or nothing would ever have a chance to pile up.
const FLUSHES: &[&[&str]] = &[
    &["FLUSHALL"],
    &["FLUSHDB"],
    &["FLUSHALL", "=async"],
    &["FLUSHDB", "=SYNC"],
    &["FLUSHDB", "value"],
    &["UNSUBSCRIBE"],
];

fn single(random: &mut StdRng, at: usize) -> Vec<String> {
    let table = match random.random_bool(0.02) {
        true => FLUSHES,
        false => COMMANDS,
    };
    let shape = table[random.random_range(0..table.len())];
    let mut words = words(random, shape, at);
    // A word too few or too many, never both: that could put another time in a time's place.
    // COMMAND is spared: less of it asks for the whole table.
    match random.random_range(0..100) {
        0..3 if words.len() > 1 && shape[0] != "COMMAND" => {
            words.pop();
        }
        3..5 => words.push(value(random)),
        _ => {}
    }
    words
}

fn words(random: &mut StdRng, shape: &[&str], at: usize) -> Vec<String> {
    let mut words = vec![case(random, shape[0])];
    for kind in &shape[1..] {
        let (kind, times) = match kind.as_bytes().last() {
            Some(b'?') => (&kind[..kind.len() - 1], random.random_range(0..2)),
            Some(b'+') => (&kind[..kind.len() - 1], random.random_range(1..4)),
            _ => (*kind, 1),
        };
        for _ in 0..times {
            words.extend(argument(random, kind, at));
        }
    }
    words
}

fn argument(random: &mut StdRng, kind: &str, at: usize) -> Vec<String> {
    if let Some(literal) = kind.strip_prefix('=') {
        return vec![literal.to_owned()];
    }
    let one = match kind {
        "key" => key(random),
        "value" => value(random),
        "integer" => integer(random),
        "pattern" => pattern(random),
        "channel" => channel(random),
        "database" => pick(random, &["0", "1", "15"]).to_owned(),
        "protocol" => pick(random, &["2", "3", "3", "1", "4", "x", ""]).to_owned(),
        // Ids of clients grow from 1: this one nobody has.
        "nobody" => {
            pick(random, &["999999999", "0", "-1", "x", "", "9223372036854775808"]).to_owned()
        }
        "past" => pick(random, &["0", "-1", "-1000000"]).to_owned(),
        "seconds" => relative_time(random, at, false),
        "millis" => relative_time(random, at, true),
        "condition" => {
            let word = pick(random, &["NX", "XX", "GT", "LT", "nope"]);
            case(random, word)
        }
        "pair" => return vec![key(random), value(random)],
        "option" => return set_option(random, at),
        other => unreachable!("the table has no `{other}`"),
    };
    vec![one]
}

fn set_option(random: &mut StdRng, at: usize) -> Vec<String> {
    let word = pick(random, &["NX", "XX", "GET", "KEEPTTL", "EX", "PX", "EXAT", "PXAT", "nope"]);
    let mut words = vec![case(random, word)];
    match word {
        "EX" => words.push(relative_time(random, at, false)),
        "PX" => words.push(relative_time(random, at, true)),
        "EXAT" => words.push(absolute_time(random, at, false)),
        "PXAT" => words.push(absolute_time(random, at, true)),
        _ => {}
    }
    words
}
