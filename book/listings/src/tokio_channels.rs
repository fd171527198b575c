//! Fan-out as it is mostly written on tokio: tasks that know each other by channels.
//!
//! `compare` measures it beside our server. That one, on either runtime, appends each message to the
//! buffers of its subscribers; here is what it does not do, so that its price can be told.
//!
//! ```text
//!              a connection                                  each subscriber's connection
//!   socket ──► reading task ──► PUBLISH: one `Bytes`,  ──┬──► channel ──► writing task ──► socket
//!                  │            shared by all            ├──► channel ──► writing task ──► socket
//!                  └─ replies, to its own channel        └──► …
//! ```
//!
//! It is meant to be as good as this way can be: a message is encoded once and copied nowhere before
//! the writing; a pipeline is answered at once; a writing task takes all that waits, up to
//! 64, into one write; nothing is locked while anybody waits.
//!
//! - What is to be sent to a client goes through its channel, replies and messages, in their order.
//! - A channel is bounded. Who asks without reading the replies is not read from; a subscriber whose
//!   channel is full is cut off, as one that would stop all the others.
//!
//! What is absent: all commands but PUBLISH, SUBSCRIBE and PING.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use bytes::Bytes;

use crate::bare_epoll::wire::{MOST_REQUEST, bulk, error, mark, parse};

/// Messages that may wait in a channel.
const WAITING: usize = 1024;

/// Messages that one write takes at most.
const AT_ONCE: usize = 64;

/// Bytes that are read at once, as a rule.
const READ_AT_ONCE: usize = 16 * 1024;

/// The subscribers of each channel of the protocol.
#[derive(Debug, Default)]
struct Hub(Mutex<HashMap<Vec<u8>, Vec<Subscriber>>>);

/// Where a client hears.
#[derive(Clone, Debug)]
struct Subscriber {
    outbox: mpsc::Sender<Bytes>,
    writing: AbortHandle,
}

/// Serves for ever.
///
/// # Errors
/// No descriptor is left.
pub async fn serve(listener: TcpListener) -> io::Result<Infallible> {
    let hub = Arc::new(Hub::default());
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(converse(stream, Arc::clone(&hub)));
    }
}

/// One connection, until the client leaves.
async fn converse(stream: TcpStream, hub: Arc<Hub>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let (reader, writer) = stream.into_split();
    let (outbox, inbox) = mpsc::channel(WAITING);
    let writing = tokio::spawn(write(writer, inbox)).abort_handle();
    let me = Subscriber { outbox, writing };
    let ended = read(reader, &hub, &me).await;
    hub.leave(&me);
    ended
}

/// Writes what comes through the channel, until nobody can put anything in.
async fn write(mut writer: OwnedWriteHalf, mut inbox: mpsc::Receiver<Bytes>) -> io::Result<()> {
    let (mut waiting, mut out) = (Vec::with_capacity(AT_ONCE), Vec::new());
    while inbox.recv_many(&mut waiting, AT_ONCE).await > 0 {
        for bytes in waiting.drain(..) {
            out.extend_from_slice(&bytes);
        }
        writer.write_all(&out).await?;
        out.clear();
    }
    writer.shutdown().await
}

/// Executes what arrives.
async fn read(mut reader: OwnedReadHalf, hub: &Hub, me: &Subscriber) -> io::Result<()> {
    let mut input = Vec::with_capacity(READ_AT_ONCE);
    let mut channels = 0;
    while reader.read_buf(&mut input).await? > 0 {
        // Room for the replies comes first: then nothing stands between a subscription and its reply.
        let Ok(room) = me.outbox.reserve().await else { break };
        let mut replies = Vec::new();
        let taken = hub.execute_all(&input, me, &mut channels, &mut replies);
        if !replies.is_empty() {
            room.send(Bytes::from(replies));
        }
        let Some(taken) = taken else { break };
        input.drain(..taken);
    }
    Ok(())
}

impl Hub {
    /// How many bytes were whole requests; `None` where something is none.
    fn execute_all(
        &self,
        bytes: &[u8],
        me: &Subscriber,
        channels: &mut usize,
        replies: &mut Vec<u8>,
    ) -> Option<usize> {
        let mut at = 0;
        while at < bytes.len() {
            let why = match parse(&bytes[at..]) {
                Ok(Some((request, length))) => {
                    self.execute(request.arguments(), me, channels, replies);
                    at += length;
                    continue;
                }
                Ok(None) if bytes.len() - at <= MOST_REQUEST => break,
                Ok(None) => "Protocol error: too long",
                Err(why) => why,
            };
            error(replies, why);
            return None;
        }
        Some(at)
    }

    fn execute(
        &self,
        request: &[&[u8]],
        me: &Subscriber,
        channels: &mut usize,
        replies: &mut Vec<u8>,
    ) {
        match *request {
            // As with Redis: who listens only listens, for its replies are messages.
            [name, ..] if *channels > 0 && name.eq_ignore_ascii_case(b"PUBLISH") => {
                error(replies, "only SUBSCRIBE and PING are allowed to a subscriber");
            }
            [name, channel, message] if name.eq_ignore_ascii_case(b"PUBLISH") => {
                mark(replies, b':', self.publish(channel, message));
            }
            [name, ref names @ ..] if name.eq_ignore_ascii_case(b"SUBSCRIBE") => {
                for name in names {
                    *channels += usize::from(self.join(name, me));
                    replies.extend_from_slice(b"*3\r\n$9\r\nsubscribe\r\n");
                    bulk(replies, name);
                    mark(replies, b':', *channels);
                }
            }
            [name] if name.eq_ignore_ascii_case(b"PING") => replies.extend_from_slice(b"+PONG\r\n"),
            [] => {}
            _ => error(replies, "unknown command, or wrong number of arguments"),
        }
    }

    /// To how many. Who is too slow is not among them, and not among the subscribers any more.
    fn publish(&self, channel: &[u8], message: &[u8]) -> usize {
        let mut all = self.lock();
        let Some(subscribers) = all.get_mut(channel) else { return 0 };
        let mut text = b"*3\r\n$7\r\nmessage\r\n".to_vec();
        bulk(&mut text, channel);
        bulk(&mut text, message);
        let text = Bytes::from(text);
        subscribers.retain(|subscriber| {
            let fits = subscriber.outbox.try_send(text.clone()).is_ok();
            if !fits {
                subscriber.writing.abort();
            }
            fits
        });
        subscribers.len()
    }

    /// Whether it was not there already.
    fn join(&self, channel: &[u8], me: &Subscriber) -> bool {
        let mut all = self.lock();
        let subscribers = all.entry(channel.to_vec()).or_default();
        let is_new = !subscribers.iter().any(|subscriber| subscriber.is(me));
        if is_new {
            subscribers.push(me.clone());
        }
        is_new
    }

    fn leave(&self, me: &Subscriber) {
        self.lock().retain(|_, subscribers| {
            subscribers.retain(|subscriber| !subscriber.is(me));
            !subscribers.is_empty()
        });
    }

    /// No panic leaves the map half changed, so one that panicked does not matter to the others.
    fn lock(&self) -> MutexGuard<'_, HashMap<Vec<u8>, Vec<Subscriber>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Subscriber {
    fn is(&self, other: &Subscriber) -> bool {
        self.outbox.same_channel(&other.outbox)
    }
}
