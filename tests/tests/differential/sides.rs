//! Redis on one side, our server on the other, and the same clients of both.
//!
//! After a step its client sends a PING with a text that came never before; when that text
//! comes back, everything else has come. Then the other clients do the same, for what the step
//! made them hear. It is also what makes silence comparable.

use std::collections::BTreeSet;
use std::time::Duration;

use tests::{Server, Wire, command};

use crate::commands::{self, Shape};
use crate::generate::{CLIENTS, Step};
use crate::normalise;

/// Far longer than any answer takes; reaching it is a difference, not a failure to compare.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Both servers are started with these.
const FLAGS: &[&str] = &["--enable-debug-command", "yes"];

/// Settings that steps change, as they are at the start.
const SETTINGS: &[[&str; 4]] = &[["CONFIG", "SET", "notify-keyspace-events", ""]];

/// Both servers with their clients.
pub(crate) struct Sides {
    oracle: Side,
    ours: Side,
    /// How many PINGs were sent; makes each one's text new.
    pings: u64,
}

impl Sides {
    /// Starts both; `None`, said aloud, if Redis is not installed.
    pub(crate) fn start(test: &str) -> Option<Sides> {
        // Built before either starts, for both must say that they began at the same time.
        tests::binary::kv_server();
        Some(Sides::between(Server::oracle_with(test, FLAGS)?, Server::start_with(FLAGS)))
    }

    /// Redis on both sides: whatever differs then is not a difference of ours.
    pub(crate) fn start_the_same(test: &str) -> Option<Sides> {
        let oracle = || Server::oracle_with(test, FLAGS);
        Some(Sides::between(oracle()?, oracle()?))
    }

    fn between(oracle: Server, ours: Server) -> Sides {
        Sides { oracle: Side::new(oracle), ours: Side::new(ours), pings: 0 }
    }

    /// The commands that both have, or neither.
    pub(crate) fn shapes(&self) -> Vec<Shape> {
        commands::known(&self.oracle.server, &self.ours.server)
    }

    /// Runs steps from an empty state; tells the first that is answered differently.
    pub(crate) fn first_difference(&mut self, steps: &[Step]) -> Option<(usize, String)> {
        self.oracle.begin_anew();
        self.ours.begin_anew();
        for (at, step) in steps.iter().enumerate() {
            if let Some(difference) = self.difference(step) {
                return Some((at, difference));
            }
        }
        None
    }

    /// What a walk through the keys in small pieces finds, in both; and that a key which is
    /// chosen by chance is one of them.
    pub(crate) fn difference_of_walks(&self) -> Option<String> {
        let lacking =
            ["SCAN", "RANDOMKEY"].map(|name| commands::is_unknown(&self.ours.server, &[name]));
        if lacking.contains(&true) {
            return None;
        }
        let expected = self.oracle.walk();
        let actual = self.ours.walk();
        (expected != actual).then(|| format!("redis has\n{expected:?}\nours has\n{actual:?}"))
    }

    /// Sends bytes on a connection of their own, ends it, and compares all that comes.
    pub(crate) fn difference_for_bytes(&mut self, bytes: &[u8]) -> Option<String> {
        let mut oracle = self.oracle.send_and_end(bytes);
        let mut ours = self.ours.send_and_end(bytes);
        let expected = oracle.read_until(ANSWER_WITHIN, |_| false);
        let actual = ours.read_until(ANSWER_WITHIN, |_| false);
        let same = expected.1 == actual.1 && normalise::same_for_bytes(&expected.0, &actual.0);
        (!same).then(|| shown(&expected, &actual))
    }

