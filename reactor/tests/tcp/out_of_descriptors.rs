//! Accepting when no descriptor is free: the listener rests, and nobody is hurt.
//!
//! ```text
//!   client connects ─► kernel's queue ─► accept: EMFILE     the connection stays in the queue, and
//!                                          │                 the listener readable: a loop that tries
//!                                          └─ rest 100 ms    again at once would spin
//! ```

use std::fs::File;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use reactor::Reactor;
use reactor::io::{AsyncRead, AsyncWrite};
use reactor::net::{TcpListener, TcpStream};
use rlimit::Resource;

use crate::support::peers::{any_port, connect_std};
use crate::support::process::{alone, open_descriptors};
use crate::support::{PATIENCE, block_on, with_reactor};

/// What the listener's documentation promises.
const REST: Duration = Duration::from_millis(100);

/// Leaves not one descriptor free. What is returned holds them; dropping an item frees one.
fn take_all_descriptors() -> Vec<File> {
    let highest = open_descriptors().into_iter().max().expect("some are open");
    let limit = highest as u64 + 2;
    let (_, hard) = Resource::NOFILE.get().expect("the limit");
    Resource::NOFILE.set(limit, hard).expect("a lower limit");
    let mut taken = Vec::new();
    while let Ok(file) = File::open("/dev/null") {
        taken.push(file);
    }
    assert!(!taken.is_empty(), "one number at least was free");
    taken
}

/// Bytes there and back.
fn echo(stream: &mut TcpStream, peer: &mut std::net::TcpStream) {
    peer.write_all(b"ping").expect("write");
    let mut words = [0; 4];
    block_on("four bytes", stream.read_exact(&mut words)).expect("read");
    block_on("room for four", stream.write_all(&words)).expect("write");
    peer.read_exact(&mut words).expect("the echo");
    assert_eq!(&words, b"ping");
}

#[test]
fn accept_without_a_free_descriptor_rests_and_goes_on() {
    alone("out_of_descriptors::accept_without_a_free_descriptor_rests_and_goes_on", || {
        with_reactor(|reactor| {
            let mut listener = TcpListener::bind(any_port()).expect("a listener");
            let address = listener.local_addr().expect("its address");
            let mut old_peer = connect_std(address);
            let (mut old, _) = block_on("a connection", listener.accept()).expect("accept");
            let mut waiting_peer = connect_std(address);
            let mut taken = take_all_descriptors();

            let error = block_on("the shortage", listener.accept()).expect_err("none is free");
            assert_eq!(error.raw_os_error(), Some(libc::EMFILE));
            assert_rests(reactor, &mut listener);
            echo(&mut old, &mut old_peer);

            taken.pop().expect("one to be freed");
            let waiting_address = waiting_peer.local_addr().expect("local");
            let (mut stream, from) = accept_at_last(&mut listener);
            assert_eq!(from, waiting_address, "the one that waited was not lost");
            echo(&mut stream, &mut waiting_peer);
            drop((stream, old, listener));
            assert_eq!(reactor.source_count(), 0);
            assert_eq!(reactor.timer_count(), 0, "the rest left a timer");
        });
    });
}

/// A loop that ignores the error, as the worst server would: it must be asleep most of the time.
fn assert_rests(reactor: &Reactor, listener: &mut TcpListener) {
    let begun = Instant::now();
    let (mut failures, mut parks) = (0_u32, 0_u32);
    let waker = std::task::Waker::noop();
    // On a busy machine the first rest may take all of that time.
    while begun.elapsed() < 4 * REST || failures == 0 {
        assert!(begun.elapsed() < PATIENCE, "it never tried again");
        match listener.poll_accept(&mut std::task::Context::from_waker(waker)) {
            std::task::Poll::Ready(result) => {
                assert!(result.is_err(), "there is no descriptor for it");
                failures += 1;
            }
            std::task::Poll::Pending => {
                parks += 1;
                reactor.park(Some(PATIENCE)).expect("park");
            }
        }
    }
    let rests = begun.elapsed().as_millis() / REST.as_millis() + 1;
    assert!(u128::from(failures) <= rests, "{failures} attempts in {:?}", begun.elapsed());
    assert!(parks <= 2 * failures + 4, "{parks} wake-ups for {failures} attempts");
}

/// Accepts, passing over what is left of the shortage.
fn accept_at_last(listener: &mut TcpListener) -> (TcpStream, SocketAddr) {
    let begun = Instant::now();
    loop {
        match block_on("the connection that waited", listener.accept()) {
            Ok(accepted) => return accepted,
            Err(error) => assert!(begun.elapsed() < PATIENCE, "a descriptor is free: {error}"),
        }
    }
}
