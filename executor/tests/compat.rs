//! Our sockets, listeners, intervals and channels through the traits of `futures` and `tokio`.

mod support;

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use executor::compat::{Compat, ThreadBound};
use executor::io::{AsyncRead, AsyncWrite, BufReader};
use executor::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use executor::sync::mpsc;
use executor::time::interval;
use executor::{metrics, spawn};
use futures::executor::block_on as foreign_block_on;
use futures::{AsyncReadExt as _, AsyncWriteExt as _, Stream, StreamExt};
use support::polls::poll_once;
use support::{run, soon};

/// More than any socket buffer takes at once.
const LONG: usize = 5_000_000;

fn pattern() -> Vec<u8> {
    (0..LONG).map(|number| (number % 251) as u8).collect()
}

async fn connected() -> (TcpStream, TcpStream) {
    let mut listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("its address");
    let ours = soon("the connection", TcpStream::connect(address)).await.expect("it listens");
    let (theirs, _) = soon("its other end", listener.accept()).await.expect("nothing is short");
    (ours, theirs)
}

#[test]
fn a_futures_reader_and_writer_move_all_bytes_and_see_the_end() {
    run(async {
        let (ours, theirs) = connected().await;
        let writing = spawn(async move {
            let mut writer = Compat::new(ours);
            writer.write_all(&pattern()).await?;
            writer.flush().await?;
            writer.close().await
        });
        let mut received = Vec::new();
        let reading = soon("the end", Compat::new(theirs).read_to_end(&mut received)).await;
        assert_eq!(reading.expect("the connection lives"), LONG);
        assert!(received == pattern(), "bytes differ");
        writing.await.expect("no panic").expect("no error");
        assert_eq!(metrics().sources, 0, "each socket was given back");
    });
}

#[test]
fn both_kinds_of_halves_are_futures_readers_and_writers() {
    run(async {
        let (mut ours, theirs) = connected().await;
        let (reader, writer) = ours.split();
        let (mut reader, mut writer) = (Compat::new(reader), Compat::new(writer));
        let (owned_reader, owned_writer) = theirs.into_split();
        let echo = spawn(async move {
            let mut owned_writer = Compat::new(owned_writer);
            futures::io::copy(Compat::new(owned_reader), &mut owned_writer).await?;
            owned_writer.close().await
        });
        let (sent, mut echoed) = (pattern(), Vec::new());
        let writing = async {
            writer.write_all(&sent).await?;
            writer.close().await
        };
        let both = async { futures::try_join!(writing, reader.read_to_end(&mut echoed)) };
        soon("the echo", both).await.expect("the connection lives");
        assert!(echoed == sent, "bytes differ");
        echo.await.expect("no panic").expect("no error");
    });
}

#[test]
fn a_vectored_futures_write_takes_all_buffers_at_once() {
    run(async {
        let (ours, mut theirs) = connected().await;
        let mut writer = Compat::new(ours);
        let buffers = [b"ab".as_slice(), b"", b"cd"].map(io::IoSlice::new);
        assert_eq!(writer.write_vectored(&buffers).await.expect("there is room"), 4);
        let mut received = [0; 4];
        soon("four bytes", theirs.read_exact(&mut received)).await.expect("they were sent");
        assert_eq!(&received, b"abcd");
    });
}

/// A word a line, in a connection whose other end has gone.
async fn words() -> Compat<BufReader<TcpStream>> {
    let (mut ours, theirs) = connected().await;
    AsyncWrite::write_all(&mut ours, b"poll\nwait\nwake").await.expect("there is room");
    Compat::new(BufReader::with_capacity(6, theirs))
}

#[test]
fn a_buffered_reader_is_one_for_futures_too() {
    use futures::AsyncBufReadExt;
    run(async {
        let mut reader = words().await;
        let mut line = String::new();
        soon("a line", AsyncBufReadExt::read_line(&mut reader, &mut line)).await.expect("lives");
        assert_eq!(line, "poll\n");
        let buffered = soon("more", reader.fill_buf()).await.expect("the connection lives");
        assert!(!buffered.is_empty() && b"wait\nwake".starts_with(buffered));
        reader.consume_unpin(1);
        let rest: Vec<_> = soon("the rest", reader.lines().collect()).await;
        let rest: io::Result<Vec<String>> = rest.into_iter().collect();
        assert_eq!(rest.expect("the connection lives"), ["ait", "wake"]);
    });
}

#[test]
fn a_buffered_reader_is_one_for_tokio_too() {
    use tokio::io::AsyncBufReadExt;
    run(async {
        let mut reader = words().await;
        let mut line = Vec::new();
        let read = AsyncBufReadExt::read_until(&mut reader, b'\n', &mut line);
        assert_eq!(soon("a line", read).await.expect("the connection lives"), 5);
        assert_eq!(line, b"poll\n");
        let mut lines = AsyncBufReadExt::lines(reader);
        for expected in [Some("wait"), Some("wake"), None] {
            let line = soon("a line", lines.next_line()).await.expect("the connection lives");
            assert_eq!(line.as_deref(), expected);
        }
    });
}

