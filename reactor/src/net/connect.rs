//! One connection attempt, of any kind of stream.
//!
//! ```text
//!   new ──1 socket──► start ──2 connect: in progress──► waiting ──3 writable──► ask SO_ERROR ──► Ready
//!                     │  ▲ └──4 connected at once, or failed at once───────────────────────────────▲
//!                     5  6 the rest is over
//!                     └► resting     (Unix sockets: the listener's queue is full, says EAGAIN)
//! ```
//!
//! The rest of arrow 5 is a timer, because nothing announces room in a listener's queue. A TCP
//! attempt never rests: the kernel itself tries again there.
//!
//! Invariant: whoever drops the attempt closes its socket, and nothing is left.
//!
//! Neighbours: `tcp_stream`, `tcp_socket`, `connect_any` and `unix_stream` begin here.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use super::TcpStream;
use super::stream_socket::StreamSocket;
use crate::sys::address::SocketAddress;
use crate::sys::socket;
use crate::time::{Sleep, sleep};

/// How long a full listener is left alone.
const REST: Duration = Duration::from_millis(2);

/// A connection attempt to an address of kind `A`.
#[derive(Debug)]
pub(super) struct Attempt<A> {
    address: A,
    state: State,
}

#[derive(Debug)]
enum State {
    New,
    Start(OwnedFd),
    Resting(OwnedFd, Sleep),
    Waiting(StreamSocket),
    Connected(StreamSocket),
    Over,
}

impl<A: SocketAddress> Attempt<A> {
    /// With a socket that is made at the first poll.
    pub(super) fn new(address: A) -> Attempt<A> {
        Attempt { address, state: State::New }
    }

    /// With a socket that is there already.
    pub(super) fn with(socket: OwnedFd, address: A) -> Attempt<A> {
        Attempt { address, state: State::Start(socket) }
    }

    /// Where to.
    pub(super) fn address(&self) -> &A {
        &self.address
    }

    /// # Panics
    /// Polled again after it was ready.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<io::Result<StreamSocket>> {
        loop {
            self.state = match std::mem::replace(&mut self.state, State::Over) {
                State::New => State::Start(socket::stream(&self.address)?),
                State::Start(socket) => self.start(socket)?,
                State::Resting(socket, mut rest) => {
                    if Pin::new(&mut rest).poll(context).is_pending() {
                        self.state = State::Resting(socket, rest);
                        return Poll::Pending;
                    }
                    State::Start(socket)
                }
                State::Waiting(stream) => return self.wait(context, stream),
                State::Connected(stream) => return Poll::Ready(Ok(stream)),
                State::Over => panic!("a connection attempt was polled after it was ready"),
            }
        }
    }

    /// Arrows 2, 4 and 5.
    fn start(&self, socket: OwnedFd) -> io::Result<State> {
        match socket::connect(socket.as_fd(), &self.address) {
            Ok(socket::Attempt::Connected) => {
                Ok(State::Connected(StreamSocket::connected(socket)?))
            }
            Ok(socket::Attempt::UnderWay) => Ok(State::Waiting(StreamSocket::connecting(socket)?)),
            Err(error) if A::QUEUE_MAY_BE_FULL && error.kind() == io::ErrorKind::WouldBlock => {
                Ok(State::Resting(socket, sleep(REST)))
            }
            Err(error) => Err(error),
        }
    }

    /// Arrow 3. A wake-up may be spurious, and an attempt still under way holds no error: only a
    /// socket that knows its peer is connected.
    fn wait(
        &mut self,
        context: &mut Context<'_>,
        stream: StreamSocket,
    ) -> Poll<io::Result<StreamSocket>> {
        if stream.poll_writable(context).is_pending() {
            self.state = State::Waiting(stream);
            return Poll::Pending;
        }
        if let Some(error) = socket::take_error(stream.as_fd())? {
            return Poll::Ready(Err(error));
        }
        match socket::peer_address::<A>(stream.as_fd()) {
            Err(error) if error.kind() == io::ErrorKind::NotConnected => {
                stream.not_writable();
                if stream.poll_writable(context).is_ready() {
                    context.waker().wake_by_ref();
                }
                self.state = State::Waiting(stream);
                Poll::Pending
            }
            Err(error) => Poll::Ready(Err(error)),
            Ok(_) => Poll::Ready(Ok(stream)),
        }
    }
}

/// The future of [`TcpStream::connect`] and [`TcpSocket::connect`](super::TcpSocket::connect).
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Connect {
    attempt: Attempt<SocketAddr>,
}

impl Connect {
    pub(super) fn new(attempt: Attempt<SocketAddr>) -> Connect {
        Connect { attempt }
    }

    /// Where to.
    pub fn address(&self) -> SocketAddr {
        *self.attempt.address()
    }
}

impl Future for Connect {
    type Output = io::Result<TcpStream>;

    /// # Panics
    /// Where no reactor is running on this thread; polled again after it was ready.
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let stream = self.get_mut().attempt.poll(context);
        stream.map(|stream| stream.map(TcpStream::from_socket))
    }
}
