//! One command's reply, and one command's messages to its own client: no larger than the client may
//! let wait.

use tests::{PATIENCE, Server, Wire, command, on_every_peer, procfs};

const MEGABYTE: usize = 1 << 20;

/// A client that may let a megabyte wait, as a subscriber too.
fn limited(peer: &Server) -> Wire {
    let mut owner = peer.connect();
    let limits = "normal 1mb 0 0 pubsub 1mb 0 0";
    let set = owner.ask(&["CONFIG", "SET", "client-output-buffer-limit", limits]);
    assert_eq!(set.text(), "OK");
    peer.connect()
}

/// Sends a command and a `SET done 1` behind it: the client is to be gone before that.
#[track_caller]
fn is_cut_off(peer: &Server, mut wire: Wire, words: &[&str]) {
    wire.send([command(words), command(&["SET", "done", "1"])].concat());
    let (_, ended) = wire.read_until(PATIENCE, |_| false);
    let shown = &words[..words.len().min(3)];
    assert!(ended, "{}: {shown:?} is answered", peer.name());
    let mut owner = peer.connect();
    owner.transcript(&[("EXISTS done", ":0\r\n"), ("PING", "+PONG\r\n")]);
}

#[test]
fn one_reply_takes_no_more_memory_than_may_wait() {
    on_every_peer("the size of a reply", |peer| {
        let mut owner = peer.connect();
        let value = "v".repeat(300_000);
        owner.exchange(command(&["SET", "big", &value]), "+OK\r\n");
        // 600 MB, if it were made.
        is_cut_off(peer, limited(peer), &[&["MGET"][..], &["big"; 2000]].concat());
        // Who wants no replies is not behind with them; nor do they take memory.
        let mut silent = limited(peer);
        let many = [&["MGET"][..], &["big"; 2000]].concat();
        let all = [command(&["CLIENT", "REPLY", "OFF"]), command(&many)].concat();
        silent.send([all, command(&["CLIENT", "REPLY", "ON"])].concat());
        silent.expect("+OK\r\n");
        if procfs::available() {
            let peak = procfs::peak_resident_bytes(peer.id());
            assert!(peak < 100 * MEGABYTE, "{}: {peak} bytes", peer.name());
        }
    });
}

#[test]
fn what_is_asked_again_and_again_is_not_told_for_ever() {
    on_every_peer("the size of a reply", |peer| {
        let of = |words: &[&'static str], last| [words, &[last; 20_000]].concat();
        is_cut_off(peer, limited(peer), &of(&["COMMAND", "INFO"], "get"));
        is_cut_off(peer, limited(peer), &of(&["COMMAND", "DOCS"], "get"));
        let mut wire = limited(peer);
        let id = wire.ask(&["CLIENT", "ID"]).text();
        let ids = vec![id.as_str(); 20_000];
        is_cut_off(peer, wire, &[&["CLIENT", "LIST", "ID"][..], &ids].concat());
    });
}

#[test]
fn who_sends_itself_too_much_does_nothing_more() {
    on_every_peer("messages to oneself", |peer| {
        let payload = "v".repeat(2 * MEGABYTE);
        let mut wire = limited(peer);
        wire.ask(&["HELLO", "3"]);
        wire.ask(&["SUBSCRIBE", "c"]);
        is_cut_off(peer, wire, &["PUBLISH", "c", &payload]);
        // Many copies of a small message are too much just as well.
        let mut wire = limited(peer);
        wire.ask(&["HELLO", "3"]);
        let patterns: Vec<String> =
            (1..200).map(|stars| format!("c{}", "*".repeat(stars))).collect();
        let words: Vec<&str> = patterns.iter().map(String::as_str).collect();
        wire.send(command(&[&["PSUBSCRIBE"][..], &words].concat()));
        for _ in &patterns {
            assert_eq!(wire.reply().kind, b'>');
        }
        is_cut_off(peer, wire, &["PUBLISH", "c", &"v".repeat(10_000)]);
    });
}

#[test]
fn a_transaction_that_sends_its_client_too_much_is_done_and_what_follows_is_not() {
    on_every_peer("messages to oneself", |peer| {
        let payload = "v".repeat(2 * MEGABYTE);
        let mut wire = limited(peer);
        wire.ask(&["HELLO", "3"]);
        wire.ask(&["SUBSCRIBE", "c"]);
        let queue: [&[&str]; 4] =
            [&["MULTI"], &["PUBLISH", "c", &payload], &["SET", "within", "1"], &["EXEC"]];
        let queue: Vec<u8> = queue.into_iter().flat_map(command).collect();
        wire.send([queue, command(&["SET", "done", "1"])].concat());
        assert!(wire.read_until(PATIENCE, |_| false).1, "{}: not cut off", peer.name());
        peer.connect().transcript(&[("EXISTS within", ":1\r\n"), ("EXISTS done", ":0\r\n")]);
    });
}
