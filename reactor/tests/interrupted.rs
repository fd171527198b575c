//! Signals that interrupt a wait: it goes on, and ends when it should.
//!
//! A handler that runs while the thread sleeps in the kernel ends the call with EINTR, whatever
//! SA_RESTART says (signal(7)). Who then starts again with the *whole* timeout never comes to an end
//! in a storm of signals; who returns at once tells of readiness that is not there.

mod support;
mod support_io;

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net as std_unix;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reactor::event::Events;
use reactor::io::{AsyncRead, AsyncWrite};
use reactor::net::{UdpSocket, UnixDatagram, UnixListener, UnixStream};
use reactor::poller::Poller;
use support::peers::{any_port, connected};
use support::process::{Thread, handle, one_at_a_time};
use support::{PATIENCE, SetAtEnd, block_on, watched, with_reactor};
use support_io::directory;

/// So many signals make a storm.
const MANY: usize = 100;

static INTERRUPTIONS: AtomicUsize = AtomicUsize::new(0);

extern "C" fn count_interruption(_: libc::c_int) {
    INTERRUPTIONS.fetch_add(1, Ordering::SeqCst);
}

/// Interrupts the calling thread again and again for as long as `body` runs; says how often.
fn in_a_storm_of_signals(body: impl FnOnce()) -> usize {
    let _one = one_at_a_time();
    handle(libc::SIGUSR1, count_interruption);
    let before = INTERRUPTIONS.load(Ordering::SeqCst);
    let target = Thread::this();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        // Our thread is joined to nothing before this scope has ended, so the name stays good.
        scope.spawn(|| {
            while !stop.load(Ordering::SeqCst) {
                target.signal(libc::SIGUSR1);
                std::thread::yield_now();
            }
        });
        let _stopping = SetAtEnd(&stop);
        body();
    });
    INTERRUPTIONS.load(Ordering::SeqCst) - before
}

#[test]
fn a_storm_of_signals_neither_ends_a_wait_early_nor_lengthens_it() {
    let poller = Poller::new().expect("a poller");
    for timeout in [1, 30, 150].map(Duration::from_millis) {
        let begun = Instant::now();
        let mut interruptions = 0;
        // On a busy machine the storm may sleep through a short wait; such a wait shows nothing.
        while interruptions == 0 {
            assert!(begun.elapsed() < PATIENCE, "no wait of {timeout:?} was ever interrupted");
            let mut waited = Duration::ZERO;
            interruptions = in_a_storm_of_signals(|| {
                let before = Instant::now();
                watched("a timeout in a storm", || poller.wait(&mut Events::new(), Some(timeout)))
                    .expect("EINTR is waited through");
                waited = before.elapsed();
            });
            assert!(
                waited >= timeout,
                "{interruptions} signals ended {timeout:?} after {waited:?}"
            );
            assert!(waited < PATIENCE, "{interruptions} signals made {waited:?} of {timeout:?}");
        }
    }
}

#[test]
fn a_storm_of_signals_does_not_hide_a_notification() {
    let poller = Poller::new().expect("a poller");
    let notifier = poller.notifier();
    let interruptions = in_a_storm_of_signals(|| {
        let seen = INTERRUPTIONS.load(Ordering::SeqCst);
        let notified = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let notified = &notified;
            scope.spawn(move || {
                support::look_until("a hundred interruptions", || {
                    INTERRUPTIONS.load(Ordering::SeqCst) >= seen + MANY
                });
                notified.store(true, Ordering::SeqCst);
                notifier.notify().expect("notify");
            });
            let before = Instant::now();
            poller.wait(&mut Events::new(), Some(PATIENCE)).expect("EINTR is waited through");
            assert!(before.elapsed() < PATIENCE, "the notification did not end the wait");
            assert!(notified.load(Ordering::SeqCst), "a signal ended the wait");
        });
    });
    assert!(interruptions >= MANY);
}

/// Runs `round` with a new number again and again, in a storm, until many signals have come.
fn rounds_in_a_storm(mut round: impl FnMut(u32)) {
    let interruptions = in_a_storm_of_signals(|| {
        let seen = INTERRUPTIONS.load(Ordering::SeqCst);
        let begun = Instant::now();
        for number in 0.. {
            if INTERRUPTIONS.load(Ordering::SeqCst) >= seen + MANY {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{PATIENCE:?} without {MANY} signals");
            round(number);
        }
    });
    assert!(interruptions >= MANY);
}

/// Sends numbers to a peer that sends them back, and waits for each.
fn stream_in_a_storm(mut ours: impl AsyncRead + AsyncWrite, mut peer: impl Read + Write + Send) {
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut bytes = [0; 4];
            while peer.read_exact(&mut bytes).is_ok() {
                peer.write_all(&bytes).expect("the other end is open while it waits");
            }
        });
        rounds_in_a_storm(|number| {
            let sent = number.to_be_bytes();
            let mut received = [0; 4];
            block_on("an echo", async {
                ours.write_all(&sent).await.expect("EINTR is waited through");
                ours.read_exact(&mut received).await.expect("EINTR is waited through");
            });
            assert_eq!(received, sent);
        });
        drop(ours);
    });
}

