//! What happens at the limits: of clients, of descriptors, of patience with idle ones.

use std::process::Command;
use std::thread;
use std::time::Duration;

use tests::{PATIENCE, Server, Wire, procfs, tools, wait_until};

/// What Redis says to a client too many.
const TOO_MANY: &str = "-ERR max number of clients reached\r\n";

#[test]
fn a_client_too_many_is_told_and_the_others_do_not_notice() {
    let mut server = Server::start_with(&["--max-clients", "5"]);
    let mut clients: Vec<Wire> = (0..5).map(|_| server.connect()).collect();
    for client in &mut clients {
        client.exchange("PING\r\n", "+PONG\r\n");
    }
    for _ in 0..20 {
        server.connect().expect_end(TOO_MANY);
    }
    for client in &mut clients {
        client.exchange("PING\r\n", "+PONG\r\n");
    }
    clients.pop();
    // The place is free as soon as the server has seen that its client left.
    for _ in 0..3 {
        wait_until("a free place to be given away", PATIENCE, || is_served(&server));
    }
    assert_eq!(server.process().status(), None);
}

#[test]
fn few_descriptors_lower_the_number_of_clients() {
    // As Redis does: rather refuse a client in words than have no descriptor for it.
    let mut server = Server::start_after("ulimit -n 64", &[]);
    let mut observer = server.connect();
    let settings = observer.ask(&["CONFIG", "GET", "maxclients"]);
    let allowed: usize = settings.items[1].text().parse().expect("a number");
    assert!((1..64).contains(&allowed), "{allowed} clients with 64 descriptors");
    let said = server.process().stdout() + &server.process().stderr();
    assert!(said.contains(&allowed.to_string()), "it does not say {allowed}:\n{said}");
    let mut clients: Vec<Wire> = (1..allowed).map(|_| server.connect()).collect();
    for client in &mut clients {
        client.exchange("PING\r\n", "+PONG\r\n");
    }
    server.connect().expect_end(TOO_MANY);
    for client in &mut clients {
        client.exchange("PING\r\n", "+PONG\r\n");
    }
    drop(clients);
    observer.exchange("PING\r\n", "+PONG\r\n");
}

#[test]
fn a_server_without_descriptors_rests_and_recovers() {
    let test = "a server without descriptors";
    if !procfs::available() {
        return tools::skip(test, "no /proc on this system");
    }
    let Some(prlimit) = tools::require(test, "prlimit") else {
        return;
    };
    let mut server = Server::start();
    let mut clients: Vec<Wire> = (0..10).map(|_| server.connect()).collect();
    for client in &mut clients {
        client.exchange("PING\r\n", "+PONG\r\n");
    }
    // From now on no descriptor is left, whatever number of clients is allowed.
    let limit = format!("--nofile={}", procfs::open_descriptors(server.id()));
    let pid = server.id().to_string();
    let status = Command::new(prlimit).args(["--pid", &pid, &limit]).status();
    assert!(status.expect("it was found on the PATH").success());
    let mut waiting: Vec<Wire> = (0..5).map(|_| server.connect()).collect();
    for wire in &mut waiting {
        // The kernel has taken the connection; the server cannot.
        wire.send("PING\r\n");
    }
    for client in &mut clients {
        client.exchange("PING\r\n", "+PONG\r\n");
    }
    let before = procfs::processor_time(server.id());
    // Not a wait for something: the two seconds that are observed.
    let observed = Duration::from_secs(2);
    thread::sleep(observed);
    let used = procfs::processor_time(server.id()) - before;
    assert!(used < observed / 10, "{used:?} of processor time in {observed:?} of rest");
    for client in &mut clients {
        client.exchange("PING\r\n", "+PONG\r\n");
    }
    // Five leave, and the five that waited are served.
    clients.truncate(5);
    for wire in &mut waiting {
        wire.expect("+PONG\r\n");
    }
    for client in &mut clients {
        client.exchange("PING\r\n", "+PONG\r\n");
    }
    let complaints = server.process().stderr();
    let lines = complaints.lines().count();
    assert!(lines <= 10, "{lines} lines about it:\n{complaints}");
}

#[test]
fn an_idle_client_is_sent_away_if_a_flag_says_so() {
    // Long enough for the busy one to be in time on a busy machine.
    let mut server = Server::start_with(&["--timeout", "3"]);
    let mut subscriber = server.connect();
    subscriber.ask(&["SUBSCRIBE", "a"]);
    let mut idle = server.connect();
    let begun = std::time::Instant::now();
    idle.exchange("PING\r\n", "+PONG\r\n");
    let mut busy = server.connect();
    let mut gone = false;
    // One that speaks stays, for as long as it takes for the silent one to be sent away.
    wait_until("the idle client to be sent away", PATIENCE, || {
        busy.exchange("PING\r\n", "+PONG\r\n");
        gone |= idle.read_until(Duration::from_millis(20), |_| false).1;
        gone
    });
    assert!(begun.elapsed() >= Duration::from_millis(2900), "{:?}", begun.elapsed());
    // Who listens is not idle, as in Redis.
    busy.transcript(&[("PUBLISH a x", ":1\r\n")]);
    subscriber.expect("*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n");
    server.assert_serves();
}

/// Whether a new connection gets a place.
fn is_served(server: &Server) -> bool {
    let mut wire = server.connect();
    // It may be closed before this arrives; what comes back tells.
    let _ = wire.try_send("PING\r\n");
    let (answer, _) = wire.read_until(PATIENCE, |read| read.ends_with(b"\r\n"));
    answer == b"+PONG\r\n"
}
