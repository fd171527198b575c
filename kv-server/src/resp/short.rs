//! Short requests that are there whole, parsed in one go: nearly all that ever come.
//!
//! ```text
//!   bytes   *2\r\n$3\r\n   GET  \r\n   $16\r\n   key:000000000042  \r\n
//!           └─ 1 word ─┘        skip   └ 5 bytes                   skip
//! ```
//!
//! A count and a name's length of one digit each are eight bytes, and one comparison of integers
//! with the digits masked out. Each further argument's header is compared likewise.
//!
//! Nothing is kept from one request to the next, so there is nothing to begin and nothing to reset.
//! "Not short" says no more than that [`super::Request`] must look; what is short, both understand
//! alike, as a test shows. A GET's parsing takes about 65 instructions here, and 158 there.

use super::Arguments;
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
    pub(crate) fn parse<'a>(&'a mut self, bytes: &'a [u8]) -> Option<(Arguments<'a>, usize)> {
        const DIGITS: u64 = u64::from_le_bytes([0, 0xff, 0, 0, 0, 0xff, 0, 0]);
        const MARKS: u64 = u64::from_le_bytes(*b"*\0\r\n$\0\r\n");
        let word = u64::from_le_bytes(*bytes.first_chunk()?);
        let count = usize::from(((word >> 8) as u8).wrapping_sub(b'0'));
        let length = u32::from(((word >> 40) as u8).wrapping_sub(b'0'));
        if word & !DIGITS != MARKS || length > 9 {
            return None;
        }
        let (name, rest) = self.spans.get_mut(..count)?.split_first_mut()?;
        *name = Span { start: 8, length };
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
        Some((Arguments::new(bytes, &self.spans[..count]), position))
    }
}

/// A header whose number has two digits or one, and where it ends. `None` says only that the general
/// way must be tried.
///
/// Four bytes are compared at once, the digits masked out.
#[inline(always)]
pub(super) fn short_header(bytes: &[u8], at: usize, mark: u8) -> Option<(u32, usize)> {
    let &[m, a, b, c, d] = bytes.get(at..at + 5)?.first_chunk()?;
    let word = u32::from_le_bytes([m, a, b, c]);
    let (first, second) = (u32::from(a.wrapping_sub(b'0')), u32::from(b.wrapping_sub(b'0')));
    if word & 0xff00_00ff == u32::from_le_bytes([mark, 0, 0, b'\r'])
        && d == b'\n'
        && (1..=9).contains(&first)
        && second <= 9
    {
        return Some((first * 10 + second, at + 5));
    }
    if word & 0xffff_00ff == u32::from_le_bytes([mark, 0, b'\r', b'\n']) && first <= 9 {
        return Some((first, at + 4));
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{LONGEST, Short};
    use crate::resp::{Progress, Request};

    /// What the general parser makes of it.
    fn general(bytes: &[u8]) -> Option<(Vec<Vec<u8>>, usize)> {
        let mut request = Request::new();
        match request.advance(bytes, LONGEST + 1) {
            Ok(Progress::Complete(length)) => {
                let arguments = request.arguments_in(bytes);
                Some((arguments.from(0).map(<[u8]>::to_vec).collect(), length))
            }
            _ => None,
        }
    }

    fn short(bytes: &[u8]) -> Option<(Vec<Vec<u8>>, usize)> {
        let mut short = Short::default();
        let (arguments, length) = short.parse(bytes)?;
        Some((arguments.from(0).map(<[u8]>::to_vec).collect(), length))
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
