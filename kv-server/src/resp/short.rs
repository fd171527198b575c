//! Short requests that are there whole, parsed in one go: nearly all that ever come.
//!
//! ```text
//!   bytes   *2\r\n$3\r\n   GET  \r\n   $16\r\n   key:000000000042  \r\n
//!           └─ 1 word ─┘        skip   └ 5 bytes                   skip
//! ```
//!
//! A count and a name's length of one digit each are eight bytes: one integer, that differs from
//! `*0\r\n$0\r\n` by the two digits alone. Each further argument's header is compared likewise.
//!
//! Nothing is kept from one request to the next, so there is nothing to begin and nothing to reset.
//! "Not short" says no more than that [`super::Request`] must look; what is short, both understand
//! alike, as a test shows. A GET's parsing takes about 65 instructions here, and 158 there.

use super::Parts;
use super::arguments::Span;

/// The most arguments of a short request; `SET key value EX seconds` has five.
const MOST: usize = 5;

/// The longest length that is looked at here.
pub(crate) const LONGEST: u32 = 99;

/// Where the arguments of one short request are.
#[derive(Debug, Default)]
pub(crate) struct Short {
    spans: [Span; MOST],
}

impl Short {
    /// The request at the beginning of `bytes` and how long it is, if it is short and whole.
    #[inline(always)]
    pub(crate) fn parse<'a>(&'a mut self, bytes: &'a [u8]) -> Option<(Parts<'a>, usize)> {
        let word = u64::from_le_bytes(*bytes.first_chunk()?) ^ u64::from_le_bytes(*b"*0\r\n$0\r\n");
        if !is_digits(word, 0x0000_ff00_0000_ff00) {
            return None;
        }
        let (count, length) = (word as usize >> 8 & 0xf, (word >> 40) as u32);
        let rest = self.spans.get_mut(1..count)?;
        let mut position = 8 + length as usize + 2;
        for span in rest {
            let (length, start) = short_header(bytes, position, b'$')?;
            // Fits: there are few arguments, and each is short.
            *span = Span { start: start as u32, length };
            position = start + length as usize + 2;
        }
        // Where a header was found, all that comes before it is there; so this asks for the last.
        if position > bytes.len() {
            return None;
        }
        self.spans[0] = Span { start: 8, length };
        Some((Parts::new(bytes, self.spans.get(..count)?), position))
    }
}

/// A header whose number has two digits or one, and where it ends. `None` says only that the general
/// way must be tried.
///
/// Four bytes are compared at once: what differs from a header of zeros must be its digits.
#[inline(always)]
pub(super) fn short_header(bytes: &[u8], at: usize, mark: u8) -> Option<(u32, usize)> {
    let header = bytes.get(at..at + 5)?;
    let word = u32::from_le_bytes(*header.first_chunk()?);
    let two = word ^ u32::from_le_bytes([mark, b'0', b'0', b'\r']);
    let first = two >> 8 & 0xff;
    if is_digits(two.into(), 0x00ff_ff00) && first > 0 && header[4] == b'\n' {
        return Some((first * 10 + (two >> 16), at + 5));
    }
    let one = word ^ u32::from_le_bytes([mark, b'0', b'\r', b'\n']);
    if is_digits(one.into(), 0x0000_ff00) {
        return Some((one >> 8, at + 4));
    }
    None
}

/// Whether each byte of `word` that `places` marks is from 0 to 9, and each other is 0.
///
/// In a byte, 0x76 and what is above 9 come to 0x80 or more. A carry into the next byte comes from one
/// that has its highest bit set itself.
#[inline(always)]
fn is_digits(word: u64, places: u64) -> bool {
    const LARGEST: u64 = 0x7676_7676_7676_7676;
    const HIGHEST: u64 = 0x8080_8080_8080_8080;
    (word.wrapping_add(places & LARGEST) | word) & (!places | HIGHEST) == 0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{LONGEST, Short, short_header};
    use crate::resp::{Progress, Request};

    /// What the general parser makes of it.
    fn general(bytes: &[u8]) -> Option<(Vec<Vec<u8>>, usize)> {
        let mut request = Request::new();
        match request.advance(bytes, LONGEST + 1) {
            Ok(Progress::Complete(length)) => {
                let parts = request.parts_in(bytes);
                let arguments = parts.arguments();
                Some((arguments.from(0).map(<[u8]>::to_vec).collect(), length))
            }
            _ => None,
        }
    }

    fn short(bytes: &[u8]) -> Option<(Vec<Vec<u8>>, usize)> {
        let mut short = Short::default();
        let (parts, length) = short.parse(bytes)?;
        Some((parts.arguments().from(0).map(<[u8]>::to_vec).collect(), length))
    }

    fn encoded(words: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
        for word in words {
            bytes.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
            bytes.extend_from_slice(word);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes
    }

    #[test]
    fn short_requests_are_parsed_and_longer_ones_left_alone() {
        let words = |lengths: &[usize]| -> Vec<Vec<u8>> {
            lengths.iter().map(|&length| vec![b'x'; length]).collect()
        };
        for lengths in [&[4][..], &[0], &[3, 16], &[9, 99], &[3, 0, 64], &[3, 1, 10, 2, 99]] {
            let words = words(lengths);
            let bytes = encoded(&words);
            assert_eq!(short(&bytes), Some((words, bytes.len())), "{lengths:?}");
            for end in 0..bytes.len() {
                assert_eq!(short(&bytes[..end]), None, "{end} bytes of {lengths:?}");
            }
        }
        for lengths in [&[][..], &[10], &[3, 100], &[3, 1, 1, 1, 1, 1]] {
            assert_eq!(short(&encoded(&words(lengths))), None, "{lengths:?}");
        }
    }

    #[test]
    fn a_header_has_a_digit_or_two_and_nothing_else() {
        for (first, second) in (0..=u8::MAX).flat_map(|a| (0..=u8::MAX).map(move |b| (a, b))) {
            let is_two = matches!((first, second), (b'1'..=b'9', b'0'..=b'9'));
            let two = short_header(&[b'$', first, second, b'\r', b'\n'], 0, b'$');
            let number = || u32::from(first - b'0') * 10 + u32::from(second - b'0');
            assert_eq!(two, is_two.then(|| (number(), 5)), "{first} {second}");
            let one = short_header(&[b'$', first, b'\r', b'\n', second], 0, b'$');
            let digit = first.is_ascii_digit().then(|| (u32::from(first - b'0'), 4));
            assert_eq!(one, digit, "{first}, then {second}");
        }
    }

    proptest! {
        /// Whatever is taken for short, the general parser takes for the same.
        #[test]
        fn it_never_differs_from_the_general_parser(
            words in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..120), 0..7),
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
            more in prop::collection::vec(any::<u8>(), 0..9),
        ) {
            let mut bytes = encoded(&words);
            bytes.extend_from_slice(&more);
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            if let Some(found) = short(&bytes) {
                prop_assert_eq!(general(&bytes), Some(found));
            }
        }
    }
}
