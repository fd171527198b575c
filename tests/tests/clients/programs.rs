//! `redis-cli` and `redis-benchmark`.

use std::path::Path;
use std::process::{Command, Output};

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
        for (pipelined, requests) in [("1", "5000"), ("16", "20000"), ("100", "50000")] {
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
        wire.transcript(&[("DBSIZE", ":2\r\n"), ("GET counter:__rand_int__", "$5\r\n75000\r\n")]);
    });
}

#[test]
fn redis_cli_pipes_a_file_of_commands() {
    let Some(program) = tools::require("redis-cli --pipe", "redis-cli") else {
        return;
    };
    let file = tests::binary::scratch().join("commands-for-redis-cli");
    let mut bytes = Vec::new();
    for number in 0..10_000 {
        let name = format!("key:{number}");
        bytes.extend(tests::command(&["SET", &name, "value"]));
    }
    // One is refused, and the others go on.
    bytes.extend(tests::command(&["INCR", "key:0"]));
    std::fs::write(&file, bytes).expect("cargo's target directory is writable");
    on_every_peer("redis-cli --pipe", |peer| {
        let port = peer.address().port().to_string();
        let input = std::fs::File::open(&file).expect("it was just written");
        let output = Command::new(&program).args(["-p", &port, "--pipe"]).stdin(input).output();
        let output = output.expect("it was found on the PATH");
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(printed.contains("errors: 1, replies: 10001"), "{}: {printed}", peer.name());
        peer.connect().transcript(&[("DBSIZE", ":10000\r\n")]);
    });
}

fn run(program: &Path, peer: &Server, arguments: &[&str]) -> Output {
    let port = peer.address().port().to_string();
    Command::new(program)
        .args(["-p", &port])
        .args(arguments)
        .output()
        .expect("it was found on the PATH")
}
