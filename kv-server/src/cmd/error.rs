//! Errors that commands answer with. The first word is a code that clients act on; the rest is for
//! people, but clients' tests read it too, so it is Redis's to the letter.

use std::borrow::Cow;

use crate::resp::{Arguments, parse_integer};

/// What a command comes to; its reply is written if all went well.
pub(crate) type Outcome = Result<(), Error>;

/// The text of an error reply.
#[derive(Debug)]
pub(crate) struct Error(Cow<'static, [u8]>);

/// An option that does not exist, or not together with another.
pub(crate) const SYNTAX: Error = Error::new("ERR syntax error");
/// Not an integer of 64 bits.
pub(crate) const NOT_AN_INTEGER: Error = Error::new("ERR value is not an integer or out of range");
/// The result does not fit 64 bits.
pub(crate) const OVERFLOW: Error = Error::new("ERR increment or decrement would overflow");
/// The string would be longer than any argument may be.
pub(crate) const TOO_LONG: Error =
    Error::new("ERR string exceeds maximum allowed size (proto-max-bulk-len)");

/// At most so many bytes of a peer's words are repeated to it.
pub(crate) const REPEATED: usize = 128;

impl Error {
    /// An error that is always the same.
    pub(crate) const fn new(text: &'static str) -> Error {
        Error(Cow::Borrowed(text.as_bytes()))
    }

    /// An error that says what it is about.
    pub(crate) fn with(parts: &[&[u8]]) -> Error {
        Error(Cow::Owned(parts.concat()))
    }

    /// The whole text.
    pub(crate) fn text(&self) -> &[u8] {
        &self.0
    }

    /// Too few arguments, or too many.
    pub(crate) fn arity(command: &str) -> Error {
        let command = command.as_bytes();
        Error::with(&[b"ERR wrong number of arguments for '", command, b"' command"])
    }

    /// A time in the past, or beyond what 64 bits can count.
    pub(crate) fn expire_time(command: &str) -> Error {
        Error::with(&[b"ERR invalid expire time in '", command.as_bytes(), b"' command"])
    }

    /// A RESP2 client in subscribed mode called something else.
    pub(crate) fn subscribed(command: &str) -> Error {
        let allowed =
            b"': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed \
                        in this context";
        Error::with(&[b"ERR Can't execute '", command.as_bytes(), allowed])
    }

    /// There is no such command; tells what it was called with, to find it in a client's code.
    pub(crate) fn unknown_command(arguments: Arguments<'_>) -> Error {
        let mut repeated = Vec::new();
        for argument in arguments.from(1) {
            if repeated.len() >= REPEATED {
                break;
            }
            let room = REPEATED - repeated.len();
            repeated.push(b'\'');
            repeated.extend_from_slice(cut(argument, room));
            repeated.extend_from_slice(b"' ");
        }
        let name = cut(arguments.at(0), REPEATED);
        let middle = b"', with args beginning with: ";
        Error::with(&[b"ERR unknown command '", name, middle, &repeated])
    }

    /// A container that looks at its subcommands itself has no such one, or not with so many arguments.
    pub(crate) fn subcommand_or_count(container: &str, name: &[u8]) -> Error {
        let (start, name) =
            (b"ERR unknown subcommand or wrong number of arguments for '", cut(name, REPEATED));
        Error::with(&[start, name, b"'. Try ", container.as_bytes(), b" HELP."])
    }

    /// The container has no such subcommand.
    pub(crate) fn unknown_subcommand(container: &str, name: &[u8]) -> Error {
        let name = cut(name, REPEATED);
        let container = container.to_ascii_uppercase();
        let container = container.as_bytes();
        Error::with(&[b"ERR unknown subcommand '", name, b"'. Try ", container, b" HELP."])
    }
}

/// An argument that must be an integer.
#[inline]
pub(crate) fn integer(argument: &[u8]) -> Result<i64, Error> {
    parse_integer(argument).ok_or(NOT_AN_INTEGER)
}

/// The beginning of a peer's word: up to a zero, and not too long.
pub(crate) fn cut(word: &[u8], most: usize) -> &[u8] {
    let word = &word[..word.len().min(most)];
    let end = word.iter().position(|&byte| byte == 0).unwrap_or(word.len());
    &word[..end]
}
