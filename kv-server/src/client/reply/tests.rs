//! Every type, every split, and what a hostile server sends.

use proptest::prelude::*;

use super::super::value::{ServerError, Value};
use super::{Limits, Malformed, Replies};

/// Replies of every type, the last of which all lie in one array.
const EVERY_TYPE: &[u8] =
    b"+OK\r\n-ERR no\r\n:-3\r\n:+3\r\n$3\r\na\r\n\r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n_\r\n\
    #t\r\n#f\r\n,1.5\r\n,-inf\r\n,1e3\r\n(123456789012345678901234567890\r\n!9\r\nERR it is\r\n\
    =7\r\ntxt:abc\r\n%1\r\n+k\r\n:1\r\n%0\r\n~2\r\n:1\r\n:2\r\n>2\r\n+message\r\n$1\r\nx\r\n\
    |1\r\n+ttl\r\n:10\r\n|0\r\n+with attributes\r\n\
    *3\r\n|1\r\n+a\r\n*1\r\n:1\r\n:7\r\n*2\r\n*0\r\n$1\r\nb\r\n_\r\n";

fn every_type() -> Vec<Value> {
    let status = |text: &str| Value::Status(text.into());
    let error = |text: &str| Value::Error(ServerError::new(text.as_bytes()));
    let bulk = |text: &str| Value::Bulk(text.into());
    let inner = Value::Array(vec![Value::Array(vec![]), bulk("b")]);
    vec![
        status("OK"),
        error("ERR no"),
        Value::Integer(-3),
        Value::Integer(3),
        bulk("a\r\n"),
        bulk(""),
        Value::Nil,
        Value::Nil,
        Value::Array(vec![]),
        Value::Nil,
        Value::Boolean(true),
        Value::Boolean(false),
        Value::Double(1.5),
        Value::Double(f64::NEG_INFINITY),
        Value::Double(1000.0),
        Value::BigNumber(b"123456789012345678901234567890".to_vec()),
        error("ERR it is"),
        Value::Verbatim(*b"txt", b"abc".to_vec()),
        Value::Map(vec![(status("k"), Value::Integer(1))]),
        Value::Map(vec![]),
        Value::Set(vec![Value::Integer(1), Value::Integer(2)]),
        Value::Push(vec![status("message"), bulk("x")]),
        status("with attributes"),
        Value::Array(vec![Value::Integer(7), inner, Value::Nil]),
    ]
}

/// All replies of these pieces, and the error at which they end.
fn parse(limits: Limits, pieces: &[&[u8]]) -> (Vec<Value>, Option<Malformed>) {
    let mut replies = Replies::new(limits);
    let mut values = Vec::new();
    for piece in pieces {
        replies.feed(piece);
        loop {
            match replies.next() {
                Ok(Some(value)) => values.push(value),
                Ok(None) => break,
                Err(error) => return (values, Some(error)),
            }
        }
    }
    (values, None)
}

fn refused(bytes: &[u8]) -> Option<Malformed> {
    let limits = Limits { depth: 4, bulk: 100, values: 10, bytes: 200 };
    parse(limits, &[bytes]).1
}

#[test]
fn every_type_is_understood() {
    assert_eq!(parse(Limits::default(), &[EVERY_TYPE]), (every_type(), None));
}

#[test]
fn bytes_one_by_one_are_the_same_replies() {
    let pieces: Vec<&[u8]> = EVERY_TYPE.chunks(1).collect();
    assert_eq!(parse(Limits::default(), &pieces), (every_type(), None));
}

#[test]
fn an_error_has_a_code_where_its_first_word_is_in_capitals() {
    assert_eq!(ServerError::new(b"WRONGTYPE Operation").code(), "WRONGTYPE");
    assert_eq!(ServerError::new(b"something else").code(), "");
}

