//! Lines in, lines out, without sockets.

use super::Session;
use crate::clients::{Client, Ending, Slot};
use crate::cmd::{Call, Then};
use crate::config::Config;
use crate::message::LineEnd;
use crate::platform::Platform;
use crate::resp::{Progress, Request};
use crate::state::State;
use std::time::Duration;

struct Bench {
    state: State,
}

impl Bench {
    fn new() -> Bench {
        Bench { state: State::new(Config::default(), Platform::nowhere()) }
    }

    fn client(&mut self, lines: Option<LineEnd>) -> Slot {
        let address = ([127, 0, 0, 1], 50_000).into();
        let mut client = Client::new(address, address, 0);
        client.lines = lines;
        self.state.clients.insert(client)
    }

    fn typist(&mut self) -> Slot {
        self.client(Some(LineEnd::Lf))
    }

    /// Types; gives back what is answered at once.
    fn types(&mut self, slot: Slot, bytes: impl AsRef<[u8]>) -> String {
        let mut out = Vec::new();
        let mut call = Call::new(&mut self.state, slot, Duration::from_secs(1), &mut out);
        let bytes = bytes.as_ref();
        let taken = Session::default().run(&mut call, bytes, usize::MAX);
        assert_eq!(taken, (bytes.len(), false));
        String::from_utf8_lossy(&out).into_owned()
    }

    /// Calls a Redis command.
    fn calls(&mut self, slot: Slot, line: &str) -> String {
        let mut out = Vec::new();
        let mut request = Request::new();
        let line = format!("{line}\n").into_bytes();
        let mut call = Call::new(&mut self.state, slot, Duration::from_secs(1), &mut out);
        assert!(matches!(request.advance(&line, 1000), Ok(Progress::Complete(_))));
        let then = call.execute(request.parts_in(&line).arguments());
        assert_eq!(then, Then::GoOn);
        String::from_utf8_lossy(&out).into_owned()
    }

    fn received(&mut self, slot: Slot) -> String {
        let (bytes, sent) = self.state.clients.take_output(slot);
        let received = String::from_utf8_lossy(&bytes[sent..]).into_owned();
        let all = bytes.len();
        self.state.clients.restore_output(slot, bytes, all);
        received
    }
}

#[test]
fn what_is_published_reaches_all_who_subscribed_and_is_not_answered() {
    let mut bench = Bench::new();
    let (one, two, other) = (bench.typist(), bench.typist(), bench.typist());
    assert_eq!(bench.types(one, "SUB news\n"), "");
    assert_eq!(bench.types(two, "sub news\r\nsub sport\r\n"), "");
    assert_eq!(bench.types(other, "PUB news it  rains \nPUB sport 3:1\n"), "");
    assert_eq!(bench.received(one), "UPDATED news it  rains \n");
    assert_eq!(bench.received(two), "UPDATED news it  rains \r\nUPDATED sport 3:1\r\n");
    assert_eq!(bench.received(other), "");
    bench.types(two, "UNSUB news\n");
    bench.types(other, "PUB news more\n");
    assert_eq!(bench.received(two), "");
}

#[test]
fn who_is_subscribed_gets_its_own_message_too() {
    let mut bench = Bench::new();
    let slot = bench.typist();
    assert_eq!(
        bench.types(slot, "SUB a\nSUB a\nPUB a hi\nSUB\n").lines().next(),
        Some("UPDATED a hi")
    );
}

#[test]
fn topics_and_channels_are_the_same() {
    let mut bench = Bench::new();
    let (typist, by_channel) = (bench.typist(), bench.client(None));
    let (by_pattern, publisher) = (bench.client(None), bench.client(None));
    bench.types(typist, "SUB news\n");
    bench.calls(by_channel, "SUBSCRIBE news");
    bench.calls(by_pattern, "PSUBSCRIBE n*");
    assert_eq!(bench.calls(publisher, "PUBLISH news hi"), ":3\r\n");
    assert_eq!(bench.received(typist), "UPDATED news hi\n");
    assert_eq!(bench.types(typist, "PUB news ho\n"), "UPDATED news ho\n");
    assert_eq!(bench.received(typist), "", "its own was answered at once");
    let message = |text: &str| format!("*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$2\r\n{text}\r\n");
    assert_eq!(bench.received(by_channel), message("hi") + &message("ho"));
    assert!(bench.received(by_pattern).ends_with("$4\r\nnews\r\n$2\r\nho\r\n"));
}

