//! Printing what is published, until a signal.

use tests::process::Process;
use tests::{PATIENCE, Server, on_every_peer};

use crate::support::{cli, run};

#[track_caller]
fn wait_for(process: &mut Process, line: &'static str) {
    let seen = process.wait_for_line(line, |one| (one == line).then_some(()));
    assert_eq!(seen, Some(()), "{}", process.transcript());
}

#[test]
fn it_prints_what_is_published_until_a_signal_and_ends_well() {
    on_every_peer("kv-cli subscribed", |peer| {
        for (arguments, heard) in [
            (&["--subscribe", "news", "sport"][..], 1),
            (&["-3", "SUBSCRIBE", "sport", "news"], 1),
            (&["psubscribe", "n*", "ne?s"], 2),
        ] {
            // Ctrl-C is how it is meant to end; the other is told by the status.
            for (signal, status) in [("INT", 0), ("TERM", 143)] {
                let mut process = Process::spawn("kv-cli", &mut cli(peer.address(), arguments));
                // Both are subscribed: the count of the second confirmation.
                wait_for(&mut process, "2");
                let published = format!(":{heard}\r\n");
                peer.connect().transcript(&[("PUBLISH news extra-extra", &published)]);
                wait_for(&mut process, "extra-extra");
                process.signal(signal);
                let ended = process.wait_for_exit(PATIENCE);
                assert_eq!(ended.code(), Some(status), "{}", process.transcript());
            }
        }
    });
}

#[test]
fn the_printed_form_is_as_asked_for() {
    let server = Server::start();
    for (flag, lines) in [
        ("--no-raw", &["1) \"subscribe\"", "1) \"message\"", "2) \"news\"", "3) \"hello\""][..]),
        ("--json", &["[\"subscribe\",\"news\",1]", "[\"message\",\"news\",\"hello\"]"]),
    ] {
        let arguments = [flag, "--subscribe", "news"];
        let mut process = Process::spawn("kv-cli", &mut cli(server.address(), &arguments));
        let (first, rest) = lines.split_first().expect("there are lines");
        wait_for(&mut process, first);
        server.connect().transcript(&[("PUBLISH news hello", ":1\r\n")]);
        for line in rest {
            wait_for(&mut process, line);
        }
    }
}

#[test]
fn a_lost_connection_is_told_of_and_made_again() {
    on_every_peer("kv-cli subscribed again", |peer| {
        let arguments = ["--subscribe", "news"];
        let mut process = Process::spawn("kv-cli", &mut cli(peer.address(), &arguments));
        wait_for(&mut process, "1");
        let mut wire = peer.connect();
        wire.transcript(&[("CLIENT KILL TYPE pubsub", ":1\r\n")]);
        tests::wait_until("a subscriber that came back", PATIENCE, || {
            let reply = wire.ask(&["PUBLISH", "news", "again"]);
            reply.line == b"1"
        });
        wait_for(&mut process, "again");
        process.wait_for_complaint("connecting again");
    });
}

#[test]
fn without_a_channel_nothing_is_subscribed() {
    let server = Server::start();
    let run = run(server.address(), &["SUBSCRIBE"]);
    assert_eq!(run.status, Some(1), "{run:?}");
    assert!(run.stderr.contains("SUBSCRIBE news"), "{run:?}");
}
