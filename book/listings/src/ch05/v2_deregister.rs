//! By number; the registration is taken back before the close.

use std::collections::HashMap;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;

use reactor::event::{Interest, Mode, Token};
use reactor::poller::Poller;

use super::Registry;

/// Sockets by their numbers; wrong on purpose.
#[derive(Debug)]
pub struct ByNumber {
    poller: Poller,
    owners: HashMap<u32, Owner>,
}

#[derive(Debug)]
struct Owner {
    name: &'static str,
    socket: UnixStream,
}

impl ByNumber {
    /// An empty one.
    ///
    /// # Errors
    /// The process has no descriptor left.
    pub fn new() -> io::Result<ByNumber> {
        Ok(ByNumber { poller: Poller::new()?, owners: HashMap::new() })
    }
}

impl Registry for ByNumber {
    fn open(&mut self, name: &'static str, socket: UnixStream) -> io::Result<Token> {
        let number = socket.as_raw_fd().cast_unsigned();
        let token = Token::new(number, 0);
        self.poller.add(&socket, token, Interest::READABLE, Mode::Level)?;
        self.owners.insert(number, Owner { name, socket });
        Ok(token)
    }

    fn close(&mut self, token: Token) -> io::Result<()> {
        if let Some(owner) = self.owners.remove(&token.slot()) {
            self.poller.remove(&owner.socket)?;
            drop(owner.socket);
        }
        Ok(())
    }

    fn owner(&self, token: Token) -> Option<&'static str> {
        self.owners.get(&token.slot()).map(|owner| owner.name)
    }

    fn poller(&self) -> &Poller {
        &self.poller
    }

    fn spell(&self, token: Token) -> String {
        token.slot().to_string()
    }
}
