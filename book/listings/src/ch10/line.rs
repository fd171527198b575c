//! What the versions have in common: somebody far away sends bytes, one by one.

use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::task::{Context, Poll};

use reactor::Direction;
use reactor::source::Source;

/// Bytes, waited for in a version's own way.
pub trait Line {
    /// The next byte.
    fn poll_byte(&self, context: &mut Context<'_>) -> Poll<io::Result<u8>>;
}

/// What waits with the reactor of the thread it is on.
pub fn open(socket: UnixStream) -> io::Result<Box<dyn Line>> {
    Ok(Box::new(Source::nonblocking(socket)?))
}

impl Line for Source<UnixStream> {
    fn poll_byte(&self, context: &mut Context<'_>) -> Poll<io::Result<u8>> {
        self.poll_io(context, Direction::Read, read_byte)
    }
}

/// One byte, if there is one now.
///
/// # Errors
/// `WouldBlock` where there is none yet; `UnexpectedEof` where there will be none.
pub fn read_byte(mut socket: &UnixStream) -> io::Result<u8> {
    let mut byte = [0];
    match socket.read(&mut byte)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(byte[0]),
    }
}
