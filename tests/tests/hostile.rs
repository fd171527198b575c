//! Peers that mean harm, or behave as if they did.
//!
//! The claim is the same each time: memory stays bounded by what was really sent, the others
//! are served meanwhile, and afterwards it is the same process, which has not panicked
//! (dropping a `Server` looks for that).

use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use socket2::SockRef;
use tests::{PATIENCE, Server, Wire, command, on_every_peer, procfs, tools, wait_until};

const MIB: usize = 1024 * 1024;

/// Held by tests that look at memory or fill it: side by side they would be slow, and one's
/// deadlines would depend on the other.
static HEAVY: Mutex<()> = Mutex::new(());

#[test]
fn a_claimed_length_costs_no_memory() {
    let Some(_alone) = memory_can_be_read("a claimed length") else {
        return;
    };
    let mut server = Server::start();
    let claims = [
        "*2147483647\r\n",
        "*2147483647\r\n$3\r\nGET\r\n",
        "*1\r\n$536870912\r\n",
        "*2\r\n$3\r\nGET\r\n$536870912\r\nabc",
    ];
    let before = procfs::resident_bytes(server.id());
    let mut claimants: Vec<Wire> = (0..200).map(|_| server.connect()).collect();
    for (number, claimant) in claimants.iter_mut().enumerate() {
        claimant.send(claims[number % claims.len()]);
    }
    server.assert_serves();
    let grown = procfs::resident_bytes(server.id()).saturating_sub(before);
    assert!(grown < 16 * MIB, "200 claims made it grow by {grown} bytes");
    // They were believed so far as to be waited for: nothing was answered, nothing closed.
    drop(claimants);
    wait_for_clients(&server, 0);
}

#[test]
fn lengths_past_every_integer_are_refused() {
    on_every_peer("hostile", |peer| {
        for digits in ["9223372036854775807", "9223372036854775808", "18446744073709551616"] {
            let mut wire = peer.connect();
            wire.send(format!("*{digits}\r\n"));
            wire.expect_end("-ERR Protocol error: invalid multibulk length\r\n");
            let mut wire = peer.connect();
            wire.send(format!("*1\r\n${digits}\r\n"));
            wire.expect_end("-ERR Protocol error: invalid bulk length\r\n");
        }
    });
}

#[test]
fn arrays_a_million_deep_overflow_no_stack() {
    let mut server = Server::start();
    let mut wire = server.connect();
    // It may be closed before all of it is sent.
    let _ = wire.try_send("*1\r\n".repeat(1_000_000));
    let answer = wire.read_to_end();
    let error = b"-ERR Protocol error: expected '$', got '*'\r\n";
    assert!(error.starts_with(&answer) || answer == error, "{}", answer.escape_ascii());
    server.assert_serves();
}

#[test]
fn a_million_arguments_are_one_command() {
    let mut request = b"*1000000\r\n$3\r\nDEL\r\n".to_vec();
    request.extend(b"$1\r\nk\r\n".repeat(999_999));
    on_every_peer("hostile", |peer| {
        let mut wire = peer.connect();
        wire.transcript(&[("SET k 1", "+OK\r\n")]);
        wire.exchange(&request, ":1\r\n");
    });
}

#[test]
fn megabytes_without_a_newline_are_not_kept() {
    let Some(_alone) = memory_can_be_read("megabytes without a newline") else {
        return;
    };
    let mut server = Server::start();
    let before = procfs::peak_resident_bytes(server.id());
    for begin in ["", "*", "*1\r\n$", "GET "] {
        let mut wire = server.connect();
        // It is closed long before all of it is sent.
        let _ = wire.try_send(begin);
        let _ = wire.try_send("1".repeat(8 * MIB));
        wire.read_to_end();
    }
    server.assert_serves();
    let grown = procfs::peak_resident_bytes(server.id()) - before;
    assert!(grown < 8 * MIB, "it kept {grown} bytes of it");
}

#[test]
fn peers_that_send_a_byte_at_a_time_hold_nobody_up() {
    on_every_peer("hostile", |peer| {
        let mut slow: Vec<Wire> = (0..20).map(|_| peer.connect()).collect();
        let mut other = peer.connect();
        let request = command(&["SET", "slow", "and steady"]);
        for byte in &request {
            for wire in &mut slow {
                wire.send([*byte]);
            }
            other.exchange("PING\r\n", "+PONG\r\n");
        }
        for wire in &mut slow {
            wire.expect("+OK\r\n");
        }
    });
}

