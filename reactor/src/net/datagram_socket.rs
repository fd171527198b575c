//! What UDP and Unix datagram sockets have in common, and the futures of both.
//!
//! # Sending when nothing says when
//! A send may fail for want of room of which the kernel will never announce the end: the queue of a
//! network interface (`ENOBUFS`), or the receiver of an unconnected Unix datagram (`EAGAIN`). Such a
//! message is neither lost in silence nor an error: the sender rests for a millisecond and tries
//! again.
//!
//! ```text
//!   send ──ok──► Ready        EAGAIN, and the kernel will speak ──► wait for readiness ──┐
//!    ▲ └─full──► resting ──the rest is over──┐                                           │
//!    └───────────────────────────────────────┴───────────────────────────────────────────┘
//! ```
//! Linux says `ENOBUFS` also of a message that goes out in more pieces (ip(7), fragments) than the
//! send buffer has room for, and of that one it never ceases to say so. So it is told in the end.
//!
//! Invariants:
//! - A message is sent whole or not at all: dropping a future in between sends nothing twice.
//! - A short message says nothing about whether more are there: a receiver asks until `EAGAIN`.
//!
//! Neighbours: `udp` and `unix_datagram` give it names.

use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use crate::source::Source;
use crate::sources::Direction;
use crate::sys::address::SocketAddress;
use crate::sys::{datagram, socket};
use crate::time::{Sleep, sleep};

/// How long a full queue is left alone.
const REST: Duration = Duration::from_millis(1);

/// After so many rests in a row, a second or a little more, `ENOBUFS` is told.
const MOST_RESTS: u32 = 1_000;

/// A datagram socket. Its functions take `&self`; whoever hands them on sees to it that a direction
/// has one user.
pub(super) struct DatagramSocket {
    source: Source<OwnedFd>,
    /// The sender's rest. Taken out while it is polled.
    rest: Cell<Option<Sleep>>,
    /// How many rests there were since a message was sent, or an error told.
    rests: Cell<u32>,
}

impl DatagramSocket {
    #[track_caller]
    pub(super) fn new(fd: OwnedFd) -> io::Result<DatagramSocket> {
        Ok(DatagramSocket { source: Source::new(fd)?, rest: Cell::new(None), rests: Cell::new(0) })
    }

    /// To the peer that the socket is connected to; its readiness covers the peer's queue.
    pub(super) fn poll_send(
        &self,
        context: &mut Context<'_>,
        message: &[u8],
    ) -> Poll<io::Result<usize>> {
        let send = |fd: BorrowedFd<'_>| socket::send(fd, message);
        self.poll_send_with(context, |error| self.may_find_buffers(error), send)
    }

    pub(super) fn poll_send_to<A: SocketAddress>(
        &self,
        context: &mut Context<'_>,
        message: &[u8],
        address: &A,
    ) -> Poll<io::Result<usize>> {
        let is_full = |error: &io::Error| {
            let would_block = error.kind() == io::ErrorKind::WouldBlock;
            self.may_find_buffers(error) || (A::QUEUE_MAY_BE_FULL && would_block)
        };
        let send = |fd: BorrowedFd<'_>| datagram::send_to(fd, message, address);
        self.poll_send_with(context, is_full, send)
    }

    fn may_find_buffers(&self, error: &io::Error) -> bool {
        socket::is_out_of_buffers(error) && self.rests.get() < MOST_RESTS
    }

    fn poll_send_with(
        &self,
        context: &mut Context<'_>,
        is_full: impl Fn(&io::Error) -> bool,
        mut send: impl FnMut(BorrowedFd<'_>) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            if let Some(mut rest) = self.rest.take()
                && Pin::new(&mut rest).poll(context).is_pending()
            {
                self.rest.set(Some(rest));
                return Poll::Pending;
            }
            let try_once = |fd: &OwnedFd| match send(fd.as_fd()) {
                Err(error) if is_full(&error) => Ok(None),
                result => result.map(Some),
            };
            match ready!(self.source.poll_io(context, Direction::Write, try_once)).transpose() {
                Some(result) => {
                    self.rests.set(0);
                    return Poll::Ready(result);
                }
                None => {
                    self.rests.set(self.rests.get().saturating_add(1));
                    self.rest.set(Some(sleep(REST)));
                }
            }
        }
    }

    pub(super) fn poll_receive(
        &self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
        peek: bool,
    ) -> Poll<io::Result<usize>> {
        let receive = |fd: &OwnedFd| socket::receive(fd.as_fd(), buffer, peek);
        self.source.poll_io(context, Direction::Read, receive)
    }

