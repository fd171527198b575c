//! Random steps: valid commands, nearly valid ones, pipelines, transactions, abrupt ends.

use std::fmt;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tests::command;

use crate::arguments::{Arguments, case, pick};
use crate::commands::{self, Shape};
use crate::explained;

/// How many connections take part.
pub(crate) const CLIENTS: usize = 3;

/// No step that ends its connection is longer: both servers must have read all of it by then,
/// or the rest in their buffers turns the end into a reset, which may overtake replies.
const LONGEST_LAST: usize = 12_000;

/// Some commands, sent by one client in one piece.
#[derive(Clone)]
pub(crate) struct Step {
    pub(crate) client: usize,
    pub(crate) commands: Vec<Vec<String>>,
    /// Bytes that are no command, after the commands: they end the connection.
    pub(crate) raw: &'static str,
}

impl Step {
    /// The commands as they are sent: around each whose answers may differ there are PINGs with
    /// its number, by which its reply is found. A transaction is over when its step is.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (at, words) in self.commands.iter().enumerate() {
            let explained = explained::find(words).is_some();
            if explained {
                bytes.extend(command(&["PING", &mark(at, "before")]));
            }
            bytes.extend(command(words));
            if explained {
                bytes.extend(command(&["PING", &mark(at, "after")]));
            }
        }
        if self.has("MULTI") {
            bytes.extend(command(&["DISCARD"]));
        }
        bytes.extend_from_slice(self.raw.as_bytes());
        bytes
    }

    /// Whether one of its commands is `name`.
    pub(crate) fn has(&self, name: &str) -> bool {
        let first = |words: &Vec<String>| words.first().cloned().unwrap_or_default();
        self.commands.iter().any(|words| first(words).eq_ignore_ascii_case(name))
    }
}

