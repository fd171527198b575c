//! Any descriptor becomes awaitable: pipes, eventfd-likes, sockets of other crates.

mod support;

use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use reactor::io::{AsyncRead, AsyncWrite};
use reactor::poller::Poller;
use reactor::source::Source;
use support::{PATIENCE, block_on, both, poll_once, process, with_reactor};

fn pipe() -> (Source<PipeReader>, Source<PipeWriter>) {
    let (reader, writer) = io::pipe().expect("a pipe");
    let reader = Source::nonblocking(reader).expect("a pipe can be waited for");
    (reader, Source::nonblocking(writer).expect("a pipe can be waited for"))
}

#[test]
fn a_pipe_is_read_when_somebody_has_written() {
    with_reactor(|_| {
        let (mut reader, mut writer) = pipe();
        let mut bytes = [0; 16];
        let reading = async {
            let count = reader.read(&mut bytes).await.expect("a read");
            bytes[..count].to_vec()
        };
        let writing = async {
            support::yield_now().await;
            writer.write_all(b"through the pipe").await.expect("a write");
        };
        let (read, ()) = block_on("what was written", both(reading, writing));
        assert_eq!(read, b"through the pipe");
    });
}

#[test]
fn a_pipe_larger_than_its_buffer_loses_nothing() {
    with_reactor(|_| {
        let (mut reader, mut writer) = pipe();
        let sent = support::peers::pattern(300_000);
        let mut received = vec![0; sent.len()];
        let writing = async {
            writer.write_all(&sent).await.expect("a write");
            drop(writer);
        };
        let reading = async {
            reader.read_exact(&mut received).await.expect("all that was sent");
            reader.read(&mut [0]).await.expect("the end")
        };
        let ((), end) = block_on("300,000 bytes through a pipe", both(writing, reading));
        assert_eq!(end, 0);
        assert!(received == sent, "the bytes are not those that were sent");
    });
}

#[test]
fn a_dropped_read_of_a_pipe_takes_nothing() {
    with_reactor(|_| {
        let (mut reader, writer) = pipe();
        let mut bytes = [0; 8];
        assert!(poll_once(&mut reader.read(&mut bytes)).is_pending());
        writer.get_ref().write_all(b"all").expect("room");
        let count = block_on("the bytes", reader.read(&mut bytes)).expect("a read");
        assert_eq!(&bytes[..count], b"all");
    });
}

#[test]
fn a_short_read_of_messages_leaves_the_rest_to_the_next_read() {
    with_reactor(|_| {
        // A terminal gives a line at a time, and so does this: short reads, and yet there is more.
        let (ours, peer) = UnixDatagram::pair().expect("a pair");
        let mut ours = Source::nonblocking(ours).expect("a source");
        peer.send(b"one").expect("room");
        peer.send(b"two").expect("room");
        let mut bytes = [0; 64];
        for expected in [b"one", b"two"] {
            let count = block_on("a message", ours.read(&mut bytes)).expect("a read");
            assert_eq!(&bytes[..count], expected);
        }
    });
}

#[test]
fn readable_waits_and_read_with_does_what_it_is_told() {
    with_reactor(|_| {
        let (ours, peer) = UnixDatagram::pair().expect("a pair");
        let mut ours = Source::nonblocking(ours).expect("a source");
        let receive = |socket: &UnixDatagram| {
            let mut bytes = [0; 8];
            socket.recv(&mut bytes).map(|count| bytes[..count].to_vec())
        };
        assert!(poll_once(&mut ours.read_with(receive)).is_pending(), "nothing is there yet");
        peer.send(b"word").expect("room");
        block_on("the word to be readable", ours.readable());
        assert_eq!(block_on("the word", ours.read_with(receive)).expect("a message"), b"word");
        let answer = |socket: &UnixDatagram| socket.send(b"back");
        block_on("room", ours.writable());
        assert_eq!(block_on("room", ours.write_with(answer)).expect("sent"), 4);
        assert_eq!(peer.recv(&mut [0; 8]).expect("the answer"), 4);
    });
}

