//! Values as Redis writes them, and what is said of those that are none.

use std::fmt::Display;

use crate::resp::parse_integer;

/// Reads a number of bytes as Redis writes it: `1024`, `64kb` (1024 each), `64k` (1000 each), and
/// likewise `m`, `mb`, `g`, `gb`, in any case.
pub fn parse_size(text: &str) -> Option<u64> {
    let text = text.to_ascii_lowercase();
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let factor = match unit {
        "" | "b" => 1,
        "k" => 1000,
        "kb" => 1 << 10,
        "m" => 1000 * 1000,
        "mb" => 1 << 20,
        "g" => 1000 * 1000 * 1000,
        "gb" => 1 << 30,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

/// An integer between two others.
pub(super) fn number<Number>(text: &str, least: Number, most: Number) -> Result<Number, String>
where
    Number: TryFrom<i64> + PartialOrd + Display,
{
    let number = parse_integer(text.as_bytes())
        .ok_or("argument couldn't be parsed into an integer".to_owned())?;
    within(Number::try_from(number).ok(), least, most)
}

/// A number of bytes between two others.
pub(super) fn size<Bytes>(text: &str, least: Bytes, most: Bytes) -> Result<Bytes, String>
where
    Bytes: TryFrom<u64> + PartialOrd + Display,
{
    let bytes = parse_size(text).ok_or("argument must be a memory value".to_owned())?;
    within(Bytes::try_from(bytes).ok(), least, most)
}

fn within<Value>(value: Option<Value>, least: Value, most: Value) -> Result<Value, String>
where
    Value: PartialOrd + Display,
{
    match value {
        Some(value) if (&least..=&most).contains(&&value) => Ok(value),
        _ => Err(format!("argument must be between {least} and {most} inclusive")),
    }
}

/// One of several words, in any case.
pub(super) fn choice<Value: Copy>(text: &str, all: &[(&str, Value)]) -> Result<Value, String> {
    let found = all.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
    found.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        format!("argument(s) must be one of the following: {}", names.join(", "))
    })
}

/// The word for a value.
pub(super) fn chosen<Value: PartialEq>(value: &Value, all: &[(&str, Value)]) -> String {
    let found = all.iter().find(|(_, other)| other == value);
    found.map_or_else(String::new, |(name, _)| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::{number, parse_size};

    #[test]
    fn sizes_have_units_of_a_thousand_and_of_1024() {
        assert_eq!(parse_size("0"), Some(0));
        assert_eq!(parse_size("17b"), Some(17));
        assert_eq!(parse_size("64k"), Some(64_000));
        assert_eq!(parse_size("64KB"), Some(65_536));
        assert_eq!(parse_size("2m"), Some(2_000_000));
        assert_eq!(parse_size("2Mb"), Some(2 << 20));
        assert_eq!(parse_size("1g"), Some(1_000_000_000));
        assert_eq!(parse_size("1gb"), Some(1 << 30));
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for text in ["", "mb", "-1", "1.5mb", "1 mb", "1tb", "99999999999gb", "ö"] {
            assert_eq!(parse_size(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_have_limits() {
        assert_eq!(number("7", 1u8, 9), Ok(7));
        for text in ["0", "10", "-1", "300", "9223372036854775807"] {
            let expected = "argument must be between 1 and 9 inclusive".to_owned();
            assert_eq!(number(text, 1u8, 9), Err(expected), "{text}");
        }
        assert!(number("x", 1u8, 9).is_err());
    }
}
