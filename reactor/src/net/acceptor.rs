//! Accepting, for TCP and Unix listeners alike.
//!
//! Accepting can fail in ways that say nothing about the listener:
//!
//! | errno | meaning | what happens here |
//! | --- | --- | --- |
//! | ECONNABORTED, EPROTO, network errors | that peer has gone | the next one is taken |
//! | EMFILE, ENFILE, ENOBUFS, ENOMEM | nothing is free for it | the error is returned, and the next accept rests first |
//!
//! The rest is what keeps a full server quiet. The connection that could not be taken stays in the
//! kernel's queue, the listener stays readable, and a loop that simply tries again would spin.
//!
//! Invariant: an error leaves the listener as able to accept as it was.
//!
//! Neighbours: `tcp_listener` and `unix_listener`.

use std::future::Future;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use crate::source::Source;
use crate::sources::Direction;
use crate::sys::address::SocketAddress;
use crate::sys::socket;
use crate::time::{Sleep, sleep};

/// How many connections the kernel keeps that nobody has accepted yet, unless told otherwise.
pub(super) const BACKLOG: u32 = 1024;

/// How long no accept is tried after one for which nothing was free.
const REST: Duration = Duration::from_millis(100);

/// A socket that listens, and its rest.
#[derive(Debug)]
pub(super) struct Acceptor {
    source: Source<OwnedFd>,
    rest: Option<Sleep>,
}

impl Acceptor {
    #[track_caller]
    pub(super) fn new(fd: OwnedFd) -> io::Result<Acceptor> {
        Ok(Acceptor { source: Source::new(fd)?, rest: None })
    }

    pub(super) fn poll_accept<A: SocketAddress>(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<(OwnedFd, A)>> {
        if let Some(rest) = &mut self.rest {
            ready!(Pin::new(rest).poll(context));
            self.rest = None;
        }
        let accept = |listener: &OwnedFd| loop {
            match socket::accept(listener.as_fd()) {
                Err(error) if concerns_one_peer(&error) => {}
                result => return result,
            }
        };
        let accepted = ready!(self.source.poll_io(context, Direction::Read, accept));
        if accepted.as_ref().is_err_and(socket::is_out_of_descriptors_or_memory) {
            self.rest = Some(sleep(REST));
        }
        Poll::Ready(accepted)
    }
}

/// Errors that accept(2) passes on from the connection, and says to treat like EAGAIN.
fn concerns_one_peer(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, HostUnreachable, NetworkDown, NetworkUnreachable};
    matches!(error.kind(), ConnectionAborted | HostUnreachable | NetworkDown | NetworkUnreachable)
        || socket::is_protocol_error(error)
}

impl AsFd for Acceptor {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.source.get_ref().as_fd()
    }
}
