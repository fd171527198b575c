//! What the parser promises, above all: it does not matter where the pieces end.

use proptest::prelude::*;

use super::super::Arguments;
use super::{MAX_LINE, Progress, ProtocolError, Request, Stage};

const MAX_BULK: u32 = 512 << 20;

/// The requests in a stream, and the error that ended it.
type Parsed = (Vec<Vec<Vec<u8>>>, Option<ProtocolError>);

fn owned(arguments: Arguments<'_>) -> Vec<Vec<u8>> {
    arguments.from(0).map(<[u8]>::to_vec).collect()
}

/// Feeds `pieces` as a connection does: what is not consumed stays in front of the next piece.
fn parse<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Parsed {
    let mut requests = Vec::new();
    let mut bytes = Vec::new();
    let mut request = Request::new();
    for piece in pieces {
        bytes.extend_from_slice(piece);
        loop {
            match request.advance(&bytes, MAX_BULK) {
                Ok(Progress::Incomplete) => break,
                Ok(Progress::Complete(length)) => {
                    let parts = request.parts_in(&bytes);
                    let arguments = parts.arguments();
                    if !arguments.is_empty() {
                        requests.push(owned(arguments));
                    }
                    request.reset();
                    bytes.drain(..length);
                }
                Err(error) => return (requests, Some(error)),
            }
        }
    }
    (requests, None)
}

fn whole(bytes: &[u8]) -> Parsed {
    parse([bytes])
}

fn assert_requests(bytes: &[u8], expected: &[&[&[u8]]]) {
    let (requests, error) = whole(bytes);
    assert_eq!((requests.len(), error), (expected.len(), None), "{}", bytes.escape_ascii());
    for (request, expected) in requests.iter().zip(expected) {
        assert_eq!(request, expected, "{}", bytes.escape_ascii());
    }
}

fn assert_error(bytes: &[u8], expected: ProtocolError) {
    assert_eq!(whole(bytes).1, Some(expected), "{}", bytes.escape_ascii());
}

/// A stream with everything in it that a client may send.
const MIXED: &[u8] = b"*2\r\n$3\r\nGET\r\n$1\r\na\r\n\r\nSET k \"a b\\x41\"\r\n*0\r\n*-1\r\n\
    *3\r\n$3\r\nSET\r\n$0\r\n\r\n$12\r\n\r\n*1\r\n$4\r\n\r\n\r\nPING\n  \n*1\r\n$004\r\n";

#[test]
fn requests_come_out_as_they_were_sent() {
    assert_requests(b"*2\r\n$3\r\nGET\r\n$1\r\na\r\n", &[&[b"GET", b"a"]]);
    assert_requests(b"PING\r\nPING\n", &[&[b"PING"], &[b"PING"]]);
    assert_requests(b"*1\r\n$4\r\nPING\r\nECHO hi\r\n", &[&[b"PING"], &[b"ECHO", b"hi"]]);
    assert_requests(b"*2\r\n$0\r\n\r\n$2\r\n\r\n\r\n", &[&[b"", b"\r\n"]]);
    let long = [b'x'; 100];
    let bytes = [&b"*2\r\n$100\r\n"[..], &long, b"\r\n$10\r\n0123456789\r\n"].concat();
    assert_requests(&bytes, &[&[&long, b"0123456789"]]);
}

#[test]
fn empty_requests_are_ignored() {
    assert_requests(b"\r\n\n   \r\n*0\r\n*-1\r\n*-9999\r\nPING\r\n", &[&[b"PING"]]);
}

#[test]
fn the_two_bytes_after_an_argument_are_skipped_unseen() {
    assert_requests(b"*1\r\n$4\r\nPINGxyPING\r\n", &[&[b"PING"], &[b"PING"]]);
}

#[test]
fn what_is_no_request_is_an_error() {
    use ProtocolError::*;
    for count in ["abc", "", "01", "+1", " 1", "1 ", "2147483648", "9223372036854775808", "-0"] {
        assert_error(format!("*{count}\r\n").as_bytes(), InvalidCount);
    }
    for length in ["abc", "", "-1", "01", "536870913", "9223372036854775808", "1.5"] {
        assert_error(format!("*1\r\n${length}\r\n").as_bytes(), InvalidBulkLength);
    }
    assert_error(b"*1\r\nPING\r\n", ExpectedBulk(b'P'));
    assert_error(b"*1\r\n*1\r\n$4\r\nPING\r\n", ExpectedBulk(b'*'));
    assert_error(b"*1\r\n\xff\r\n", ExpectedBulk(0xff));
    assert_error(b"GET \"a\r\n", UnbalancedQuotes);
    assert_eq!(ExpectedBulk(0xff).message(), b"expected '$', got '\xff'");
}

#[test]
fn an_argument_may_be_as_long_as_allowed_and_no_longer() {
    let mut request = Request::new();
    assert_eq!(request.advance(b"*1\r\n$10\r\n", 10), Ok(Progress::Incomplete));
    let error = Request::new().advance(b"*1\r\n$11\r\n", 10);
    assert_eq!(error, Err(ProtocolError::InvalidBulkLength));
}

