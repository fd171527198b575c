//! Why a value was not sent, or not received; one that was not sent comes back.
//!
//! One set for all channels, of one thread and between threads: whoever handles the answer of one can
//! handle that of the others. Only `broadcast` can say more, and has its own words for it.

use std::error::Error;
use std::fmt;

/// Nobody receives, for the receivers have gone or have closed; here is the value again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SendError<T>(pub T);

impl<T> fmt::Debug for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SendError")
    }
}

impl<T> fmt::Display for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NOBODY_RECEIVES)
    }
}

impl<T> Error for SendError<T> {}

const NOBODY_RECEIVES: &str = "nobody receives what is sent";

/// Why a value was not sent; here it is again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum TrySendError<T> {
    /// There was no slot.
    Full(T),
    /// The receiver has gone or has closed.
    Closed(T),
}

impl<T> fmt::Debug for TrySendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TrySendError::Full(_) => "Full",
            TrySendError::Closed(_) => "Closed",
        })
    }
}

impl<T> fmt::Display for TrySendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TrySendError::Full(_) => "the channel is full",
            TrySendError::Closed(_) => NOBODY_RECEIVES,
        })
    }
}

impl<T> Error for TrySendError<T> {}

/// The sender of the one value has gone without a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecvError;

impl fmt::Display for RecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the sender was dropped before it sent a value")
    }
}

impl Error for RecvError {}

/// Why there is no value now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TryRecvError {
    /// One may still come.
    Empty,
    /// None will come.
    Closed,
}

impl fmt::Display for TryRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TryRecvError::Empty => "the channel is empty",
            TryRecvError::Closed => "the channel is empty, and no value can come",
        })
    }
}

impl Error for TryRecvError {}
