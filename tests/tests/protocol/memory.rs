//! What counts for `maxmemory`: the data, and all that clients make the server keep.

use tests::{PATIENCE, Wire, command, on_every_peer, wait_until};

const MEGABYTE: usize = 1 << 20;

fn used(wire: &mut Wire) -> usize {
    wire.info("used_memory").parse().expect("a number")
}

/// What makes the server keep ten megabytes.
type Case = (&'static str, fn(&mut Wire));

const CASES: &[Case] = &[
    ("a request that has not come whole", |wire| {
        wire.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$20000000\r\n");
        wire.send(vec![b'v'; 10 * MEGABYTE]);
    }),
    ("a transaction's queue", |wire| {
        wire.transcript(&[("MULTI", "+OK\r\n")]);
        for _ in 0..10 {
            wire.exchange(command(&["SET", "k", &"v".repeat(MEGABYTE)]), "+QUEUED\r\n");
        }
    }),
    ("subscriptions", |wire| {
        for name in "abcdefghij".chars() {
            let name = name.to_string().repeat(MEGABYTE);
            assert_eq!(wire.ask(&["SUBSCRIBE", &name]).items.len(), 3);
        }
    }),
    ("watched keys", |wire| {
        for name in "abcdefghij".chars() {
            let name = name.to_string().repeat(MEGABYTE);
            wire.exchange(command(&["WATCH", &name]), "+OK\r\n");
        }
    }),
];

#[test]
fn what_clients_make_the_server_keep_is_used_memory() {
    on_every_peer("used memory", |peer| {
        let mut owner = peer.connect();
        for (what, keep) in CASES {
            let before = used(&mut owner);
            let mut wire = peer.connect();
            keep(&mut wire);
            let counts = format!("{what} to count, by {}", peer.name());
            wait_until(&counts, PATIENCE, || used(&mut owner) > before + 19 * MEGABYTE / 2);
            drop(wire);
            let ends = format!("{what} to be gone, by {}", peer.name());
            wait_until(&ends, PATIENCE, || used(&mut owner) < before + MEGABYTE);
        }
    });
}

#[test]
fn a_transaction_that_would_fill_the_memory_is_refused() {
    on_every_peer("memory for a transaction", |peer| {
        let mut owner = peer.connect();
        let limit = (used(&mut owner) + 6 * MEGABYTE).to_string();
        owner.transcript(&[(&format!("CONFIG SET maxmemory {limit}"), "+OK\r\n")]);
        let mut wire = peer.connect();
        wire.transcript(&[("MULTI", "+OK\r\n")]);
        let request = command(&["SET", "k", &"v".repeat(MEGABYTE)]);
        let refused = (0..20).find(|_| {
            wire.send(&request);
            wire.reply().text().starts_with("OOM command not allowed")
        });
        assert!(refused.is_some_and(|at| at < 8), "{}: {refused:?}", peer.name());
        let aborted = "-EXECABORT Transaction discarded because of previous errors.\r\n";
        wire.transcript(&[("EXEC", aborted), ("EXISTS k", ":0\r\n")]);
        // What it held is free again, for others too.
        let mut other = peer.connect();
        drop(wire);
        wait_until(&format!("memory of {} to be free", peer.name()), PATIENCE, || {
            other.ask(&["SET", "other", "1"]).text() == "OK"
        });
    });
}