    fn difference(&mut self, step: &Step) -> Option<String> {
        let others = (0..CLIENTS).filter(|client| *client != step.client);
        // All that the step does is done before another client sends anything.
        let turns =
            [vec![(step.client, step.bytes())], others.map(|at| (at, Vec::new())).collect()];
        for turn in turns {
            self.pings += 1;
            let text = format!("that was all:{}", self.pings);
            let ping = command(&["PING", &text]);
            for (client, bytes) in &turn {
                let all = [bytes.as_slice(), &ping].concat();
                self.oracle.send(*client, &all);
                self.ours.send(*client, &all);
            }
            for (client, _) in turn {
                let expected = self.oracle.receive(client, &text);
                let actual = self.ours.receive(client, &text);
                if expected.1 != actual.1 || !normalise::same(step, &expected.0, &actual.0) {
                    let difference = shown(&expected, &actual);
                    return Some(format!("client {client} gets\n{difference}"));
                }
            }
        }
        None
    }
}

/// What came, and whether the connection ended.
type Answer = (Vec<u8>, bool);

struct Side {
    server: Server,
    clients: Vec<Wire>,
}

impl Side {
    fn new(server: Server) -> Side {
        Side { server, clients: Vec::new() }
    }

    /// New clients of a server without keys.
    fn begin_anew(&mut self) {
        self.clients.clear();
        let mut wire = self.server.connect();
        wire.transcript(&[("FLUSHALL", "+OK\r\n")]);
        for setting in SETTINGS {
            // A server that has no such setting says so, and then it is not compared either.
            wire.ask(setting);
        }
        // The old clients must be gone, or PUBLISH would still count them.
        let name = self.server.name();
        tests::wait_until(&format!("{name} to be empty"), tests::PATIENCE, || {
            wire.info("connected_clients") == "1"
        });
        self.clients = (0..CLIENTS).map(|_| self.server.connect()).collect();
    }

    /// Sends bytes, as far as they are taken: one who was cut off cannot send.
    fn send(&mut self, client: usize, bytes: &[u8]) {
        let _ = self.clients[client].try_send(bytes);
    }

    /// Reads until a PING's text has come back, or the end. A client that was cut off is replaced
    /// by a new one.
    fn receive(&mut self, client: usize, text: &str) -> Answer {
        let last = format!("{text}\r\n").into_bytes();
        let answer = self.clients[client].read_until(ANSWER_WITHIN, |read| read.ends_with(&last));
        if answer.1 {
            self.clients[client] = self.server.connect();
        }
        answer
    }

    fn send_and_end(&self, bytes: &[u8]) -> Wire {
        let mut wire = self.server.connect();
        // The server may have ended it already, in the middle of the bytes.
        let _ = wire.try_send(bytes);
        let _ = wire.stream().shutdown(std::net::Shutdown::Write);
        wire
    }

    /// The keys of the databases that steps use, by SCAN in pieces of two.
    fn walk(&self) -> Vec<BTreeSet<String>> {
        let mut wire = self.server.connect();
        ["0", "1", "15"]
            .map(|database| {
                wire.transcript(&[(&format!("SELECT {database}"), "+OK\r\n")]);
                let mut keys = BTreeSet::new();
                let mut cursor = "0".to_owned();
                for _ in 0..1000 {
                    let reply = wire.ask(&["SCAN", &cursor, "COUNT", "2"]);
                    keys.extend(reply.items[1].items.iter().map(tests::reply::Reply::text));
                    cursor = reply.items[0].text();
                    if cursor == "0" {
                        break;
                    }
                }
                assert_eq!(cursor, "0", "{}: SCAN does not end", self.server.name());
                let random = wire.ask(&["RANDOMKEY"]);
                let exists = random.body.is_some() && keys.contains(&random.text());
                assert!(
                    exists != keys.is_empty(),
                    "{}: {random:?} of {keys:?}",
                    self.server.name()
                );
                keys
            })
            .into()
    }
}

fn shown(expected: &Answer, actual: &Answer) -> String {
    let end = |answer: &Answer| match answer.1 {
        true => "closed",
        false => "open",
    };
    format!(
        "{}\nredis left the connection {}, ours {}",
        tests::wire::difference(&expected.0, &actual.0),
        end(expected),
        end(actual)
    )
}
