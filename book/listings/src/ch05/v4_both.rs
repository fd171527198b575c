//! By token; the registration is taken back before the close.

use std::io;
use std::os::unix::net::UnixStream;

use reactor::event::{Interest, Mode, Token};
use reactor::poller::Poller;
use reactor::slab::{Key, Slab};

use super::Registry;

/// Sockets by a place and its generation.
#[derive(Debug)]
pub struct ByToken {
    poller: Poller,
    owners: Slab<Owner>,
}

#[derive(Debug)]
struct Owner {
    name: &'static str,
    socket: UnixStream,
}

impl ByToken {
    /// An empty one.
    ///
    /// # Errors
    /// The process has no descriptor left.
    pub fn new() -> io::Result<ByToken> {
        Ok(ByToken { poller: Poller::new()?, owners: Slab::new() })
    }
}

fn key(token: Token) -> Key {
    Key { index: token.slot(), generation: token.generation() }
}

impl Registry for ByToken {
    fn open(&mut self, name: &'static str, socket: UnixStream) -> io::Result<Token> {
        let key = self.owners.insert(Owner { name, socket });
        let token = Token::new(key.index, key.generation);
        let owner = self.owners.get(key).expect("it was put in a moment ago");
        let added = self.poller.add(&owner.socket, token, Interest::READABLE, Mode::Level);
        if added.is_err() {
            self.owners.remove(key);
        }
        added.map(|()| token)
    }

    fn close(&mut self, token: Token) -> io::Result<()> {
        if let Some(owner) = self.owners.remove(key(token)) {
            self.poller.remove(&owner.socket)?;
            drop(owner.socket);
        }
        Ok(())
    }

    fn owner(&self, token: Token) -> Option<&'static str> {
        self.owners.get(key(token)).map(|owner| owner.name)
    }

    fn poller(&self) -> &Poller {
        &self.poller
    }

    fn spell(&self, token: Token) -> String {
        format!("{}.{}", token.slot(), token.generation())
    }
}
