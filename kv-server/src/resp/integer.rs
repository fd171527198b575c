//! Text to integer, as strictly as Redis: one spelling for each number.
//!
//! `+1`, `01`, `-0`, ` 1`, `1 ` and the empty string are no integers. This strictness is what
//! makes "is this value an integer" a question with one answer, in protocol and in data.

/// The longest spelling: `-9223372036854775808`.
const MAX_DIGITS: usize = 20;

/// Reads a 64-bit signed integer that fills the whole of `text`.
#[inline]
pub fn parse_integer(text: &[u8]) -> Option<i64> {
    if text.is_empty() || text.len() > MAX_DIGITS {
        return None;
    }
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    match digits {
        [b'0'] if !negative => return Some(0),
        [b'1'..=b'9', ..] => {}
        _ => return None,
    }
    let mut magnitude: u64 = 0;
    for &digit in digits {
        let digit = digit.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        magnitude = magnitude.checked_mul(10)?.checked_add(u64::from(digit))?;
    }
    if negative { 0i64.checked_sub_unsigned(magnitude) } else { i64::try_from(magnitude).ok() }
}

#[cfg(test)]
mod tests {
    use super::parse_integer;

    #[test]
    fn every_integer_has_one_spelling() {
        for number in [0, 1, -1, 9, 10, -10, 99, i64::MAX, i64::MIN, i64::MAX - 1, i64::MIN + 1] {
            assert_eq!(parse_integer(number.to_string().as_bytes()), Some(number));
        }
    }

    #[test]
    fn other_spellings_are_no_integers() {
        let texts: [&[u8]; 14] = [
            b"",
            b"-",
            b"+1",
            b"01",
            b"-0",
            b"-01",
            b" 1",
            b"1 ",
            b"1.0",
            b"1e3",
            b"0x1",
            b"1\0",
            b"9223372036854775808",
            b"-9223372036854775809",
        ];
        for text in texts {
            assert_eq!(parse_integer(text), None, "{:?}", text.escape_ascii().to_string());
        }
        assert_eq!(parse_integer(b"18446744073709551616"), None, "more than 64 bits");
        assert_eq!(parse_integer(&[b'1'; 1000]), None, "longer than any integer");
    }
}
