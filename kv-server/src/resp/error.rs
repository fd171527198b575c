//! What a peer can do wrong with the protocol itself.

use std::fmt;

/// Why the bytes of a connection cannot be understood any more. The text is what the peer is
/// told after `-ERR Protocol error: `.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProtocolError {
    /// The number of arguments is no number, or too large.
    InvalidCount,
    /// The length of an argument is no number, negative, or too large.
    InvalidBulkLength,
    /// There are many arguments, and the peer has not given the password.
    UntrustedCount,
    /// An argument is long, and the peer has not given the password.
    UntrustedLength,
    /// An argument does not begin with `$`, but with this byte.
    ExpectedBulk(u8),
    /// An inline request closes a quote nowhere, or in mid-word.
    UnbalancedQuotes,
    /// An inline request is longer than [`super::MAX_LINE`].
    InlineTooBig,
    /// The line that holds the number of arguments is longer than [`super::MAX_LINE`].
    CountLineTooBig,
    /// The line that holds the length of an argument is longer than [`super::MAX_LINE`].
    LengthLineTooBig,
}

impl ProtocolError {
    /// What the peer is told, in bytes: the one that it sent may be no character.
    pub fn message(self) -> Vec<u8> {
        match self {
            ProtocolError::InvalidCount => b"invalid multibulk length".to_vec(),
            ProtocolError::InvalidBulkLength => b"invalid bulk length".to_vec(),
            ProtocolError::UntrustedCount => b"unauthenticated multibulk length".to_vec(),
            ProtocolError::UntrustedLength => b"unauthenticated bulk length".to_vec(),
            ProtocolError::ExpectedBulk(byte) => {
                [&b"expected '$', got '"[..], &[byte], b"'"].concat()
            }
            ProtocolError::UnbalancedQuotes => b"unbalanced quotes in request".to_vec(),
            ProtocolError::InlineTooBig => b"too big inline request".to_vec(),
            ProtocolError::CountLineTooBig => b"too big mbulk count string".to_vec(),
            ProtocolError::LengthLineTooBig => b"too big bulk count string".to_vec(),
        }
    }
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.message().escape_ascii())
    }
}

impl std::error::Error for ProtocolError {}