    pub(super) fn poll_receive_from<A: SocketAddress>(
        &self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
        peek: bool,
    ) -> Poll<io::Result<(usize, A)>> {
        let receive = |fd: &OwnedFd| datagram::receive_from(fd.as_fd(), buffer, peek);
        self.source.poll_io(context, Direction::Read, receive)
    }
}

impl AsFd for DatagramSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.source.get_ref().as_fd()
    }
}

impl fmt::Debug for DatagramSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DatagramSocket").field(&self.source).finish()
    }
}

/// Sends one message to the connected peer: the future of `send`.
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct DatagramSend<'a> {
    pub(super) socket: &'a DatagramSocket,
    pub(super) message: &'a [u8],
}

impl Future for DatagramSend<'_> {
    type Output = io::Result<usize>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.socket.poll_send(context, self.message)
    }
}

/// Sends one message to an address: the future of `send_to`.
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct DatagramSendTo<'a, A> {
    pub(super) socket: &'a DatagramSocket,
    pub(super) message: &'a [u8],
    pub(super) address: A,
}

impl<A: SocketAddress> Future for DatagramSendTo<'_, A> {
    type Output = io::Result<usize>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.socket.poll_send_to(context, self.message, &self.address)
    }
}

/// Takes one message, or looks at it: the future of `recv` and `peek`.
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct DatagramReceive<'a> {
    pub(super) socket: &'a DatagramSocket,
    pub(super) buffer: &'a mut [u8],
    pub(super) peek: bool,
}

impl Future for DatagramReceive<'_> {
    type Output = io::Result<usize>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        this.socket.poll_receive(context, this.buffer, this.peek)
    }
}

/// Takes one message, or looks at it, and says whose it is: the future of `recv_from` and
/// `peek_from`.
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct DatagramReceiveFrom<'a, A> {
    pub(super) socket: &'a DatagramSocket,
    pub(super) buffer: &'a mut [u8],
    pub(super) peek: bool,
    pub(super) address: std::marker::PhantomData<A>,
}

impl<A: SocketAddress + Unpin> Future for DatagramReceiveFrom<'_, A> {
    type Output = io::Result<(usize, A)>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        this.socket.poll_receive_from(context, this.buffer, this.peek)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reactor::Reactor;
    use crate::sys::unix::datagram_pair;
    use crate::testing::counter;

    #[test]
    fn a_full_interface_queue_is_tried_again_later_and_not_told() {
        let reactor = Reactor::new().expect("a reactor");
        let _entered = reactor.enter();
        let (fd, _peer) = datagram_pair().expect("a pair");
        let socket = DatagramSocket::new(fd).expect("a socket");
        let woken = counter();
        let waker = woken.waker();
        let mut context = Context::from_waker(&waker);
        let mut attempts = 0;
        let sent = loop {
            let full = |error: &io::Error| error.kind() == io::ErrorKind::OutOfMemory;
            let poll = socket.poll_send_with(&mut context, full, |_| {
                attempts += 1;
                if attempts < 4 { Err(io::ErrorKind::OutOfMemory.into()) } else { Ok(5) }
            });
            match poll {
                Poll::Ready(sent) => break sent,
                Poll::Pending => {
                    assert_eq!(reactor.timer_count(), 1, "a rest, and nothing else, is waited for");
                    reactor.park(Some(Duration::from_secs(10))).expect("park");
                }
            }
        };
        assert_eq!((sent.expect("sent at last"), attempts, woken.count()), (5, 4, 3));
        assert_eq!(reactor.timer_count(), 0);
    }

    #[test]
    fn a_message_for_which_there_is_never_a_buffer_is_an_error_in_the_end() {
        let reactor = Reactor::with_virtual_clock().expect("a reactor");
        let _entered = reactor.enter();
        let (fd, _peer) = datagram_pair().expect("a pair");
        let socket = DatagramSocket::new(fd).expect("a socket");
        let mut context = Context::from_waker(std::task::Waker::noop());
        for _ in 0..2 {
            let mut attempts = 0;
            let error = loop {
                let poll = socket.poll_send_with(
                    &mut context,
                    |error| socket.may_find_buffers(error),
                    |_| {
                        attempts += 1;
                        Err(socket::out_of_buffers())
                    },
                );
                match poll {
                    Poll::Ready(sent) => break sent.expect_err("there was never a buffer"),
                    Poll::Pending => reactor.park(Some(Duration::from_secs(10))).expect("park"),
                }
            };
            assert!(socket::is_out_of_buffers(&error), "{error}");
            assert_eq!(attempts, MOST_RESTS + 1);
        }
    }
}
