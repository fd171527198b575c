//! A reply, of any type that versions 2 and 3 of the protocol have.

use std::fmt;

/// What a server answered.
///
/// Text is bytes: a server promises no encoding. Both versions' nulls are [`Value::Nil`].
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing: a missing key, an aborted transaction.
    Nil,
    /// A short text of the server's own, such as `OK`.
    Status(Vec<u8>),
    /// An error, as an element of another reply or of a pipeline's replies.
    Error(ServerError),
    /// A number.
    Integer(i64),
    /// A string of bytes.
    Bulk(Vec<u8>),
    /// Several values.
    Array(Vec<Value>),
    /// A number with a fraction, or an infinity.
    Double(f64),
    /// True or false.
    Boolean(bool),
    /// An integer of any length, as it was written.
    BigNumber(Vec<u8>),
    /// A text with its format in three letters: `txt`, `mkd`.
    Verbatim([u8; 3], Vec<u8>),
    /// Keys and what they map to, in the server's order.
    Map(Vec<(Value, Value)>),
    /// Values without an order, in that of the server.
    Set(Vec<Value>),
    /// What no request asked for: a message, an invalidation.
    Push(Vec<Value>),
}

impl Value {
    /// The bytes of a text of any kind.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Value::Status(text)
            | Value::Bulk(text)
            | Value::BigNumber(text)
            | Value::Verbatim(_, text) => Some(text),
            _ => None,
        }
    }

    /// The number of an integer, or of a truth value.
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Value::Integer(number) => Some(*number),
            Value::Boolean(truth) => Some(i64::from(*truth)),
            _ => None,
        }
    }

    /// The elements of an array, a set or a push.
    pub fn as_elements(&self) -> Option<&[Value]> {
        match self {
            Value::Array(elements) | Value::Set(elements) | Value::Push(elements) => Some(elements),
            _ => None,
        }
    }

    /// The pairs of a map. Version 2 has none and sends its keys and values in turn, as an array:
    /// that is understood too.
    pub fn into_pairs(self) -> Option<Vec<(Value, Value)>> {
        match self {
            Value::Map(pairs) => Some(pairs),
            Value::Array(elements) if elements.len().is_multiple_of(2) => Some(pairs(elements)),
            _ => None,
        }
    }

    /// What the type is called, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Nil => "nil",
            Value::Status(_) => "a status",
            Value::Error(_) => "an error",
            Value::Integer(_) => "an integer",
            Value::Bulk(_) => "a string",
            Value::Array(_) => "an array",
            Value::Double(_) => "a double",
            Value::Boolean(_) => "a boolean",
            Value::BigNumber(_) => "a big number",
            Value::Verbatim(..) => "a verbatim string",
            Value::Map(_) => "a map",
            Value::Set(_) => "a set",
            Value::Push(_) => "a push",
        }
    }
}

/// Every two elements become one pair; a last one without a partner is left out.
pub(super) fn pairs(elements: Vec<Value>) -> Vec<(Value, Value)> {
    let mut elements = elements.into_iter();
    let mut pairs = Vec::with_capacity(elements.len() / 2);
    while let (Some(key), Some(value)) = (elements.next(), elements.next()) {
        pairs.push((key, value));
    }
    pairs
}

/// An error that the server answered: it understood the bytes, and will not do what they ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerError {
    text: String,
}

impl ServerError {
    /// From the line that was sent. Bytes that are no text are replaced.
    pub(super) fn new(line: &[u8]) -> ServerError {
        ServerError { text: String::from_utf8_lossy(line).into_owned() }
    }

    /// Its first word where that is in capitals, such as `ERR`, `WRONGTYPE`, `NOAUTH`; otherwise
    /// empty.
    pub fn code(&self) -> &str {
        let word = self.text.split(' ').next().unwrap_or_default();
        if word.bytes().all(|byte| byte.is_ascii_uppercase()) { word } else { "" }
    }

    /// All of it, its code included.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl std::error::Error for ServerError {}
