//! Redis's protocol, as much as is needed: requests are arrays of bulk strings.
//!
//! ```text
//!   *2 \r\n   $3 \r\n GET \r\n   $1 \r\n a \r\n
//!   └ count   └ length of the first argument, the argument, …
//! ```
//!
//! Nothing is copied: the arguments are slices of what was read.

/// The most arguments of one request.
pub(crate) const MOST_ARGUMENTS: usize = 8;

/// The most bytes of one argument.
const MOST_BYTES: usize = 1 << 20;

/// The most bytes that a request may take: what is longer and still incomplete cannot be one.
pub(crate) const MOST_REQUEST: usize = MOST_ARGUMENTS * (MOST_BYTES + 32);

/// The arguments, the command's name first.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    arguments: [&'a [u8]; MOST_ARGUMENTS],
    count: usize,
}

impl<'a> Request<'a> {
    pub(crate) fn arguments(&self) -> &[&'a [u8]] {
        &self.arguments[..self.count]
    }
}

/// The first request of `bytes`, and how many bytes it takes; `None` where bytes are missing.
///
/// # Errors
/// This is not the beginning of a request, and why.
#[inline]
pub(crate) fn parse(bytes: &[u8]) -> Result<Option<(Request<'_>, usize)>, &'static str> {
    match whole(bytes) {
        Ok(request) => Ok(Some(request)),
        Err(None) => Ok(None),
        Err(Some(why)) => Err(why),
    }
}

/// `Err(None)` where bytes are missing.
fn whole(bytes: &[u8]) -> Result<(Request<'_>, usize), Option<&'static str>> {
    let mut at = 0;
    let count = number(bytes, &mut at, b'*', MOST_ARGUMENTS)?;
    let mut arguments: [&[u8]; MOST_ARGUMENTS] = [&[]; MOST_ARGUMENTS];
    for argument in &mut arguments[..count] {
        let length = number(bytes, &mut at, b'$', MOST_BYTES)?;
        *argument = bytes.get(at..at + length).ok_or(None)?;
        at += length;
        line_end(bytes, &mut at)?;
    }
    Ok((Request { arguments, count }, at))
}

/// A mark, a number of at most `most`, a line's end.
fn number(
    bytes: &[u8],
    at: &mut usize,
    mark: u8,
    most: usize,
) -> Result<usize, Option<&'static str>> {
    if *bytes.get(*at).ok_or(None)? != mark {
        return Err(Some("Protocol error: expected an array of bulk strings"));
    }
    *at += 1;
    let first = *at;
    let mut number = 0;
    while let Some(next) = digit(*bytes.get(*at).ok_or(None)?) {
        number = number * 10 + next;
        *at += 1;
        // At each digit: a number of any length stays small.
        if number > most {
            return Err(Some("Protocol error: too long"));
        }
    }
    if *at == first {
        return Err(Some("Protocol error: invalid length"));
    }
    line_end(bytes, at)?;
    Ok(number)
}

fn digit(byte: u8) -> Option<usize> {
    byte.is_ascii_digit().then(|| usize::from(byte - b'0'))
}

fn line_end(bytes: &[u8], at: &mut usize) -> Result<(), Option<&'static str>> {
    match bytes.get(*at..*at + 2) {
        Some(b"\r\n") => {
            *at += 2;
            Ok(())
        }
        Some(_) => Err(Some("Protocol error: expected the end of a line")),
        None => Err(None),
    }
}

/// Appends a string of any bytes.
pub(crate) fn bulk(output: &mut Vec<u8>, bytes: &[u8]) {
    mark(output, b'$', bytes.len());
    output.extend_from_slice(bytes);
    output.extend_from_slice(b"\r\n");
}

/// Appends a mark and a number: an integer, or the header of what follows.
pub(crate) fn mark(output: &mut Vec<u8>, mark: u8, number: usize) {
    output.push(mark);
    output.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
    output.extend_from_slice(b"\r\n");
}

/// Appends an error.
pub(crate) fn error(output: &mut Vec<u8>, why: &str) {
    output.extend_from_slice(b"-ERR ");
    output.extend_from_slice(why.as_bytes());
    output.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_beginning_of_a_request_is_partial_and_the_whole_is_whole() {
        let bytes = b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$12\r\nhello\r\nworld\r\n*1\r\n";
        let length = bytes.len() - 4;
        for end in 0..length {
            assert!(matches!(parse(&bytes[..end]), Ok(None)), "{end} bytes");
        }
        let Ok(Some((request, taken))) = parse(bytes) else { panic!("it is whole") };
        assert_eq!(taken, length);
        assert_eq!(request.arguments(), [&b"SET"[..], b"a", b"hello\r\nworld"]);
    }

    #[test]
    fn what_is_no_request_is_refused_and_not_waited_for() {
        for bytes in
            ["GET a\r\n", "*x\r\n", "*9\r\n", "*17\r\n", "*1\r\n:1\r\n", "*1\r\n$9999999", "*1\rx"]
        {
            assert!(parse(bytes.as_bytes()).is_err(), "{bytes:?}");
        }
    }
}
