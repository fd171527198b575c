//! What a server can do wrong with the protocol itself.

use std::fmt;

/// Why a server's bytes cannot be understood any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// A line is empty, or ends without a carriage return.
    NoType,
    /// A reply begins with this byte, which names no type.
    UnknownType(u8),
    /// A line is longer than 64 KiB.
    LineTooLong,
    /// A number is none, or has more than 64 bits.
    Number,
    /// A truth value is neither `t` nor `f`.
    Boolean,
    /// A length is no number, or negative.
    Length,
    /// A string is not followed by a line end.
    NoLineEnd,
    /// A verbatim string does not begin with its format.
    Verbatim,
    /// A push lies within another reply.
    NestedPush,
    /// A reply that nothing had asked for.
    Unasked,
    /// A string, or a whole reply, is longer than the limit.
    TooLong,
    /// A reply has more values than the limit.
    TooManyValues,
    /// A reply is nested deeper than the limit.
    TooDeep,
}

impl fmt::Display for Malformed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Malformed::NoType => "a line that is empty or ends without a carriage return",
            Malformed::UnknownType(byte) => {
                return write!(formatter, "no type begins with '{}'", byte.escape_ascii());
            }
            Malformed::LineTooLong => "a line of more than 64 KiB",
            Malformed::Number => "a number that is none",
            Malformed::Boolean => "a truth value that is neither t nor f",
            Malformed::Length => "a length that is none",
            Malformed::NoLineEnd => "a string without a line end",
            Malformed::Verbatim => "a verbatim string without a format",
            Malformed::NestedPush => "a push within another reply",
            Malformed::Unasked => "a reply that nothing had asked for",
            Malformed::TooLong => "a reply of more bytes than allowed",
            Malformed::TooManyValues => "a reply of more values than allowed",
            Malformed::TooDeep => "a reply nested deeper than allowed",
        };
        formatter.write_str(text)
    }
}

impl std::error::Error for Malformed {}
