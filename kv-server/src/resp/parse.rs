//! Bytes to requests, without copying them and without looking at any byte twice.
//!
//! A request is an array of bulk strings (`*2\r\n$3\r\nGET\r\n$1\r\na\r\n`) or a line typed by
//! hand (`GET a\n`). Its bytes come in pieces that end anywhere. [`Request`] is what is known of
//! one whose end has not come yet:
//!
//! ```text
//!           1 '*'               2 count              3 last argument
//!  Start ──────────► Count ────────────► Arguments ──────────────► Complete
//!    │                                    │      ▲                    ▲
//!    │ 4 any other byte                   └──────┘ one argument       │
//!    └─────────────────────────────────► Inline ──────────────────────┘
//!                                                 5 '\n'
//!
//!  1, 4 advance   2 count   3 arguments   5 inline
//! ```
//!
//! - Positions are counted from the request's first byte, so the bytes may move between calls.
//! - `position` and `searched` never go back: the work is linear in the bytes, in how many pieces
//!   ever they come.
//! - Memory grows by the arguments that arrived, never by the numbers that a peer claims.
//! - No recursion: a request has one level, and an argument that is not a string is an error.

use memchr::memchr2;

use super::arguments::Span;
use super::short::{LONGEST, short_header};
use super::{Parts, ProtocolError, inline, parse_integer};

/// The longest line without its end: an inline request, a count, a length.
pub const MAX_LINE: usize = 64 * 1024;

/// The most arguments that a request may announce.
const MAX_ARGUMENTS: i64 = i32::MAX as i64;

/// The most arguments in a request of a peer that has not said who it is.
const MAX_UNTRUSTED_ARGUMENTS: u32 = 10;

/// The most bytes in one of these.
const MAX_UNTRUSTED_LENGTH: u32 = 16 << 10;

/// Positions have 32 bits.
const MAX_POSITION: usize = u32::MAX as usize;

/// What is known of one request so far.
#[derive(Debug, Default)]
pub struct Request {
    stage: Stage,
    /// Everything before this byte is understood.
    position: usize,
    /// The current line's end is not before this byte.
    searched: usize,
    /// The peer has not said yet who it is: it may send little.
    untrusted: bool,
    /// How many arguments are still to come.
    missing: u32,
    /// The length of the argument whose bytes are awaited, once its header is read.
    awaited: Option<u32>,
    /// Where the arguments are: in the bytes, or in `text` for an inline request.
    spans: Vec<Span>,
    /// The arguments of an inline request, unquoted.
    text: Vec<u8>,
}

/// How far a request got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// More bytes are needed.
    Incomplete,
    /// The request is complete and this many bytes long. It may hold no argument (an empty line,
    /// `*0`), and is then to be ignored.
    Complete(usize),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Start,
    Count,
    Arguments,
    Inline,
}

impl Request {
    /// Nothing has arrived.
    pub fn new() -> Request {
        Request::default()
    }

    /// Whether it is at its beginning, with nothing known of it.
    #[inline]
    pub fn is_new(&self) -> bool {
        self.stage == Stage::Start
    }

    /// Whether the peer must say first who it is. Until then a request has ten arguments of 16 KiB
    /// at most, so that nobody fills the memory who knows no password.
    #[inline]
    pub fn distrust(&mut self, untrusted: bool) {
        self.untrusted = untrusted;
    }

    /// Looks at `bytes`, all that has arrived since the request's first byte. Between calls bytes
    /// may be added at the end, and none may change. `max_bulk` is the longest argument allowed.
    ///
    /// # Errors
    /// If the bytes are no request; nothing that follows them can be understood then.
    #[inline]
    pub fn advance(&mut self, bytes: &[u8], max_bulk: u32) -> Result<Progress, ProtocolError> {
        if self.stage == Stage::Start {
            match bytes.first() {
                None => return Ok(Progress::Incomplete),
                Some(b'*') => self.stage = Stage::Count,
                Some(_) => self.stage = Stage::Inline,
            }
        }
        if self.stage == Stage::Inline {
            return self.inline(bytes);
        }
        if self.stage == Stage::Count && !self.count(bytes)? {
            return Ok(Progress::Incomplete);
        }
        self.arguments(bytes, max_bulk)
    }

    /// The arguments of a complete request; `bytes` are those that [`Request::advance`] saw.
    #[inline]
    pub fn parts_in<'a>(&'a self, bytes: &'a [u8]) -> Parts<'a> {
        let bytes = if self.stage == Stage::Inline { &self.text[..] } else { bytes };
        Parts::new(bytes, &self.spans)
    }

    /// Forgets the request, to begin the next. Keeps a modest allocation, frees a large one.
    #[inline]
    pub fn reset(&mut self) {
        const KEPT: usize = 1024;
        self.stage = Stage::Start;
        self.position = 0;
        self.searched = 0;
        self.spans.clear();
        self.text.clear();
        if self.spans.capacity() > KEPT {
            self.spans.shrink_to(KEPT);
        }
        if self.text.capacity() > MAX_LINE {
            self.text.shrink_to(KEPT);
        }
    }

    /// How many bytes it holds beside those that it is given.
    pub(crate) fn held(&self) -> usize {
        self.spans.capacity() * size_of::<Span>() + self.text.capacity()
    }

