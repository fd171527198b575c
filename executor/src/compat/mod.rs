//! Our sockets, timers and tasks in the words of the ecosystem.
//!
//! Each world has its own trait for "bytes can be read from it", and a crate asks for the trait of the
//! world it grew up in. One wrapper, [`Compat`], speaks all of these, so that crates which never heard
//! of this runtime run on it unchanged:
//!
//! | feature | `Compat<T>` has, where `T` reads, writes, … | and also |
//! | --- | --- | --- |
//! | `futures-io` | `futures_io::{AsyncRead, AsyncBufRead, AsyncWrite}` | `Stream` for listeners, lines, intervals and all channels' receivers; `Sink`: `SenderSink` |
//! | `hyper` | `hyper::rt::{Read, Write}` | `HyperTimer`; `hyper::rt::Executor` for both handles |
//! | `tokio-io` | `tokio::io::{AsyncRead, AsyncBufRead, AsyncWrite}` | |
//!
//! No feature is on by default: a program that uses none of these crates compiles none of them.
//!
//! ```text
//!   a stranger's code:  R: AsyncRead            … + Send
//!                            ▲                        ▲
//!                     Compat<TcpStream>    Compat<ThreadBound<TcpStream>>
//! ```
//!
//! Some crates ask for `Send` on top, because their users' runtimes move tasks between threads. Ours
//! does not, and its sockets are not `Send`; a [`ThreadBound`] is, and panics should anybody really
//! carry it to another thread and use it there.
//!
//! Invariants:
//! - An adapter holds no bytes of its own: what it says was read or written was read or written by the
//!   socket in that very call, so that it is as cancel safe as the socket.
//! - A poll by a foreign executor panics as the socket itself does; it does not hang, but for the one case
//!   of [other executors](crate#other-executors) that nobody can tell.
//!
//! Neighbours: `io` has our own traits; each file below translates them into one foreign language.

#[cfg(feature = "futures-io")]
mod futures_io;
#[cfg(feature = "hyper")]
mod hyper;
#[cfg(feature = "futures-io")]
mod sink;
mod thread_bound;
#[cfg(feature = "tokio-io")]
mod tokio_io;

#[cfg(any(feature = "futures-io", feature = "hyper", feature = "tokio-io"))]
use std::io;
#[cfg(any(feature = "futures-io", feature = "hyper", feature = "tokio-io"))]
use std::task::{Context, Poll, ready};

#[cfg(any(feature = "futures-io", feature = "hyper", feature = "tokio-io"))]
use reactor::io::AsyncWrite;

#[cfg(feature = "hyper")]
pub use self::hyper::HyperTimer;
#[cfg(feature = "futures-io")]
pub use sink::SenderSink;
pub use thread_bound::ThreadBound;

/// A type of ours behind the traits of others; see the [module](self).
///
/// It keeps our own traits to itself: whoever wants both takes the inner one by
/// [`get_mut`](Compat::get_mut).
#[derive(Debug)]
pub struct Compat<T> {
    inner: T,
}

/// `T` is reached by `&mut` alone and never pinned.
impl<T> Unpin for Compat<T> {}

impl<T> Compat<T> {
    /// Lets others use `inner`.
    pub fn new(inner: T) -> Compat<T> {
        Compat { inner }
    }

    /// What it was made of.
    pub fn get_ref(&self) -> &T {
        &self.inner
    }

    /// What it was made of, to be used in our own words.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.inner
    }

    /// Gives back what it was made of.
    pub fn into_inner(self) -> T {
        self.inner
    }
}

#[cfg(any(feature = "futures-io", feature = "hyper", feature = "tokio-io"))]
impl<T: AsyncWrite> Compat<T> {
    /// Ends the writing direction. That of a peer who has gone has ended already, which strangers do
    /// not expect to be told as an error.
    fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match ready!(self.inner.poll_shutdown(context)) {
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Poll::Ready(Ok(())),
            ended => Poll::Ready(ended),
        }
    }
}
