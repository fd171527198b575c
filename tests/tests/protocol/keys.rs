//! Keys, whatever they hold, and the sixteen databases.

use tests::on_every_peer;

#[test]
fn a_pattern_describes_what_a_thousand_stars_can() {
    on_every_peer("stars", |peer| {
        let mut wire = peer.connect();
        let key = "a".repeat(2000);
        wire.transcript(&[(&format!("SET {key} 1"), "+OK\r\n")]);
        let found = format!("*1\r\n$2000\r\n{key}\r\n");
        let stars = |count| format!("KEYS {}", "*?".repeat(count));
        wire.transcript(&[
            (&stars(1000), &found),
            (&format!("{}**", stars(1000)), &found),
            (&format!("{}*", stars(1000).replace('?', "*?")), &found),
            (&stars(1001), "*0\r\n"),
        ]);
    });
}

#[test]
fn key_commands_count_what_they_found() {
    on_every_peer("keys", |peer| {
        peer.connect().transcript(&[
            ("MSET a 1 b 2 c 3 d 4", "+OK\r\n"),
            ("EXISTS a b a missing", ":3\r\n"),
            ("DEL a missing b a", ":2\r\n"),
            ("UNLINK c c", ":1\r\n"),
            ("TOUCH d d missing", ":2\r\n"),
            ("TYPE d", "+string\r\n"),
            ("TYPE missing", "+none\r\n"),
            ("DBSIZE", ":1\r\n"),
            ("FLUSHDB", "+OK\r\n"),
            ("DBSIZE", ":0\r\n"),
        ]);
    });
}

#[test]
fn databases_are_apart() {
    on_every_peer("keys", |peer| {
        let mut wire = peer.connect();
        wire.transcript(&[
            ("SET key zero", "+OK\r\n"),
            ("SELECT 15", "+OK\r\n"),
            ("GET key", "$-1\r\n"),
            ("SET key fifteen", "+OK\r\n"),
            ("SELECT 16", "-ERR DB index is out of range\r\n"),
            ("SELECT -1", "-ERR DB index is out of range\r\n"),
            ("SELECT x", "-ERR value is not an integer or out of range\r\n"),
            (
                "SELECT 4294967296",
                "-ERR value is out of range, value must between -2147483648 and 2147483647\r\n",
            ),
            ("GET key", "$7\r\nfifteen\r\n"),
        ]);
        // A new connection begins in database 0, whatever another has chosen.
        peer.connect().transcript(&[("GET key", "$4\r\nzero\r\n"), ("FLUSHDB", "+OK\r\n")]);
        wire.transcript(&[
            ("GET key", "$7\r\nfifteen\r\n"),
            ("FLUSHALL", "+OK\r\n"),
            ("DBSIZE", ":0\r\n"),
            ("FLUSHALL ASYNC", "+OK\r\n"),
            ("FLUSHALL SYNC", "+OK\r\n"),
            ("FLUSHALL SOON", "-ERR syntax error\r\n"),
            ("FLUSHDB ASYNC", "+OK\r\n"),
            ("FLUSHDB SOON", "-ERR syntax error\r\n"),
        ]);
    });
}

#[test]
fn keys_lists_what_a_pattern_matches() {
    let cases = [
        ("*", "hallo hbllo hello hxllo other"),
        ("h?llo", "hallo hbllo hello hxllo"),
        ("h[ae]llo", "hallo hello"),
        ("h[^e]llo", "hallo hbllo hxllo"),
        ("h[a-b]llo", "hallo hbllo"),
        ("h[b-a]llo", "hallo hbllo"),
        ("h\\ello", "hello"),
        ("H*", ""),
        ("*o*", "hallo hbllo hello hxllo other"),
        ("hello", "hello"),
        ("", ""),
    ];
    on_every_peer("keys", |peer| {
        let mut wire = peer.connect();
        let everything = "MSET hello 1 hallo 2 hbllo 3 hxllo 4 other 5";
        wire.transcript(&[(everything, "+OK\r\n")]);
        for (pattern, expected) in cases {
            let reply = wire.ask(&["KEYS", pattern]);
            let mut found: Vec<String> = reply.items.iter().map(|key| key.text()).collect();
            found.sort();
            let name = peer.name();
            assert_eq!(found.join(" "), expected, "{name}: KEYS {pattern}");
        }
    });
}

#[test]
fn a_pattern_of_many_stars_is_answered_at_once() {
    // Naive backtracking needs some 10^20 steps for this one.
    let pattern = "a*".repeat(30) + "b";
    let key = "a".repeat(100);
    let mut server = tests::Server::start();
    let mut wire = server.connect();
    wire.transcript(&[(&format!("SET {key} 1"), "+OK\r\n")]);
    wire.transcript(&[(&format!("KEYS {pattern}"), "*0\r\n")]);
    server.assert_serves();
}
