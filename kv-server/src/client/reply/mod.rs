//! Bytes to replies: the other direction of `resp`, for whoever asks.
//!
//! A reply's bytes come in pieces that end anywhere, and a server is no more to be trusted than a
//! client. [`Replies`] keeps what has arrived and what is known of the reply that is not complete:
//!
//! ```text
//!  feed ──► bytes ──► header line ──► a value ──────────────► the innermost open aggregate
//!                        │   ▲           ▲                        │        │ full
//!                        │   └─ "*3"     │ "$5": its five bytes   │        ▼
//!                        │      opens    │                        │   closes: a value itself
//!                        └───────────────┘                        └── none is open: next() gives it
//! ```
//!
//! - `start` and `searched` never go back: the work is linear in the bytes.
//! - No recursion: open aggregates are on a stack of at most [`Limits::depth`].
//! - Memory grows by what arrived, never by what a header claims.
//! - After an error nothing more comes out: where one reply ends and the next begins is lost.

mod malformed;
#[cfg(test)]
mod tests;

pub use malformed::Malformed;

use memchr::memchr;

use super::value::{ServerError, Value, pairs};

/// The longest line: a status, an error, a number, a length.
const MAX_LINE: usize = 64 * 1024;

/// How large replies may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How deep arrays, maps and sets may lie in one another. The default is 32.
    pub depth: usize,
    /// Bytes of one string. The default is 512 MiB, the most that Redis stores.
    pub bulk: usize,
    /// Values in one reply, at all its levels together. The default is 16 million.
    pub values: usize,
    /// Bytes of one reply. The default is 1 GiB.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { depth: 32, bulk: 512 << 20, values: 16 << 20, bytes: 1 << 30 }
    }
}

/// Takes bytes, gives replies.
#[derive(Debug, Default)]
pub(crate) struct Replies {
    limits: Limits,
    bytes: Vec<u8>,
    /// Everything before this byte is understood.
    start: usize,
    /// The current line's end is not before this byte.
    searched: usize,
    /// The string whose bytes are awaited, once its header is read.
    awaited: Option<(Text, usize)>,
    /// Aggregates that are not full, the outermost first.
    open: Vec<Open>,
    /// Values and bytes of the current reply, so far.
    values: usize,
    length: usize,
    failed: Option<Malformed>,
}

/// What a string with a length is.
#[derive(Clone, Copy, Debug)]
enum Text {
    Bulk,
    Error,
    Verbatim,
}

/// An aggregate some of whose elements are still to come.
#[derive(Debug)]
struct Open {
    kind: u8,
    missing: usize,
    elements: Vec<Value>,
}

impl Replies {
    /// Nothing has arrived.
    pub(crate) fn new(limits: Limits) -> Replies {
        Replies { limits, ..Replies::default() }
    }

