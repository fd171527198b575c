//! Commands by their bytes: a line in, the reply out. The expected bytes are what redis-server
//! 7.0.15 answers. The clock stands still unless a test turns it.

mod connections;
mod data;
mod journal;
mod memory;
mod messages;
mod moves;
mod server;
mod watching;

use std::net::SocketAddr;
use std::time::Duration;

use super::Call;
use crate::clients::{Client, Slot};
use crate::config::Config;
use crate::platform::Platform;
use crate::resp::{Progress, Request};
use crate::state::State;

/// A server without sockets.
struct Bench {
    state: State,
    now: Duration,
}

impl Bench {
    fn new() -> Bench {
        Bench {
            state: State::new(Config::default(), Platform::nowhere()),
            now: Duration::from_secs(1_700_000_000),
        }
    }

    /// A new client.
    fn client(&mut self) -> Slot {
        let address = ([127, 0, 0, 1], 50_000).into();
        let client = Client::new(address, SocketAddr::from(([127, 0, 0, 1], 6379)), self.millis());
        self.state.clients.insert(client)
    }

    fn millis(&self) -> i64 {
        i64::try_from(self.now.as_millis()).expect("a time of this century")
    }

    /// Sends bytes; gives back what they are answered with.
    fn send(&mut self, slot: Slot, mut bytes: &[u8]) -> String {
        let mut out = Vec::new();
        let mut request = Request::new();
        let mut call = Call::new(&mut self.state, slot, self.now, &mut out);
        while !bytes.is_empty() {
            match request.advance(bytes, u32::MAX) {
                Ok(Progress::Complete(length)) => {
                    let _ = call.execute(request.parts_in(bytes).arguments());
                    request.reset();
                    bytes = &bytes[length..];
                }
                other => panic!("the test sends whole requests: {other:?}"),
            }
        }
        let _ = call.finish();
        String::from_utf8_lossy(&out).into_owned()
    }

    /// Sends one line, as typed.
    fn call(&mut self, slot: Slot, line: &str) -> String {
        self.send(slot, format!("{line}\n").as_bytes())
    }

    /// Sends lines one after the other, each with the reply that it must have.
    #[track_caller]
    fn dialogue(&mut self, slot: Slot, lines: &[(&str, &str)]) {
        for (line, expected) in lines {
            assert_eq!(self.call(slot, line), *expected, "the reply to {line}");
        }
    }

    /// What other clients' commands put into the client's outbox.
    fn received(&mut self, slot: Slot) -> String {
        let (bytes, sent) = self.state.clients.take_output(slot);
        let received = String::from_utf8_lossy(&bytes[sent..]).into_owned();
        let all = bytes.len();
        self.state.clients.restore_output(slot, bytes, all);
        received
    }
}

const OK: &str = "+OK\r\n";
const NULL: &str = "$-1\r\n";
const SYNTAX: &str = "-ERR syntax error\r\n";
const NOT_AN_INTEGER: &str = "-ERR value is not an integer or out of range\r\n";

#[test]
fn arity_and_existence_are_checked_before_anything_else() {
    let mut bench = Bench::new();
    let slot = bench.client();
    bench.dialogue(
        slot,
        &[
            ("GET", "-ERR wrong number of arguments for 'get' command\r\n"),
            ("gEt a b", "-ERR wrong number of arguments for 'get' command\r\n"),
            ("FOO", "-ERR unknown command 'FOO', with args beginning with: \r\n"),
            ("foo a 'b c'", "-ERR unknown command 'foo', with args beginning with: 'a' 'b c' \r\n"),
            ("CLIENT", "-ERR wrong number of arguments for 'client' command\r\n"),
            ("CLIENT Foo x", "-ERR unknown subcommand 'Foo'. Try CLIENT HELP.\r\n"),
            ("CLIENT KILL", "-ERR wrong number of arguments for 'client|kill' command\r\n"),
        ],
    );
}

#[test]
fn what_is_repeated_of_an_unknown_command_is_bounded_and_on_one_line() {
    let mut bench = Bench::new();
    let slot = bench.client();
    let start = "-ERR unknown command 'foo', with args beginning with: ";
    let long = "x".repeat(300);
    assert_eq!(
        bench.call(slot, &format!("foo {long} more")),
        format!("{start}'{}' \r\n", &long[..128])
    );
    let words = "0123456789 ".repeat(20);
    let repeated = "'0123456789' ".repeat(9) + "'0123456789' ";
    assert_eq!(bench.call(slot, &format!("foo {words}")), format!("{start}{repeated}\r\n"));
    assert_eq!(bench.call(slot, r#"foo "a\r\nb\x00c""#), format!("{start}'a  b' \r\n"));
}

#[test]
fn web_browsers_are_not_talked_to() {
    for line in ["POST /", "host: example"] {
        let mut bench = Bench::new();
        let slot = bench.client();
        bench.call(slot, line);
        assert_eq!(bench.state.clients[slot].ending, crate::clients::Ending::Now);
    }
}
