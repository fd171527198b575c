//! Receiving what others publish.

use std::collections::{BTreeSet, VecDeque};
use std::future::poll_fn;
use std::task::{Context, Poll, ready};

use super::connection::within;
use super::error::Error;
use super::link::Link;
use super::message::{Incoming, Kind, Message, understand};
use super::options::Options;
use super::reply::Malformed;
use super::{command::Command, value::Value};
use crate::rt::{self, Timer};

/// Messages that may arrive before a subscription is confirmed.
const MOST_WAITING: usize = 64 * 1024;

/// A connection that only receives: channels, patterns, and the messages on them, in order.
///
/// ```no_run
/// # use kv_server::client::{Options, Subscriber};
/// # async fn example() -> Result<(), kv_server::client::Error> {
/// let mut news = Subscriber::connect(Options::default()).await?;
/// news.subscribe(["weather"]).await?;
/// news.psubscribe(["sport.*"]).await?;
/// loop {
///     match news.next().await {
///         Ok(message) => println!("{:?}", message.payload),
///         // Something may have been missed; the next call connects and subscribes again.
///         Err(error) if error.is_transient() => eprintln!("{error}"),
///         Err(error) => return Err(error),
///     }
/// }
/// # }
/// ```
///
/// When the connection is lost, the call that notices says so, because what is published meanwhile
/// is gone for good. Whatever is called next makes one attempt to connect, after a pause as
/// [`Options`] say, and subscribes again to everything. A silent connection is tried by `PING`.
pub struct Subscriber {
    link: Link,
    channels: BTreeSet<Vec<u8>>,
    patterns: BTreeSet<Vec<u8>>,
    /// Whether this connection has been told of all of these.
    told: bool,
    /// Commands that are not yet confirmed for every one of their names.
    awaited: VecDeque<Awaited>,
    /// Arrived while a confirmation was awaited.
    waiting: VecDeque<Message>,
    /// When to ask for a sign of life, or to give up after having asked.
    silence: Timer,
    asked: bool,
    /// Whether anything was received since the time of silence began.
    heard: bool,
}

/// A command whose confirmations come one for each name.
struct Awaited {
    kind: Kind,
    names: VecDeque<Vec<u8>>,
}

impl Subscriber {
    /// Connects, by one attempt, with no subscription. Cancel safe.
    ///
    /// # Errors
    /// As [`Client::connect`](super::Client::connect).
    ///
    /// # Panics
    /// Outside of [`rt::block_on`].
    pub async fn connect(options: Options) -> Result<Subscriber, Error> {
        Ok(Subscriber {
            link: Link::open(options).await?,
            channels: BTreeSet::new(),
            patterns: BTreeSet::new(),
            told: true,
            awaited: VecDeque::new(),
            waiting: VecDeque::new(),
            silence: Timer::new(),
            asked: false,
            heard: false,
        })
    }

    /// Subscribes to channels; returns once the server has confirmed.
    ///
    /// Cancel safe: dropped, the subscription is made all the same, only not waited for. After an
    /// error other than [`Error::Server`] it is made with the next connection.
    ///
    /// # Errors
    /// [`Error::Server`] if it is refused; the names are then forgotten. Those of
    /// [`Subscriber::next`].
    pub async fn subscribe<N: AsRef<[u8]>>(
        &mut self,
        channels: impl IntoIterator<Item = N>,
    ) -> Result<(), Error> {
        self.change(Kind::Subscribe, channels).await
    }

    /// Subscribes to all channels that match patterns (`news.*`), otherwise as
    /// [`Subscriber::subscribe`].
    ///
    /// # Errors
    /// Those of [`Subscriber::subscribe`].
    pub async fn psubscribe<N: AsRef<[u8]>>(
        &mut self,
        patterns: impl IntoIterator<Item = N>,
    ) -> Result<(), Error> {
        self.change(Kind::Psubscribe, patterns).await
    }

    /// Leaves channels. Messages that arrived before are still given. Cancel safe as
    /// [`Subscriber::subscribe`].
    ///
    /// # Errors
    /// Those of [`Subscriber::subscribe`].
    pub async fn unsubscribe<N: AsRef<[u8]>>(
        &mut self,
        channels: impl IntoIterator<Item = N>,
    ) -> Result<(), Error> {
        self.change(Kind::Unsubscribe, channels).await
    }

    /// Leaves patterns, otherwise as [`Subscriber::unsubscribe`].
    ///
    /// # Errors
    /// Those of [`Subscriber::subscribe`].
    pub async fn punsubscribe<N: AsRef<[u8]>>(
        &mut self,
        patterns: impl IntoIterator<Item = N>,
    ) -> Result<(), Error> {
        self.change(Kind::Punsubscribe, patterns).await
    }

    /// The next message. Without any subscription it waits until it is dropped.
    ///
    /// Cancel safe: a dropped wait takes no message with it, also in the midst of connecting.
    ///
    /// # Errors
    /// [`Error::Disconnected`], [`Error::TimedOut`] and [`Error::Malformed`] when the connection is
    /// lost: something may have been missed. [`Error::Connect`] and [`Error::Server`] when it cannot
    /// be made again. In each case another call tries again.
    pub async fn next(&mut self) -> Result<Message, Error> {
        poll_fn(|context| self.poll_next(context)).await
    }