    /// Takes what was read.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        if self.start == self.bytes.len() {
            self.bytes.clear();
            (self.start, self.searched) = (0, 0);
            // One large reply must not hold its memory for ever.
            self.bytes.shrink_to(MAX_LINE);
        } else if self.start > self.bytes.len() / 2 {
            // Each byte is moved at most once for each byte that was used up before it.
            self.bytes.drain(..self.start);
            self.searched = self.searched.saturating_sub(self.start);
            self.start = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// Whether a reply has begun and is not complete.
    pub(crate) fn is_amid_reply(&self) -> bool {
        self.start < self.bytes.len() || !self.open.is_empty() || self.awaited.is_some()
    }

    /// The next reply, if all of it has arrived.
    ///
    /// # Errors
    /// If the bytes are no reply, or larger than the limits. The error lasts.
    pub(crate) fn next(&mut self) -> Result<Option<Value>, Malformed> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        self.advance().inspect_err(|&error| self.failed = Some(error))
    }

    fn advance(&mut self) -> Result<Option<Value>, Malformed> {
        loop {
            let value = match self.awaited {
                Some((text, length)) => match self.text(text, length)? {
                    Some(value) => value,
                    None => return Ok(None),
                },
                None => match self.line()? {
                    Some(line) => match self.header(line)? {
                        Some(value) => value,
                        None => continue,
                    },
                    None => return Ok(None),
                },
            };
            if let Some(reply) = self.place(value) {
                (self.values, self.length) = (0, 0);
                return Ok(Some(reply));
            }
        }
    }

    /// The next line without its end, as a range of `bytes`.
    fn line(&mut self) -> Result<Option<(usize, usize)>, Malformed> {
        let from = self.searched.max(self.start);
        let Some(offset) = memchr(b'\n', &self.bytes[from..]) else {
            self.searched = self.bytes.len();
            let long = self.searched - self.start > MAX_LINE;
            return if long { Err(Malformed::LineTooLong) } else { Ok(None) };
        };
        let (start, end) = (self.start, from + offset);
        if end - start > MAX_LINE {
            return Err(Malformed::LineTooLong);
        }
        self.consume(end + 1)?;
        match self.bytes[start..end].strip_suffix(b"\r") {
            Some(line) if !line.is_empty() => Ok(Some((start, end - 1))),
            _ => Err(Malformed::NoType),
        }
    }

    /// Understands a line: a value, or nothing yet where it announces one.
    fn header(&mut self, (start, end): (usize, usize)) -> Result<Option<Value>, Malformed> {
        self.values += 1;
        if self.values > self.limits.values {
            return Err(Malformed::TooManyValues);
        }
        let kind = self.bytes[start];
        let rest = &self.bytes[start + 1..end];
        let value = match kind {
            b'+' => Value::Status(rest.to_vec()),
            b'-' => Value::Error(ServerError::new(rest)),
            b':' => Value::Integer(number(rest).ok_or(Malformed::Number)?),
            b'_' if rest.is_empty() => Value::Nil,
            b'#' => match rest {
                b"t" => Value::Boolean(true),
                b"f" => Value::Boolean(false),
                _ => return Err(Malformed::Boolean),
            },
            b',' => Value::Double(double(rest).ok_or(Malformed::Number)?),
            b'(' if is_integer(rest) => Value::BigNumber(rest.to_vec()),
            b'(' => return Err(Malformed::Number),
            b'$' if rest == b"-1" => Value::Nil,
            b'*' if rest == b"-1" => Value::Nil,
            b'$' | b'!' | b'=' => {
                let length = self.count(rest).ok_or(Malformed::Length)?;
                self.awaited = Some(match kind {
                    b'$' => (Text::Bulk, length),
                    b'!' => (Text::Error, length),
                    _ => (Text::Verbatim, length),
                });
                if length > self.limits.bulk {
                    return Err(Malformed::TooLong);
                }
                return Ok(None);
            }
            b'*' | b'%' | b'~' | b'>' | b'|' => {
                let count = self.count(rest).ok_or(Malformed::Length)?;
                return self.open(kind, count);
            }
            other => return Err(Malformed::UnknownType(other)),
        };
        Ok(Some(value))
    }

    /// Begins an aggregate. One without elements is complete at once.
    fn open(&mut self, kind: u8, count: usize) -> Result<Option<Value>, Malformed> {
        if self.open.len() >= self.limits.depth {
            return Err(Malformed::TooDeep);
        }
        if kind == b'>' && !self.open.is_empty() {
            return Err(Malformed::NestedPush);
        }
        let each = if matches!(kind, b'%' | b'|') { 2 } else { 1 };
        let missing = count.checked_mul(each).ok_or(Malformed::Length)?;
        // Each element takes a header of its own, so that this fails before memory does.
        if missing > self.limits.values - self.values {
            return Err(Malformed::TooManyValues);
        }
        let open = Open { kind, missing, elements: Vec::new() };
        if missing > 0 {
            self.open.push(open);
            return Ok(None);
        }
        Ok(open.close())
    }

    /// A string of known length, once its bytes and its line end are there.
    fn text(&mut self, text: Text, length: usize) -> Result<Option<Value>, Malformed> {
        let (start, end) = (self.start, self.start + length);
        let Some(tail) = self.bytes.get(end..end + 2) else { return Ok(None) };
        if tail != b"\r\n" {
            return Err(Malformed::NoLineEnd);
        }
        self.consume(end + 2)?;
        self.awaited = None;
        let bytes = &self.bytes[start..end];
        Ok(Some(match text {
            Text::Bulk => Value::Bulk(bytes.to_vec()),
            Text::Error => Value::Error(ServerError::new(bytes)),
            Text::Verbatim => match bytes {
                [a, b, c, b':', text @ ..] => Value::Verbatim([*a, *b, *c], text.to_vec()),
                _ => return Err(Malformed::Verbatim),
            },
        }))
    }

    /// Puts a value where it belongs; gives it back once it is a whole reply.
    fn place(&mut self, mut value: Value) -> Option<Value> {
        loop {
            let Some(open) = self.open.last_mut() else { return Some(value) };
            open.elements.push(value);
            open.missing -= 1;
            if open.missing > 0 {
                return None;
            }
            // An attribute goes, and the value that it belongs to is still to come.
            value = self.open.pop()?.close()?;
        }
    }

    fn consume(&mut self, to: usize) -> Result<(), Malformed> {
        self.length += to - self.start;
        self.start = to;
        if self.length > self.limits.bytes { Err(Malformed::TooLong) } else { Ok(()) }
    }

    fn count(&self, text: &[u8]) -> Option<usize> {
        number(text).and_then(|count| usize::try_from(count).ok())
    }
}

impl Open {
    /// The value that its elements make; an attribute makes none.
    fn close(self) -> Option<Value> {
        match self.kind {
            b'%' => Some(Value::Map(pairs(self.elements))),
            b'~' => Some(Value::Set(self.elements)),
            b'>' => Some(Value::Push(self.elements)),
            b'|' => None,
            _ => Some(Value::Array(self.elements)),
        }
    }
}

/// An integer. Unlike a command's argument, it may have a plus sign.
fn number(text: &[u8]) -> Option<i64> {
    if !is_integer(text) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

fn is_integer(text: &[u8]) -> bool {
    let digits = text.strip_prefix(b"-").or(text.strip_prefix(b"+")).unwrap_or(text);
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}

fn double(text: &[u8]) -> Option<f64> {
    match text {
        // Rust's own words for these are more than the protocol's.
        b"inf" | b"+inf" => Some(f64::INFINITY),
        b"-inf" => Some(f64::NEG_INFINITY),
        b"nan" | b"-nan" => Some(f64::NAN),
        _ if text.iter().any(|byte| byte.is_ascii_digit()) => {
            std::str::from_utf8(text).ok()?.parse().ok()
        }
        _ => None,
    }
}
