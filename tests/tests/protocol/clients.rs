//! What a connection knows of itself and of others: CLIENT, CONFIG, COMMAND, RESET.

use tests::{PATIENCE, on_every_peer, wait_until};

#[test]
fn a_name_is_kept_checked_and_reset() {
    let bad = "-ERR Client names cannot contain spaces, newlines or special characters.\r\n";
    on_every_peer("clients", |peer| {
        let mut wire = peer.connect();
        wire.transcript(&[
            ("CLIENT GETNAME", "$-1\r\n"),
            ("CLIENT SETNAME reader-1", "+OK\r\n"),
            ("CLIENT GETNAME", "$8\r\nreader-1\r\n"),
            ("CLIENT SETNAME a\nb", bad),
            ("CLIENT SETNAME \u{e9}", bad),
            ("CLIENT GETNAME", "$8\r\nreader-1\r\n"),
            ("SELECT 3", "+OK\r\n"),
            ("SET key 3", "+OK\r\n"),
            ("RESET", "+RESET\r\n"),
            ("CLIENT GETNAME", "$-1\r\n"),
            ("GET key", "$-1\r\n"),
            ("CLIENT SETNAME ", "+OK\r\n"),
            ("CLIENT GETNAME", "$-1\r\n"),
        ]);
    });
}

#[test]
fn each_client_has_an_id_and_a_line_in_the_list() {
    on_every_peer("clients", |peer| {
        let mut first = peer.connect();
        let mut second = peer.connect();
        let one: u64 = first.ask(&["CLIENT", "ID"]).text().parse().expect("an id");
        let two: u64 = second.ask(&["CLIENT", "ID"]).text().parse().expect("an id");
        assert!(one < two, "ids grow: {one}, {two}");
        second.transcript(&[("CLIENT SETNAME second", "+OK\r\n"), ("SELECT 2", "+OK\r\n")]);
        let local = second.stream().local_addr().expect("it is connected");
        let list = first.ask(&["CLIENT", "LIST"]).text();
        let line = list
            .lines()
            .find(|line| line.starts_with(&format!("id={two} ")))
            .unwrap_or_else(|| panic!("{}: no client {two} in\n{list}", peer.name()));
        for part in [format!(" addr={local} "), " name=second ".into(), " db=2 ".into()] {
            assert!(line.contains(&part), "{}: no{part}in {line}", peer.name());
        }
        assert_eq!(list.lines().count(), 2, "{}: {list}", peer.name());
        let own = second.ask(&["CLIENT", "INFO"]).text();
        assert!(own.starts_with(&format!("id={two} ")), "{own}");
    });
}

#[test]
fn kill_ends_the_clients_that_it_names() {
    on_every_peer("clients", |peer| {
        let mut killer = peer.connect();
        for by_id in [true, false] {
            let mut victim = peer.connect();
            let id = victim.ask(&["CLIENT", "ID"]).text();
            let address = victim.stream().local_addr().expect("connected").to_string();
            if by_id {
                killer.transcript(&[(&format!("CLIENT KILL ID {id}"), ":1\r\n")]);
            } else {
                killer.transcript(&[(&format!("CLIENT KILL {address}"), "+OK\r\n")]);
            }
            victim.expect_end("");
        }
        killer.transcript(&[
            ("CLIENT KILL 1.2.3.4:5", "-ERR No such client\r\n"),
            ("CLIENT KILL ID 999999", ":0\r\n"),
            ("CLIENT KILL ID x", "-ERR client-id should be greater than 0\r\n"),
            ("CLIENT KILL ID", "-ERR No such client\r\n"),
        ]);
        wait_until("the killed clients to be forgotten", PATIENCE, || {
            killer.ask(&["CLIENT", "LIST"]).text().lines().count() == 1
        });
    });
}

