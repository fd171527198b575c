//! Who is woken, when, and how often.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use reactor::Direction;
use reactor::io::AsyncRead;
use reactor::net::TcpStream;
use reactor::source::Source;

use crate::support::peers::{connected, drain, unix_pair};
use crate::support::wakers::counter;
use crate::support::{block_on, park_until, with_reactor};

fn poll_read(stream: &mut TcpStream, waker: &Waker) -> Poll<std::io::Result<usize>> {
    stream.poll_read(&mut Context::from_waker(waker), &mut [0; 64])
}

#[test]
fn the_waker_of_the_last_poll_is_the_one_that_is_woken() {
    with_reactor(|_| {
        let (mut stream, mut peer) = connected();
        let (first, second) = (counter(), counter());
        assert!(poll_read(&mut stream, &first.waker()).is_pending());
        assert!(poll_read(&mut stream, &second.waker()).is_pending());
        peer.write_all(b"data").expect("write");
        park_until("the second task to be woken", || second.count() == 1);
        assert_eq!(first.count(), 0, "the task that moved away was woken");
        // And back again: the first waker is new once more.
        assert!(poll_read(&mut stream, &second.waker()).is_ready());
        assert!(poll_read(&mut stream, &second.waker()).is_pending());
        assert!(poll_read(&mut stream, &first.waker()).is_pending());
        peer.write_all(b"data").expect("write");
        park_until("the first task to be woken", || first.count() == 1);
        assert_eq!(second.count(), 1);
    });
}

#[test]
fn one_arrival_wakes_once_however_often_the_reader_was_polled() {
    with_reactor(|reactor| {
        let (mut stream, mut peer) = connected();
        let woken = counter();
        for _ in 0..10 {
            assert!(poll_read(&mut stream, &woken.waker()).is_pending());
        }
        peer.write_all(b"data").expect("write");
        park_until("the data", || woken.count() > 0);
        reactor.park(Some(Duration::ZERO)).expect("park");
        assert_eq!(woken.count(), 1);
    });
}

#[test]
fn spurious_wake_ups_are_harmless() {
    with_reactor(|_| {
        let (mut stream, mut peer) = connected();
        let woken = counter();
        let waker = woken.waker();
        for _ in 0..5 {
            assert!(poll_read(&mut stream, &waker).is_pending());
            waker.wake_by_ref();
        }
        let before = woken.count();
        peer.write_all(b"data").expect("write");
        park_until("the data, after five wake-ups for nothing", || woken.count() > before);
        assert!(matches!(poll_read(&mut stream, &waker), Poll::Ready(Ok(4))));
        waker.wake();
        assert_eq!(woken.count(), before + 2);
    });
}

#[test]
fn readiness_that_a_reader_found_stale_is_waited_for_again() {
    with_reactor(|_| {
        let (mut stream, mut peer) = connected();
        let woken = counter();
        let waker = woken.waker();
        for round in 0..3 {
            assert!(poll_read(&mut stream, &waker).is_pending(), "round {round}");
            peer.write_all(b"data").expect("write");
            park_until("the data", || woken.count() == round + 1);
            // Taken behind the reactor's back: it still believes that there is something.
            let mut taken = [0; 64];
            let socket = socket2::SockRef::from(&stream);
            let count = (&*socket).read(&mut taken).expect("read");
            assert_eq!(count, 4);
        }
    });
}

#[test]
fn a_reader_is_not_woken_for_room_nor_a_writer_for_data() {
    with_reactor(|reactor| {
        let (ours, mut peer) = unix_pair();
        let source = Source::new(ours).expect("a source");
        let (reader, writer) = (counter(), counter());
        let (read_waker, write_waker) = (reader.waker(), writer.waker());
        let read = |mut socket: &UnixStream| socket.read(&mut [0; 64]);
        let write = |mut socket: &UnixStream| socket.write(&[0; 4096]);
        let poll_read =
            || source.poll_io(&mut Context::from_waker(&read_waker), Direction::Read, read);
        let poll_write =
            || source.poll_io(&mut Context::from_waker(&write_waker), Direction::Write, write);
        while poll_write().is_ready() {}
        assert!(poll_read().is_pending());
        peer.write_all(b"data").expect("write");
        park_until("the data", || reader.count() == 1);
        assert_eq!(writer.count(), 0, "there is no room");
        assert!(poll_read().is_ready() && poll_read().is_pending());
        drain(&peer);
        park_until("room", || writer.count() == 1);
        reactor.park(Some(Duration::ZERO)).expect("park");
        assert_eq!(reader.count(), 1, "there is no new data");
    });
}

#[test]
fn many_connections_are_served_in_one_loop() {
    with_reactor(|reactor| {
        let mut pairs: Vec<_> = (0..100).map(|_| connected()).collect();
        let woken: Vec<_> = pairs.iter().map(|_| counter()).collect();
        for round in 1..=3 {
            for ((stream, _), woken) in pairs.iter_mut().zip(&woken) {
                assert!(poll_read(stream, &woken.waker()).is_pending());
            }
            for (_, peer) in &mut pairs {
                peer.write_all(b"data").expect("write");
            }
            let all = || woken.iter().all(|woken| woken.count() == round);
            park_until("all hundred to be woken", all);
            for (stream, _) in &mut pairs {
                assert!(matches!(poll_read(stream, Waker::noop()), Poll::Ready(Ok(4))));
            }
        }
        assert_eq!(reactor.source_count(), 100);
    });
}

#[test]
fn a_stream_goes_on_after_its_waiter_was_forgotten() {
    with_reactor(|_| {
        let (mut stream, mut peer) = connected();
        let woken = counter();
        // The future is gone; its waker lies in the table, and may be woken for nothing.
        assert!(poll_read(&mut stream, &woken.waker()).is_pending());
        peer.write_all(b"data").expect("write");
        park_until("the forgotten waiter's wake-up", || woken.count() == 1);
        let count = block_on("the data", stream.read(&mut [0; 64])).expect("read");
        assert_eq!(count, 4);
    });
}
