//! The Redis serialization protocol, versions 2 and 3: bytes to requests, replies to bytes.
//!
//! Pure code: no socket, no clock, no state but what an unfinished request needs.
//!
//! ```text
//!  bytes ──► Short::parse ──────► Arguments (borrowed from the bytes) ──► a command
//!                │ not short, or not whole ▲                                   │
//!                ▼                         │                                   │
//!            Request::advance ─────────────┘                                   │
//!                │ inline::split, for lines typed by hand                      │
//!                ▼                                                             ▼
//!          ProtocolError                                        Reply ──► bytes to send
//! ```
//!
//! The format, as clients speak it: <https://redis.io/docs/latest/develop/reference/protocol-spec/>.

mod arguments;
mod error;
pub mod inline;
mod integer;
mod parse;
mod short;
mod write;

pub use arguments::{Arguments, OwnedArguments, Parts};
pub use error::ProtocolError;
pub(crate) use inline::split_words;
pub use integer::parse_integer;
pub use parse::{MAX_LINE, Progress, Request};
pub(crate) use short::{LONGEST, Short};
pub use write::Reply;

/// The version of the protocol that one client speaks. It changes how replies are written, never
/// how requests are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// What every client speaks until it says otherwise.
    #[default]
    Resp2,
    /// After `HELLO 3`: maps, sets, pushes, a null of its own.
    Resp3,
}

impl Protocol {
    /// The first byte of what no request asked for. Nothing else in a message depends on the
    /// version, so that one encoding serves all receivers.
    #[inline]
    pub fn push_mark(self) -> u8 {
        match self {
            Protocol::Resp2 => b'*',
            Protocol::Resp3 => b'>',
        }
    }

    /// The number that `HELLO` takes and gives.
    pub fn number(self) -> i64 {
        match self {
            Protocol::Resp2 => 2,
            Protocol::Resp3 => 3,
        }
    }
}
