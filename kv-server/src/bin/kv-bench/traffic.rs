//! What is asked: which command, which key, which value.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution as _, Zipf};

use crate::options::Options;

/// How many keys one MSET sets.
const KEYS_OF_MSET: usize = 10;

/// Bytes that the number of a message takes, at its beginning.
pub(crate) const NUMBER_LENGTH: usize = 16;

/// The channel that `publish` of the mix writes to; nobody of ours listens.
const CHANNEL: &str = "kv-bench";

/// One command of the mix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Command {
    Get,
    Set,
    Incr,
    Mset,
    Del,
    Ping,
    Publish,
}

const COMMANDS: [(&str, Command); 7] = [
    ("get", Command::Get),
    ("set", Command::Set),
    ("incr", Command::Incr),
    ("mset", Command::Mset),
    ("del", Command::Del),
    ("ping", Command::Ping),
    ("publish", Command::Publish),
];

/// Commands, each as often as its weight says.
#[derive(Clone, Debug)]
pub(crate) struct Mix {
    text: String,
    /// The weights up to each command and including it.
    until: Vec<(u64, Command)>,
}

impl Mix {
    fn choose(&self, random: &mut SmallRng) -> Command {
        if let [(_, only)] = self.until[..] {
            return only;
        }
        let (total, _) = self.until[self.until.len() - 1];
        let at = random.random_range(0..total);
        let index = self.until.partition_point(|(until, _)| *until <= at);
        self.until[index].1
    }
}

impl FromStr for Mix {
    type Err = String;

    fn from_str(text: &str) -> Result<Mix, String> {
        let mut until = Vec::new();
        let mut total = 0_u64;
        for part in text.split(',') {
            let (name, weight) = part.split_once('=').unwrap_or((part, "1"));
            let Some((_, command)) = COMMANDS.iter().find(|(known, _)| *known == name.trim())
            else {
                let known: Vec<&str> = COMMANDS.iter().map(|(known, _)| *known).collect();
                return Err(format!("`{name}` is none of {}", known.join(", ")));
            };
            let weight: u32 = weight.trim().parse().map_err(|_| {
                format!("the weight of `{name}` is no whole number below 4294967296")
            })?;
            if weight > 0 {
                total += u64::from(weight);
                until.push((total, *command));
            }
        }
        match total {
            0 => Err("all weights are 0".to_owned()),
            _ => Ok(Mix { text: text.to_owned(), until }),
        }
    }
}

impl fmt::Display for Mix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// How keys are chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Distribution {
    /// Each as often.
    Uniform,
    /// The n-th key as often as n to the power of minus this.
    Zipf(f64),
}

impl FromStr for Distribution {
    type Err = String;

    fn from_str(text: &str) -> Result<Distribution, String> {
        match text.split_once(':').unwrap_or((text, "1")) {
            ("uniform", "1") => Ok(Distribution::Uniform),
            ("zipf", exponent) => match exponent.parse() {
                Ok(exponent @ 0.0..=10.0) => Ok(Distribution::Zipf(exponent)),
                _ => Err("the exponent is a number from 0 to 10".to_owned()),
            },
            _ => Err("uniform, zipf or zipf:EXPONENT".to_owned()),
        }
    }
}

impl fmt::Display for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Distribution::Uniform => f.write_str("uniform"),
            Distribution::Zipf(exponent) => write!(f, "zipf:{exponent}"),
        }
    }
}

/// Makes one request after the other.
#[derive(Debug)]
pub(crate) struct Traffic {
    mix: Mix,
    keys: u64,
    zipf: Option<Zipf<f64>>,
    sizes: RangeInclusive<usize>,
    value: Vec<u8>,
    random: SmallRng,
}

impl Traffic {
    /// The traffic of one connection: each has its own, and each the same in every run.
    pub(crate) fn new(options: &Options, connection: usize) -> Traffic {
        let zipf = match options.distribution {
            Distribution::Uniform => None,
            Distribution::Zipf(exponent) => Some(
                Zipf::new(options.keys as f64, exponent)
                    .expect("the options allow no other numbers"),
            ),
        };
        Traffic {
            mix: options.mix.clone(),
            keys: options.keys,
            zipf,
            sizes: options.value_size.clone(),
            value: vec![b'x'; *options.value_size.end()],
            random: SmallRng::seed_from_u64(options.seed.wrapping_add((connection as u64) << 32)),
        }
    }

