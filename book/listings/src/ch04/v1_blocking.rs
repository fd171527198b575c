//! Drains a descriptor that blocks; wrong on purpose.

use std::io::{self, Read};
use std::os::unix::net::UnixStream;

use reactor::event::{Events, Interest, Mode, Token};
use reactor::poller::Poller;

use super::lines::Lines;

/// Answers lines until the peer ends; `told` is called at each event.
pub fn serve(mut stream: UnixStream, told: &mut dyn FnMut()) -> io::Result<()> {
    let poller = Poller::new()?;
    poller.add(&stream, Token::new(0, 0), Interest::READABLE, Mode::Edge)?;
    let (mut events, mut lines) = (Events::new(), Lines::default());
    loop {
        poller.wait(&mut events, None)?;
        told();
        loop {
            let mut bytes = [0; 4];
            match stream.read(&mut bytes) {
                Ok(0) => return lines.answer(&stream),
                Ok(count) => lines.push(&bytes[..count]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        lines.answer(&stream)?;
    }
}
