//! Numbers of 80 bits, as `INCRBYFLOAT` computes with in Redis: 64 bits of them are the mantissa.
//!
//! ```text
//!   "0.1" ──parse──► mantissa · 2^exponent ──add──► mantissa · 2^exponent ──Display──► "0.3"
//!             │                                │                               │
//!             └──── each step is exact, and then rounded once, to even ────────┘
//! ```
//!
//! Rust has no such type, and most machines have none. So each operation is done on integers of any
//! length, and its result rounded: slower than a machine's instruction, and the same everywhere.
//! What is read and written is what C's `strtold` reads, and `printf("%.17Lf")` writes.

use std::fmt;

use num_bigint::BigUint;

/// A text that is as long as this is no number, whatever it says.
const TOO_LONG: usize = 5 * 1024;
/// The least exponent that a mantissa can have, and the greatest.
const LEAST: i64 = -16_445;
const GREATEST: i64 = 16_320;
/// Decimal places that are written.
const PLACES: u32 = 17;

/// A number, or more than every number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extended {
    /// `mantissa · 2^exponent`
    Finite {
        negative: bool,
        mantissa: u64,
        exponent: i64,
    },
    Infinite {
        negative: bool,
    },
}

/// What a text says, before it is rounded: `number · base^exponent`.
struct Spelled {
    number: BigUint,
    exponent: i64,
}

impl Extended {
    /// Reads a number that fills the whole text: decimal or hexadecimal, with or without an exponent.
    /// `None` also if it is too large, or so small that nothing is left of it.
    pub(super) fn parse(text: &[u8]) -> Option<Extended> {
        if text.len() >= TOO_LONG {
            return None;
        }
        let (negative, text) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            rest => (false, rest),
        };
        if text.eq_ignore_ascii_case(b"inf") || text.eq_ignore_ascii_case(b"infinity") {
            return Some(Extended::Infinite { negative });
        }
        let (number, rounded) = match text {
            [b'0', b'x' | b'X', digits @ ..] => {
                let spelled = Spelled::parse(digits, 16, b'p')?;
                let rounded = binary(negative, &spelled);
                (spelled.number, rounded)
            }
            digits => {
                let spelled = Spelled::parse(digits, 10, b'e')?;
                let rounded = decimal(negative, &spelled);
                (spelled.number, rounded)
            }
        };
        let nothing = BigUint::ZERO;
        match rounded {
            Extended::Infinite { .. } => None,
            Extended::Finite { mantissa: 0, .. } if number != nothing => None,
            finite => Some(finite),
        }
    }

    /// The sum of both; `None` if it is no number, or infinite.
    pub(super) fn add(self, other: Extended) -> Option<Extended> {
        use Extended::Finite;
        let (
            Finite { negative, mantissa, exponent },
            Finite { negative: minus, mantissa: more, exponent: at },
        ) = (self, other)
        else {
            return None;
        };
        let least = exponent.min(at);
        let one = BigUint::from(mantissa) << exponent.abs_diff(least);
        let two = BigUint::from(more) << at.abs_diff(least);
        let (negative, sum) = match negative == minus {
            true => (negative, one + two),
            false if one > two => (negative, one - two),
            false if one < two => (minus, two - one),
            false => (false, BigUint::ZERO),
        };
        match round(negative, &sum, least, false) {
            Extended::Infinite { .. } => None,
            finite => Some(finite),
        }
    }
}

impl Spelled {
    /// Reads digits with or without a point, and an exponent after `mark`.
    fn parse(text: &[u8], base: u32, mark: u8) -> Option<Spelled> {
        let is_mark = |byte: &u8| byte.eq_ignore_ascii_case(&mark);
        let (digits, exponent) = match text.iter().position(is_mark) {
            Some(end) => (&text[..end], parse_exponent(&text[end + 1..])?),
            None => (text, 0),
        };
        let point = digits.iter().position(|&byte| byte == b'.');
        let (whole, part) = match point {
            Some(point) => (&digits[..point], &digits[point + 1..]),
            None => (digits, &b""[..]),
        };
        let all = [whole, part].concat();
        if !all.iter().all(|&byte| char::from(byte).is_digit(base)) {
            return None;
        }
        let number = BigUint::parse_bytes(&all, base)?;
        let each = if base == 16 { 4 } else { 1 };
        let places = i64::try_from(part.len()).ok()? * each;
        Some(Spelled { number, exponent: exponent - places })
    }
}

/// An exponent; one beyond all that matters is cut.
fn parse_exponent(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digit = |byte: &u8| i64::from(byte - b'0');
    let size = digits.iter().fold(0, |size, byte| (size * 10 + digit(byte)).min(1_000_000));
    Some(if negative { -size } else { size })
}

/// `number · 2^exponent`
fn binary(negative: bool, spelled: &Spelled) -> Extended {
    round(negative, &spelled.number, spelled.exponent, false)
}

/// `number · 10^exponent`
fn decimal(negative: bool, spelled: &Spelled) -> Extended {
    let Spelled { number, exponent } = spelled;
    let zero = Extended::Finite { negative, mantissa: 0, exponent: LEAST };
    // So many decimal digits before the point there are at most, and nearly.
    let magnitude = i64::try_from(number.bits()).unwrap_or(i64::MAX) * 30_103 / 100_000 + exponent;
    if number == &BigUint::ZERO || magnitude < -4_960 {
        return zero;
    }
    if magnitude > 4_940 {
        return Extended::Infinite { negative };
    }
    let power = BigUint::from(10u8).pow(u32::try_from(exponent.abs()).unwrap_or(u32::MAX));
    if *exponent >= 0 {
        return round(negative, &(number * power), 0, false);
    }
    // Two bits more than are kept, so that what is left over cannot be half a bit.
    let shift = (power.bits() + 66).saturating_sub(number.bits());
    let dividend = number << shift;
    let quotient = &dividend / &power;
    let exact = &quotient * &power == dividend;
    round(negative, &quotient, -i64::try_from(shift).unwrap_or(i64::MAX), !exact)
}