    /// [`Subscriber::next`] as a poll function.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Result<Message, Error>> {
        loop {
            if let Some(message) = self.waiting.pop_front() {
                return Poll::Ready(Ok(message));
            }
            ready!(self.poll_incoming(context))?;
        }
    }

    /// How many channels and patterns are subscribed to, confirmed or not.
    pub fn subscriptions(&self) -> usize {
        self.channels.len() + self.patterns.len()
    }

    async fn change<N: AsRef<[u8]>>(
        &mut self,
        kind: Kind,
        names: impl IntoIterator<Item = N>,
    ) -> Result<(), Error> {
        let names: VecDeque<Vec<u8>> =
            names.into_iter().map(|name| name.as_ref().to_vec()).collect();
        if names.is_empty() {
            return Ok(());
        }
        for name in &names {
            let set = self.set_of(kind);
            if kind.is_leaving() {
                set.remove(name)
            } else {
                set.insert(name.clone())
            };
        }
        // Without a connection, or before it was told: it will be told of the sets as they are.
        if self.told {
            self.tell(kind, names);
        }
        let limit = self.link.options.reply_timeout;
        match within(limit, poll_fn(|context| self.poll_settled(context))).await {
            Some(outcome) => outcome,
            None => Err(self.lose(Error::TimedOut)),
        }
    }

    /// Ready when every command so far is confirmed.
    fn poll_settled(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        while !(self.told && self.awaited.is_empty()) {
            if self.waiting.len() >= MOST_WAITING {
                let reason = "too many messages before a subscription was confirmed";
                return Poll::Ready(Err(self.lose(Error::Disconnected(reason.to_owned()))));
            }
            ready!(self.poll_incoming(context))?;
        }
        Poll::Ready(Ok(()))
    }

    /// Takes in one thing that the server sent.
    fn poll_incoming(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        loop {
            ready!(self.link.poll_up(context))?;
            if !self.told {
                self.tell_all();
            }
            let Some(connection) = self.link.connection() else { return Poll::Pending };
            if let Poll::Ready(Err(error)) = connection.poll_flush(context) {
                return Poll::Ready(Err(self.lose(error)));
            }
            let outcome = match connection.poll_reply(context) {
                Poll::Ready(reply) => reply.and_then(|value| self.take_in(value)),
                Poll::Pending => match ready!(self.poll_silence(context)) {
                    // A question is to be sent.
                    Ok(()) => continue,
                    Err(error) => Err(error),
                },
            };
            return Poll::Ready(match outcome {
                // The connection is as good as before.
                Err(Error::Server(error)) => Err(Error::Server(error)),
                outcome => outcome.map_err(|error| self.lose(error)),
            });
        }
    }

    fn take_in(&mut self, value: Value) -> Result<(), Error> {
        self.link.works();
        self.heard = true;
        match understand(value)? {
            Incoming::Message(message) => self.waiting.push_back(message),
            Incoming::Confirmed(kind) => {
                let first = self.awaited.front_mut().filter(|first| first.kind == kind);
                let first = first.ok_or(Malformed::Unasked)?;
                first.names.pop_front();
                if first.names.is_empty() {
                    self.awaited.pop_front();
                }
            }
            Incoming::Alive => {}
            Incoming::Refused(error) => {
                let refused = self.awaited.pop_front().ok_or(Malformed::Unasked)?;
                for name in refused.names {
                    self.set_of(refused.kind).remove(&name);
                }
                return Err(error.into());
            }
        }
        Ok(())
    }

    /// Keeps the time of silence. When it is over, asks for a sign of life, and is ready; when it is
    /// over once more, the connection is lost.
    fn poll_silence(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let limit = self.link.options.keep_alive;
        let Some(deadline) = limit.and_then(|limit| rt::now().checked_add(limit)) else {
            return Poll::Pending;
        };
        if self.heard || !self.silence.is_armed() {
            (self.heard, self.asked) = (false, false);
            self.silence.arm_at(deadline);
        }
        ready!(self.silence.poll_elapsed(context));
        if self.asked {
            return Poll::Ready(Err(Error::TimedOut));
        }
        self.asked = true;
        self.send(&Command::new("PING"));
        self.silence.arm_at(deadline);
        Poll::Ready(Ok(()))
    }

    fn tell_all(&mut self) {
        self.told = true;
        let channels = self.channels.iter().cloned().collect();
        let patterns = self.patterns.iter().cloned().collect();
        self.tell(Kind::Subscribe, channels);
        self.tell(Kind::Psubscribe, patterns);
    }

    fn tell(&mut self, kind: Kind, names: VecDeque<Vec<u8>>) {
        if !names.is_empty() {
            self.send(&Command::new(kind.name()).args(&names));
            self.awaited.push_back(Awaited { kind, names });
        }
    }

    /// Queues a command, where there is a connection.
    fn send(&mut self, command: &Command) {
        if let Some(connection) = self.link.connection() {
            let mut bytes = Vec::new();
            command.encode(&mut bytes);
            connection.queue(&bytes);
        }
    }

    fn lose(&mut self, error: Error) -> Error {
        self.link.lost();
        self.told = false;
        self.heard = false;
        self.silence.disarm();
        self.awaited.clear();
        error
    }

    fn set_of(&mut self, kind: Kind) -> &mut BTreeSet<Vec<u8>> {
        if kind.is_of_patterns() { &mut self.patterns } else { &mut self.channels }
    }
}
