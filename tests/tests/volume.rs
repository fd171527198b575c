//! Much of everything: values as long as they may be, a thousand subscribers that do not read,
//! connections that come and go as fast as they can. Memory stays bounded, and others are served.

use std::net::TcpStream;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use socket2::SockRef;
use tests::{PATIENCE, Server, Wire, command, on_every_peer, procfs, tools, wait_until};

const MIB: usize = 1024 * 1024;

/// As long as a value or a key may be.
const LONGEST: usize = 512 * MIB;

/// Each of these tests wants much of the machine's memory, or of its ports.
static ALONE: Mutex<()> = Mutex::new(());

#[test]
fn a_value_as_long_as_may_be_is_held_and_not_a_byte_more() {
    let _alone = alone();
    on_every_peer("the longest value", |peer| {
        let mut wire = peer.connect();
        let header = format!("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n${LONGEST}\r\n");
        let piece = vec![b'v'; 8 * MIB];
        wire.send(&header);
        for _ in 0..LONGEST / piece.len() {
            wire.send(&piece);
        }
        wire.exchange("\r\n", "+OK\r\n");
        let too_long = "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n";
        wire.transcript(&[("STRLEN k", ":536870912\r\n"), ("APPEND k x", too_long)]);
        // All of it comes back, in pieces that are thrown away.
        wire.exchange(command(&["GET", "k"]), format!("${LONGEST}\r\n"));
        for _ in 0..LONGEST / piece.len() {
            wire.expect(&piece);
        }
        wire.expect("\r\n");
        wire.transcript(&[("DEL k", ":1\r\n")]);
        if procfs::available() {
            let peak = procfs::peak_resident_bytes(peer.id());
            // The value, and the request or the answer.
            assert!(peak < 5 * LONGEST / 2, "{}: {peak} bytes at its peak", peer.name());
        }
    });
}

#[test]
fn a_thousand_subscribers_that_do_not_read_cost_no_more_than_they_may() {
    let _alone = alone();
    if !procfs::available() {
        return tools::skip("subscribers that do not read", "no /proc on this system");
    }
    let mut server = Server::start_with(&["--pubsub-limit", "256kb"]);
    let subscribers: Vec<Wire> = (0..1000)
        .map(|_| {
            let mut wire = server.connect();
            SockRef::from(wire.stream()).set_recv_buffer_size(4096).expect("a TCP socket");
            wire.ask(&["SUBSCRIBE", "a"]);
            wire
        })
        .collect();
    let before = procfs::resident_bytes(server.id());
    let mut publisher = server.connect();
    let publish = command(&["PUBLISH", "a", &"p".repeat(50_000)]);
    // What the kernel takes for each comes on top of the limit: some megabytes.
    wait_until("all of them to be cut off", 4 * PATIENCE, || {
        publisher.send(&publish);
        publisher.reply().text() == "0"
    });
    let grown = procfs::peak_resident_bytes(server.id()).saturating_sub(before);
    let most = 1000 * 400 * 1024;
    assert!(grown < most, "{grown} bytes for a thousand times 256 KiB");
    assert_eq!(publisher.info("slow_clients_disconnected"), "1000");
    drop(subscribers);
    server.assert_serves();
}

#[test]
fn connections_as_fast_as_they_can_come_and_go_hold_nobody_up() {
    let _alone = alone();
    let mut server = Server::start();
    let address = server.address();
    let mut observer = server.connect();
    let begun = Instant::now();
    let visitors: Vec<_> = (0..4)
        .map(|visitor| {
            thread::spawn(move || {
                for visit in 0..7500 {
                    let stream = TcpStream::connect(address).expect("it is accepted");
                    // A reset leaves no port behind that could not be used again for a minute.
                    let linger = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
                    linger.expect("a TCP socket");
                    if visit % 3 == visitor % 3 {
                        let mut wire = Wire::over(stream, "kv-server");
                        wire.exchange("PING\r\n", "+PONG\r\n");
                    }
                }
            })
        })
        .collect();
    let mut longest = Duration::ZERO;
    while visitors.iter().any(|visitor| !visitor.is_finished()) {
        let asked = Instant::now();
        observer.exchange("PING\r\n", "+PONG\r\n");
        longest = longest.max(asked.elapsed());
    }
    for visitor in visitors {
        visitor.join().expect("every visit went well");
    }
    let each_second = 30_000.0 / begun.elapsed().as_secs_f64();
    println!("{each_second:.0} connections a second; {longest:?} at most for others to wait");
    assert!(longest < PATIENCE / 3, "somebody else waited for {longest:?}");
    wait_until("all of them to be forgotten", PATIENCE, || {
        observer.info("connected_clients") == "1"
    });
    server.assert_serves();
}

fn alone() -> MutexGuard<'static, ()> {
    // Another test's failure is no reason to fail this one.
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