/// The nearest number to `number · 2^exponent`, of two that are as near the even one. If there is
/// `more`, it is a little greater, and `number` has more bits than are kept.
fn round(negative: bool, number: &BigUint, exponent: i64, more: bool) -> Extended {
    let bits = i64::try_from(number.bits()).unwrap_or(i64::MAX);
    let mut target = (exponent + bits - 64).max(LEAST);
    let mut mantissa = match u64::try_from(target - exponent) {
        Ok(dropped) => {
            let kept: BigUint = number >> dropped;
            let rest = number - (&kept << dropped);
            let half = BigUint::from(u8::from(dropped > 0)) << dropped.saturating_sub(1);
            let odd = kept.bit(0);
            let up = rest > half || rest == half && dropped > 0 && (more || odd);
            u128::try_from(kept).unwrap_or(0) + u128::from(up)
        }
        Err(_) => u128::try_from(number << exponent.abs_diff(target)).unwrap_or(0),
    };
    if mantissa >> 64 != 0 {
        (mantissa, target) = (mantissa >> 1, target + 1);
    }
    if target > GREATEST {
        return Extended::Infinite { negative };
    }
    Extended::Finite { negative, mantissa: u64::try_from(mantissa).unwrap_or(0), exponent: target }
}

impl fmt::Display for Extended {
    /// With at most 17 decimal places, and without zeros at the end.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Extended::Finite { negative, mantissa, exponent } = *self else {
            return formatter.write_str("inf");
        };
        let text = match u64::try_from(exponent) {
            Ok(exponent) => (BigUint::from(mantissa) << exponent).to_string(),
            Err(_) => fraction(mantissa, exponent.unsigned_abs()),
        };
        let sign = if negative && text != "0" { "-" } else { "" };
        write!(formatter, "{sign}{text}")
    }
}

/// `mantissa / 2^halvings`
fn fraction(mantissa: u64, halvings: u64) -> String {
    let unit = 10u128.pow(PLACES);
    let scaled = u128::from(mantissa) * unit;
    let places = match u32::try_from(halvings) {
        Ok(halvings @ 1..=126) => {
            let (kept, rest) = (scaled >> halvings, scaled & ((1 << halvings) - 1));
            let half = 1 << (halvings - 1);
            kept + u128::from(rest > half || rest == half && kept & 1 == 1)
        }
        _ => 0,
    };
    let text = format!("{}.{:0width$}", places / unit, places % unit, width = PLACES as usize);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::Extended;

    fn sum(one: &str, other: &str) -> Option<String> {
        let (one, other) = (Extended::parse(one.as_bytes())?, Extended::parse(other.as_bytes())?);
        one.add(other).map(|sum| sum.to_string())
    }

    #[test]
    fn sums_are_those_of_80_bits() {
        for (one, other, expected) in [
            ("0.1", "0.2", "0.3"),
            ("10.50", "0.1", "10.6"),
            ("5.0e3", "2.0e2", "5200"),
            ("3", "-3", "0"),
            ("-0", "-0", "0"),
            ("1", "-1.5", "-0.5"),
            ("0", "1e-17", "0.00000000000000001"),
            ("0", "5e-18", "0"),
            ("0", "5.0000001e-18", "0.00000000000000001"),
            ("0", "4.9e-18", "0"),
            ("0", "-4.9e-18", "0"),
            ("0", "0x1.8p1", "3"),
            ("0", "0x10", "16"),
            ("0", ".5", "0.5"),
            ("0", "5.", "5"),
            ("0", "+5e-1", "0.5"),
            ("18446744073709551615", "1", "18446744073709551616"),
            ("18446744073709551616", "1", "18446744073709551616"),
            ("18446744073709551616", "3", "18446744073709551620"),
            ("1e20", "0.1", "100000000000000000000"),
            ("0.1", "0", "0.1"),
            ("123456.789", "0", "123456.78900000000000148"),
        ] {
            assert_eq!(sum(one, other).as_deref(), Some(expected), "{one} + {other}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        let long = "1".repeat(5120);
        for text in [
            "", "-", "+", ".", "e5", "1e", "1e+", "1 ", " 1", "1x", "0x", "0x1p", "nan", "--1",
            "1.2.3", "infinit", "1e5000", "1e-5000", "-1e4933", "1_0", &long,
        ] {
            assert_eq!(Extended::parse(text.as_bytes()), None, "{text}");
        }
        assert_eq!(sum("inf", "1"), None);
        assert_eq!(sum("1.1e4932", "1.1e4932"), None);
        assert_eq!(sum("0", "0e99999999999999999999").as_deref(), Some("0"));
    }

    #[test]
    fn the_greatest_and_the_least_are_read() {
        let greatest = sum("0", "1.18973149535723176502e4932").expect("it is finite");
        assert_eq!(greatest.len(), 4933);
        assert!(Extended::parse(b"1.18973149535723176509e+4932").is_none());
        assert!(Extended::parse(b"1.9e-4951").is_some());
        assert!(Extended::parse(b"1.8e-4951").is_none(), "less than half the least");
    }
}
