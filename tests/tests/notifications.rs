//! Keyspace notifications: the same commands must make the same news here and in Redis.
//!
//! What one of the two servers has no command for is left out, and comes in by itself once it is
//! there: the list below is of what Redis has.

use tests::reply::Reply;
use tests::{PATIENCE, Server, Wire, command, wait_until};

/// Commands that change keys, in an order in which each finds what it needs.
const CHANGES: &[&str] = &[
    "SET a 1",
    "SET a 2",
    "SET a 3 EX 100",
    "SET a 4 KEEPTTL",
    "SET a 5 NX",
    "SET nope 5 XX",
    "SET a 6 GET",
    "SET b 1 PXAT 99999999999999",
    "SETNX a 1",
    "SETNX c 1",
    "SETEX c 100 2",
    "PSETEX d 100000 2",
    "MSET a 1 e 2 a 3",
    "MSETNX a 1 f 2",
    "MSETNX f 1 g 2",
    "GETSET a 1",
    "GETSET h 1",
    "GETDEL h",
    "GETDEL h",
    "GETEX a EX 100",
    "GETEX a PERSIST",
    "GETEX a PERSIST",
    "GETEX a PX 100000",
    "GETEX a EXAT 1",
    "GETEX a",
    "APPEND a x",
    "APPEND a y",
    "APPEND a ",
    "INCR n",
    "INCR n",
    "DECR n",
    "INCRBY n 5",
    "DECRBY n 5",
    "INCRBY e x",
    "INCRBYFLOAT n 1.5",
    "INCRBYFLOAT new 1.5",
    "SETRANGE a 1 zz",
    "SETRANGE ranged 1 zz",
    "SETRANGE empty 0 ",
    "SETBIT a 1 1",
    "SETBIT bits 1 0",
    "EXPIRE a 100",
    "EXPIRE a 100 NX",
    "EXPIRE a 200 GT",
    "PEXPIRE a 100000",
    "EXPIREAT a 99999999999",
    "PEXPIREAT a 99999999999999",
    "PERSIST a",
    "PERSIST a",
    "PERSIST nope",
    "EXPIRE nope 1",
    "EXPIRE a -1",
    "EXPIRE b 0",
    "PEXPIREAT c 1",
    "DEL a nope e",
    "UNLINK f g nope",
    "SET one 1",
    "SET two 2",
    "RENAME one two",
    "RENAME two three",
    "RENAME three three",
    "RENAMENX three four",
    "COPY four five",
    "COPY four five",
    "COPY four five REPLACE",
    "MOVE five 3",
    "MOVE nope 3",
    "SELECT 3",
    "SET five 6",
    "DEL five",
    "SELECT 0",
    "GET nope",
    "MGET four nope nope",
    "EXISTS nope four",
    "STRLEN nope",
    "TTL nope",
    "GETEX nope",
    "TYPE nope",
    "TOUCH nope",
    "PTTL nope",
    "EXPIRETIME nope",
    "PEXPIRETIME nope",
    "GETRANGE nope 0 1",
    "SUBSTR nope 0 1",
    "GETBIT nope 1",
    "BITCOUNT nope",
    "BITPOS nope 1",
    "LCS nope four",
    "OBJECT ENCODING nope",
    "MEMORY USAGE nope",
    "DUMP nope",
    "KEYS nope",
    "SCAN 0 MATCH nope",
    "RANDOMKEY",
    "SET fresh 1 GET",
    "EXPIRE nope 10",
    "RENAME nope other",
    "COPY nope other",
    "BITOP NOT inverse four",
    "BITOP NOT inverse nope",
    "BITFIELD field SET u8 0 1",
    "BITFIELD nope GET u8 0",
    "SWAPDB 0 3",
    "FLUSHDB",
    "SET last 1",
    "FLUSHALL",
];

/// The settings under which they are compared.
const SETTINGS: &[&str] = &["KEA", "K$", "Eg", "A", "KE", "", "KEAn", "KEm", "EgKx", "Em$n"];

#[test]
fn the_same_commands_make_the_same_news() {
    let Some(oracle) = Server::oracle("keyspace notifications") else { return };
    let ours = Server::start();
    let shared: Vec<&str> = shared(&oracle, &ours);
    assert!(shared.len() > 50, "{shared:?}");
    for settings in SETTINGS {
        let expected = news(&oracle, settings, &shared);
        let actual = news(&ours, settings, &shared);
        if *settings == "KEA" {
            assert!(expected.len() > 80, "{} news", expected.len());
        }
        let same = expected.iter().zip(&actual).take_while(|(left, right)| left == right).count();
        assert!(
            expected == actual,
            "with \"{settings}\", after {same} that are the same\nredis {:?}\nours  {:?}",
            &expected[same..expected.len().min(same + 4)],
            &actual[same..actual.len().min(same + 4)]
        );
    }
}

