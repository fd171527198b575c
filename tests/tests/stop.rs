//! The beginning and the end of the process: its first screen, its signals, its exit status.

use std::net::TcpStream;
use std::process::Command;
use std::time::Instant;

use tests::binary::{ON_TOKIO, kv_server};
use tests::process::Process;
use tests::{PATIENCE, Server, Wire, command, wait_until};

#[test]
fn the_first_screen_says_what_runs_where_and_what_to_do_next() {
    let mut server = Server::start();
    let port = server.address().port();
    let pid = server.id();
    let screen = server.process().stdout();
    let mut wire = server.connect();
    let (runtime, backend) = (wire.info("runtime"), wire.info("backend"));
    assert_eq!(runtime.contains("tokio"), ON_TOKIO, "{runtime}");
    for part in [
        format!("listening on 127.0.0.1:{port}"),
        format!("{pid}"),
        runtime,
        backend,
        env!("CARGO_PKG_VERSION").to_owned(),
        format!("redis-cli -p {port}"),
    ] {
        assert!(screen.contains(&part), "no {part:?} in\n{screen}");
    }
    let lines = screen.lines().count();
    assert!((2..=10).contains(&lines), "{lines} lines:\n{screen}");
}

#[test]
fn either_signal_ends_it_with_status_zero() {
    for signal in ["TERM", "INT"] {
        let mut server = Server::start();
        let mut idle: Vec<Wire> = (0..5).map(|_| server.connect()).collect();
        idle[0].exchange("PING\r\n", "+PONG\r\n");
        idle[1].ask(&["SUBSCRIBE", "a"]);
        idle[2].send("*2\r\n$3\r\nGET\r\n$10\r\nhal");
        server.process().signal(signal);
        let status = server.process().wait_for_exit(PATIENCE);
        assert_eq!(status.code(), Some(0), "after SIG{signal}");
        for wire in &mut idle {
            wire.expect_end("");
        }
        assert_eq!(server.process().stderr(), "", "after SIG{signal}");
    }
}

#[test]
fn redis_ends_so_too() {
    let Some(mut oracle) = Server::oracle("redis ends so too") else {
        return;
    };
    oracle.process().signal("TERM");
    assert_eq!(oracle.process().wait_for_exit(PATIENCE).code(), Some(0));
}

#[test]
fn what_was_received_before_the_signal_is_answered_in_full() {
    let mut server = Server::start();
    let mut clients: Vec<Wire> = (0..10).map(|_| server.connect()).collect();
    let value = "v".repeat(10_000);
    clients[0].exchange(command(&["SET", "key", &value]), "+OK\r\n");
    for client in &mut clients {
        client.exchange("PING\r\n", "+PONG\r\n");
    }
    // Stopped, it finds requests and signal at the same moment when it goes on.
    server.process().signal("STOP");
    let requests = command(&["GET", "key"]).repeat(200);
    for client in &mut clients {
        client.send(&requests);
    }
    server.process().signal("TERM");
    server.process().signal("CONT");
    let answers = format!("$10000\r\n{value}\r\n").repeat(200);
    let readers: Vec<_> = clients
        .into_iter()
        .map(|mut client| {
            let answers = answers.clone();
            std::thread::spawn(move || client.expect_end(answers))
        })
        .collect();
    for reader in readers {
        reader.join().expect("each got two megabytes");
    }
    assert_eq!(server.process().wait_for_exit(PATIENCE).code(), Some(0));
}

#[test]
fn one_that_never_reads_does_not_keep_it_from_ending() {
    let mut server = Server::start();
    let _stuck = stuck_client(&server);
    server.process().signal("TERM");
    let status = server.process().wait_for_exit(PATIENCE);
    assert!(status.code().is_some(), "it was killed: {status}");
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let mut server = Server::start();
    let _stuck = stuck_client(&server);
    let begun = Instant::now();
    server.process().signal("TERM");
    wait_until("it to stop accepting", PATIENCE, || TcpStream::connect(server.address()).is_err());
    server.process().signal("INT");
    let status = server.process().wait_for_exit(PATIENCE);
    // The status tells the two ends apart: it did not wait for the client that never reads.
    assert_ne!(status.code(), Some(0), "after {:?}", begun.elapsed());
}

#[test]
fn a_port_in_use_is_one_clear_line_and_status_one() {
    let mut server = Server::start();
    let address = server.address().to_string();
    let (code, _, said) = run(&["--bind", &address]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains(&address), "it does not say which:\n{said}");
    assert!(said.contains("in use"), "it does not say why:\n{said}");
    assert!(said.contains("--bind"), "it does not say what to do:\n{said}");
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    server.assert_serves();
}

#[test]
fn help_names_each_flag_and_tells_its_default() {
    let (code, help, _) = run(&["--help"]);
    assert_eq!(code, Some(0));
    for part in [
        "--bind",
        "127.0.0.1:6379",
        "--max-clients",
        "10000",
        "--output-limit",
        "--pubsub-limit",
        "--timeout",
        "--databases",
        "--appendonly",
        "--appendfsync",
        "everysec",
        "--dir",
        "--save",
        "--help",
        "--version",
    ] {
        assert!(help.contains(part), "no {part} in\n{help}");
    }
    let (_, version, _) = run(&["--version"]);
    assert!(version.contains(env!("CARGO_PKG_VERSION")), "{version}");
}

#[test]
fn a_flag_that_makes_no_sense_is_refused_with_the_reason() {
    for flags in [
        &["--no-such-flag"][..],
        &["--bind", "nowhere"],
        &["--bind", "127.0.0.1:99999"],
        &["--max-clients", "0"],
        &["--max-clients", "-1"],
        &["--max-clients", "many"],
        &["--timeout", "soon"],
        &["--databases", "0"],
        &["surplus"],
    ] {
        let (code, _, said) = run(flags);
        assert_eq!(code, Some(2), "{flags:?}: {said}");
        assert!(said.starts_with("error: "), "{flags:?}: {said}");
        assert!(said.contains(flags[flags.len() - 1]), "{flags:?}: {said}");
    }
}

/// A client that asked for more than it will ever read: the server cannot finish with it.
fn stuck_client(server: &Server) -> Wire {
    let mut wire = server.connect();
    let value = "v".repeat(1_000_000);
    wire.exchange(command(&["SET", "key", &value]), "+OK\r\n");
    wire.send(command(&["GET", "key"]).repeat(100));
    // It has begun to answer: the rest is its own business.
    wire.expect("$1000000\r\n");
    wire
}

/// Runs the server to its end, for command lines with which it does not serve: exit status,
/// standard output, standard error.
fn run(flags: &[&str]) -> (Option<i32>, String, String) {
    let mut process = Process::spawn("kv-server", Command::new(kv_server()).args(flags));
    let status = process.wait_for_exit(PATIENCE);
    (status.code(), process.stdout(), process.stderr())
}
