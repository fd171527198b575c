//! One connection, two halves.

use std::io::{IoSlice, Read, Write};

use reactor::io::{AsyncRead, AsyncWrite};

use crate::support::peers::{connected, pattern};
use crate::support::{block_on, both, with_reactor};

#[test]
fn borrowed_halves_read_and_write_at_the_same_time() {
    with_reactor(|_| {
        let (mut stream, mut peer) = connected();
        let data = pattern(2 << 20);
        std::thread::scope(|scope| {
            // It sends all back while it still receives: who writes first and reads later stands still.
            scope.spawn(move || {
                let mut bytes = vec![0; 64 * 1024];
                while let Ok(count @ 1..) = peer.read(&mut bytes) {
                    peer.write_all(&bytes[..count]).expect("write");
                }
            });
            let mut received = vec![0; data.len()];
            let (mut reader, mut writer) = stream.split();
            let (read, wrote) = block_on("the echo of two megabytes", async {
                both(reader.read_exact(&mut received), writer.write_all(&data)).await
            });
            read.expect("read");
            wrote.expect("write");
            assert!(received == data, "the bytes are not those that were sent");
            drop(stream);
        });
    });
}

#[test]
fn owned_halves_keep_the_connection_until_both_are_gone() {
    with_reactor(|reactor| {
        let (stream, mut peer) = connected();
        let (mut reader, mut writer) = stream.into_split();
        block_on("room", writer.write_all(b"bye")).expect("write");
        drop(writer);
        let mut words = String::new();
        peer.read_to_string(&mut words).expect("to the end, which the dropped half has set");
        assert_eq!(words, "bye");
        assert_eq!(reactor.source_count(), 1, "the reading half keeps the connection");
        peer.write_all(b"later").expect("write");
        let mut later = [0; 5];
        block_on("the answer", reader.read_exact(&mut later)).expect("read");
        assert_eq!(&later, b"later");
        drop(reader);
        assert_eq!(reactor.source_count(), 0);
    });
}

#[test]
fn a_dropped_reading_half_leaves_the_writing_half_at_work() {
    with_reactor(|_| {
        let (stream, mut peer) = connected();
        let (reader, mut writer) = stream.into_split();
        drop(reader);
        block_on("room", writer.write_all(b"still here")).expect("write");
        let mut words = [0; 10];
        peer.read_exact(&mut words).expect("read");
        assert_eq!(&words, b"still here");
    });
}

#[test]
fn a_forgotten_writing_half_does_not_end_its_direction() {
    with_reactor(|_| {
        let (stream, mut peer) = connected();
        let (reader, writer) = stream.into_split();
        writer.forget();
        peer.set_nonblocking(true).expect("nonblocking");
        let error = peer.read(&mut [0]).expect_err("nothing was sent, not even the end");
        assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
        drop(reader);
    });
}

#[test]
fn reunited_halves_are_the_stream_again() {
    with_reactor(|reactor| {
        let (stream, mut peer) = connected();
        let address = stream.peer_addr().expect("peer");
        let (reader, writer) = stream.into_split();
        assert_eq!(reader.peer_addr().expect("peer"), address);
        assert_eq!(writer.peer_addr().expect("peer"), address);
        let mut stream = reader.reunite(writer).expect("they belong together");
        assert_eq!(reactor.source_count(), 1);
        block_on("room", stream.write_all(b"whole")).expect("the direction was not ended");
        let mut words = [0; 5];
        peer.read_exact(&mut words).expect("read");
        assert_eq!(&words, b"whole");
    });
}

#[test]
fn halves_of_different_streams_come_back_unharmed() {
    with_reactor(|_| {
        let ((first, mut first_peer), (second, _second_peer)) = (connected(), connected());
        let (first_reader, first_writer) = first.into_split();
        let (_second_reader, second_writer) = second.into_split();
        let error = first_reader.reunite(second_writer).expect_err("they are strangers");
        assert_eq!(error.to_string(), "the two halves belong to different streams");
        let mut stream = error.0.reunite(first_writer).expect("these belong together");
        first_peer.write_all(b"ok").expect("write");
        let mut words = [0; 2];
        block_on("two bytes", stream.read_exact(&mut words)).expect("read");
        assert_eq!(&words, b"ok");
    });
}

#[test]
fn each_half_ends_and_gathers_as_the_stream_does() {
    with_reactor(|_| {
        let (mut stream, mut peer) = connected();
        let buffers = [IoSlice::new(b"a"), IoSlice::new(b"b")];
        block_on("room", stream.split().1.write_vectored(&buffers)).expect("write");
        let (_reader, mut writer) = stream.into_split();
        block_on("room", writer.write_vectored(&buffers)).expect("write");
        block_on("the end", writer.shutdown()).expect("shutdown");
        let mut words = String::new();
        peer.read_to_string(&mut words).expect("to the end");
        assert_eq!(words, "abab");
        drop(writer);
    });
}
