//! The task that owns a shared connection: takes requests in, gives replies out.
//!
//! ```text
//!  Client ─┐                      queue          write
//!  Client ─┼─► mpsc ──► Driver ───────► backlog ──────► server
//!  Client ─┘   bounded    │                               │
//!    ▲                    └── flying: who is owed how many replies
//!    └──────── oneshot ◄──────────┴───── in order ◄───────┘
//! ```
//!
//! - A request is sent at most once. Those in flight when the connection is lost fail; those that
//!   were not yet taken wait for the next connection, or fail with the attempt to make it.
//! - A request whose caller has gone before it was taken is not sent.
//! - Requests are taken only while the backlog is short, so that memory is bounded by the channel.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::connection::Connection;
use super::error::Error;
use super::link::Link;
use super::reply::Malformed;
use super::value::Value;
use crate::rt::{self, Timer, mpsc, oneshot};

/// No more is taken while so many bytes wait to be sent.
const LONG_BACKLOG: usize = 64 * 1024;

/// No more is taken while so many requests wait for replies.
const MOST_FLYING: usize = 16 * 1024;

/// Commands that are sent at once, and where their replies go.
pub(super) struct Request {
    pub(super) bytes: Vec<u8>,
    pub(super) count: usize,
    pub(super) reply: Answer,
}

/// A request that was sent, or is about to be.
struct Flying {
    missing: usize,
    replies: Vec<Value>,
    reply: Answer,
}

/// The task. It ends when all handles have gone.
pub(super) struct Driver {
    link: Link,
    desk: Desk,
    /// Armed while something is in flight: how long the server may still be silent.
    silence: Timer,
}

/// What goes through the connection, whichever it is.
struct Desk {
    requests: mpsc::Receiver<Request>,
    /// Taken from the channel while there was no connection.
    held: Option<Request>,
    flying: VecDeque<Flying>,
}

/// How far an exchange got.
struct Moved {
    /// Requests taken and bytes sent.
    out: usize,
    /// Replies received.
    replies: usize,
}

impl Driver {
    pub(super) fn new(link: Link, requests: mpsc::Receiver<Request>) -> Driver {
        let desk = Desk { requests, held: None, flying: VecDeque::new() };
        Driver { link, desk, silence: Timer::new() }
    }

    /// Keeps the silence's deadline: it moves at each reply, and there is none while none is due.
    fn watch(&mut self, heard: bool) {
        if self.desk.flying.is_empty() {
            if self.silence.is_armed() {
                self.silence.disarm();
            }
        } else if heard || !self.silence.is_armed() {
            let limit = self.link.options.reply_timeout;
            if let Some(deadline) = limit.and_then(|limit| rt::now().checked_add(limit)) {
                self.silence.arm_at(deadline);
            }
        }
    }

    /// The connection is of no use any more.
    fn lose(&mut self, error: &Error) {
        self.silence.disarm();
        self.link.lost();
        let mut flying = self.desk.flying.drain(..);
        if let Some(first) = flying.next() {
            first.reply.answer(Err(error.clone()));
        }
        // The others may have waited for less than their time.
        let others = match error {
            Error::TimedOut => Error::Disconnected("the server was silent for too long".to_owned()),
            error => error.clone(),
        };
        flying.for_each(|flying| flying.reply.answer(Err(others.clone())));
    }
}

impl Future for Driver {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let driver = &mut *self;
        loop {
            let outcome = match driver.link.poll_up(context) {
                Poll::Ready(Ok(connection)) => driver.desk.exchange(connection, context),
                Poll::Ready(Err(error)) => {
                    driver.desk.refuse(&error, context);
                    continue;
                }
                Poll::Pending => return driver.desk.poll_abandoned(context),
            };
            match outcome {
                Ok(Some(moved)) => {
                    if moved.replies > 0 {
                        driver.link.works();
                    }
                    driver.watch(moved.replies > 0);
                    if moved.out + moved.replies == 0 {
                        ready!(driver.silence.poll_elapsed(context));
                        driver.lose(&Error::TimedOut);
                    }
                }
                Ok(None) => return Poll::Ready(()),
                Err(error) => driver.lose(&error),
            }
        }
    }
}

impl Desk {
    /// Takes, sends and receives what can be now; `None` if all handles have gone.
    fn exchange(
        &mut self,
        connection: &mut Connection,
        context: &mut Context<'_>,
    ) -> Result<Option<Moved>, Error> {
        let Some(taken) = self.take(connection, context) else { return Ok(None) };
        let backlog = connection.backlog();
        if let Poll::Ready(Err(error)) = connection.poll_flush(context) {
            return Err(error);
        }
        let mut moved = Moved { out: taken + backlog - connection.backlog(), replies: 0 };
        while let Poll::Ready(value) = connection.poll_reply(context) {
            self.deliver(value?)?;
            moved.replies += 1;
        }
        Ok(Some(moved))
    }

    /// Takes what may be sent now, and says how many requests.
    fn take(&mut self, connection: &mut Connection, context: &mut Context<'_>) -> Option<usize> {
        let mut taken = 0;
        while connection.backlog() < LONG_BACKLOG && self.flying.len() < MOST_FLYING {
            let request = match self.held.take() {
                Some(request) => request,
                None => match self.requests.poll_recv(context) {
                    Poll::Ready(request) => request?,
                    Poll::Pending => break,
                },
            };
            taken += 1;
            if request.reply.is_closed() {
                continue;
            }
            connection.queue(&request.bytes);
            let replies = Vec::new();
            self.flying.push_back(Flying { missing: request.count, replies, reply: request.reply });
        }
        Some(taken)
    }

    /// Gives a reply to whom it belongs.
    fn deliver(&mut self, value: Value) -> Result<(), Error> {
        if matches!(value, Value::Push(_)) {
            // Nobody here has asked to be told.
            return Ok(());
        }
        let Some(first) = self.flying.front_mut() else { return Err(Malformed::Unasked.into()) };
        first.replies.push(value);
        first.missing -= 1;
        if first.missing == 0
            && let Some(complete) = self.flying.pop_front()
        {
            complete.reply.answer(Ok(complete.replies));
        }
        Ok(())
    }

    /// There is no server to send to: whoever waits in line learns why, and may come again.
    fn refuse(&mut self, error: &Error, context: &mut Context<'_>) {
        if let Some(held) = self.held.take() {
            held.reply.answer(Err(error.clone()));
        }
        while let Poll::Ready(Some(request)) = self.requests.poll_recv(context) {
            request.reply.answer(Err(error.clone()));
        }
    }

    /// While there is no connection: ready if nobody is left who could want one.
    fn poll_abandoned(&mut self, context: &mut Context<'_>) -> Poll<()> {
        while self.held.as_ref().is_none_or(|held| held.reply.is_closed()) {
            match ready!(self.requests.poll_recv(context)) {
                Some(request) => self.held = Some(request),
                None => return Poll::Ready(()),
            }
        }
        Poll::Pending
    }
}

/// Where the replies to one request go.
pub(super) struct Answer(pub(super) oneshot::Sender<Result<Vec<Value>, Error>>);

impl Answer {
    /// Whether the caller has gone.
    fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    /// Answers; a caller that has gone wants no answer.
    fn answer(self, replies: Result<Vec<Value>, Error>) {
        let _ = self.0.send(replies);
    }
}
