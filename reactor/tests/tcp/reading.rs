//! Reading: what is there, all that is there, nothing twice, and nothing lost.

use std::io::{ErrorKind, Write};
use std::net::Shutdown;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use reactor::io::AsyncRead;
use reactor::net::TcpStream;

use crate::support::peers::{connected, pattern, wait_for_arrival};
use crate::support::wakers::counter;
use crate::support::{block_on, park_until, poll_once, with_reactor};

/// One read, and how much it brought.
fn read(stream: &mut TcpStream, buffer: &mut [u8]) -> usize {
    block_on("something to read", stream.read(buffer)).expect("read")
}

fn poll_read(stream: &mut TcpStream, buffer: &mut [u8]) -> Poll<std::io::Result<usize>> {
    stream.poll_read(&mut Context::from_waker(Waker::noop()), buffer)
}

#[test]
fn data_that_came_before_the_first_poll_is_read_without_waiting() {
    with_reactor(|_| {
        let (mut stream, mut peer) = connected();
        peer.write_all(b"early").expect("write");
        let mut buffer = [0; 64];
        wait_for_arrival(&stream, 5);
        match poll_read(&mut stream, &mut buffer) {
            Poll::Ready(count) => assert_eq!(&buffer[..count.expect("read")], b"early"),
            Poll::Pending => panic!("what is there must not be waited for"),
        }
    });
}

#[test]
fn after_a_short_read_new_data_wakes_the_reader_again() {
    with_reactor(|_| {
        let (mut stream, mut peer) = connected();
        let mut buffer = [0; 64];
        for word in [&b"one"[..], b"two", b"three", b"four"] {
            assert!(poll_once(&mut stream.read(&mut buffer)).is_pending());
            peer.write_all(word).expect("write");
            let count = read(&mut stream, &mut buffer);
            assert_eq!(&buffer[..count], word);
        }
    });
}

#[test]
fn a_read_that_filled_its_buffer_leaves_the_rest_to_be_read_at_once() {
    with_reactor(|_| {
        let (mut stream, mut peer) = connected();
        peer.write_all(b"0123456789").expect("write");
        peer.shutdown(Shutdown::Write).expect("shutdown");
        wait_for_arrival(&stream, 10);
        let mut pair = [0; 2];
        for expected in [b"01", b"23", b"45", b"67", b"89"] {
            match poll_read(&mut stream, &mut pair) {
                Poll::Ready(count) => assert_eq!((count.expect("read"), &pair), (2, expected)),
                Poll::Pending => panic!("{expected:?} is there"),
            }
        }
        assert_eq!(read(&mut stream, &mut pair), 0, "the end");
    });
}

#[test]
fn what_was_sent_before_a_half_close_is_read_to_the_end() {
    with_reactor(|reactor| {
        let (mut stream, mut peer) = connected();
        // So that the kernel's word of the end is there before the first byte is read.
        assert!(poll_once(&mut stream.read(&mut [0])).is_pending());
        peer.write_all(b"0123456789").expect("write");
        peer.shutdown(Shutdown::Write).expect("shutdown");
        wait_for_arrival(&stream, 10);
        reactor.park(Some(std::time::Duration::ZERO)).expect("park");
        let mut four = [0; 4];
        assert_eq!((read(&mut stream, &mut four), &four), (4, b"0123"));
        let mut rest = [0; 64];
        assert_eq!(read(&mut stream, &mut rest), 6, "a short read, and then");
        for _ in 0..3 {
            assert_eq!(read(&mut stream, &mut rest), 0, "the end, as often as one asks");
        }
    });
}

#[test]
fn a_peek_takes_nothing() {
    with_reactor(|_| {
        let (mut stream, mut peer) = connected();
        let mut buffer = [0; 3];
        assert!(poll_once(&mut stream.peek(&mut buffer)).is_pending());
        peer.write_all(b"abcdef").expect("write");
        for _ in 0..3 {
            let count = block_on("something to see", stream.peek(&mut buffer)).expect("peek");
            assert_eq!(&buffer[..count], &b"abcdef"[..count]);
        }
        let mut all = [0; 6];
        block_on("six bytes", stream.read_exact(&mut all)).expect("read");
        assert_eq!(&all, b"abcdef");
    });
}

#[test]
fn a_read_into_an_empty_buffer_takes_nothing_and_is_no_end() {
    with_reactor(|_| {
        let (mut stream, mut peer) = connected();
        let mut buffer = [0; 64];
        assert!(poll_read(&mut stream, &mut buffer).is_pending());
        assert!(poll_read(&mut stream, &mut []).is_ready(), "an empty buffer is full at once");
        peer.write_all(b"data").expect("write");
        wait_for_arrival(&stream, 4);
        assert_eq!(read(&mut stream, &mut []), 0);
        assert_eq!(read(&mut stream, &mut buffer), 4);
        block_on("nothing at all", stream.read_exact(&mut [])).expect("an empty buffer is full");
    });
}

#[test]
fn a_dropped_read_takes_nothing() {
    with_reactor(|_| {
        let (mut stream, mut peer) = connected();
        let data = pattern(1_000);
        let mut received = Vec::new();
        let mut buffer = [0; 64];
        for chunk in data.chunks(10) {
            assert!(poll_once(&mut stream.read(&mut buffer)).is_pending());
            let woken = counter();
            let waker = woken.waker();
            let mut future = stream.read(&mut buffer);
            assert!(pin!(&mut future).poll(&mut Context::from_waker(&waker)).is_pending());
            peer.write_all(chunk).expect("write");
            park_until("the data", || woken.count() == 1);
            // Given up at the worst moment: woken for the data, and not polled again.
            drop(future);
            let count = read(&mut stream, &mut buffer);
            received.extend_from_slice(&buffer[..count]);
        }
        assert_eq!(received, data);
    });
}

#[test]
fn a_read_exact_dropped_halfway_has_taken_bytes_as_documented() {
    with_reactor(|_| {
        let (mut stream, mut peer) = connected();
        peer.write_all(b"head").expect("write");
        let mut frame = [0; 8];
        wait_for_arrival(&stream, 4);
        assert!(poll_once(&mut stream.read_exact(&mut frame)).is_pending());
        assert_eq!(&frame, b"head\0\0\0\0", "which is why the buffer belongs to the connection");
        peer.write_all(b"tail").expect("write");
        let mut rest = [0; 8];
        assert_eq!(read(&mut stream, &mut rest), 4, "the head is gone");
        assert_eq!(&rest, b"tail\0\0\0\0");
    });
}

#[test]
fn an_end_in_the_middle_is_an_error_of_read_exact() {
    with_reactor(|_| {
        let (mut stream, mut peer) = connected();
        peer.write_all(b"half").expect("write");
        drop(peer);
        let ended = block_on("the end", stream.read_exact(&mut [0; 8]));
        assert_eq!(ended.expect_err("only half came").kind(), ErrorKind::UnexpectedEof);
    });
}
