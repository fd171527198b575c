//! The senders of `mpsc` as sinks.
//!
//! ```text
//!   poll_ready: a slot, had in line as by `send` ─► start_send: the value takes it ─► receiver
//!   poll_flush: nothing is held back here            poll_close: the sender goes
//! ```
//!
//! A sink promises room before it is given the value, and the promise outlasts the call that gave it;
//! a `Sender` has no place to keep it in. So this is a type around one.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_sink::Sink;

use crate::sync::mpsc::{Reserve, SendError, Sender, UnboundedSender};
use reactor::budget;

/// A sender of either kind, as a sink.
///
/// ```
/// use executor::compat::SenderSink;
/// use executor::sync::mpsc;
/// use futures::{SinkExt, StreamExt};
///
/// executor::block_on(async {
///     let (sender, receiver) = mpsc::channel(1);
///     let sending = async {
///         let mut sink = SenderSink::from(sender);
///         sink.feed("poll").await?;
///         sink.send("wake").await?;
///         sink.close().await
///     };
///     let (sent, words) = executor::join!(sending, receiver.collect::<Vec<_>>());
///     assert_eq!((sent, words), (Ok(()), vec!["poll", "wake"]));
/// });
/// ```
///
/// Closed or dropped, it counts as a sender no longer, and gives back a slot that it had; a slot that it
/// has and does not fill is kept from other senders.
///
/// Cancel safe as `send` is: a `send` or `feed` of `SinkExt` that is dropped before its value was taken
/// has sent nothing.
///
/// # Errors
/// [`SendError`] where the receiver has gone or has closed. A value given between that and the last
/// "ready" is lost, as with every sink.
pub struct SenderSink<T> {
    /// `None` once closed.
    sender: Option<Kind<T>>,
}

enum Kind<T> {
    Bounded(Reserve<T>),
    Unbounded(UnboundedSender<T>),
}

impl<T> From<Sender<T>> for SenderSink<T> {
    fn from(sender: Sender<T>) -> SenderSink<T> {
        SenderSink { sender: Some(Kind::Bounded(Reserve::new(sender))) }
    }
}

impl<T> From<UnboundedSender<T>> for SenderSink<T> {
    fn from(sender: UnboundedSender<T>) -> SenderSink<T> {
        SenderSink { sender: Some(Kind::Unbounded(sender)) }
    }
}

/// Values are moved into the channel, and never pinned.
impl<T> Unpin for SenderSink<T> {}

impl<T> Sink<T> for SenderSink<T> {
    type Error = SendError<()>;

    fn poll_ready(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), Self::Error>> {
        match &mut self.sender {
            Some(Kind::Bounded(reserve)) => reserve.poll_reserve(context),
            Some(Kind::Unbounded(sender)) if !sender.is_closed() => {
                // It always has room; but who is always ready has to let the others run.
                ready!(budget::poll_available(context));
                budget::spend();
                Poll::Ready(Ok(()))
            }
            Some(Kind::Unbounded(_)) | None => Poll::Ready(Err(SendError(()))),
        }
    }

    /// # Panics
    /// Where the sink had not said that it was ready, and is bounded.
    fn start_send(mut self: Pin<&mut Self>, value: T) -> Result<(), Self::Error> {
        let sent = match &mut self.sender {
            Some(Kind::Bounded(reserve)) => reserve.fill(value),
            Some(Kind::Unbounded(sender)) => sender.send(value),
            None => Err(SendError(value)),
        };
        sent.map_err(|SendError(_)| SendError(()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(())) // what was sent is in the channel
    }

    fn poll_close(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        drop(self.sender.take());
        Poll::Ready(Ok(()))
    }
}

impl<T> fmt::Debug for SenderSink<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SenderSink").field("closed", &self.sender.is_none()).finish()
    }
}