#[test]
fn lines_without_an_end_are_too_big_one_byte_after_the_limit() {
    use ProtocolError::*;
    for (start, error) in [
        (&b""[..], InlineTooBig),
        (b"*", CountLineTooBig),
        (b"*1\r\n$", LengthLineTooBig),
        (b"*1\r\n", LengthLineTooBig),
        (b"PING\0\r\n", InlineTooBig),
        (b"*1\0\r\n", CountLineTooBig),
    ] {
        let line = start.strip_prefix(b"*1\r\n").unwrap_or(start).len();
        let longest = [start, &vec![b'1'; MAX_LINE - line]].concat();
        assert_eq!(whole(&longest), (vec![], None), "{}", start.escape_ascii());
        assert_error(&[&longest[..], b"1"].concat(), error);
    }
}

#[test]
fn any_single_cut_gives_the_same_requests() {
    let expected = whole(MIXED);
    assert_eq!(expected.0.len(), 4);
    assert_eq!(expected.1, Some(ProtocolError::InvalidBulkLength));
    for cut in 0..=MIXED.len() {
        let (before, after) = MIXED.split_at(cut);
        assert_eq!(parse([before, after]), expected, "cut at {cut}");
    }
    assert_eq!(parse(MIXED.chunks(1)), expected, "byte by byte");
}

#[test]
fn claimed_lengths_cost_no_memory() {
    for claim in [&b"*2147483647\r\n"[..], b"*2147483647\r\n$536870912\r\nabc"] {
        let mut request = Request::new();
        assert_eq!(request.advance(claim, MAX_BULK), Ok(Progress::Incomplete));
        assert_eq!((request.spans.capacity(), request.text.capacity()), (0, 0));
    }
}

#[test]
fn no_byte_of_an_unfinished_line_is_searched_twice() {
    let mut bytes = Vec::new();
    let mut request = Request::new();
    for _ in 0..MAX_LINE {
        bytes.push(b'a');
        assert_eq!(request.advance(&bytes, MAX_BULK), Ok(Progress::Incomplete));
        assert_eq!(request.searched, bytes.len());
    }
}

#[test]
fn arguments_that_are_there_are_not_looked_at_again() {
    let mut bytes = b"*1000000\r\n".to_vec();
    let mut request = Request::new();
    for count in 1..=10_000 {
        bytes.extend_from_slice(b"$1\r\na\r\n");
        assert_eq!(request.advance(&bytes, MAX_BULK), Ok(Progress::Incomplete));
        assert_eq!((request.position, request.spans.len()), (bytes.len(), count));
    }
}

#[test]
fn a_request_of_many_arguments_leaves_no_large_memory_behind() {
    let bytes = [&b"*100000\r\n"[..], &b"$1\r\na\r\n".repeat(100_000)].concat();
    let mut request = Request::new();
    assert_eq!(request.advance(&bytes, MAX_BULK), Ok(Progress::Complete(bytes.len())));
    assert_eq!(request.parts_in(&bytes).arguments().len(), 100_000);
    request.reset();
    assert!(request.spans.capacity() <= 1024);
    assert_eq!(request.stage, Stage::Start);
}

#[test]
fn nested_arrays_are_refused_at_the_first_inner_one() {
    assert_error(&b"*1\r\n".repeat(1_000_000), ProtocolError::ExpectedBulk(b'*'));
}

/// A request as a client writes it, in one of the two forms.
fn written() -> impl Strategy<Value = Vec<u8>> {
    let argument = || proptest::collection::vec(any::<u8>(), 0..20);
    let array = proptest::collection::vec(argument(), 0..6).prop_map(|arguments| {
        let mut bytes = format!("*{}\r\n", arguments.len()).into_bytes();
        for argument in arguments {
            bytes.extend_from_slice(format!("${}\r\n", argument.len()).as_bytes());
            bytes.extend_from_slice(&argument);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes
    });
    let line = "[a-zA-Z0-9 \"'\\\\x]{0,30}\r?\n".prop_map(String::into_bytes);
    // Now and then something that is no request at all.
    let noise = proptest::collection::vec(any::<u8>(), 0..12);
    prop_oneof![8 => array, 4 => line, 1 => noise]
}

proptest! {
    #[test]
    fn any_split_of_any_stream_gives_the_same_requests(
        stream in proptest::collection::vec(written(), 0..8),
        cuts in proptest::collection::vec(1usize..40, 1..50),
    ) {
        let stream = stream.concat();
        let mut pieces = Vec::new();
        let mut rest = &stream[..];
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, after) = rest.split_at(rest.len().min(*cut));
            pieces.push(piece);
            rest = after;
        }
        prop_assert_eq!(parse(pieces), whole(&stream));
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = whole(&bytes);
        let _ = whole(&[b"*3\r\n", &bytes[..]].concat());
        let _ = whole(&[b"*1\r\n$", &bytes[..]].concat());
    }
}
