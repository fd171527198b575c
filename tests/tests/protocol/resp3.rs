//! RESP3: HELLO, and every answer that differs because of it.

use tests::on_every_peer;

#[test]
fn hello_switches_and_describes_the_server() {
    on_every_peer("resp3", |peer| {
        let mut wire = peer.connect();
        let id = wire.ask(&["CLIENT", "ID"]).text();
        let body = |protocol: u8| {
            format!(
                "$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$6\r\n7.0.15\r\n\
                 $5\r\nproto\r\n:{protocol}\r\n$2\r\nid\r\n:{id}\r\n\
                 $4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n$6\r\nmaster\r\n\
                 $7\r\nmodules\r\n*0\r\n"
            )
        };
        wire.exchange("HELLO\r\n", format!("*14\r\n{}", body(2)));
        wire.exchange("HELLO 3\r\n", format!("%7\r\n{}", body(3)));
        wire.exchange("HELLO\r\n", format!("%7\r\n{}", body(3)));
        wire.exchange("GET missing\r\n", "_\r\n");
        wire.exchange("HELLO 3 SETNAME me\r\n", format!("%7\r\n{}", body(3)));
        wire.exchange("CLIENT GETNAME\r\n", "$2\r\nme\r\n");
        wire.exchange("HELLO 2\r\n", format!("*14\r\n{}", body(2)));
        wire.exchange("GET missing\r\n", "$-1\r\n");
        wire.exchange("HELLO 3\r\nRESET\r\n", format!("%7\r\n{}+RESET\r\n", body(3)));
        wire.exchange("GET missing\r\n", "$-1\r\n");
    });
}

#[test]
fn hello_refuses_what_it_does_not_know() {
    let version = "-NOPROTO unsupported protocol version\r\n";
    on_every_peer("resp3", |peer| {
        peer.connect().transcript(&[
            ("HELLO 1", version),
            ("HELLO 4", version),
            ("HELLO 9999999999", version),
            ("HELLO x", "-ERR Protocol version is not an integer or out of range\r\n"),
            ("HELLO 3 NOPE", "-ERR Syntax error in HELLO option 'NOPE'\r\n"),
            ("HELLO 3 SETNAME", "-ERR Syntax error in HELLO option 'SETNAME'\r\n"),
            (
                "HELLO 3 AUTH user wrong",
                "-WRONGPASS invalid username-password pair or user is disabled.\r\n",
            ),
            ("HELLO 3 AUTH user", "-ERR Syntax error in HELLO option 'AUTH'\r\n"),
            (
                "HELLO 3 SETNAME a\nb",
                "-ERR Client names cannot contain spaces, newlines or special characters.\r\n",
            ),
            // None of these has switched.
            ("GET missing", "$-1\r\n"),
        ]);
    });
}

#[test]
fn nil_maps_and_arrays_have_types_of_their_own() {
    on_every_peer("resp3", |peer| {
        let mut wire = peer.connect();
        wire.ask(&["HELLO", "3"]);
        wire.transcript(&[
            ("SET key 1 XX", "_\r\n"),
            ("SET key 1 GET", "_\r\n"),
            ("MGET key missing", "*2\r\n$1\r\n1\r\n_\r\n"),
            ("GETDEL missing", "_\r\n"),
            ("CONFIG GET save", "%1\r\n$4\r\nsave\r\n$0\r\n\r\n"),
            ("CONFIG GET nothing-like-it", "%0\r\n"),
            ("COMMAND INFO nope", "*1\r\n_\r\n"),
            ("CLIENT GETNAME", "_\r\n"),
            ("KEYS nothing*", "*0\r\n"),
            ("INCR key", ":2\r\n"),
        ]);
        let info = wire.ask(&["INFO", "server"]);
        assert_eq!(info.kind, b'=', "{}: INFO is a verbatim string", peer.name());
        assert!(info.text().starts_with("txt:# Server\r\n"));
        let list = wire.ask(&["CLIENT", "LIST"]);
        assert!(list.text().starts_with("txt:id="), "{}", list.text());
        assert_eq!(wire.ask(&["COMMAND", "DOCS", "get"]).kind, b'%');
    });
}

#[test]
fn subscriptions_are_pushes_and_restrict_nothing() {
    on_every_peer("resp3", |peer| {
        let mut wire = peer.connect();
        wire.ask(&["HELLO", "3"]);
        wire.transcript(&[
            ("SUBSCRIBE a", ">3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n"),
            ("PSUBSCRIBE a*", ">3\r\n$10\r\npsubscribe\r\n$2\r\na*\r\n:2\r\n"),
            ("GET missing", "_\r\n"),
            ("PING", "+PONG\r\n"),
            ("PING hi", "$2\r\nhi\r\n"),
            // What a client publishes to itself comes before the reply.
            (
                "PUBLISH a x",
                ">3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n\
                 >4\r\n$8\r\npmessage\r\n$2\r\na*\r\n$1\r\na\r\n$1\r\nx\r\n:2\r\n",
            ),
            ("UNSUBSCRIBE a", ">3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:1\r\n"),
            ("PUNSUBSCRIBE", ">3\r\n$12\r\npunsubscribe\r\n$2\r\na*\r\n:0\r\n"),
            ("UNSUBSCRIBE", ">3\r\n$11\r\nunsubscribe\r\n_\r\n:0\r\n"),
        ]);
    });
}

#[test]
fn both_protocols_hear_the_same_message() {
    on_every_peer("resp3", |peer| {
        let mut old = peer.connect();
        let mut new = peer.connect();
        new.ask(&["HELLO", "3"]);
        old.ask(&["SUBSCRIBE", "a"]);
        new.ask(&["SUBSCRIBE", "a"]);
        peer.connect().transcript(&[("PUBLISH a x", ":2\r\n")]);
        old.expect("*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n");
        new.expect(">3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n");
    });
}
