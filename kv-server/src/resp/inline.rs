//! Inline requests: a line typed by hand, split into arguments as a shell would.
//!
//! ```text
//!            space          "                    '
//!  blank ◄─────────── bare ───► double-quoted      bare ───► single-quoted
//!    └──any other──►    ▲         │  closing quote             │
//!                       │         ▼                            ▼
//!                       └─ blank or the end of the line, or the line is refused
//! ```
//!
//! Double quotes know `\n \r \t \b \a`, `\xHH`, and a backslash before anything else stands for
//! that thing; single quotes know only `\'`. What follows a closing quote must be blank, so that
//! `"a"b` is a mistake and not `ab`.

use super::ProtocolError;

/// Splits `line` (without its line end). The arguments' bytes are appended to `text`, one after
/// the other, and for each `argument` is called with its start in `text` and its length.
///
/// # Errors
/// [`ProtocolError::UnbalancedQuotes`] if a quote is not closed, or closed in mid-word.
pub fn split(
    line: &[u8],
    text: &mut Vec<u8>,
    mut argument: impl FnMut(usize, usize),
) -> Result<(), ProtocolError> {
    let mut rest = line;
    loop {
        while let [first, tail @ ..] = rest
            && is_space(*first)
        {
            rest = tail;
        }
        if rest.is_empty() {
            return Ok(());
        }
        let start = text.len();
        rest = word(rest, text)?;
        argument(start, text.len() - start);
    }
}

/// The words of `line`, as [`split`] splits it; `None` if its quotes do not match.
pub(crate) fn split_words(line: &[u8]) -> Option<Vec<Vec<u8>>> {
    let (mut text, mut spans) = (Vec::new(), Vec::new());
    split(line, &mut text, |start, length| spans.push(start..start + length)).ok()?;
    Some(spans.into_iter().map(|span| text[span].to_vec()).collect())
}

/// Appends one argument and returns what follows it.
fn word<'line>(mut rest: &'line [u8], text: &mut Vec<u8>) -> Result<&'line [u8], ProtocolError> {
    loop {
        match rest {
            // Vertical tab and form feed separate arguments only where one could begin.
            [] | [b' ' | b'\t' | b'\r' | b'\n', ..] => return Ok(rest),
            [b'"', tail @ ..] => return double_quoted(tail, text),
            [b'\'', tail @ ..] => return single_quoted(tail, text),
            [byte, tail @ ..] => {
                text.push(*byte);
                rest = tail;
            }
        }
    }
}

fn double_quoted<'line>(
    mut rest: &'line [u8],
    text: &mut Vec<u8>,
) -> Result<&'line [u8], ProtocolError> {
    loop {
        match rest {
            [] => return Err(ProtocolError::UnbalancedQuotes),
            [b'"', tail @ ..] => return closed(tail),
            [b'\\', b'x', high, low, tail @ ..]
                if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() =>
            {
                text.push(hexadecimal(*high) << 4 | hexadecimal(*low));
                rest = tail;
            }
            [b'\\', escaped, tail @ ..] => {
                text.push(unescape(*escaped));
                rest = tail;
            }
            [byte, tail @ ..] => {
                text.push(*byte);
                rest = tail;
            }
        }
    }
}

fn single_quoted<'line>(
    mut rest: &'line [u8],
    text: &mut Vec<u8>,
) -> Result<&'line [u8], ProtocolError> {
    loop {
        match rest {
            [] => return Err(ProtocolError::UnbalancedQuotes),
            [b'\'', tail @ ..] => return closed(tail),
            [b'\\', b'\'', tail @ ..] => {
                text.push(b'\'');
                rest = tail;
            }
            [byte, tail @ ..] => {
                text.push(*byte);
                rest = tail;
            }
        }
    }
}

/// What follows a closing quote must be blank.
fn closed(rest: &[u8]) -> Result<&[u8], ProtocolError> {
    match rest.first() {
        Some(byte) if !is_space(*byte) => Err(ProtocolError::UnbalancedQuotes),
        _ => Ok(rest),
    }
}

fn unescape(byte: u8) -> u8 {
    match byte {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 0x08,
        b'a' => 0x07,
        other => other,
    }
}

fn hexadecimal(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => digit - b'A' + 10,
    }
}

/// C's `isspace`: unlike `is_ascii_whitespace`, it counts the vertical tab.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r')
}

#[cfg(test)]
mod tests {
    use super::{ProtocolError, split};

    fn words(line: &[u8]) -> Result<Vec<Vec<u8>>, ProtocolError> {
        let mut text = Vec::new();
        let mut spans = Vec::new();
        split(line, &mut text, |start, length| spans.push((start, length)))?;
        Ok(spans.into_iter().map(|(start, length)| text[start..start + length].to_vec()).collect())
    }

    fn assert_words(line: &[u8], expected: &[&[u8]]) {
        let words = words(line).unwrap_or_else(|error| panic!("{line:?}: {error}"));
        assert_eq!(words, expected, "{}", line.escape_ascii());
    }

    #[test]
    fn blanks_separate_and_empty_lines_hold_nothing() {
        assert_words(b"", &[]);
        assert_words(b" \t \x0b\x0c ", &[]);
        assert_words(b"  SET\tkey \r value  ", &[b"SET", b"key", b"value"]);
        assert_words(b"\x0ba\x0bb", &[b"a\x0bb"]);
    }

    #[test]
    fn double_quotes_know_escapes() {
        assert_words(br#""a b" "\x41\x7a\n\r\t\b\a" """#, &[b"a b", b"Az\n\r\t\x08\x07", b""]);
        assert_words(br#""\"\\\q\xZZ\x4""#, &[br#""\qxZZx4"#]);
        assert_words(br#"ab"cd" ef"#, &[b"abcd", b"ef"]);
    }

    #[test]
    fn single_quotes_know_only_the_quote() {
        assert_words(br"'a\'b' '\n' ''", &[b"a'b", br"\n", b""]);
    }

    #[test]
    fn quotes_must_close_and_be_followed_by_a_blank() {
        for line in [&br#"""#[..], b"'", br#""a"b"#, b"'a'b", br#""a""b""#, br#""a\""#, br"'a\'"] {
            assert_eq!(
                words(line),
                Err(ProtocolError::UnbalancedQuotes),
                "{}",
                line.escape_ascii()
            );
        }
    }
}
