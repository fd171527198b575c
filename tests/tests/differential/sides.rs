//! Redis on one side, our server on the other, and the same clients of both.
//!
//! After a step its client sends a PING with a text that came never before; when that text
//! comes back, everything else has come. It is also what makes silence comparable.

use std::time::Duration;

use tests::{Server, Wire, command};

use crate::generate::{CLIENTS, Step};
use crate::normalise;

/// Far longer than any answer takes; reaching it is a difference, not a failure to compare.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Both servers with their clients.
pub(crate) struct Sides {
    oracle: Side,
    ours: Side,
    /// How many PINGs were sent; makes each one's text new.
    pings: u64,
    /// What Redis has and we have not.
    missing: Vec<String>,
}

impl Sides {
    /// Starts both; `None`, said aloud, if Redis is not installed.
    pub(crate) fn start(test: &str) -> Option<Sides> {
        Some(Sides::between(Server::oracle(test)?, Server::start()))
    }

    /// Redis on both sides: whatever differs then is not a difference of ours.
    pub(crate) fn start_the_same(test: &str) -> Option<Sides> {
        Some(Sides::between(Server::oracle(test)?, Server::oracle(test)?))
    }

    fn between(oracle: Server, ours: Server) -> Sides {
        let missing = normalise::missing(&mut oracle.connect(), &mut ours.connect());
        Sides { oracle: Side::new(oracle), ours: Side::new(ours), pings: 0, missing }
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

    /// Sends bytes on a connection of their own, ends it, and compares all that comes.
    pub(crate) fn difference_for_bytes(&mut self, bytes: &[u8]) -> Option<String> {
        let expected = self.oracle.answer_to(bytes);
        let actual = self.ours.answer_to(bytes);
        let ours_lacks_it = normalise::is_unknown_command(&actual.0, &self.missing);
        let same = expected.1 == actual.1 && normalise::same_for_bytes(&expected.0, &actual.0);
        (!same && !ours_lacks_it).then(|| shown(&expected, &actual))
    }

    fn difference(&mut self, step: &Step) -> Option<String> {
        let bytes = step.bytes();
        let mut listeners = vec![step.client];
        if step.has("PUBLISH") {
            listeners.extend((0..CLIENTS).filter(|client| *client != step.client));
        }
        for client in listeners {
            self.pings += 1;
            let text = format!("that was all:{}", self.pings);
            let own_bytes = match client == step.client {
                true => bytes.as_slice(),
                false => &[],
            };
            let expected = self.oracle.exchange(client, own_bytes, &text);
            let actual = self.ours.exchange(client, own_bytes, &text);
            let known = !normalise::is_unknown_command(&actual.0, &self.missing);
            let same = expected.1 == actual.1 && normalise::same(step, &expected.0, &actual.0);
            if known && !same {
                let difference = shown(&expected, &actual);
                return Some(format!("client {client} gets\n{difference}"));
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
        // The old clients must be gone, or PUBLISH would still count them.
        let name = self.server.name();
        tests::wait_until(&format!("{name} to be empty"), tests::PATIENCE, || {
            wire.info("connected_clients") == "1"
        });
        self.clients = (0..CLIENTS).map(|_| self.server.connect()).collect();
    }

    /// Sends bytes and a PING with `text`; reads until that has come back, or the end. A
    /// client that was cut off is replaced by a new one.
    fn exchange(&mut self, client: usize, bytes: &[u8], text: &str) -> Answer {
        let wire = &mut self.clients[client];
        let mut all = bytes.to_vec();
        all.extend(command(&["PING", text]));
        wire.send(all);
        let last = format!("{text}\r\n").into_bytes();
        let answer = wire.read_until(ANSWER_WITHIN, |read| read.ends_with(&last));
        if answer.1 {
            self.clients[client] = self.server.connect();
        }
        answer
    }

    fn answer_to(&self, bytes: &[u8]) -> Answer {
        let mut wire = self.server.connect();
        wire.send(bytes);
        // The server may have ended it already.
        let _ = wire.stream().shutdown(std::net::Shutdown::Write);
        wire.read_until(ANSWER_WITHIN, |_| false)
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
