//! From the bytes of a connection to lines, in whatever pieces they arrive.

use std::borrow::Cow;
use std::mem;

use memchr::memchr2;

use super::telnet::{IAC, Telnet};
use crate::message::LineEnd;

/// The most bytes that a line may have, without its end.
pub(crate) const LONGEST: usize = 64 << 10;

/// What one connection's bytes have come to so far. Between lines it holds no memory.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// The beginning of a line.
    line: Vec<u8>,
    /// The line is too long already; its bytes are dropped.
    dropping: bool,
    telnet: Telnet,
}

/// One line, which has ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    Complete { text: Cow<'a, [u8]>, end: LineEnd },
    TooLong,
}

impl Lines {
    /// Takes bytes in, to the end of a line or all. How many, and the line.
    pub(super) fn advance<'a>(&mut self, bytes: &'a [u8]) -> (usize, Option<Line<'a>>) {
        let mut position = 0;
        while position < bytes.len() {
            if self.telnet != Telnet::Data {
                if self.telnet.advance(bytes[position]) {
                    self.keep(&[IAC]);
                }
                position += 1;
                continue;
            }
            let rest = &bytes[position..];
            let Some(found) = memchr2(b'\n', IAC, rest) else {
                self.keep(rest);
                break;
            };
            position += found + 1;
            if rest[found] == b'\n' {
                return (position, Some(self.complete(&rest[..found])));
            }
            self.keep(&rest[..found]);
            self.telnet.advance(IAC);
        }
        (bytes.len(), None)
    }

    /// Takes a complete line back, but for the LF that ended it, which is to come again.
    pub(super) fn put_back(&mut self, line: Line<'_>) {
        let Line::Complete { text, end } = line else { return };
        self.line = text.into_owned();
        if end == LineEnd::CrLf {
            self.line.push(b'\r');
        }
    }

    /// Puts bytes into the unfinished line.
    fn keep(&mut self, bytes: &[u8]) {
        // One more than allowed: it may be the CR of the line's end.
        if self.dropping || self.line.len() + bytes.len() > LONGEST + 1 {
            self.dropping = true;
            self.line = Vec::new();
        } else {
            self.line.extend_from_slice(bytes);
        }
    }

    /// The line that ends with these bytes.
    fn complete<'a>(&mut self, last: &'a [u8]) -> Line<'a> {
        let mut text = Cow::Borrowed(last);
        if self.dropping || !self.line.is_empty() {
            self.keep(last);
            text = Cow::Owned(mem::take(&mut self.line));
        }
        let end = if text.ends_with(b"\r") { LineEnd::CrLf } else { LineEnd::Lf };
        if end == LineEnd::CrLf {
            text = match text {
                Cow::Borrowed(text) => Cow::Borrowed(&text[..text.len() - 1]),
                Cow::Owned(mut text) => {
                    text.pop();
                    Cow::Owned(text)
                }
            };
        }
        if mem::take(&mut self.dropping) || text.len() > LONGEST {
            return Line::TooLong;
        }
        Line::Complete { text, end }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{LONGEST, Line, LineEnd, Lines, Telnet};

    /// All lines of `bytes`, which arrive in pieces of this size.
    fn lines(bytes: &[u8], piece: usize) -> Vec<Option<(Vec<u8>, LineEnd)>> {
        let mut lines = Lines::default();
        let mut found = Vec::new();
        for mut piece in bytes.chunks(piece) {
            while !piece.is_empty() {
                let (length, line) = lines.advance(piece);
                piece = &piece[length..];
                found.extend(line.map(|line| match line {
                    Line::Complete { text, end } => Some((text.into_owned(), end)),
                    Line::TooLong => None,
                }));
            }
        }
        found
    }

    fn texts(bytes: &[u8], piece: usize) -> Vec<Vec<u8>> {
        lines(bytes, piece).into_iter().map(|line| line.expect("a short line").0).collect()
    }

    #[test]
    fn lines_end_with_lf_or_crlf_in_whatever_pieces() {
        let bytes = b"one\ntwo\r\n\n\r\na\rb\r\r\nunfinished";
        let expected = [
            (&b"one"[..], LineEnd::Lf),
            (b"two", LineEnd::CrLf),
            (b"", LineEnd::Lf),
            (b"", LineEnd::CrLf),
            (b"a\rb\r", LineEnd::CrLf),
        ];
        for piece in 1..=bytes.len() {
            let expected: Vec<_> =
                expected.iter().map(|(text, end)| Some((text.to_vec(), *end))).collect();
            assert_eq!(lines(bytes, piece), expected, "in pieces of {piece}");
        }
    }

    #[test]
    fn telnet_commands_are_left_out_wherever_they_are_cut() {
        // WILL and DO with an option, a negotiation that holds a line end and a doubled 255,
        // NOP, a doubled 255 that is meant, and interrupt.
        let bytes = b"\xff\xfb\x01S\xff\xfd\x0aUB \xff\xfa\x1f\x00\x0a\xff\xff\x18\xff\xf0a\
                      \xff\xf1b\r\n\xff\xff\n\xff\xf4x\n";
        for piece in 1..=bytes.len() {
            let expected = [&b"SUB ab"[..], b"\xff", b"x"];
            assert_eq!(texts(bytes, piece), expected, "in pieces of {piece}");
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_dropped_and_the_next_one_counts() {
        let longest = vec![b'x'; LONGEST];
        for end in [&b"\n"[..], b"\r\n"] {
            let bytes = [&longest[..], end, &longest, b"y", end, b"short", end].concat();
            for piece in [1, 1000, LONGEST, bytes.len()] {
                let lines = lines(&bytes, piece);
                let texts: Vec<_> = lines.into_iter().map(|line| Some(line?.0)).collect();
                let expected = [Some(longest.clone()), None, Some(b"short".to_vec())];
                assert!(texts == expected, "in pieces of {piece}");
            }
        }
    }

    #[test]
    fn an_endless_line_costs_no_memory() {
        let mut lines = Lines::default();
        for _ in 0..100 {
            assert_eq!(lines.advance(&[b'x'; 1 << 16]), (1 << 16, None));
            assert!(lines.line.capacity() <= 2 * LONGEST);
        }
        assert_eq!(lines.line.capacity(), 0);
        assert_eq!(lines.advance(b"\nnext"), (1, Some(Line::TooLong)));
    }

    #[test]
    fn a_line_that_is_put_back_comes_again_with_its_end() {
        for bytes in [&b"PUB a b\n"[..], b"PUB a b\r\n", b"\n", b"\r\n"] {
            let mut lines = Lines::default();
            let (length, first) = lines.advance(bytes);
            let first = first.expect("a line");
            let expected = format!("{first:?}");
            lines.put_back(first);
            let (more, second) = lines.advance(&bytes[length - 1..]);
            assert_eq!((more, format!("{:?}", second.expect("the line"))), (1, expected));
        }
    }

    #[test]
    fn between_lines_no_memory_is_held() {
        let mut lines = Lines::default();
        assert_eq!(lines.advance(b"SUB"), (3, None));
        assert!(lines.advance(b" a\n").1.is_some());
        assert_eq!((lines.line.capacity(), lines.telnet), (0, Telnet::Data));
    }

    proptest! {
        #[test]
        fn pieces_change_nothing(
            bytes in prop::collection::vec(
                prop_oneof![Just(b'\n'), Just(b'\r'), Just(255), Just(250), Just(240), any::<u8>()],
                0..80,
            ),
            piece in 1..20usize,
        ) {
            prop_assert_eq!(lines(&bytes, piece), lines(&bytes, 80));
        }
    }
}
