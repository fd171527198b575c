//! Replies to bytes: each kind of reply in the words of the client's version of the protocol.
//!
//! | | RESP2 | RESP3 |
//! | --- | --- | --- |
//! | null | `$-1` | `_` |
//! | null array | `*-1` | `_` |
//! | map of n pairs | `*2n` | `%n` |
//! | set | `*n` | `~n` |
//! | push | `*n` | `>n` |
//! | text | `$n` | `=n`, with `txt:` before it |
//!
//! Everything is appended to one buffer: a batch of replies is one piece of memory, and one write.

use super::Protocol;

/// Appends replies to `out`.
#[derive(Debug)]
pub struct Reply<'a> {
    /// Where the bytes go.
    pub out: &'a mut Vec<u8>,
    /// The version that the client speaks.
    pub protocol: Protocol,
}

impl<'a> Reply<'a> {
    /// A writer that appends to `out`.
    pub fn new(out: &'a mut Vec<u8>, protocol: Protocol) -> Reply<'a> {
        Reply { out, protocol }
    }

    /// `+OK`
    #[inline]
    pub fn ok(&mut self) {
        self.out.extend_from_slice(b"+OK\r\n");
    }

    /// A short text without line ends.
    pub fn status(&mut self, text: &str) {
        self.out.push(b'+');
        self.out.extend_from_slice(text.as_bytes());
        self.end_line();
    }

    /// An error. The first word of `text` is its code (`ERR`, `NOPROTO`); what would break the
    /// line becomes a space.
    pub fn error(&mut self, text: impl AsRef<[u8]>) {
        self.out.push(b'-');
        let start = self.out.len();
        self.out.extend_from_slice(text.as_ref());
        for byte in &mut self.out[start..] {
            if matches!(byte, b'\r' | b'\n') {
                *byte = b' ';
            }
        }
        self.end_line();
    }

    /// An integer.
    #[inline]
    pub fn integer(&mut self, number: i64) {
        if let Ok(digit @ 0..=9) = u8::try_from(number) {
            return self.out.extend_from_slice(&[b':', b'0' + digit, b'\r', b'\n']);
        }
        self.out.push(b':');
        self.out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
        self.end_line();
    }

    /// How many of something there are.
    #[inline]
    pub fn count(&mut self, number: usize) {
        self.integer(i64::try_from(number).unwrap_or(i64::MAX));
    }

    /// A string of any bytes.
    #[inline(never)]
    pub fn bulk(&mut self, bytes: &[u8]) {
        self.bulk_here(bytes);
    }

    /// The same, as a part of its caller, which saves a call: for GET.
    #[inline(always)]
    pub fn bulk_here(&mut self, bytes: &[u8]) {
        self.header(b'$', bytes.len());
        self.out.extend_from_slice(bytes);
        self.end_line();
    }

    /// Text for people to read.
    pub fn verbatim(&mut self, text: &str) {
        match self.protocol {
            Protocol::Resp2 => self.bulk(text.as_bytes()),
            Protocol::Resp3 => {
                self.header(b'=', text.len() + 4);
                self.out.extend_from_slice(b"txt:");
                self.out.extend_from_slice(text.as_bytes());
                self.end_line();
            }
        }
    }

    /// Nothing, where a string could be.
    #[inline]
    pub fn null(&mut self) {
        self.out.extend_from_slice(match self.protocol {
            Protocol::Resp2 => b"$-1\r\n",
            Protocol::Resp3 => b"_\r\n",
        });
    }

    /// Nothing, where an array could be.
    pub fn null_array(&mut self) {
        self.out.extend_from_slice(match self.protocol {
            Protocol::Resp2 => b"*-1\r\n",
            Protocol::Resp3 => b"_\r\n",
        });
    }

    /// The value or nothing.
    #[inline]
    pub fn bulk_or_null(&mut self, bytes: Option<&[u8]>) {
        match bytes {
            Some(bytes) => self.bulk(bytes),
            None => self.null(),
        }
    }

    /// An array; its `length` elements are written next.
    #[inline]
    pub fn array(&mut self, length: usize) {
        self.header(b'*', length);
    }

    /// A map; its `pairs` of key and value are written next.
    pub fn map(&mut self, pairs: usize) {
        match self.protocol {
            Protocol::Resp2 => self.header(b'*', pairs * 2),
            Protocol::Resp3 => self.header(b'%', pairs),
        }
    }

    /// A set; its `length` elements are written next.
    pub fn set(&mut self, length: usize) {
        match self.protocol {
            Protocol::Resp2 => self.header(b'*', length),
            Protocol::Resp3 => self.header(b'~', length),
        }
    }

    /// Something that no request asked for; its `length` elements are written next.
    pub fn push(&mut self, length: usize) {
        self.header(self.protocol.push_mark(), length);
    }

    /// A mark, a length, a line end; nearly all lengths have one digit or two.
    #[inline(always)]
    fn header(&mut self, mark: u8, length: usize) {
        match length {
            0..10 => self.out.extend_from_slice(&[mark, b'0' + length as u8, b'\r', b'\n']),
            10..100 => {
                let [tens, ones] = PAIRS[length];
                self.out.extend_from_slice(&[mark, tens, ones, b'\r', b'\n']);
            }
            _ => self.long_header(mark, length),
        }
    }

    fn long_header(&mut self, mark: u8, length: usize) {
        self.out.push(mark);
        self.out.extend_from_slice(itoa::Buffer::new().format(length).as_bytes());
        self.end_line();
    }

    #[inline]
    fn end_line(&mut self) {
        self.out.extend_from_slice(b"\r\n");
    }
}

/// The two digits of each number below 100. To look them up is cheaper than to divide.
static PAIRS: [[u8; 2]; 100] = {
    let (mut pairs, mut number) = ([[0; 2]; 100], 0);
    while number < pairs.len() {
        pairs[number] = [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
        number += 1;
    }
    pairs
};

#[cfg(test)]
mod tests {
    use super::{Protocol, Reply};

    fn written(protocol: Protocol, write: impl Fn(&mut Reply<'_>)) -> String {
        let mut out = Vec::new();
        write(&mut Reply::new(&mut out, protocol));
        String::from_utf8(out).expect("the tests write text")
    }

    #[test]
    fn both_versions_agree_on_the_old_types() {
        for protocol in [Protocol::Resp2, Protocol::Resp3] {
            assert_eq!(written(protocol, |reply| reply.ok()), "+OK\r\n");
            assert_eq!(written(protocol, |reply| reply.status("PONG")), "+PONG\r\n");
            assert_eq!(written(protocol, |reply| reply.error("ERR a\r\nb")), "-ERR a  b\r\n");
            assert_eq!(written(protocol, |reply| reply.bulk(b"")), "$0\r\n\r\n");
            assert_eq!(written(protocol, |reply| reply.array(12)), "*12\r\n");
        }
    }

    #[test]
    fn lengths_and_integers_of_every_width() {
        for length in [0, 1, 9, 10, 11, 99, 100, 101, 999, 1000, 65_536, 1_000_000] {
            assert_eq!(written(Protocol::Resp2, |r| r.array(length)), format!("*{length}\r\n"));
            let bulk = "x".repeat(length);
            let expected = format!("${length}\r\n{bulk}\r\n");
            assert_eq!(written(Protocol::Resp2, |r| r.bulk(bulk.as_bytes())), expected);
        }
        for number in [i64::MIN, -10, -1, 0, 1, 9, 10, 99, 100, i64::MAX] {
            assert_eq!(written(Protocol::Resp2, |r| r.integer(number)), format!(":{number}\r\n"));
        }
    }

    #[test]
    fn version_3_has_types_of_its_own() {
        let write = |reply: &mut Reply<'_>| {
            reply.null();
            reply.null_array();
            reply.map(1);
            reply.set(2);
            reply.push(3);
            reply.verbatim("hi");
        };
        let expected = "$-1\r\n*-1\r\n*2\r\n*2\r\n*3\r\n$2\r\nhi\r\n";
        assert_eq!(written(Protocol::Resp2, write), expected);
        assert_eq!(written(Protocol::Resp3, write), "_\r\n_\r\n%1\r\n~2\r\n>3\r\n=6\r\ntxt:hi\r\n");
    }
}
