//! Many connections, at once and one after the other, and that nothing is left of them.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use socket2::SockRef;
use tests::{PATIENCE, Server, Wire, procfs, tools, wait_until};

/// As many as DESIGN.md promises at least.
const CONNECTIONS: usize = 10_000;

/// What a client that was served once and is silent may cost, in a debug build and with the
/// table that finds it. A connection that kept its buffers would cost several times that.
const IDLE_BYTES: usize = 4096;

/// Both tests want all the descriptors and ports that there are.
static ALONE: Mutex<()> = Mutex::new(());

#[test]
fn ten_thousand_clients_are_served_at_once_and_leave_nothing_behind() {
    let _alone = alone();
    let count = connections_allowed();
    let limit = (count + 100).to_string();
    let mut server = Server::start_with(&["--max-clients", &limit]);
    let mut observer = server.connect();
    let before = Traces::of(&server, &mut observer);
    let memory = procfs::available().then(|| procfs::resident_bytes(server.id()));

    let mut clients: Vec<Wire> = (0..count).map(|_| server.connect()).collect();
    for client in &mut clients {
        client.send("PING\r\n");
    }
    for client in &mut clients {
        client.expect("+PONG\r\n");
    }
    let connected = observer.info("connected_clients");
    assert_eq!(connected, (count + 1).to_string());
    if let Some(memory) = memory {
        let grown = procfs::resident_bytes(server.id()).saturating_sub(memory);
        let each = grown / count;
        assert!(each <= IDLE_BYTES, "{each} bytes for each idle connection");
    }
    // All of them still are: the first is as alive as the last.
    for client in &mut clients {
        client.exchange("PING\r\n", "+PONG\r\n");
    }

    drop(clients);
    before.wait_for_return(&server, &mut observer);
    server.assert_serves();
}

#[test]
fn connections_that_come_and_go_leave_nothing_behind() {
    let _alone = alone();
    let mut server = Server::start();
    let mut observer = server.connect();
    let before = Traces::of(&server, &mut observer);
    let address = server.address();
    let visitors: Vec<_> = (0..4)
        .map(|_| {
            thread::spawn(move || {
                for visit in 0..1000 {
                    come_and_go(Wire::connect(address, "kv-server"), visit);
                }
            })
        })
        .collect();
    for visitor in visitors {
        visitor.join().expect("every visit went well");
    }
    before.wait_for_return(&server, &mut observer);
    server.assert_serves();
}

/// Each way to leave in its turn: politely, silently, in the middle of a command, in a huff,
/// while subscribed.
fn come_and_go(mut wire: Wire, visit: usize) {
    match visit % 6 {
        0 => {
            wire.send("PING\r\nQUIT\r\n");
            wire.expect_end("+PONG\r\n+OK\r\n");
        }
        1 => wire.exchange("PING\r\n", "+PONG\r\n"),
        2 => {
            wire.exchange("PING\r\n", "+PONG\r\n");
            wire.send("*2\r\n$3\r\nGET\r\n$100\r\n");
        }
        3 => {
            wire.exchange("SET key 1\r\n", "+OK\r\n");
            SockRef::from(wire.stream()).set_linger(Some(Duration::ZERO)).expect("a TCP socket");
        }
        4 => {
            wire.ask(&["SUBSCRIBE", "news"]);
        }
        _ => {}
    }
}

/// What a connection could leave behind.
#[derive(Debug, PartialEq, Eq)]
struct Traces {
    /// INFO's `# Runtime` section — tasks, sources, timers — but for what only ever grows.
    runtime: Vec<String>,
    connected: String,
    channels: String,
    descriptors: Option<usize>,
}

impl Traces {
    fn of(server: &Server, observer: &mut Wire) -> Traces {
        let section = observer.ask(&["INFO", "runtime"]).text();
        let runtime: Vec<String> = section
            .lines()
            .filter(|line| ["tasks", "sources", "timers"].iter().any(|field| line.contains(field)))
            .map(str::to_owned)
            .collect();
        assert!(!runtime.is_empty(), "INFO tells nothing of the runtime:\n{section}");
        Traces {
            runtime,
            connected: observer.info("connected_clients"),
            channels: observer.info("pubsub_channels"),
            descriptors: procfs::available().then(|| procfs::open_descriptors(server.id())),
        }
    }

    /// Waits until all is as it was.
    fn wait_for_return(&self, server: &Server, observer: &mut Wire) {
        let begun = Instant::now();
        let mut now = Traces::of(server, observer);
        // Ends by itself in time, to say what is left and not only that something is.
        wait_until("the clients to be forgotten", 2 * PATIENCE, || {
            now = Traces::of(server, observer);
            now == *self || begun.elapsed() > PATIENCE
        });
        assert_eq!(now, *self, "{PATIENCE:?} later something is still left");
    }
}

/// How many connections this process may have: raises its limit, and says so if the machine
/// allows fewer than the test is about.
fn connections_allowed() -> usize {
    let spare = 200;
    let wanted = (CONNECTIONS + spare) as u64;
    let allowed = rlimit::increase_nofile_limit(wanted).expect("a limit can be read and raised");
    if allowed < wanted {
        let reason = format!("only {allowed} descriptors a process; fewer connections are made");
        tools::skip("ten thousand connections, in part", &reason);
    }
    usize::try_from(allowed)
        .expect("a number of descriptors")
        .saturating_sub(spare)
        .min(CONNECTIONS)
}

fn alone() -> MutexGuard<'static, ()> {
    // Another test's failure is no reason to fail this one.
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