#[test]
fn settings_are_shown_and_refused_as_redis_does() {
    let Some(oracle) = Server::oracle("notify-keyspace-events") else { return };
    let ours = Server::start();
    let (mut theirs, mut own) = (oracle.connect(), ours.connect());
    let name = "notify-keyspace-events";
    for letters in ["A", "AKE", "KEA", "Kx", "gxE", "$lshzxetdmn", "nKEA", "q", "AKEq", "", "Ed"] {
        for ask in [&["CONFIG", "SET", name, letters][..], &["CONFIG", "GET", name]] {
            let (expected, actual) = (theirs.ask(ask), own.ask(ask));
            assert_eq!(actual.encode(), expected.encode(), "{letters}: {ask:?}");
        }
    }
}

#[test]
fn a_key_that_expires_is_news_although_nobody_asks_for_it() {
    tests::on_every_peer("expired notifications", |peer| {
        let mut listener = listener(peer, "KEx");
        let mut wire = peer.connect();
        wire.transcript(&[("SELECT 2", "+OK\r\n"), ("SET k v PX 30", "+OK\r\n")]);
        let first = listener.reply();
        let second = listener.reply();
        let channels = [&first, &second].map(|news| [news.items[2].text(), news.items[3].text()]);
        let expected = [["__keyspace@2__:k", "expired"], ["__keyevent@2__:expired", "k"]];
        assert_eq!(channels, expected, "{}", peer.name());
        assert_eq!(wire.ask(&["DBSIZE"]).text(), "0");
    });
}

#[test]
fn who_changes_and_listens_is_told_before_the_reply_and_never_within() {
    // Redis 7.0 tells it wherever its command happens to be; ours alone.
    let server = Server::start();
    let mut wire = server.connect();
    wire.ask(&["CONFIG", "SET", "notify-keyspace-events", "EAm"]);
    wire.ask(&["HELLO", "3"]);
    wire.ask(&["PSUBSCRIBE", "__key*"]);
    let news = |event: &str, key: &str| {
        let channel = format!("__keyevent@0__:{event}");
        let parts = ["pmessage", "__key*", &channel, key];
        parts
            .iter()
            .fold(">4\r\n".to_owned(), |all, part| format!("{all}${}\r\n{part}\r\n", part.len()))
    };
    wire.exchange("SET a 1\r\n", news("set", "a") + "+OK\r\n");
    wire.exchange(
        "MGET a b c\r\n",
        news("keymiss", "b") + &news("keymiss", "c") + "*3\r\n$1\r\n1\r\n_\r\n_\r\n",
    );
    wire.exchange("GETDEL a\r\n", news("del", "a") + "$1\r\n1\r\n");
    // Also when no reply is wanted, and when many commands come together.
    wire.exchange(
        "CLIENT REPLY OFF\r\nSET a 1\r\nGET a\r\nDEL a\r\nCLIENT REPLY ON\r\nGET a\r\nPING\r\n",
        news("set", "a") + &news("del", "a") + "+OK\r\n" + &news("keymiss", "a") + "_\r\n+PONG\r\n",
    );
}

/// The commands that both servers have.
fn shared(oracle: &Server, ours: &Server) -> Vec<&'static str> {
    let names = |server: &Server| -> Vec<String> {
        server.connect().ask(&["COMMAND", "LIST"]).items.iter().map(Reply::text).collect()
    };
    let (theirs, own) = (names(oracle), names(ours));
    let has = |names: &[String], line: &str| {
        let name = line.split(' ').next().unwrap_or(line).to_lowercase();
        names.contains(&name)
    };
    CHANGES.iter().copied().filter(|line| has(&theirs, line) && has(&own, line)).collect()
}

/// What is told while `commands` run, as channel and message.
fn news(server: &Server, settings: &str, commands: &[&str]) -> Vec<(String, String)> {
    let mut listener = listener(server, settings);
    let mut wire = server.connect();
    for line in commands {
        let words: Vec<&str> = line.split(' ').collect();
        wire.send(command(&words));
        wire.reply();
    }
    wire.ask(&["PUBLISH", "__key: the end", ""]);
    let mut news = Vec::new();
    loop {
        let message = listener.reply();
        let (channel, text) = (message.items[2].text(), message.items[3].text());
        if channel == "__key: the end" {
            return news;
        }
        news.push((channel, text));
    }
}

/// A client that hears all news of a server that is empty.
fn listener(server: &Server, settings: &str) -> Wire {
    let mut listener = server.connect();
    listener.ask(&["FLUSHALL"]);
    listener.ask(&["CONFIG", "SET", "notify-keyspace-events", settings]);
    wait_until("the last listener to be gone", PATIENCE, || {
        listener.ask(&["PUBSUB", "NUMPAT"]).text() == "0"
    });
    listener.ask(&["PSUBSCRIBE", "__key*"]);
    listener
}