#[test]
fn replies_can_be_turned_off_and_skipped() {
    on_every_peer("clients", |peer| {
        let mut wire = peer.connect();
        wire.exchange("CLIENT REPLY SKIP\r\nECHO skipped\r\nECHO said\r\n", "$4\r\nsaid\r\n");
        wire.exchange(
            "CLIENT REPLY OFF\r\nSET key 1\r\nNONSENSE\r\nCLIENT REPLY ON\r\nGET key\r\n",
            "+OK\r\n$1\r\n1\r\n",
        );
        wire.exchange("CLIENT REPLY MAYBE\r\n", "-ERR syntax error\r\n");
    });
}

#[test]
fn config_answers_what_benchmarks_and_clients_ask() {
    on_every_peer("clients", |peer| {
        peer.connect().transcript(&[
            ("CONFIG GET save", "*2\r\n$4\r\nsave\r\n$0\r\n\r\n"),
            ("CONFIG GET appendonly", "*2\r\n$10\r\nappendonly\r\n$2\r\nno\r\n"),
            ("CONFIG GET MAXCLIENTS", "*2\r\n$10\r\nMAXCLIENTS\r\n$5\r\n10000\r\n"),
            ("CONFIG GET nothing-like-it", "*0\r\n"),
            ("CONFIG GET timeout", "*2\r\n$7\r\ntimeout\r\n$1\r\n0\r\n"),
            ("CONFIG SET timeout 100", "+OK\r\n"),
            ("CONFIG GET timeou?", "*2\r\n$7\r\ntimeout\r\n$3\r\n100\r\n"),
            ("CONFIG RESETSTAT", "+OK\r\n"),
        ]);
    });
}

#[test]
fn command_describes_what_there_is() {
    let get = "*1\r\n*10\r\n$3\r\nget\r\n:2\r\n*2\r\n+readonly\r\n+fast\r\n:1\r\n:1\r\n:1\r\n";
    on_every_peer("clients", |peer| {
        let mut wire = peer.connect();
        let count: usize = wire.ask(&["COMMAND", "COUNT"]).text().parse().expect("a number");
        assert_eq!(wire.ask(&["COMMAND"]).items.len(), count, "{}", peer.name());
        let names = wire.ask(&["COMMAND", "LIST"]);
        // The list counts subcommands too.
        assert!(names.items.len() >= count, "{}", peer.name());
        assert!(names.items.iter().any(|name| name.text() == "subscribe"));
        wire.transcript(&[("COMMAND INFO nope", "*1\r\n$-1\r\n")]);
        wire.send("COMMAND INFO get\r\n");
        wire.expect(get);
    });
}

#[test]
fn info_tells_what_clients_wait_for() {
    on_every_peer("clients", |peer| {
        let mut wire = peer.connect();
        for (field, expected) in [
            ("redis_version", "7.0.15"),
            ("loading", "0"),
            ("arch_bits", "64"),
            ("cluster_enabled", "0"),
            ("connected_clients", "1"),
            ("role", "master"),
        ] {
            assert_eq!(wire.info(field), expected, "{}: {field}", peer.name());
        }
        assert_eq!(wire.info("process_id"), peer.id().to_string());
        wire.transcript(&[("SET key 1 EX 1000", "+OK\r\n")]);
        let keyspace = wire.info("db0");
        assert!(keyspace.starts_with("keys=1,expires=1"), "{keyspace}");
        let section = wire.ask(&["INFO", "keyspace"]).text();
        assert!(section.starts_with("# Keyspace\r\ndb0:"), "{section}");
        assert!(!section.contains("redis_version"), "{section}");
    });
}

#[test]
fn time_is_the_wall_clocks() {
    on_every_peer("clients", |peer| {
        let now = || {
            let since = std::time::UNIX_EPOCH.elapsed();
            since.expect("the clock is past 1970").as_secs()
        };
        let before = now();
        let reply = peer.connect().ask(&["TIME"]);
        let seconds: u64 = reply.items[0].text().parse().expect("seconds");
        let micros: u64 = reply.items[1].text().parse().expect("microseconds");
        assert!((before..=now()).contains(&seconds), "{seconds}");
        assert!(micros < 1_000_000, "{micros}");
    });
}