#[test]
fn what_is_no_reply_is_refused_by_name() {
    for (bytes, expected) in [
        (&b"OK\r\n"[..], Malformed::UnknownType(b'O')),
        (b"\r\n", Malformed::NoType),
        (b"+OK\n", Malformed::NoType),
        (b":x\r\n", Malformed::Number),
        (b":\r\n", Malformed::Number),
        (b":9223372036854775808\r\n", Malformed::Number),
        (b",x\r\n", Malformed::Number),
        (b",infinity\r\n", Malformed::Number),
        (b"(12a\r\n", Malformed::Number),
        (b"#x\r\n", Malformed::Boolean),
        (b"_x\r\n", Malformed::UnknownType(b'_')),
        (b"$x\r\n", Malformed::Length),
        (b"$-2\r\n", Malformed::Length),
        (b"$?\r\n", Malformed::Length),
        (b"*-2\r\n", Malformed::Length),
        (b"%-1\r\n", Malformed::Length),
        (b"$1\r\nabc", Malformed::NoLineEnd),
        (b"=3\r\nabc\r\n", Malformed::Verbatim),
        (b"*1\r\n>1\r\n+a\r\n", Malformed::NestedPush),
        (b"$101\r\n", Malformed::TooLong),
        (b"*11\r\n", Malformed::TooManyValues),
        (b"%9223372036854775807\r\n", Malformed::TooManyValues),
        (b"*9223372036854775807\r\n", Malformed::TooManyValues),
        (b"*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n", Malformed::TooDeep),
        (b"|1\r\n|1\r\n|1\r\n|1\r\n|1\r\n", Malformed::TooDeep),
    ] {
        assert_eq!(refused(bytes), Some(expected), "{}", bytes.escape_ascii());
    }
}

#[test]
fn endless_lines_replies_and_attributes_are_refused() {
    assert_eq!(refused(&[b'+'; 70_000]), Some(Malformed::LineTooLong));
    let long = [b"*9\r\n".to_vec(), b"$90\r\n".to_vec(), vec![b'x'; 90], b"\r\n".to_vec()].concat();
    let again = [&long[..], &long[4..], &long[4..]].concat();
    assert_eq!(refused(&again), Some(Malformed::TooLong));
    assert_eq!(refused(&b"|0\r\n".repeat(11)), Some(Malformed::TooManyValues));
}

#[test]
fn an_error_lasts_and_what_came_before_it_is_given() {
    let mut replies = Replies::new(Limits::default());
    replies.feed(b"+OK\r\n?\r\n+OK\r\n");
    assert_eq!(replies.next(), Ok(Some(Value::Status(b"OK".to_vec()))));
    for _ in 0..2 {
        assert_eq!(replies.next(), Err(Malformed::UnknownType(b'?')));
    }
}

#[test]
fn a_claim_costs_no_memory() {
    let mut replies = Replies::new(Limits::default());
    replies.feed(b"*16000000\r\n$536870912\r\nabc");
    assert_eq!(replies.next(), Ok(None));
    assert!(replies.is_amid_reply());
    assert!(replies.bytes.capacity() < 1024, "{}", replies.bytes.capacity());
    assert!(replies.open.iter().all(|open| open.elements.capacity() == 0));
}

#[test]
fn memory_is_returned_after_a_large_reply() {
    let mut replies = Replies::new(Limits::default());
    let reply = [b"$1000000\r\n".to_vec(), vec![b'x'; 1_000_000], b"\r\n".to_vec()].concat();
    replies.feed(&reply);
    assert!(matches!(replies.next(), Ok(Some(Value::Bulk(bytes))) if bytes.len() == 1_000_000));
    replies.feed(b"+OK\r\n");
    assert!(replies.bytes.capacity() <= super::MAX_LINE, "{}", replies.bytes.capacity());
}

proptest! {
    #[test]
    fn any_split_gives_the_same_replies(cuts in prop::collection::vec(0..EVERY_TYPE.len(), 0..20)) {
        let mut cuts = cuts;
        cuts.extend([0, EVERY_TYPE.len()]);
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> =
            cuts.windows(2).map(|pair| &EVERY_TYPE[pair[0]..pair[1]]).collect();
        prop_assert_eq!(parse(Limits::default(), &pieces), (every_type(), None));
    }

    /// Mostly no replies at all; some begin well. Whatever it is, the split does not matter.
    #[test]
    fn any_split_of_any_bytes_ends_the_same(
        bytes in prop::collection::vec(prop::sample::select(b"+-:$*%~>|_#,(=!012a\r\n".to_vec()), 0..60),
        cut in 0..60_usize,
    ) {
        let (front, back) = bytes.split_at(cut.min(bytes.len()));
        let limits = Limits { depth: 3, bulk: 10, values: 10, bytes: 50 };
        let whole = parse(limits, &[&bytes]);
        prop_assert_eq!(format!("{whole:?}"), format!("{:?}", parse(limits, &[front, back])));
    }
}