    /// The array's header. Whether it is there.
    #[inline]
    fn count(&mut self, bytes: &[u8]) -> Result<bool, ProtocolError> {
        let (count, next) = match short_header(bytes, 0, b'*') {
            Some((count, next)) => (count, next),
            None => {
                let Some(end) = self.line_end(bytes, ProtocolError::CountLineTooBig)? else {
                    return Ok(false);
                };
                let count = parse_integer(&bytes[1..end])
                    .filter(|&count| count <= MAX_ARGUMENTS)
                    .ok_or(ProtocolError::InvalidCount)?;
                // Zero and less mean an empty request.
                (u32::try_from(count).unwrap_or(0), end + 2)
            }
        };
        if self.untrusted && count > MAX_UNTRUSTED_ARGUMENTS {
            return Err(ProtocolError::UntrustedCount);
        }
        self.missing = count;
        self.position = next;
        self.stage = Stage::Arguments;
        Ok(true)
    }

    /// The arguments that are still missing.
    #[inline]
    fn arguments(&mut self, bytes: &[u8], max_bulk: u32) -> Result<Progress, ProtocolError> {
        if self.awaited.is_none() && max_bulk > LONGEST && bytes.len() < MAX_POSITION {
            self.short_arguments(bytes);
        }
        while self.missing > 0 {
            let length = match self.awaited.take() {
                Some(length) => length,
                None => match self.bulk_length(bytes, max_bulk)? {
                    Some(length) => length,
                    None => return Ok(Progress::Incomplete),
                },
            };
            let end = self.position + length as usize;
            // The two bytes after it are skipped unseen, as Redis does.
            if bytes.len() < end + 2 {
                self.awaited = Some(length);
                return Ok(Progress::Incomplete);
            }
            let start =
                u32::try_from(self.position).map_err(|_| ProtocolError::InvalidBulkLength)?;
            self.spans.push(Span { start, length });
            self.position = end + 2;
            self.missing -= 1;
        }
        Ok(Progress::Complete(self.position))
    }

    /// The arguments whose lengths have one digit or two, as far as they are there whole and one
    /// follows the other: nearly all there are. The rest is left to the general way.
    #[inline]
    fn short_arguments(&mut self, bytes: &[u8]) {
        let (mut position, mut missing) = (self.position, self.missing);
        while missing > 0
            && let Some((length, start)) = short_header(bytes, position, b'$')
            && bytes.len() >= start + length as usize + 2
        {
            // Fits: there are fewer bytes than `MAX_POSITION`.
            self.spans.push(Span { start: start as u32, length });
            position = start + length as usize + 2;
            missing -= 1;
        }
        (self.position, self.missing) = (position, missing);
    }

    /// An argument's header, if it is there.
    fn bulk_length(&mut self, bytes: &[u8], max_bulk: u32) -> Result<Option<u32>, ProtocolError> {
        let start = self.position;
        let Some(end) = self.line_end(bytes, ProtocolError::LengthLineTooBig)? else {
            return Ok(None);
        };
        if bytes[start] != b'$' {
            return Err(ProtocolError::ExpectedBulk(bytes[start]));
        }
        let length = parse_integer(&bytes[start + 1..end])
            .and_then(|length| u32::try_from(length).ok())
            .filter(|&length| length <= max_bulk)
            .ok_or(ProtocolError::InvalidBulkLength)?;
        if self.untrusted && length > MAX_UNTRUSTED_LENGTH {
            return Err(ProtocolError::UntrustedLength);
        }
        self.position = end + 2;
        Ok(Some(length))
    }

    /// Where the header line at `position` ends, once its `\r` and one byte more are there.
    ///
    /// A NUL hides the rest of a line, as in Redis: such a line never ends, and at last is too big.
    fn line_end(
        &mut self,
        bytes: &[u8],
        too_big: ProtocolError,
    ) -> Result<Option<usize>, ProtocolError> {
        let from = self.searched.max(self.position);
        let found = memchr2(b'\r', 0, &bytes[from..]).map(|offset| from + offset);
        self.searched = found.unwrap_or(bytes.len());
        match found {
            Some(end) if bytes[end] == b'\r' => Ok((end + 1 < bytes.len()).then_some(end)),
            _ if bytes.len() - self.position > MAX_LINE => Err(too_big),
            _ => Ok(None),
        }
    }

    /// A line typed by hand.
    fn inline(&mut self, bytes: &[u8]) -> Result<Progress, ProtocolError> {
        let from = self.searched;
        let found = memchr2(b'\n', 0, &bytes[from..]).map(|offset| from + offset);
        self.searched = found.unwrap_or(bytes.len());
        let end = match found {
            Some(end) if bytes[end] == b'\n' => end,
            _ if bytes.len() > MAX_LINE => return Err(ProtocolError::InlineTooBig),
            _ => return Ok(Progress::Incomplete),
        };
        let line = bytes[..end].strip_suffix(b"\r").unwrap_or(&bytes[..end]);
        let spans = &mut self.spans;
        // Unquoting never makes a line longer, and a line is no longer than what was read at once.
        inline::split(line, &mut self.text, |start, length| {
            spans.push(Span { start: start as u32, length: length as u32 });
        })?;
        Ok(Progress::Complete(end + 1))
    }
}

#[cfg(test)]
mod tests;