#[test]
fn resets_in_the_middle_of_a_frame_leave_nothing_behind() {
    let mut server = Server::start();
    let watch = procfs::available();
    let mut observer = server.connect();
    observer.exchange("PING\r\n", "+PONG\r\n");
    let before = watch.then(|| procfs::open_descriptors(server.id()));
    let parts = ["*3\r\n$3\r\nSET\r\n$1000\r\nabc", "SET a", "*", "SUBSCRIBE a\r\nSUB", ""];
    for round in 0..200 {
        let mut wire = server.connect();
        wire.send(parts[round % parts.len()]);
        if round % 2 == 0 {
            // Half of them are read before they break.
            observer.exchange("PING\r\n", "+PONG\r\n");
        }
        reset(wire);
    }
    wait_for_clients(&server, 1);
    observer.transcript(&[("PUBSUB CHANNELS", "*0\r\n")]);
    if let Some(before) = before {
        wait_until("the descriptors to be closed", PATIENCE, || {
            procfs::open_descriptors(server.id()) <= before
        });
    }
    server.assert_serves();
}

#[test]
fn a_client_that_asks_and_does_not_read_is_held_back() {
    let Some(_alone) = memory_can_be_read("a client that does not read") else {
        return;
    };
    let mut server = Server::start_with(&["--output-limit", "1mb"]);
    let value = "v".repeat(1000);
    let count = 100_000;
    let mut wire = server.connect();
    wire.exchange(command(&["SET", "key", &value]), "+OK\r\n");
    let before = procfs::peak_resident_bytes(server.id());
    let sender = wire.stream().try_clone().expect("a socket can be cloned");
    let mut sender = Wire::over(sender, "kv-server");
    let requests = command(&["GET", "key"]).repeat(count);
    let sending = std::thread::spawn(move || sender.send(requests));
    wait_until_idle(&server);
    server.assert_serves();
    // A hundred megabytes of answers were asked for; what the server may hold is its limit
    // and some room: a buffer that grows exists twice for a moment.
    let grown = procfs::peak_resident_bytes(server.id()) - before;
    assert!(grown < 8 * MIB, "{grown} bytes are held for one client");
    // And when it reads at last, it gets them all.
    let answer = format!("$1000\r\n{value}\r\n");
    for _ in 0..count / 100 {
        wire.expect(answer.repeat(100));
    }
    sending.join().expect("all was sent");
    let grown = procfs::peak_resident_bytes(server.id()) - before;
    assert!(grown < 8 * MIB, "{grown} bytes were held for one client");
    server.assert_serves();
}

#[test]
fn a_subscriber_that_does_not_read_is_cut_off_and_others_are_not() {
    let _alone = alone();
    on_every_peer("hostile", |peer| {
        let mut slow = peer.connect();
        let mut quick = peer.connect();
        for wire in [&mut slow, &mut quick] {
            wire.exchange("SUBSCRIBE a\r\n", "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n");
        }
        let payload = "p".repeat(100_000);
        let message = format!("*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$100000\r\n{payload}\r\n");
        let publish = command(&["PUBLISH", "a", &payload]);
        let mut publisher = peer.connect();
        let mut sent = 0;
        loop {
            publisher.send(&publish);
            let receivers = publisher.reply().text();
            quick.expect(&message);
            sent += 1;
            if receivers == "1" {
                break;
            }
            // 32 MB of backlog, and what two sockets' buffers take on top of it.
            assert!(sent < 1000, "{}: 100 MB later it is still fed", peer.name());
        }
        assert!(sent > 200, "{}: cut off after {sent} messages", peer.name());
        let received = slow.read_to_end();
        assert!(received.len() < sent * message.len(), "{}", peer.name());
        assert!(received.starts_with(message.as_bytes()), "{}", peer.name());
        publisher.transcript(&[("PUBSUB NUMSUB a", "*2\r\n$1\r\na\r\n:1\r\n")]);
        if peer.is_ours() {
            assert_eq!(publisher.info("slow_clients_disconnected"), "1");
        }
    });
}

