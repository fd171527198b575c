//! Writing: what fits, all of it, in order, and never more than the peer takes.

use std::io::{ErrorKind, IoSlice, Read};
use std::task::{Context, Poll, Waker};

use reactor::io::{AsyncRead, AsyncWrite};
use reactor::net::TcpStream;

use crate::support::peers::{connected, pattern, shrink_send_buffer};
use crate::support::process::{alone, default_action};
use crate::support::wakers::counter;
use crate::support::{block_on, both, park_until, with_reactor};

/// More than the kernel keeps on the way to a peer that does not read.
const MUCH: usize = 8 << 20;

/// Writes from the start of `data` until the kernel takes no more; how much it took.
fn write_until_full(stream: &mut TcpStream, data: &[u8], waker: &Waker) -> usize {
    let mut written = 0;
    while written < data.len() {
        match stream.poll_write(&mut Context::from_waker(waker), &data[written..]) {
            Poll::Ready(count) => written += count.expect("write"),
            Poll::Pending => break,
        }
    }
    written
}

#[test]
fn a_full_socket_buffer_holds_the_writer_back_and_loses_nothing() {
    with_reactor(|reactor| {
        let (mut stream, mut peer) = connected();
        shrink_send_buffer(&stream);
        let data = pattern(MUCH);
        let woken = counter();
        let written = write_until_full(&mut stream, &data, &woken.waker());
        assert!(written < MUCH, "the kernel cannot have taken all of it");
        let seen = woken.count();
        reactor.park(Some(std::time::Duration::from_millis(20))).expect("park");
        let more = write_until_full(&mut stream, &data[written..], &woken.waker());
        assert!(written + more < MUCH, "nobody has read anything");
        let sent = written + more;
        std::thread::scope(|scope| {
            let reading = scope.spawn(move || {
                let mut received = Vec::with_capacity(MUCH);
                peer.read_to_end(&mut received).expect("all of it");
                received
            });
            park_until("room after the peer has read", || woken.count() > seen);
            block_on("the rest to be taken", stream.write_all(&data[sent..])).expect("write");
            drop(stream);
            let received = reading.join().expect("reading does not panic");
            assert!(received == data, "{} of {} bytes, or not these", received.len(), data.len());
        });
    });
}

#[test]
fn a_large_transfer_in_one_task_arrives_in_order() {
    with_reactor(|_| {
        let (mut stream, peer) = connected();
        let mut peer = TcpStream::from_std(peer).expect("a stream on the reactor");
        shrink_send_buffer(&stream);
        let data = pattern(4 << 20);
        let mut received = vec![0; data.len()];
        let (wrote, read) = block_on("the transfer", async {
            both(stream.write_all(&data), peer.read_exact(&mut received)).await
        });
        wrote.expect("write");
        read.expect("read");
        assert!(received == data, "the bytes are not those that were sent");
    });
}

#[test]
fn several_buffers_go_out_in_order_in_one_call() {
    with_reactor(|_| {
        let (mut stream, mut peer) = connected();
        let buffers = [&b"one "[..], b"", b"two ", b"three"].map(IoSlice::new);
        let count = block_on("room", stream.write_vectored(&buffers)).expect("write");
        assert_eq!(count, 13, "a fresh connection has room for all");
        let mut received = [0; 13];
        peer.read_exact(&mut received).expect("read");
        assert_eq!(&received, b"one two three");
    });
}

#[test]
fn more_buffers_than_the_kernel_takes_at_once_are_written_in_several_calls() {
    with_reactor(|_| {
        let (mut stream, mut peer) = connected();
        let data = pattern(3_000);
        let buffers: Vec<IoSlice<'_>> = data.chunks(1).map(IoSlice::new).collect();
        let mut written = 0;
        let mut calls = 0;
        while written < data.len() {
            let rest = &buffers[written..];
            let count =
                block_on("room", stream.write_vectored(rest)).expect("no EMSGSIZE, no EINVAL");
            assert!(count > 0);
            written += count;
            calls += 1;
        }
        assert!(calls > 1, "the test wants more buffers than one call takes");
        let mut received = vec![0; data.len()];
        peer.read_exact(&mut received).expect("read");
        assert_eq!(received, data);
    });
}

#[test]
fn a_short_vectored_write_waits_for_room_like_any_other() {
    with_reactor(|_| {
        let (mut stream, peer) = connected();
        shrink_send_buffer(&stream);
        let block = pattern(64 * 1024);
        let buffers = [IoSlice::new(&block), IoSlice::new(&block)];
        let woken = counter();
        let waker = woken.waker();
        let mut context = Context::from_waker(&waker);
        let mut written = 0;
        while let Poll::Ready(count) = stream.poll_write_vectored(&mut context, &buffers) {
            written += count.expect("write");
            assert!(written < MUCH, "the kernel cannot have taken all of it");
        }
        let mut taken = 0;
        let mut bytes = [0; 4096];
        while taken < written {
            taken += (&peer).read(&mut bytes).expect("what was sent");
        }
        park_until("room after the peer has read", || woken.count() > 0);
        let count = block_on("room", stream.write_vectored(&buffers)).expect("write");
        assert!(count > 0);
    });
}

#[test]
fn writing_nothing_is_nothing() {
    with_reactor(|_| {
        let (mut stream, peer) = connected();
        assert_eq!(block_on("nothing", stream.write(&[])).expect("write"), 0);
        let empty = [IoSlice::new(&[]), IoSlice::new(&[])];
        assert_eq!(block_on("nothing", stream.write_vectored(&empty)).expect("write"), 0);
        assert_eq!(block_on("nothing", stream.write_vectored(&[])).expect("write"), 0);
        block_on("nothing", stream.write_all(&[])).expect("write");
        drop(stream);
        assert_eq!((&peer).read(&mut [0]).expect("read"), 0, "nothing came but the end");
    });
}

#[test]
fn writing_to_a_closed_peer_is_an_error_and_not_a_signal() {
    alone("writing::writing_to_a_closed_peer_is_an_error_and_not_a_signal", || {
        // Rust ignores SIGPIPE before `main`; a program that embeds us may not.
        default_action(libc::SIGPIPE);
        with_reactor(|_| {
            for vectored in [false, true] {
                let (mut stream, peer) = connected();
                drop(peer);
                let data = [b'x'; 1024];
                let error = block_on("the error", async {
                    loop {
                        let written = if vectored {
                            stream.write_vectored(&[IoSlice::new(&data)]).await
                        } else {
                            stream.write(&data).await
                        };
                        match written {
                            Ok(_) => crate::support::yield_now().await,
                            Err(error) => return error,
                        }
                    }
                });
                let kinds = [ErrorKind::BrokenPipe, ErrorKind::ConnectionReset];
                assert!(kinds.contains(&error.kind()), "{error:?}");
            }
        });
    });
}
