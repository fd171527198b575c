//! What the servers serve: a line, and the answer is its length.

use std::io::{self, Write};
use std::os::unix::net::UnixStream;

/// What has been received, and was not answered yet.
#[derive(Default)]
pub(super) struct Lines {
    bytes: Vec<u8>,
}

impl Lines {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Answers each line that is complete.
    pub(super) fn answer(&mut self, mut stream: &UnixStream) -> io::Result<()> {
        while let Some(length) = self.bytes.iter().position(|byte| *byte == b'\n') {
            self.bytes.drain(..=length);
            // A few bytes: they fit into the socket's buffer, which is empty, since the peer waits.
            stream.write_all(format!("{length}\n").as_bytes())?;
        }
        Ok(())
    }
}