#[test]
fn a_storm_of_signals_takes_no_byte_from_a_stream() {
    with_reactor(|_| {
        let (ours, peer) = connected();
        stream_in_a_storm(ours, peer);
        let (ours, peer) = std_unix::UnixStream::pair().expect("a pair");
        peer.set_read_timeout(Some(PATIENCE)).expect("a deadline for reads");
        stream_in_a_storm(UnixStream::from_std(ours).expect("a stream on the reactor"), peer);
    });
}

#[test]
fn a_storm_of_signals_hides_no_connection_and_ends_no_attempt() {
    with_reactor(|_| {
        let directory = directory();
        let (in_path, out_path) = (directory.join("in"), directory.join("out"));
        let mut listener = UnixListener::bind(&in_path).expect("a listener");
        let answering = std_unix::UnixListener::bind(&out_path).expect("a listener");
        answering.set_nonblocking(true).expect("nobody waits for connections there");
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            // Connects back for each connection that it accepts.
            scope.spawn(|| {
                while !stop.load(Ordering::SeqCst) {
                    match answering.accept() {
                        Ok(_) => drop(std_unix::UnixStream::connect(&in_path).expect("a listener")),
                        Err(error) if error.kind() == ErrorKind::WouldBlock => {
                            std::thread::yield_now()
                        }
                        Err(error) => panic!("{error}"),
                    }
                }
            });
            let _stopping = SetAtEnd(&stop);
            rounds_in_a_storm(|_| {
                block_on("an attempt", UnixStream::connect(&out_path)).expect("a connection");
                block_on("a connection", listener.accept()).expect("EINTR is waited through");
            });
        });
    });
}

#[test]
fn a_storm_of_signals_loses_no_message_and_doubles_none() {
    with_reactor(|_| {
        let mut ours = UdpSocket::bind(any_port()).expect("a port");
        let address = ours.local_addr().expect("its address");
        let peer = std::net::UdpSocket::bind(any_port()).expect("a port");
        peer.set_read_timeout(Some(PATIENCE)).expect("a deadline");
        let peer_address = peer.local_addr().expect("its address");
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let mut bytes = [0; 8];
                while let Ok(count @ 1..) = peer.recv(&mut bytes) {
                    peer.send_to(&bytes[..count], address).expect("sent");
                }
            });
            rounds_in_a_storm(|number| {
                let mut bytes = [0; 8];
                block_on("room", ours.send_to(&number.to_be_bytes(), peer_address)).expect("sent");
                let (count, from) =
                    block_on("an echo", ours.recv_from(&mut bytes)).expect("received");
                assert_eq!((&bytes[..count], from), (&number.to_be_bytes()[..], peer_address));
            });
            block_on("room", ours.send_to(&[], peer_address)).expect("the end is sent");
        });
    });
}

#[test]
fn a_storm_of_signals_loses_no_unix_message_and_doubles_none() {
    with_reactor(|_| {
        let directory = directory();
        let (path, peer_path) = (directory.join("ours"), directory.join("peer"));
        let mut ours = UnixDatagram::bind(&path).expect("a name");
        let peer = std_unix::UnixDatagram::bind(&peer_path).expect("a name");
        peer.set_read_timeout(Some(PATIENCE)).expect("a deadline");
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let mut bytes = [0; 8];
                while let Ok(count @ 1..) = peer.recv(&mut bytes) {
                    peer.send_to(&bytes[..count], &path).expect("sent");
                }
            });
            rounds_in_a_storm(|number| {
                let mut bytes = [0; 8];
                block_on("room", ours.send_to(&number.to_be_bytes(), &peer_path)).expect("sent");
                let count = block_on("an echo", ours.recv(&mut bytes)).expect("received");
                assert_eq!(&bytes[..count], &number.to_be_bytes());
            });
            block_on("room", ours.send_to(&[], &peer_path)).expect("the end is sent");
        });
    });
}
