//! Ending a connection: by half, wholly, and by breaking it.

use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::task::Context;

use reactor::io::{AsyncRead, AsyncWrite};

use crate::support::peers::{connected, pattern, reset, shrink_send_buffer};
use crate::support::wakers::counter;
use crate::support::{block_on, park_until, with_reactor};

#[test]
fn shutting_down_ends_our_direction_alone() {
    with_reactor(|_| {
        let (mut stream, mut peer) = connected();
        block_on("room", stream.write_all(b"question")).expect("write");
        block_on("the end of our direction", stream.shutdown()).expect("shutdown");
        let mut question = String::new();
        peer.read_to_string(&mut question).expect("up to the end");
        assert_eq!(question, "question");
        peer.write_all(b"answer").expect("the other direction is open");
        let mut answer = [0; 6];
        block_on("the answer", stream.read_exact(&mut answer)).expect("read");
        assert_eq!(&answer, b"answer");
        let error = block_on("an error", stream.write(b"more")).expect_err("we said that was all");
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
    });
}

#[test]
fn after_the_peers_half_close_we_can_still_answer() {
    with_reactor(|_| {
        let (mut stream, mut peer) = connected();
        peer.shutdown(Shutdown::Write).expect("shutdown");
        assert_eq!(block_on("the end", stream.read(&mut [0; 8])).expect("read"), 0);
        let data = pattern(100_000);
        std::thread::scope(|scope| {
            let reading = scope.spawn(move || {
                let mut received = Vec::new();
                peer.read_to_end(&mut received).expect("the answer");
                received
            });
            block_on("room for the answer", stream.write_all(&data)).expect("write");
            drop(stream);
            assert!(reading.join().expect("reading does not panic") == data);
        });
    });
}

#[test]
fn dropping_a_stream_ends_the_connection() {
    with_reactor(|_| {
        let (stream, mut peer) = connected();
        drop(stream);
        assert_eq!(peer.read(&mut [0]).expect("read"), 0);
    });
}

#[test]
fn the_end_wakes_a_waiting_reader() {
    with_reactor(|_| {
        let (mut stream, peer) = connected();
        let woken = counter();
        let waker = woken.waker();
        let polled = stream.poll_read(&mut Context::from_waker(&waker), &mut [0]);
        assert!(polled.is_pending());
        drop(peer);
        park_until("the end", || woken.count() == 1);
        assert_eq!(block_on("the end", stream.read(&mut [0])).expect("read"), 0);
    });
}

#[test]
fn a_reset_wakes_the_reader_and_the_writer() {
    with_reactor(|_| {
        let (mut stream, peer) = connected();
        shrink_send_buffer(&stream);
        let (reader, writer) = (counter(), counter());
        let (read_waker, write_waker) = (reader.waker(), writer.waker());
        let (mut reading, mut writing) = stream.split();
        let polled = reading.poll_read(&mut Context::from_waker(&read_waker), &mut [0]);
        assert!(polled.is_pending());
        let block = [0; 64 * 1024];
        let mut write_context = Context::from_waker(&write_waker);
        while writing.poll_write(&mut write_context, &block).is_ready() {}
        let written_before = writer.count();
        reset(peer);
        park_until("both to hear of it", || reader.count() > 0 && writer.count() > written_before);
        let read = block_on("the reader's error", reading.read(&mut [0]));
        let write = block_on("the writer's error", writing.write(&block));
        // The kernel hands out the reason once; who comes second finds the end, or a broken pipe.
        let broken = [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe];
        match read {
            Ok(count) => assert_eq!(count, 0),
            Err(error) => assert!(broken.contains(&error.kind()), "{error:?}"),
        }
        assert!(broken.contains(&write.expect_err("nobody is there").kind()));
    });
}

#[test]
fn a_reset_is_an_error_of_the_next_read() {
    with_reactor(|_| {
        let (mut stream, peer) = connected();
        reset(peer);
        let error = block_on("the reset", stream.read(&mut [0])).expect_err("the peer broke it");
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    });
}

#[test]
fn a_stream_told_to_reset_on_close_resets_its_peer() {
    with_reactor(|_| {
        let (stream, mut peer) = connected();
        stream.reset_on_close().expect("SO_LINGER");
        drop(stream);
        let error = peer.read(&mut [0]).expect_err("it is broken, not ended");
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    });
}
