//! The client that tasks hold: one connection, shared by all clones.

use std::time::Duration;

use super::command::{Command, Pipeline};
use super::connection::within;
use super::driver::{Answer, Driver, Request};
use super::error::Error;
use super::link::Link;
use super::options::Options;
use super::value::Value;
use crate::rt::{self, mpsc, oneshot};

/// Requests that may wait for the driver; further callers wait for a place.
const LINE: usize = 1024;

/// A client of one server. Clones share its connection, from any number of tasks of one thread.
///
/// Commands of several tasks are sent together and answered in order, so that a task never waits
/// for another's round trip. A command that keeps the server waiting (`BLPOP`) keeps all others
/// waiting too: make it by a client of its own.
///
/// When the connection is lost, it is made again, with pauses as [`Options`] say. What was in flight
/// fails with [`Error::Disconnected`], and is never sent again. What is called meanwhile waits for
/// the next attempt, and fails if that fails.
///
/// When the last clone is dropped, the connection is closed.
#[derive(Clone, Debug)]
pub struct Client {
    requests: mpsc::Sender<Request>,
    reply_timeout: Option<Duration>,
}

impl Client {
    /// Connects, by one attempt. Cancel safe: a dropped attempt closes its socket.
    ///
    /// # Errors
    /// [`Error::Connect`] if nobody answers; [`Error::Server`] if the server does not accept the
    /// password, the name or the database.
    ///
    /// # Panics
    /// Outside of [`rt::block_on`].
    pub async fn connect(options: Options) -> Result<Client, Error> {
        let reply_timeout = options.reply_timeout;
        let link = Link::open(options).await?;
        let (requests, receiver) = mpsc::channel(LINE);
        rt::spawn(Driver::new(link, receiver));
        Ok(Client { requests, reply_timeout })
    }

    /// Sends one command; its reply.
    ///
    /// Cancel safe in this sense: dropped before the command was sent, it is not sent; dropped
    /// later, it may be executed, and its reply goes nowhere. No other call notices.
    ///
    /// # Errors
    /// [`Error::Server`] if the reply is an error, and all others. Errors within an array are
    /// values.
    pub async fn call(&self, command: impl Into<Command>) -> Result<Value, Error> {
        let mut replies = self.run(Pipeline::new().command(command)).await?;
        match replies.pop() {
            Some(Value::Error(error)) => Err(error.into()),
            Some(reply) => Ok(reply),
            None => Err(Error::Unexpected("a reply", "none")),
        }
    }

    /// Sends all commands of a pipeline at once; their replies, in order. An error that the server
    /// answers to one of them is that one's reply, and no error of the pipeline.
    ///
    /// Cancel safe as [`Client::call`] is: all of it is sent, or nothing.
    ///
    /// # Errors
    /// If there are not as many replies as commands, for whatever reason.
    pub async fn run(&self, pipeline: Pipeline) -> Result<Vec<Value>, Error> {
        if let Some(reason) = pipeline.unsuitable {
            return Err(Error::Unsuitable(reason));
        }
        if pipeline.count == 0 {
            return Ok(Vec::new());
        }
        let (reply, answer) = oneshot::channel();
        let Pipeline { bytes, count, .. } = pipeline;
        let request = Request { bytes, count, reply: Answer(reply) };
        let exchange = async {
            self.requests.send(request).await.map_err(|_| gone())?;
            answer.await.map_err(|_| gone())?
        };
        within(self.reply_timeout, exchange).await.unwrap_or(Err(Error::TimedOut))
    }
}

/// The driver ends when all handles have gone, or with the runtime.
fn gone() -> Error {
    Error::Disconnected("its task has ended".to_owned())
}