/// A peer that has reset the connection.
async fn left_alone() -> TcpStream {
    let (mut ours, theirs) = connected().await;
    theirs.reset_on_close().expect("an option that every system has");
    drop(theirs);
    let reset = soon("the reset", AsyncRead::read(&mut ours, &mut [0; 8])).await;
    assert_eq!(reset.expect_err("a reset").kind(), io::ErrorKind::ConnectionReset);
    ours
}

#[test]
fn closing_after_the_peer_has_gone_is_no_error_to_strangers() {
    run(async {
        let ended = left_alone().await.shutdown().await;
        assert_eq!(ended.expect_err("as ours says it").kind(), io::ErrorKind::NotConnected);
        let mut stream = Compat::new(left_alone().await);
        stream.close().await.expect("futures' close");
        let mut stream = Compat::new(left_alone().await);
        tokio::io::AsyncWriteExt::shutdown(&mut stream).await.expect("tokio's shutdown");
    });
}

#[test]
fn a_tokio_reader_and_writer_move_all_bytes_and_see_the_end() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    run(async {
        let (ours, theirs) = connected().await;
        let writing = spawn(async move {
            let mut writer = Compat::new(ours);
            AsyncWriteExt::write_all(&mut writer, &pattern()).await?;
            AsyncWriteExt::flush(&mut writer).await?;
            writer.shutdown().await
        });
        let mut reader = Compat::new(ThreadBound::new(theirs));
        let mut received = b"before:".to_vec(); // what the buffer holds already stays
        let reading = AsyncReadExt::read_to_end(&mut reader, &mut received);
        assert_eq!(soon("the end", reading).await.expect("the connection lives"), LONG);
        assert!(received.starts_with(b"before:") && received[7..] == pattern(), "bytes differ");
        writing.await.expect("no panic").expect("no error");
    });
}

#[test]
fn a_listener_is_a_stream_of_connections() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address");
        let mut incoming = Compat::new(listener);
        assert!(poll_once(&mut incoming.next()).is_pending(), "nobody has come yet");
        for _ in 0..3 {
            let ours = TcpStream::connect(address).await.expect("it listens");
            let theirs = soon("a connection", incoming.next()).await.expect("it has no end");
            let theirs = theirs.expect("nothing is short");
            let (here, there) = (ours.local_addr(), theirs.peer_addr());
            assert_eq!(here.expect("an address"), there.expect("an address"));
        }
        drop(incoming.into_inner());
        assert_eq!(metrics().sources, 0);
    });
}

#[test]
fn a_unix_listener_is_a_stream_of_connections_and_their_lines_are_one_too() {
    run(async {
        let directory = Directory::new();
        let path = directory.0.join("socket");
        let mut incoming = Compat::new(UnixListener::bind(path.as_path()).expect("a free name"));
        let mut ours = UnixStream::connect(path.as_path()).await.expect("it listens");
        let theirs = soon("a connection", incoming.next()).await.expect("it has no end");
        AsyncWrite::write_all(&mut ours, b"one\ntwo\nthree").await.expect("there is room");
        drop(ours);
        let lines = BufReader::new(theirs.expect("nothing is short")).lines();
        let lines: Vec<_> = soon("the last line", Compat::new(lines).collect()).await;
        let lines: io::Result<Vec<String>> = lines.into_iter().collect();
        assert_eq!(lines.expect("the connection lives"), ["one", "two", "three"]);
    });
}

/// A directory that goes with its value.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Directory {
        let name = format!("executor-compat-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).expect("the name is ours");
        Directory(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).expect("it was made above");
    }
}

#[test]
fn an_interval_is_a_stream_of_planned_moments() {
    run(async {
        let period = Duration::from_millis(1);
        let ticks = Compat::new(interval(period)).take(5).collect::<Vec<_>>();
        let ticks = soon("five ticks", ticks).await;
        assert!(ticks.windows(2).all(|pair| pair[1] - pair[0] == period), "{ticks:?}");
        assert_eq!(metrics().timers, 0);
    });
}

#[test]
fn a_receiver_is_a_stream_that_ends_with_its_last_sender() {
    let (sender, receiver) = mpsc::unbounded();
    let other = sender.clone();
    sender.send(1).expect("the receiver lives");
    other.send(2).expect("the receiver lives");
    assert_eq!(receiver.size_hint(), (2, None));
    let mut receiver = receiver.fuse();
    drop(sender);
    foreign_block_on(async {
        assert_eq!((receiver.next().await, receiver.next().await), (Some(1), Some(2)));
        assert!(poll_once(&mut receiver.next()).is_pending(), "a sender is left");
        drop(other);
        assert_eq!(receiver.next().await, None);
    });
}
