//! From a reader to a writer, in one direction or both.

mod support;
mod support_io;

use std::io::ErrorKind;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use reactor::io::{AsyncRead, AsyncWrite, BufWriter, copy, copy_bidirectional};
use reactor::net::UnixStream;
use support::{block_on, both, poll_once, with_reactor};
use support_io::Step::{Bytes, Fails, Later, Room};
use support_io::scripted;

fn run<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    for _ in 0..1000 {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return value;
        }
    }
    panic!("polled a scripted copy 1000 times in vain");
}

#[test]
fn all_is_copied_whatever_the_pieces() {
    let mut reader = scripted([Bytes(b"abc"), Later, Bytes(b"defgh"), Later, Later, Bytes(b"i")]);
    let mut writer = scripted([Room(1), Later, Room(1), Room(9), Later, Room(2)]);
    assert_eq!(run(copy(&mut reader, &mut writer)).expect("copied"), 9);
    assert_eq!(writer.written, b"abcdefghi");
    assert!(writer.flushes >= 1 && !writer.shut_down, "flushed, and left open");
}

#[test]
fn memory_is_a_reader_and_a_writer() {
    let mut from = &b"in memory"[..];
    let mut to = b"kept ".to_vec();
    assert_eq!(run(copy(&mut from, &mut to)).expect("copied"), 9);
    assert_eq!((from, &*to), (&b""[..], &b"kept in memory"[..]));
}

#[test]
fn what_was_read_is_flushed_while_nothing_more_comes() {
    let mut reader = scripted([Bytes(b"prompt> "), Later, Bytes(b"more")]);
    let mut writer = BufWriter::new(scripted([]));
    let mut copying = copy(&mut reader, &mut writer);
    assert!(poll_once(&mut copying).is_pending());
    assert_eq!(copying.count(), 8);
    drop(copying);
    assert_eq!(writer.get_ref().written, b"prompt> ", "it must not wait in the buffer");
}

#[test]
fn the_error_of_either_side_ends_the_copy() {
    let mut reader = scripted([Bytes(b"ab"), Fails(ErrorKind::ConnectionReset)]);
    let mut writer = scripted([]);
    let error = run(copy(&mut reader, &mut writer)).expect_err("the reader fails");
    assert_eq!((error.kind(), &*writer.written), (ErrorKind::ConnectionReset, &b"ab"[..]));
    let mut reader = scripted([Bytes(b"ab")]);
    let mut writer = scripted([Fails(ErrorKind::BrokenPipe)]);
    let error = run(copy(&mut reader, &mut writer)).expect_err("the writer fails");
    assert_eq!(error.kind(), ErrorKind::BrokenPipe);
    let mut reader = scripted([Bytes(b"ab")]);
    let mut writer = scripted([Room(0)]);
    let error = run(copy(&mut reader, &mut writer)).expect_err("the writer takes nothing");
    assert_eq!(error.kind(), ErrorKind::WriteZero);
}

#[test]
fn a_copy_polled_by_reference_loses_nothing_and_a_dropped_one_what_it_held() {
    let mut reader = scripted([Bytes(b"held back"), Bytes(b", next")]);
    let mut writer = scripted([Room(4), Later]);
    let mut copying = copy(&mut reader, &mut writer);
    assert!(poll_once(&mut copying).is_pending());
    assert_eq!(run(&mut copying).expect("the rest"), 15);
    assert_eq!(writer.written, b"held back, next");
    // As documented: dropped instead, " back" is gone.
    let mut reader = scripted([Bytes(b"held back"), Bytes(b", next")]);
    let mut writer = scripted([Room(4), Later]);
    assert!(poll_once(&mut copy(&mut reader, &mut writer)).is_pending());
    assert_eq!(run(copy(&mut reader, &mut writer)).expect("the rest"), 6);
    assert_eq!(writer.written, b"held, next");
}

#[test]
fn a_proxy_hands_half_closes_on_and_counts_both_directions() {
    with_reactor(|_| {
        let (mut client, mut front) = UnixStream::pair().expect("a pair");
        let (mut back, mut server) = UnixStream::pair().expect("a pair");
        let request = support::peers::pattern(200_000);
        let answer = support::peers::pattern(300_001);
        let proxy = async { copy_bidirectional(&mut front, &mut back).await.expect("copied") };
        let client_side = async {
            client.write_all(&request).await.expect("room");
            client.shutdown().await.expect("half closed");
            read_all(&mut client).await
        };
        let server_side = async {
            let received = read_all(&mut server).await;
            // Only now, after the half-close has come through, does it answer.
            server.write_all(&answer).await.expect("room");
            server.shutdown().await.expect("half closed");
            received
        };
        let ((forth, received), answered) =
            block_on("a request and its answer", both(both(proxy, server_side), client_side));
        assert_eq!(forth, (200_000, 300_001));
        assert!(received == request && answered == answer);
    });
}

#[test]
fn one_direction_may_go_on_after_the_other_has_ended() {
    with_reactor(|_| {
        let (mut client, mut front) = UnixStream::pair().expect("a pair");
        let (mut back, mut server) = UnixStream::pair().expect("a pair");
        let mut proxy = copy_bidirectional(&mut front, &mut back);
        block_on("the end", server.shutdown()).expect("half closed");
        assert!(poll_once(&mut proxy).is_pending(), "the other direction is open");
        for (word, through) in [(b"one", 3), (b"two", 6)] {
            block_on("room", client.write_all(word)).expect("room");
            support::park_until("the word to come through", || {
                assert!(poll_once(&mut proxy).is_pending(), "the client has not ended");
                proxy.counts() == (through, 0)
            });
            let mut bytes = [0; 3];
            block_on("the word", server.read_exact(&mut bytes)).expect("it came through");
            assert_eq!(&bytes, word);
        }
        drop(client);
        assert_eq!(block_on("both ends", proxy).expect("copied"), (6, 0));
    });
}

#[test]
fn a_side_that_breaks_ends_both_directions_with_its_error() {
    let mut a = scripted([Fails(ErrorKind::ConnectionReset)]);
    let mut b = scripted([Later]);
    let error = run(copy_bidirectional(&mut a, &mut b)).expect_err("a is reset");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}

async fn read_all(stream: &mut UnixStream) -> Vec<u8> {
    let (mut all, mut bytes) = (Vec::new(), vec![0; 10_000]);
    loop {
        match stream.read(&mut bytes).await.expect("a read") {
            0 => return all,
            count => all.extend_from_slice(&bytes[..count]),
        }
    }
}