    /// Appends the next request.
    pub(crate) fn append(&mut self, out: &mut Vec<u8>) {
        match self.mix.choose(&mut self.random) {
            Command::Get => {
                let key = self.key();
                request(out, &[b"GET", &key]);
            }
            Command::Set => {
                let key = self.key();
                self.append_set(out, &key);
            }
            Command::Incr => {
                // A key of its own: the value of the others is no number.
                let mut key = self.key();
                key[..3].copy_from_slice(b"num");
                request(out, &[b"INCR", &key]);
            }
            Command::Mset => {
                let keys: Vec<[u8; 16]> = (0..KEYS_OF_MSET).map(|_| self.key()).collect();
                let value = &self.value[..self.random.random_range(self.sizes.clone())];
                let pairs = keys.iter().flat_map(|key| [&key[..], value]);
                let words: Vec<&[u8]> = std::iter::once(&b"MSET"[..]).chain(pairs).collect();
                request(out, &words);
            }
            Command::Del => {
                let key = self.key();
                request(out, &[b"DEL", &key]);
            }
            Command::Ping => request(out, &[b"PING"]),
            Command::Publish => {
                let value = &self.value[..self.random.random_range(self.sizes.clone())];
                request(out, &[b"PUBLISH", CHANNEL.as_bytes(), value]);
            }
        }
    }

    /// Appends a SET of the key of this number.
    pub(crate) fn append_fill(&mut self, out: &mut Vec<u8>, number: u64) {
        self.append_set(out, &key_of(number));
    }

    /// Appends a message to a channel.
    pub(crate) fn append_message(&mut self, out: &mut Vec<u8>, channel: &str) {
        let size = self.random.random_range(self.sizes.clone());
        request(out, &[b"PUBLISH", channel.as_bytes(), &self.value[..size]]);
    }

    /// Appends a message that begins with a number; [`number_of`] finds it again.
    pub(crate) fn append_numbered(&mut self, out: &mut Vec<u8>, channel: &str, number: u64) {
        let size = self.random.random_range(self.sizes.clone());
        let mut left = number;
        for digit in self.value[..NUMBER_LENGTH].iter_mut().rev() {
            *digit = b'0' + (left % 10) as u8;
            left /= 10;
        }
        request(out, &[b"PUBLISH", channel.as_bytes(), &self.value[..size]]);
    }

    fn append_set(&mut self, out: &mut Vec<u8>, key: &[u8]) {
        let size = self.random.random_range(self.sizes.clone());
        request(out, &[b"SET", key, &self.value[..size]]);
    }

    fn key(&mut self) -> [u8; 16] {
        key_of(match self.zipf {
            None => self.random.random_range(0..self.keys),
            // From 1 to the number of keys.
            Some(zipf) => (zipf.sample(&mut self.random) as u64 - 1).min(self.keys - 1),
        })
    }
}

/// The number of a message, as a subscriber gets it: `*3`, `$7`, `message`, `$n`, the channel, `$n`, and
/// then what was published. `None` of anything else.
pub(crate) fn number_of(message: &[u8]) -> Option<u64> {
    let payload = message.splitn(7, |byte| *byte == b'\n').nth(6)?;
    let digits = payload.get(..NUMBER_LENGTH)?;
    let is_message = message.starts_with(b"*3\r\n$7\r\nmessage\r\n");
    str::from_utf8(digits).ok().filter(|_| is_message)?.parse().ok()
}

/// `key:` and twelve digits.
fn key_of(mut number: u64) -> [u8; 16] {
    let mut key = *b"key:000000000000";
    for digit in key[4..].iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
    key
}