/// The text of the PING before or after the command at a position.
pub(crate) fn mark(at: usize, side: &str) -> String {
    format!("mark {at} {side}")
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "  client {}:", self.client)?;
        for words in &self.commands {
            for word in words {
                match word.len() {
                    0..60 => write!(formatter, " \"{}\"", word.as_bytes().escape_ascii())?,
                    long => write!(formatter, " \"{}\" * {long}", &word[..1])?,
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
    "POST / HTTP/1.1\r\n",
];

/// Commands that end the caller's connection, or all of some kind.
const LAST: &[&[&str]] = &[
    &["QUIT"],
    &["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no"],
    &["CLIENT", "KILL", "TYPE", "normal"],
    &["CLIENT", "KILL", "TYPE", "pubsub"],
];

/// Makes steps from a seed.
pub(crate) struct Generator {
    random: StdRng,
    shapes: Vec<Shape>,
    /// The sum of the shapes' weights.
    weight: u32,
    arguments: Arguments,
}

impl Generator {
    pub(crate) fn new(seed: u64, shapes: Vec<Shape>) -> Generator {
        let weight = shapes.iter().map(|shape| shape.weight).sum();
        let arguments = Arguments::default();
        Generator { random: StdRng::seed_from_u64(seed), shapes, weight, arguments }
    }

    /// Whether the other side has this command, and it may be sent.
    fn knows(&self, name: &str) -> bool {
        self.shapes.iter().any(|shape| shape.words[0] == name)
    }

    /// Sends a command no more: its difference is known.
    pub(crate) fn forget(&mut self, words: &[String]) {
        let is_it = |shape: &Shape| {
            let literals = shape.words.iter().take(2).map_while(|word| commands::literal(word));
            literals.zip(words).all(|(literal, word)| literal.eq_ignore_ascii_case(word))
        };
        self.shapes.retain(|shape| !is_it(shape));
        self.weight = self.shapes.iter().map(|shape| shape.weight).sum();
    }

    /// The next step.
    pub(crate) fn step(&mut self) -> Step {
        let client = self.random.random_range(0..CLIENTS);
        let mut step = Step { client, commands: Vec::new(), raw: "" };
        match self.random.random_range(0..100) {
            0 => step.raw = pick(&mut self.random, BROKEN),
            1..=2 => {
                step.commands.push(self.single());
                step.raw = pick(&mut self.random, BROKEN);
            }
            3 => self.last(&mut step),
            4 => self.silent(&mut step),
            5..=14 if self.knows("EXEC") => self.transaction(&mut step),
            15..=17 => self.already_expired(&mut step),
            18..=40 => step.commands.push(self.single()),
            41..=80 => self.several(&mut step, 20),
            _ => self.several(&mut step, 200),
        }
        step
    }

    fn several(&mut self, step: &mut Step, most: usize) {
        for _ in 0..self.random.random_range(1..most) {
            let words = self.single();
            step.commands.push(words);
        }
    }

    fn last(&mut self, step: &mut Step) {
        self.several(step, 3);
        let words = LAST[self.random.random_range(0..LAST.len())];
        step.commands.push(words.iter().map(|word| case(&mut self.random, word)).collect());
        if step.bytes().len() > LONGEST_LAST {
            step.commands.drain(..step.commands.len() - 1);
        }
    }

    fn silent(&mut self, step: &mut Step) {
        let silent = ["CLIENT", "REPLY", pick(&mut self.random, &["OFF", "SKIP"])];
        step.commands.push(silent.map(str::to_owned).to_vec());
        let key = self.arguments.key(&mut self.random);
        step.commands.push(vec!["SET".to_owned(), key, "unseen".to_owned()]);
        step.commands.push(["CLIENT", "REPLY", "ON"].map(str::to_owned).to_vec());
    }

    /// What is watched here may have been watched, and changed by another, in steps before.
    fn transaction(&mut self, step: &mut Step) {
        if self.random.random_bool(0.5) {
            let key = self.arguments.key(&mut self.random);
            step.commands.push(vec!["WATCH".to_owned(), key]);
            self.several(step, 3);
        }
        step.commands.push(vec!["MULTI".to_owned()]);
        // Every second one is without the errors that make EXEC refuse it.
        let careful = self.random.random_bool(0.5);
        for _ in 0..self.random.random_range(0..10) {
            let words = match careful {
                true => self.exact(),
                false => self.single(),
            };
            step.commands.push(words);
        }
        let end = pick(&mut self.random, &["EXEC", "EXEC", "exec", "DISCARD"]);
        step.commands.push(vec![end.to_owned()]);
    }

    /// A key whose time is over when it is set, and what comes first upon it.
    fn already_expired(&mut self, step: &mut Step) {
        let key = self.arguments.key(&mut self.random);
        let watched = self.knows("WATCH") && self.random.random_bool(0.3);
        let set = ["SET", &key, "gone", "PXAT", "1"].map(str::to_owned).to_vec();
        step.commands.push(set);
        if watched {
            step.commands.push(vec!["WATCH".to_owned(), key.clone()]);
        }
        self.arguments.only = Some(key.clone());
        // Not one that takes a channel of the key's name: then EXISTS might be refused. Nor one
        // that sees the key in Redis though its time is over.
        let apart = ["memory", "debug"];
        let named = |words: &Vec<String>| {
            let name = words[0].to_lowercase();
            let fits = !name.ends_with("subscribe") && !apart.contains(&name.as_str());
            fits && words[1..].contains(&key)
        };
        let words = std::iter::repeat_with(|| self.exact()).find(named);
        self.arguments.only = None;
        step.commands.extend(words);
        step.commands.push(vec!["EXISTS".to_owned(), key]);
        if watched {
            step.commands.push(vec!["MULTI".to_owned()]);
            step.commands.push(vec!["DBSIZE".to_owned()]);
            step.commands.push(vec!["EXEC".to_owned()]);
        }
    }

    /// A command, sometimes with a word too few or too many.
    fn single(&mut self) -> Vec<String> {
        let mut words = self.exact();
        // Never both: that could put another time in a time's place.
        // COMMAND and CONFIG are spared: less of them asks for the whole table.
        let spared = ["COMMAND", "CONFIG"].iter().any(|name| words[0].eq_ignore_ascii_case(name));
        match self.random.random_range(0..100) {
            0..2 if words.len() > 1 && !spared => {
                words.pop();
            }
            2..4 => words.push(self.arguments.value(&mut self.random)),
            _ => {}
        }
        words
    }

    fn exact(&mut self) -> Vec<String> {
        let mut at = self.random.random_range(0..self.weight);
        let chosen = self.shapes.iter().find(|shape| match at.checked_sub(shape.weight) {
            Some(rest) => {
                at = rest;
                false
            }
            None => true,
        });
        let shape = chosen.expect("the weights add up");
        let random = &mut self.random;
        self.arguments.unique += 1;
        let mut words = Vec::with_capacity(shape.words.len());
        for (place, kind) in shape.words.iter().enumerate() {
            if let Some(word) = commands::literal(kind) {
                words.push(if place < 2 { case(random, word) } else { word.to_owned() });
                continue;
            }
            let (kind, times) = match kind.as_bytes().last() {
                Some(b'?') => (&kind[..kind.len() - 1], random.random_range(0..2)),
                Some(b'+') => (&kind[..kind.len() - 1], random.random_range(1..4)),
                _ => (*kind, 1),
            };
            for _ in 0..times {
                self.arguments.add(random, kind, &mut words);
            }
        }
        words
    }
}
