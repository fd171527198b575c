//! A hundred clients are connected and say nothing for a second: what does a server ask meanwhile?

use std::thread;
use std::time::Duration;

use listings::ch02::contract::VERSIONS;
use listings::ch02::running::{BRIEFLY, LONG, Running};

const CLIENTS: usize = 100;

/// Waits until the server has finished with what was said before; one that never does is not waited for.
fn settle(running: &Running) {
    while !running.is_busy(BRIEFLY) {
        let before = running.watch().asked();
        thread::sleep(BRIEFLY);
        if running.watch().asked() == before {
            return;
        }
    }
}

fn main() {
    println!("{CLIENTS} clients say nothing for a second");
    // The first would wait for its first client to go.
    for version in &VERSIONS[1..] {
        let running = Running::start(version.serve, CLIENTS);
        let mut clients: Vec<_> = (0..CLIENTS).map(|_| running.client(LONG)).collect();
        for client in &mut clients {
            client.say(b"hello");
            assert!(client.hears(b"hello"), "{}: each is heard", version.name);
        }
        settle(&running);
        let before = running.watch().asked();
        thread::sleep(Duration::from_secs(1));
        println!(
            "{:<13}  asks the kernel {} times",
            version.name,
            running.watch().asked() - before
        );
        drop(clients);
        running.end();
    }
}