#[test]
fn a_message_of_several_lines_is_one_line() {
    let mut bench = Bench::new();
    let (typist, publisher) = (bench.typist(), bench.client(None));
    bench.types(typist, "SUB news\n");
    bench.calls(publisher, r#"PUBLISH news "a\r\nUPDATED bank pay\n\xff\xf4""#);
    let received = bench.received(typist);
    assert!(received.starts_with(r"UPDATED news a\r\nUPDATED bank pay\n\xff"), "{received}");
    assert_eq!(received.lines().count(), 1);
}

#[test]
fn what_is_not_understood_is_told_in_plain_words() {
    let mut bench = Bench::new();
    let slot = bench.typist();
    let long = "x".repeat(1000);
    for (line, answer) in [
        ("SUB", "ERROR SUB needs a topic, as in: SUB news"),
        ("SUB  ", "ERROR SUB needs a topic, as in: SUB news"),
        ("SUB a b", "ERROR SUB takes one topic, which is one word"),
        ("SUB a\rb", "ERROR a topic has no control characters"),
        ("UNSUB", "ERROR UNSUB needs a topic, as in: UNSUB news"),
        ("UNSUB a", "ERROR you are not subscribed to \"a\""),
        ("PUB", "ERROR PUB needs a topic and a message, as in: PUB news it rains"),
        ("PUB a", "ERROR PUB needs a topic and a message, as in: PUB news it rains"),
        ("PUB a ", "ERROR PUB needs a topic and a message, as in: PUB news it rains"),
        ("PUB \x1b[2J x", "ERROR a topic has no control characters"),
        ("GET / HTTP/1.1", "ERROR unknown command \"GET\"; HELP lists what there is"),
        ("\0\n", "ERROR unknown command \"\\x00\"; HELP lists what there is"),
        (&long, &format!("ERROR unknown command \"{}\"; HELP lists what there is", &long[..64])),
    ] {
        assert_eq!(
            bench.types(slot, format!("{}\n", line.trim_end_matches('\n'))),
            format!("{answer}\n"),
            "{line:?}"
        );
    }
    assert_eq!(bench.types(slot, "\n \n\t\r\n"), "", "empty lines say nothing");
    let too_long = ["x".repeat(70_000), "\nSUB\r\n".to_owned()].concat();
    let answer = bench.types(slot, too_long);
    assert_eq!(answer.lines().count(), 2, "{answer}");
    assert!(answer.starts_with("ERROR a line may have 65536 bytes; a longer one was dropped\r\n"));
}

#[test]
fn a_pause_holds_back_what_publishes_or_everything() {
    let mut bench = Bench::new();
    let (slot, other) = (bench.typist(), bench.client(None));
    let mut session = Session::default();
    let mut run = |bench: &mut Bench, now: u64, bytes: &[u8]| {
        let mut out = Vec::new();
        let mut call = Call::new(&mut bench.state, slot, Duration::from_secs(now), &mut out);
        let (taken, waits) = session.run(&mut call, bytes, usize::MAX);
        (taken, waits, String::from_utf8_lossy(&out).into_owned())
    };
    bench.calls(other, "CLIENT PAUSE 10000 WRITE");
    let bytes = b"SUB a\r\nPUB a hi\r\nPUB a ho\n";
    assert_eq!(run(&mut bench, 1, bytes), (16, true, String::new()));
    assert_eq!(run(&mut bench, 5, &bytes[16..]), (0, true, String::new()));
    let both = "UPDATED a hi\r\nUPDATED a ho\n".to_owned();
    assert_eq!(run(&mut bench, 20, &bytes[16..]), (10, false, both));
    bench.calls(other, "CLIENT PAUSE 100000");
    assert_eq!(run(&mut bench, 21, b"HELP\n"), (4, true, String::new()));
}

#[test]
fn help_lists_all_commands_and_quit_ends() {
    let mut bench = Bench::new();
    let slot = bench.typist();
    let help = bench.types(slot, "HELP\r\n");
    for word in ["SUB ", "UNSUB ", "PUB ", "QUIT ", "HELP "] {
        assert!(help.lines().any(|line| line.starts_with(word)), "{help}");
    }
    assert!(help.ends_with("\r\n"));
    let mut out = Vec::new();
    let mut call = Call::new(&mut bench.state, slot, Duration::ZERO, &mut out);
    Session::default().run(&mut call, b"SUB a\nQUIT\nPUB a x\n", usize::MAX);
    assert_eq!(call.finish(), Ending::AfterReplies);
    assert_eq!(out, b"", "nothing after QUIT is done");
    assert!(bench.state.hub.subscribers(crate::pubsub::Kind::Channel, b"a").is_empty());
}

#[test]
fn answers_and_own_messages_come_in_the_order_of_the_lines() {
    let mut bench = Bench::new();
    let slot = bench.typist();
    let told = bench.types(slot, "SUB a\nPUB a one\nNOPE\nPUB a two\nSUB\nPUB a three\n");
    let told: Vec<&str> = told.lines().map(|line| &line[..10]).collect();
    assert_eq!(told, ["UPDATED a ", "ERROR unkn", "UPDATED a ", "ERROR SUB ", "UPDATED a "]);
}
