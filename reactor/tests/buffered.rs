//! Reading by lines and writing through a buffer, and what a dropped future of either loses: nothing.

mod support;
mod support_io;

use std::io::{self, ErrorKind, IoSlice};

use reactor::io::{AsyncRead, AsyncWrite, BufReader, BufWriter};
use reactor::net::UnixStream;
use support::{block_on, poll_once, with_reactor};
use support_io::Step::{Bytes, Fails, Later, Room};
use support_io::{Scripted, Step, scripted};

/// Reads a script through a buffer of four bytes: smaller than most lines.
fn reader(steps: impl IntoIterator<Item = Step>) -> BufReader<Scripted> {
    BufReader::with_capacity(4, scripted(steps))
}

/// For scripts, which need no reactor: polls until it is ready, whoever woke it.
fn run<F: Future + Unpin>(mut future: F) -> F::Output {
    for _ in 0..1000 {
        if let std::task::Poll::Ready(value) = poll_once(&mut future) {
            return value;
        }
    }
    panic!("polled a scripted future 1000 times in vain");
}

#[test]
fn lines_are_found_wherever_the_reads_cut_them() {
    let text = "one\nzwei\r\n\ndrei und mehr\nlast";
    for cut in 1..text.len() {
        let (front, back) = text.split_at(cut);
        let steps = [Bytes(front.as_bytes()), Later, Bytes(back.as_bytes())];
        let mut lines = reader(steps).lines();
        let mut read = Vec::new();
        while let Some(line) = run(lines.next_line()).expect("a line") {
            read.push(line);
        }
        assert_eq!(read, ["one", "zwei", "", "drei und mehr", "last"], "cut at {cut}");
        assert!(run(lines.next_line()).expect("still the end").is_none());
    }
}

#[test]
fn a_dropped_next_line_keeps_the_part_that_has_come() {
    let mut lines = reader([Bytes(b"first half, "), Later, Bytes(b"second half\nrest")]).lines();
    assert!(poll_once(&mut lines.next_line()).is_pending());
    assert_eq!(lines.get_ref().buffer(), b"first half, ");
    assert_eq!(run(lines.next_line()).expect("a line").as_deref(), Some("first half, second half"));
}

#[test]
fn a_dropped_read_until_has_appended_nothing_and_lost_nothing() {
    let mut reader = reader([Bytes(b"ab"), Later, Bytes(b"cd;ef"), Later, Bytes(b"g;")]);
    let mut bytes = b"before ".to_vec();
    assert!(poll_once(&mut reader.read_until(b';', &mut bytes)).is_pending());
    assert_eq!(bytes, b"before ");
    assert_eq!(run(reader.read_until(b';', &mut bytes)).expect("a stretch"), 5);
    assert_eq!(bytes, b"before abcd;");
    // Another delimiter for what is in the buffer already.
    assert!(poll_once(&mut reader.read_until(b'!', &mut bytes)).is_pending());
    assert_eq!(run(reader.read_until(b'e', &mut bytes)).expect("a stretch"), 1);
    assert_eq!(run(reader.read_until(b'!', &mut bytes)).expect("the rest"), 3);
    assert_eq!(bytes, b"before abcd;efg;");
    assert_eq!(run(reader.read_until(b'!', &mut bytes)).expect("the end"), 0);
}

#[test]
fn a_dropped_fill_buf_keeps_what_was_read_and_consume_takes_it() {
    let mut reader = reader([Later, Bytes(b"abcd"), Bytes(b"ef")]);
    assert!(poll_once(&mut reader.fill_buf()).is_pending());
    assert_eq!(run(reader.fill_buf()).expect("bytes"), b"abcd");
    reader.consume(3);
    assert_eq!(run(reader.fill_buf()).expect("what is left"), b"d");
    reader.consume(1);
    assert_eq!(run(reader.fill_buf()).expect("more"), b"ef");
    reader.consume(2);
    assert_eq!(run(reader.fill_buf()).expect("the end"), b"");
}

#[test]
#[should_panic(expected = "2 bytes to be consumed are not there")]
fn consuming_more_than_there_is_panics() {
    reader([]).consume(2);
}

#[test]
fn an_error_in_the_middle_of_a_line_loses_nothing_of_it() {
    let mut reader = reader([Bytes(b"half"), Fails(ErrorKind::TimedOut), Bytes(b" whole\n")]);
    let mut line = String::new();
    let error = run(reader.read_line(&mut line)).expect_err("the script says so");
    assert_eq!((error.kind(), &*line), (ErrorKind::TimedOut, ""));
    assert_eq!(run(reader.read_line(&mut line)).expect("a line"), 11);
    assert_eq!(line, "half whole\n");
}

#[test]
fn a_line_that_is_not_text_is_dropped_and_the_next_is_read() {
    let mut reader = reader([Bytes(b"\xff\xfe\nfine\n")]);
    let mut line = String::new();
    let error = run(reader.read_line(&mut line)).expect_err("not UTF-8");
    assert_eq!((error.kind(), &*line), (ErrorKind::InvalidData, ""));
    run(reader.read_line(&mut line)).expect("a line");
    assert_eq!(line, "fine\n");
}

