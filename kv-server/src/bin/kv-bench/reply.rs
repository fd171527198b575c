//! Where a reply ends.
//!
//! A load generator looks at replies as little as it can: how long one is, and whether it is an error.

/// The first reply of some bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Framed {
    /// How many bytes it takes.
    Whole(usize),
    /// Bytes are missing.
    Partial,
    /// This is no reply.
    Malformed,
}

/// No line is longer, in whatever a server says: a number, a status, an error.
const MOST_LINE: usize = 64 * 1024;

/// Finds the end of the first reply. An array counts as one, with all that it holds; nothing recurses.
pub(crate) fn frame(bytes: &[u8]) -> Framed {
    let mut at = 0;
    let mut left = 1_u64;
    while left > 0 {
        let Some((mark, line)) = line(&bytes[at..]) else {
            return if bytes.len() - at > MOST_LINE { Framed::Malformed } else { Framed::Partial };
        };
        at += 1 + line.len() + 2;
        left -= 1;
        match mark {
            b'+' | b'-' | b':' | b'_' | b'#' | b',' | b'(' => {}
            b'$' | b'=' | b'!' => match number(line) {
                Some(-1) => {}
                Some(length @ 0..=0x4000_0000) => at += length as usize + 2,
                _ => return Framed::Malformed,
            },
            b'*' | b'~' | b'>' | b'%' => match number(line) {
                Some(-1) => {}
                Some(count @ 0..=0x4000_0000) => {
                    left += count as u64 * if mark == b'%' { 2 } else { 1 };
                }
                _ => return Framed::Malformed,
            },
            _ => return Framed::Malformed,
        }
        if at > bytes.len() {
            return Framed::Partial;
        }
    }
    Framed::Whole(at)
}

/// The first byte, and what stands between it and the end of the line.
fn line(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let (&mark, rest) = bytes.split_first()?;
    let end = memchr::memchr(b'\n', rest)?;
    Some((mark, &rest[..end.saturating_sub(1)]))
}

fn number(digits: &[u8]) -> Option<i64> {
    match digits {
        [digit @ b'0'..=b'9'] => Some(i64::from(digit - b'0')),
        _ => str::from_utf8(digits).ok()?.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reply_is_whole_at_its_last_byte_and_not_before() {
        for reply in [
            "+OK\r\n",
            "-ERR no\r\n",
            ":12\r\n",
            "$-1\r\n",
            "*-1\r\n",
            "$0\r\n\r\n",
            "$5\r\na\r\nbc\r\n",
            "*0\r\n",
            "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$2\r\nhi\r\n",
            "*2\r\n*2\r\n:1\r\n:2\r\n*0\r\n",
            "%1\r\n+a\r\n_\r\n",
        ] {
            let bytes = reply.as_bytes();
            for end in 0..bytes.len() {
                assert_eq!(frame(&bytes[..end]), Framed::Partial, "{end} bytes of {reply:?}");
            }
            let followed = [bytes, b"+more"].concat();
            assert_eq!(frame(&followed), Framed::Whole(bytes.len()), "{reply:?}");
        }
    }

    #[test]
    fn what_no_server_sends_is_malformed() {
        for bytes in ["hello\r\n", "$x\r\n", "*-2\r\n", "$99999999999999\r\n", "\r\n"] {
            assert_eq!(frame(bytes.as_bytes()), Framed::Malformed, "{bytes:?}");
        }
    }
}
