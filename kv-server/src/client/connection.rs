//! One connection: bytes wait to be sent, replies come in. It knows no task and no retry.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::error::Error;
use super::handshake::Handshake;
use super::options::Options;
use super::reply::Replies;
use super::value::Value;
use crate::rt::{self, TcpStream, Timer};

/// How much is read at once.
const CHUNK: usize = 16 * 1024;

/// A connection that has been introduced.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    replies: Replies,
    /// What was not sent begins at `sent`.
    out: Vec<u8>,
    sent: usize,
    chunk: Box<[u8]>,
}

impl Connection {
    /// Connects and introduces itself. Cancel safe: a dropped attempt closes its socket.
    pub(super) async fn open(options: Rc<Options>) -> Result<Connection, Error> {
        let attempt = async {
            let stream = TcpStream::connect(&options.host, options.port)
                .await
                .map_err(|error| Error::connect(&options.address(), &error))?;
            // Requests are written whole; to hold back their last piece would only delay them.
            stream.set_nodelay(true).map_err(|error| Error::lost(&error))?;
            let mut connection = Connection {
                stream,
                replies: Replies::new(options.limits),
                out: Vec::new(),
                sent: 0,
                chunk: vec![0; CHUNK].into_boxed_slice(),
            };
            connection.introduce(&options).await?;
            Ok(connection)
        };
        let limit = options.connect_timeout;
        match within(Some(limit), attempt).await {
            // Nothing of the caller's was sent, so that "may have been executed" would be wrong.
            Some(Err(Error::Disconnected(why))) => {
                let error = io::Error::new(io::ErrorKind::ConnectionAborted, why);
                Err(Error::connect(&options.address(), &error))
            }
            Some(outcome) => outcome,
            None => {
                let text = format!("not ready in {limit:?}");
                let error = io::Error::new(io::ErrorKind::TimedOut, text);
                Err(Error::connect(&options.address(), &error))
            }
        }
    }

    async fn introduce(&mut self, options: &Options) -> Result<(), Error> {
        let mut handshake = Handshake::new(options);
        while let Some(question) = handshake.question() {
            let mut bytes = Vec::new();
            question.encode(&mut bytes);
            self.queue(&bytes);
            poll_fn(|context| self.poll_flush(context)).await?;
            handshake.answer(poll_fn(|context| self.poll_reply(context)).await?)?;
        }
        Ok(())
    }

    /// Puts bytes after those that wait to be sent.
    pub(super) fn queue(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// How many bytes wait to be sent.
    pub(super) fn backlog(&self) -> usize {
        self.out.len() - self.sent
    }

    /// Sends what waits. Ready when nothing does.
    pub(super) fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        while self.sent < self.out.len() {
            let written = self.stream.poll_write(context, &self.out[self.sent..]);
            match ready!(written) {
                Ok(0) => return Poll::Ready(Err(Error::closed())),
                Ok(count) => self.sent += count,
                Err(error) => return Poll::Ready(Err(Error::lost(&error))),
            }
        }
        self.out.clear();
        self.out.shrink_to(4 * CHUNK);
        self.sent = 0;
        Poll::Ready(Ok(()))
    }

    /// The next reply or push.
    pub(super) fn poll_reply(&mut self, context: &mut Context<'_>) -> Poll<Result<Value, Error>> {
        loop {
            if let Some(value) = self.replies.next()? {
                return Poll::Ready(Ok(value));
            }
            match ready!(self.stream.poll_read(context, &mut self.chunk)) {
                Ok(0) => return Poll::Ready(Err(Error::closed())),
                Ok(count) => self.replies.feed(&self.chunk[..count]),
                Err(error) => return Poll::Ready(Err(Error::lost(&error))),
            }
        }
    }
}

/// What `future` gives, unless that takes longer than `limit`. Cancel safe if `future` is.
pub(super) async fn within<F: Future>(limit: Option<Duration>, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut timer = Timer::new();
    // What is too far away to be a time never comes.
    if let Some(deadline) = limit.and_then(|limit| rt::now().checked_add(limit)) {
        timer.arm_at(deadline);
    }
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => timer.poll_elapsed(context).map(|()| None),
    })
    .await
}