#[test]
fn into_inner_gives_an_open_descriptor_back_and_forgets_it() {
    with_reactor(|reactor| {
        let (reader, writer) = pipe();
        assert_eq!(reactor.source_count(), 2);
        let number = reader.get_ref().as_raw_fd();
        let mut reader = reader.into_inner();
        assert_eq!(reader.as_raw_fd(), number);
        assert_eq!(reactor.source_count(), 1);
        writer.into_inner().write_all(b"still open").expect("a write");
        let mut text = String::new();
        reader.read_to_string(&mut text).expect("nonblocking, but all is there, and the end");
        assert_eq!(text, "still open");
        // Not registered any more, so it can be registered again.
        drop(Source::new(reader).expect("a fresh registration"));
        assert_eq!(reactor.source_count(), 0);
    });
}

#[test]
fn a_regular_file_is_refused_with_a_clear_error() {
    with_reactor(|reactor| {
        let file = std::fs::File::open(std::env::current_exe().expect("a path")).expect("a file");
        match Source::new(file).map_err(|error| error.kind()) {
            Err(io::ErrorKind::PermissionDenied) => assert_eq!(Poller::backend(), "epoll"),
            Err(io::ErrorKind::InvalidInput) => assert_eq!(Poller::backend(), "kqueue"),
            Err(other) => panic!("a file is refused as {other:?}"),
            // A real kqueue takes it, and calls it always ready.
            Ok(_) => assert_eq!(Poller::backend(), "kqueue"),
        }
        assert_eq!(reactor.source_count(), 0);
    });
}

#[test]
fn nothing_is_read_and_written_at_once_and_is_no_end() {
    with_reactor(|_| {
        let (mut reader, mut writer) = pipe();
        assert_eq!(block_on("nothing", reader.read(&mut [])).expect("no wait"), 0);
        assert_eq!(block_on("nothing", writer.write(&[])).expect("no wait"), 0);
    });
}

#[test]
fn a_pipe_cannot_be_shut_down_and_says_so() {
    with_reactor(|_| {
        let (_reader, mut writer) = pipe();
        let error = block_on("an answer", writer.shutdown()).expect_err("no socket");
        assert_eq!(error.kind(), io::ErrorKind::Unsupported);
    });
}

#[test]
fn writing_to_a_pipe_without_a_reader_is_an_error_and_not_a_signal() {
    process::alone("writing_to_a_pipe_without_a_reader_is_an_error_and_not_a_signal", || {
        process::default_action(libc::SIGPIPE);
        with_reactor(|_| {
            for _ in 0..3 {
                let (reader, mut writer) = pipe();
                drop(reader);
                let error = block_on("an answer", writer.write(b"x")).expect_err("nobody reads");
                assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
            }
        });
    });
}

#[test]
fn a_source_closed_under_us_ends_in_an_error() {
    // Alone: the number of a descriptor that was closed may be another test's the next moment.
    process::alone("a_source_closed_under_us_ends_in_an_error", || {
        with_reactor(|_| {
            let (ours, _peer) = UnixDatagram::pair().expect("a pair");
            let lent = process::Lent(ours.as_raw_fd());
            let mut source = Source::nonblocking(lent).expect("a source");
            std::mem::forget(ours);
            process::close(lent.0);
            let error = block_on("an answer", source.read(&mut [0; 4])).expect_err("it is closed");
            assert_eq!(error.raw_os_error(), Some(libc::EBADF));
            drop(source);
        });
    });
}

#[test]
fn a_wait_that_is_dropped_leaves_the_source_usable() {
    with_reactor(|reactor| {
        let (ours, peer) = UnixDatagram::pair().expect("a pair");
        let mut ours = Source::nonblocking(ours).expect("a source");
        block_on("an outdated hint", ours.readable());
        assert!(ours.get_ref().as_fd().as_raw_fd() >= 0);
        ours.drained(reactor::Direction::Read);
        assert!(poll_once(&mut ours.readable()).is_pending());
        peer.send(b"x").expect("room");
        reactor.park(Some(PATIENCE)).expect("park");
        assert!(poll_once(&mut ours.readable()).is_ready(), "the event was for the source");
        assert!(reactor.park(Some(Duration::ZERO)).is_ok());
    });
}