/// Appends an array of bulk strings.
pub(crate) fn request(out: &mut Vec<u8>, words: &[&[u8]]) {
    let mut number = itoa::Buffer::new();
    out.push(b'*');
    out.extend_from_slice(number.format(words.len()).as_bytes());
    out.extend_from_slice(b"\r\n");
    for word in words {
        out.push(b'$');
        out.extend_from_slice(number.format(word.len()).as_bytes());
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(word);
        out.extend_from_slice(b"\r\n");
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    fn traffic(arguments: &[&str], connection: usize) -> Traffic {
        let all = std::iter::once(&"kv-bench").chain(arguments);
        Traffic::new(&Options::parse_from(all), connection)
    }

    fn requests(traffic: &mut Traffic, count: usize) -> Vec<String> {
        let next = |_| {
            let mut out = Vec::new();
            traffic.append(&mut out);
            String::from_utf8(out).expect("our keys and values are text")
        };
        (0..count).map(next).collect()
    }

    #[test]
    fn commands_are_as_often_as_their_weights_say() {
        let made = requests(&mut traffic(&["--mix", "get=3,set=1,ping=0"], 0), 4000);
        let gets = made.iter().filter(|request| request.contains("GET")).count();
        let sets = made.iter().filter(|request| request.contains("SET")).count();
        assert_eq!(gets + sets, 4000);
        assert!((2800..3200).contains(&gets), "{gets} of 4000, for 3 of 4");
    }

    #[test]
    fn the_same_seed_is_the_same_load_and_each_connection_has_its_own() {
        let arguments = ["--mix", "get,set", "--value-size", "1-100", "--seed", "7"];
        let first = requests(&mut traffic(&arguments, 0), 50);
        assert_eq!(first, requests(&mut traffic(&arguments, 0), 50));
        assert_ne!(first, requests(&mut traffic(&arguments, 1), 50));
    }

    #[test]
    fn zipf_gives_few_keys_most_of_the_requests_and_uniform_does_not() {
        let first_key = |law: &str| {
            let made = requests(&mut traffic(&["--keys", "1000", "--distribution", law], 0), 5000);
            made.iter().filter(|request| request.contains("key:000000000000")).count()
        };
        // One in the sum of 1/n up to a thousand, 7.49; and one in a thousand.
        assert!((570..770).contains(&first_key("zipf")), "{}", first_key("zipf"));
        assert!(first_key("uniform") < 20, "{}", first_key("uniform"));
    }

    #[test]
    fn a_message_carries_its_number_to_the_subscriber() {
        let mut traffic = traffic(&["--value-size", "20", "--subscribers", "1"], 0);
        let mut out = Vec::new();
        traffic.append_numbered(&mut out, "room", 9_007);
        let payload = "0000000000009007xxxx";
        let asked = format!("*3\r\n$7\r\nPUBLISH\r\n$4\r\nroom\r\n$20\r\n{payload}\r\n");
        assert_eq!(String::from_utf8(out).expect("text"), asked);
        let told = |kind: &str| format!("*3\r\n$7\r\n{kind}\r\n$4\r\nroom\r\n$20\r\n{payload}\r\n");
        assert_eq!(number_of(told("message").as_bytes()), Some(9_007));
        assert_eq!(number_of(told("massage").as_bytes()), None);
        assert_eq!(number_of(b"*3\r\n$7\r\nmessage\r\n$4\r\nroom\r\n$1\r\n7\r\n"), None);
        assert_eq!(number_of(b"+OK\r\n"), None);
    }

    #[test]
    fn every_command_is_an_array_of_its_words() {
        let one = |mix: &str| {
            requests(&mut traffic(&["--mix", mix, "--keys", "1", "--value-size", "2"], 0), 1)
                .remove(0)
        };
        let key = "$16\r\nkey:000000000000\r\n";
        assert_eq!(one("get"), format!("*2\r\n$3\r\nGET\r\n{key}"));
        assert_eq!(one("set"), format!("*3\r\n$3\r\nSET\r\n{key}$2\r\nxx\r\n"));
        assert_eq!(one("del"), format!("*2\r\n$3\r\nDEL\r\n{key}"));
        assert_eq!(one("incr"), "*2\r\n$4\r\nINCR\r\n$16\r\nnum:000000000000\r\n");
        let pairs = format!("{key}$2\r\nxx\r\n").repeat(KEYS_OF_MSET);
        assert_eq!(one("mset"), format!("*21\r\n$4\r\nMSET\r\n{pairs}"));
        assert_eq!(one("ping"), "*1\r\n$4\r\nPING\r\n");
    }
}
