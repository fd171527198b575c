//! Programs and libraries that were written for Redis, against our server.
//!
//! Raw bytes show that we answer as we think Redis does; these show that those who rely on
//! it agree, with all that they ask unasked: `COMMAND DOCS`, `CONFIG GET save`, `HELLO 3`,
//! `CLIENT SETINFO`.

use std::path::Path;
use std::process::{Command, Output};

use redis::Commands;
use tests::process::Process;
use tests::{Server, on_every_peer, tools};

#[test]
fn redis_cli_asks_and_prints() {
    let Some(program) = tools::require("redis-cli", "redis-cli") else {
        return;
    };
    on_every_peer("redis-cli", |peer| {
        for (arguments, expected) in [
            (&["PING"][..], "PONG\n"),
            (&["SET", "a", "1"], "OK\n"),
            (&["GET", "a"], "1\n"),
            (&["--no-raw", "GET", "a"], "\"1\"\n"),
            (&["--no-raw", "GET", "missing"], "(nil)\n"),
            (&["--no-raw", "INCR", "a"], "(integer) 2\n"),
            (&["-3", "SET", "a", "3"], "OK\n"),
            (&["-3", "--no-raw", "GET", "missing"], "(nil)\n"),
            (&["-3", "--no-raw", "CONFIG", "GET", "save"], "1# \"save\" => \"\"\n"),
            (&["--no-raw", "MGET", "a", "b"], "1) \"3\"\n2) (nil)\n"),
            (&["-n", "5", "DBSIZE"], "0\n"),
        ] {
            let output = run(&program, peer, arguments);
            let printed = String::from_utf8_lossy(&output.stdout).into_owned();
            assert_eq!(printed, expected, "{}: {arguments:?}", peer.name());
        }
        let output = run(&program, peer, &["NONSENSE"]);
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(printed.starts_with("ERR unknown command"), "{printed}");
    });
}

#[test]
fn redis_cli_subscribed_prints_what_is_published() {
    let Some(program) = tools::require("redis-cli", "redis-cli") else {
        return;
    };
    on_every_peer("redis-cli SUBSCRIBE", |peer| {
        for flags in [&[][..], &["-3"]] {
            let port = peer.address().port().to_string();
            let mut command = Command::new(&program);
            command.args(["-p", &port]).args(flags);
            command.args(["SUBSCRIBE", "news"]);
            let mut subscriber = Process::spawn("redis-cli", &mut command);
            let line = |wanted: &'static str| move |line: &str| (line == wanted).then_some(());
            let subscribed = subscriber.wait_for_line("its subscription", line("subscribe"));
            assert_eq!(subscribed, Some(()), "{}", subscriber.transcript());
            peer.connect().transcript(&[("PUBLISH news extra-extra", ":1\r\n")]);
            let heard = subscriber.wait_for_line("the message", line("extra-extra"));
            assert_eq!(heard, Some(()), "{}", subscriber.transcript());
        }
    });
}

#[test]
fn redis_benchmark_runs_through_without_an_error() {
    let Some(program) = tools::require("redis-benchmark", "redis-benchmark") else {
        return;
    };
    on_every_peer("redis-benchmark", |peer| {
        for (pipelined, requests) in [("1", "5000"), ("16", "20000")] {
            let commands = "ping_inline,ping_mbulk,set,get,incr,mset";
            let mut arguments = vec!["-t", commands, "-c", "50", "-q"];
            arguments.extend(["-P", pipelined, "-n", requests]);
            let output = run(&program, peer, &arguments);
            let printed = String::from_utf8_lossy(&output.stdout).to_lowercase();
            let complaints = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{printed}{complaints}");
            assert!(complaints.is_empty(), "{complaints}");
            assert!(!printed.contains("err"), "{printed}");
            for done in ["ping_inline:", "ping_mbulk:", "set:", "get:", "incr:", "mset"] {
                assert!(printed.contains(done), "no {done} in {printed}");
            }
        }
        let mut wire = peer.connect();
        // Its keys' names are fixed unless it is told to vary them.
        wire.transcript(&[("DBSIZE", ":2\r\n"), ("GET counter:__rand_int__", "$5\r\n25000\r\n")]);
    });
}

#[test]
fn the_redis_crate_reads_and_writes() {
    on_every_peer("the redis crate", |peer| {
        for protocol in ["resp2", "resp3"] {
            let client = library(peer, protocol);
            let mut connection = client.get_connection().expect("it connects");
            let _: () = redis::cmd("FLUSHALL").query(&mut connection).expect("+OK");
            let _: () = connection.set("key", "value").expect("+OK");
            let value: String = connection.get("key").expect("the value");
            assert_eq!(value, "value");
            let missing: Option<String> = connection.get("missing").expect("nil");
            assert_eq!(missing, None);
            let counted: i64 = connection.incr("n", 41).expect("a number");
            assert_eq!(counted, 41);
            let _: () = connection.set_ex("brief", 1, 100).expect("+OK");
            let seconds: i64 = connection.ttl("brief").expect("a number");
            assert_eq!(seconds, 100);
            let (first, second): (i64, Vec<Option<String>>) = redis::pipe()
                .cmd("INCR")
                .arg("n")
                .cmd("SET")
                .arg("other")
                .arg("x")
                .ignore()
                .cmd("MGET")
                .arg(&["other", "missing"])
                .query(&mut connection)
                .expect("a pipeline's answers");
            assert_eq!(first, 42);
            assert_eq!(second, [Some("x".to_owned()), None]);
            let error = connection.incr::<_, _, i64>("key", 1).expect_err("no number");
            assert!(error.to_string().contains("not an integer"), "{error}");
            let again: String = connection.get("key").expect("still connected");
            assert_eq!(again, "value");
        }
    });
}

#[test]
fn the_redis_crate_subscribes() {
    on_every_peer("the redis crate subscribed", |peer| {
        for protocol in ["resp2", "resp3"] {
            let client = library(peer, protocol);
            let mut listening = client.get_connection().expect("it connects");
            listening.set_read_timeout(Some(tests::PATIENCE)).expect("a TCP connection");
            let mut speaking = client.get_connection().expect("it connects");
            let mut subscription = listening.as_pubsub();
            subscription.subscribe("news").expect("subscribed");
            subscription.psubscribe("n*").expect("subscribed");
            let heard: i64 = speaking.publish("news", "hello").expect("a count");
            assert_eq!(heard, 2, "{}", peer.name());
            for pattern in [None, Some("n*")] {
                let message = subscription.get_message().expect("a message");
                assert_eq!(message.get_channel_name(), "news");
                assert_eq!(message.get_payload::<String>().expect("text"), "hello");
                let by: Option<String> = message.get_pattern().expect("text or nil");
                assert_eq!(by.as_deref(), pattern, "{}", peer.name());
            }
            subscription.unsubscribe("news").expect("unsubscribed");
            let heard: i64 = speaking.publish("news", "again").expect("a count");
            assert_eq!(heard, 1, "{}", peer.name());
        }
    });
}

fn library(peer: &Server, protocol: &str) -> redis::Client {
    let address = peer.address();
    redis::Client::open(format!("redis://{address}/?protocol={protocol}"))
        .expect("the address is well formed")
}

fn run(program: &Path, peer: &Server, arguments: &[&str]) -> Output {
    let port = peer.address().port().to_string();
    Command::new(program)
        .args(["-p", &port])
        .args(arguments)
        .output()
        .expect("it was found on the PATH")
}
