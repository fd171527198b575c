//! What can go wrong with a call.

use std::fmt;
use std::io;

use super::reply::Malformed;
use super::value::ServerError;

/// Why there is no reply, or none of use.
///
/// ```text
///   was the command executed?    no: Connect, Unsuitable, Server (it was refused)
///                                maybe: Disconnected, TimedOut
///                                yes, or as if: Unexpected
/// ```
///
/// A command that may have been executed is never sent again by this client. Whether to repeat it
/// is the caller's to decide, who knows whether doing it twice does harm.
#[derive(Clone, Debug)]
pub enum Error {
    /// No connection could be made. Nothing was sent.
    Connect(io::ErrorKind, String),
    /// The connection was lost after the command was handed to it; it may have been executed.
    Disconnected(String),
    /// There was no reply in time. The command may have been executed, or still be.
    TimedOut,
    /// The server refused.
    Server(ServerError),
    /// The server sent what is no reply; the connection is closed.
    Malformed(Malformed),
    /// The reply is of a type that the command does not give: what was awaited, what came.
    Unexpected(&'static str, &'static str),
    /// The command cannot be sent in this way, for this reason.
    Unsuitable(&'static str),
}

impl Error {
    /// Whether a later attempt may go well without anything being changed.
    pub fn is_transient(&self) -> bool {
        matches!(self, Error::Connect(..) | Error::Disconnected(_) | Error::TimedOut)
    }

    pub(super) fn connect(address: &str, error: &io::Error) -> Error {
        Error::Connect(error.kind(), format!("{address}: {error}"))
    }

    pub(super) fn lost(error: &io::Error) -> Error {
        Error::Disconnected(error.to_string())
    }

    /// The peer closed the connection.
    pub(super) fn closed() -> Error {
        Error::Disconnected("the server closed it".to_owned())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Connect(_, what) => write!(formatter, "cannot connect to {what}"),
            Error::Disconnected(why) => write!(formatter, "the connection was lost: {why}"),
            Error::TimedOut => formatter.write_str("there was no reply in time"),
            Error::Server(error) => write!(formatter, "the server refused: {error}"),
            Error::Malformed(what) => write!(formatter, "the server sent no valid reply: {what}"),
            Error::Unexpected(awaited, came) => {
                write!(formatter, "the reply should have been {awaited}, and was {came}")
            }
            Error::Unsuitable(why) => formatter.write_str(why),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Server(error) => Some(error),
            Error::Malformed(error) => Some(error),
            _ => None,
        }
    }
}

impl From<ServerError> for Error {
    fn from(error: ServerError) -> Error {
        Error::Server(error)
    }
}

impl From<Malformed> for Error {
    fn from(error: Malformed) -> Error {
        Error::Malformed(error)
    }
}