#[test]
fn what_piled_up_for_one_that_is_gone_serves_the_next() {
    let Some(_alone) = memory_can_be_read("memory used again") else {
        return;
    };
    let mut server = Server::start();
    let mut publisher = server.connect();
    let publish = command(&["PUBLISH", "a", &"p".repeat(100_000)]);
    let mut after_the_first = None;
    for _ in 0..11 {
        let mut slow = server.connect();
        slow.ask(&["SUBSCRIBE", "a"]);
        for _ in 0..250 {
            publisher.exchange(&publish, ":1\r\n");
        }
        reset(slow);
        wait_for_clients(&server, 1);
        // Not that it goes back to the system: the allocator may keep it, and Redis's does.
        after_the_first.get_or_insert_with(|| procfs::peak_resident_bytes(server.id()));
    }
    let first = after_the_first.expect("there was one");
    let grown = procfs::peak_resident_bytes(server.id()) - first;
    // Kept for ever, ten of some 20 MB would be 200. How the first one grew leaves its holes,
    // which a later one may not fit into.
    assert!(grown < 48 * MIB, "ten more backlogs took {grown} bytes more");
    server.assert_serves();
}

#[test]
fn random_bytes_harm_nobody() {
    let seed = 7;
    let mut random = StdRng::seed_from_u64(seed);
    let mut server = Server::start();
    let mut other = server.connect();
    for round in 0..1000 {
        let length = random.random_range(1..300);
        let alphabet: &[u8] = match round % 3 {
            0 => b"*$0123456789\r\n-",
            1 => b"GETSt \"'\\x\r\n",
            _ => b"",
        };
        let bytes: Vec<u8> = (0..length)
            .map(|_| match alphabet {
                [] => random.random(),
                _ => alphabet[random.random_range(0..alphabet.len())],
            })
            .collect();
        let mut wire = server.connect();
        wire.send(&bytes);
        // It may be closed already, for what the bytes say.
        let _ = wire.stream().shutdown(std::net::Shutdown::Write);
        wire.read_to_end();
        other.exchange("PING\r\n", "+PONG\r\n");
    }
    server.assert_serves();
}

#[test]
fn a_hundred_thousand_subscriptions_end_with_their_client() {
    let mut server = Server::start();
    let mut observer = server.connect();
    let mut hoarder = server.connect();
    let channels: Vec<String> = (0..100_000).map(|number| format!("channel:{number}")).collect();
    let mut words = vec!["SUBSCRIBE"];
    words.extend(channels.iter().map(String::as_str));
    hoarder.send(command(&words));
    for _ in 0..channels.len() {
        hoarder.reply();
    }
    observer.transcript(&[("PUBLISH channel:99999 x", ":1\r\n")]);
    reset(hoarder);
    wait_for_clients(&server, 1);
    observer.transcript(&[("PUBSUB CHANNELS", "*0\r\n")]);
    server.assert_serves();
}

fn alone() -> MutexGuard<'static, ()> {
    // Another test's failure is no reason to fail this one.
    HEAVY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The lock for heavy tests; `None`, said aloud, where a process's memory cannot be read.
fn memory_can_be_read(test: &str) -> Option<MutexGuard<'static, ()>> {
    if !procfs::available() {
        tools::skip(test, "no /proc on this system");
        return None;
    }
    Some(alone())
}

/// Closes a connection so that the peer sees a reset, not an end.
fn reset(wire: Wire) {
    let stream = wire.into_stream();
    SockRef::from(&stream).set_linger(Some(Duration::ZERO)).expect("a TCP socket");
}

/// Waits until the server counts `expected` clients, apart from the one that asks.
fn wait_for_clients(server: &Server, expected: usize) {
    let mut observer = server.connect();
    let expected = (expected + 1).to_string();
    wait_until(&format!("{expected} connected clients"), PATIENCE, || {
        observer.info("connected_clients") == expected
    });
}

/// Waits until the server has used no processor time between several looks in a row: it has
/// done all that it is going to do about what it was sent.
fn wait_until_idle(server: &Server) {
    let address: SocketAddr = server.address();
    let mut last = Duration::MAX;
    let mut same = 0;
    wait_until(&format!("{address} to come to rest"), PATIENCE, || {
        let now = procfs::processor_time(server.id());
        same = if now == last { same + 1 } else { 0 };
        last = now;
        same == 20
    });
}
