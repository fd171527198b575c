//! How many system calls a request costs: exactly, in what order, and none when idle.
//!
//! ```text
//!   SIGSTOP                        the server is stopped in its wait …
//!   50 clients send                … while all of these arrive,
//!   SIGCONT: one wait finds them all, then a read and a write for each
//! ```
//!
//! Lock-step alone would leave it to chance how many requests have arrived when the server
//! looks. Stopped, it looks when all have, so that the numbers are exact and the same on any
//! machine, however slow strace makes the server and however busy others make the machine.
//!
//! Asserted in full of our own runtime on epoll. Of the tokio build the same is asserted with
//! a wider margin, for its own reasons to call: it may wait once more before it blocks.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tests::binary::ON_TOKIO;
use tests::trace::{Calls, Trace};
use tests::{Server, Wire, command, tools};

const CLIENTS: usize = 50;
const ROUNDS: usize = 20;

const READS: &[&str] = &["read", "recv", "recvfrom", "recvmsg", "readv"];
const WRITES: &[&str] = &["write", "send", "sendto", "sendmsg", "writev"];
const WAITS: &[&str] = &["epoll_wait", "epoll_pwait", "epoll_pwait2"];

/// strace stops what it watches; two of these side by side would only slow one another.
static ALONE: Mutex<()> = Mutex::new(());

#[test]
fn a_request_costs_one_read_and_one_write() {
    let Some(calls) = calls_of_rounds("one request a round trip", 1) else {
        return;
    };
    let requests = CLIENTS * ROUNDS;
    let per_request = calls.count() as f64 / requests as f64;
    let limit = if ON_TOKIO { 2.15 } else { 2.05 };
    assert!(per_request <= limit, "{per_request} calls a request:\n{calls}");
}

#[test]
fn sixteen_pipelined_requests_cost_one_read_and_one_write() {
    let Some(calls) = calls_of_rounds("sixteen requests pipelined", 16) else {
        return;
    };
    let requests = 16 * CLIENTS * ROUNDS;
    let per_request = calls.count() as f64 / requests as f64;
    let limit = if ON_TOKIO { 0.135 } else { 0.13 };
    assert!(per_request <= limit, "{per_request} calls a request:\n{calls}");
}

#[test]
fn a_message_to_fifty_subscribers_costs_each_one_write() {
    let _alone = alone();
    let Some(server) = epoll_server("fan-out") else {
        return;
    };
    let mut subscribers: Vec<Wire> = (0..CLIENTS).map(|_| server.connect()).collect();
    for subscriber in &mut subscribers {
        subscriber.ask(&["SUBSCRIBE", "a"]);
    }
    let mut publisher = server.connect();
    publisher.exchange("PING\r\n", "+PONG\r\n");
    let Some(trace) = Trace::attach("fan-out", server.id()) else {
        return;
    };
    // Sixteen messages in one batch: still one write to each who hears them.
    publisher.exchange(command(&["PUBLISH", "a", "x"]).repeat(16), ":50\r\n".repeat(16));
    let message = "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n";
    for subscriber in &mut subscribers {
        subscriber.expect(message.repeat(16));
    }
    let calls = trace.detach();
    assert_eq!(calls.named(WRITES), CLIENTS + 1, "{calls}");
    assert_eq!(calls.named(READS), 1, "{calls}");
}

#[test]
fn an_idle_server_makes_no_system_call() {
    let _alone = alone();
    let Some(server) = epoll_server("an idle server") else {
        return;
    };
    // Not empty: clients who were served, a subscriber, a key that will expire one day.
    let mut idle: Vec<Wire> = (0..20).map(|_| server.connect()).collect();
    for wire in &mut idle {
        wire.transcript(&[("SET key 1 EX 100000", "+OK\r\n"), ("GET key", "$1\r\n1\r\n")]);
    }
    idle[0].ask(&["SUBSCRIBE", "a"]);
    let mut wire = server.connect();
    wire.exchange("PING\r\n", "+PONG\r\n");
    let Some(trace) = Trace::attach("an idle server", server.id()) else {
        return;
    };
    wire.exchange("ECHO before\r\n", "$6\r\nbefore\r\n");
    // Not a wait for something: the second that is observed.
    thread::sleep(Duration::from_secs(1));
    wire.exchange("ECHO after\r\n", "$5\r\nafter\r\n");
    let calls = trace.detach().between("$6\\r\\nbefore", "ECHO after");
    // The one wait in which it sleeps; tokio looks once without sleeping first.
    let limit = if ON_TOKIO { 2 } else { 1 };
    assert!(calls.named(WAITS) >= 1, "{calls}");
    assert!(calls.count() <= limit, "{calls}");
}

/// Runs rounds in which each client sends `pipelined` requests at once and all are answered;
/// checks that each client's batch cost one read and one write, and nothing but waits came on
/// top. `None` where it cannot be observed.
fn calls_of_rounds(test: &str, pipelined: usize) -> Option<Calls> {
    let _alone = alone();
    let mut server = epoll_server(test)?;
    let mut clients: Vec<Wire> = (0..CLIENTS).map(|_| server.connect()).collect();
    for client in &mut clients {
        client.transcript(&[("SET key 1", "+OK\r\n")]);
    }
    let trace = Trace::attach(test, server.id())?;
    let requests = command(&["GET", "key"]).repeat(pipelined);
    for _ in 0..ROUNDS {
        server.process().signal("STOP");
        for client in &mut clients {
            client.send(&requests);
        }
        server.process().signal("CONT");
        for client in &mut clients {
            client.expect("$1\r\n1\r\n".repeat(pipelined));
        }
    }
    let calls = trace.detach();
    let batches = CLIENTS * ROUNDS;
    assert_eq!(calls.named(READS), batches, "reads:\n{calls}");
    assert_eq!(calls.named(WRITES), batches, "writes:\n{calls}");
    let others = calls.count() - calls.named(READS) - calls.named(WRITES) - calls.named(WAITS);
    assert_eq!(others, 0, "{calls}");
    Some(calls)
}

/// A server whose system calls are those of epoll; `None`, said aloud, where they are others.
fn epoll_server(test: &str) -> Option<Server> {
    tools::require(test, "strace")?;
    let server = Server::start();
    let backend = server.connect().info("backend");
    if !backend.contains("epoll") {
        tools::skip(test, &format!("the calls of {backend} are not counted"));
        return None;
    }
    Some(server)
}

fn alone() -> MutexGuard<'static, ()> {
    // Another test's failure is no reason to fail this one.
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