#[test]
fn a_line_without_end_stops_at_the_limit() {
    let endless = (0..100).map(|_| Bytes(b"xxxxxxxxxx"));
    let mut endless = reader(endless).with_limit(64);
    let mut line = Vec::new();
    let error = run(endless.read_until(b'\n', &mut line)).expect_err("it is too long");
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    assert!(error.to_string().contains("64"), "{error}");
    assert!(endless.get_ref().calls <= 16, "it read on: {} calls", endless.get_ref().calls);
    // A line that is as long as the limit, with its end, is none too long.
    let mut exact = reader([Bytes(b"1234567\n12345678\n")]).with_limit(8);
    assert_eq!(run(exact.read_until(b'\n', &mut line)).expect("a line"), 8);
    assert!(run(exact.read_until(b'\n', &mut line)).is_err());
}

#[test]
fn a_reader_reads_through_its_buffer_in_order() {
    let mut reader = reader([Bytes(b"abcdefgh"), Bytes(b"ij")]);
    assert_eq!(run(reader.fill_buf()).expect("bytes"), b"abcd");
    let mut bytes = [0; 10];
    run(reader.read_exact(&mut bytes)).expect("all");
    assert_eq!(&bytes, b"abcdefghij");
    assert_eq!(run(reader.read(&mut [])).expect("nothing"), 0);
    assert_eq!(run(reader.read(&mut bytes)).expect("the end"), 0);
}

#[test]
fn small_writes_become_one() {
    let mut writer = BufWriter::with_capacity(8, scripted([]));
    for word in [&b"ab"[..], b"cd", b"ef"] {
        run(writer.write_all(word)).expect("room");
    }
    run(writer.write_vectored(&[IoSlice::new(b"g"), IoSlice::new(b"h")])).expect("room");
    assert_eq!((writer.get_ref().calls, writer.buffer()), (0, &b"abcdefgh"[..]));
    run(writer.flush()).expect("flushed");
    assert_eq!((writer.get_ref().calls, &*writer.get_ref().written), (1, &b"abcdefgh"[..]));
    assert_eq!((writer.get_ref().flushes, writer.buffer()), (1, &b""[..]));
}

#[test]
fn a_large_write_follows_what_was_kept_back_and_is_not_copied() {
    let mut writer = BufWriter::with_capacity(4, scripted([]));
    run(writer.write_all(b"abc")).expect("room");
    run(writer.write_all(b"DEFGHI")).expect("room");
    assert_eq!(writer.get_ref().written, b"abcDEFGHI");
    assert_eq!(writer.buffer(), b"");
}

#[test]
fn a_dropped_flush_is_taken_up_where_it_was() {
    let steps = [Room(2), Later, Room(1), Later];
    let mut writer = BufWriter::with_capacity(8, scripted(steps));
    run(writer.write_all(b"abcdef")).expect("room");
    assert!(poll_once(&mut writer.flush()).is_pending());
    assert_eq!((&*writer.get_ref().written, writer.buffer()), (&b"ab"[..], &b"cdef"[..]));
    // More may be written in between; it goes behind.
    assert!(poll_once(&mut writer.write(b"ghi")).is_pending(), "no room before the rest is gone");
    run(writer.write_all(b"ghi")).expect("room");
    run(writer.flush()).expect("flushed");
    assert_eq!(writer.get_ref().written, b"abcdefghi", "each byte once");
}

#[test]
fn a_writer_that_takes_nothing_more_is_an_error() {
    let mut writer = BufWriter::with_capacity(8, scripted([Room(0)]));
    run(writer.write_all(b"ab")).expect("room");
    assert_eq!(run(writer.flush()).expect_err("no progress").kind(), ErrorKind::WriteZero);
    run(writer.flush()).expect("nothing was lost by the error");
    assert_eq!(writer.get_ref().written, b"ab");
}

#[test]
fn shutdown_flushes_first() {
    let mut writer = BufWriter::new(scripted([Later]));
    run(writer.write_all(b"last words")).expect("room");
    run(writer.shutdown()).expect("shut down");
    let inner = writer.into_inner();
    assert_eq!((&*inner.written, inner.shut_down), (&b"last words"[..], true));
}

#[test]
fn a_connection_is_buffered_in_both_directions() -> io::Result<()> {
    with_reactor(|_| {
        let (ours, peer) = UnixStream::pair()?;
        let mut ours = BufReader::new(BufWriter::new(ours));
        let talk = async {
            ours.write_all(b"question\n").await?;
            ours.flush().await?;
            let mut line = String::new();
            ours.read_line(&mut line).await?;
            Ok::<_, io::Error>(line)
        };
        let answer = async {
            let (reader, mut writer) = peer.into_split();
            let mut lines = BufReader::new(reader).lines();
            let line = lines.next_line().await?.expect("a line");
            writer.write_all(format!("{line}? answer\n").as_bytes()).await
        };
        let (line, answered) = block_on("a question and an answer", support::both(talk, answer));
        answered?;
        assert_eq!(line?, "question? answer\n");
        Ok(())
    })
}
