//! The same client for programs that have no runtime and want none: each call blocks its thread.
//!
//! One thread, one connection and one question at a time need no event loop, so there is none
//! hidden in here: a plain `std` socket, with the parser and the handshake that the asynchronous
//! client has. Nothing connects again by itself; a client that failed says so at each further call.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::panic::resume_unwind;
use std::thread;
use std::time::Duration;

use super::command::{Command, Pipeline};
use super::error::Error;
use super::handshake::Handshake;
use super::options::Options;
use super::reply::Replies;
use super::value::Value;
use crate::rt;

/// How much is read at once.
const CHUNK: usize = 16 * 1024;

/// What surely fits the sockets' buffers.
const SHORT: usize = 16 * 1024;

/// A connection to a server.
#[derive(Debug)]
pub struct Client {
    sender: Sender,
    receiver: Receiver,
    failed: Option<Error>,
}

/// Ends a wait from another thread; see [`Client::interrupter`].
#[derive(Debug)]
pub struct Interrupter {
    stream: TcpStream,
}

impl Interrupter {
    /// Closes the connection: what waits for it fails with [`Error::Disconnected`].
    pub fn interrupt(self) {
        // Where it is closed already, nothing waits.
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}

/// The half that sends, for a thread of its own.
#[derive(Debug)]
pub struct Sender {
    stream: TcpStream,
}

/// The half that receives, for a thread of its own.
#[derive(Debug)]
pub struct Receiver {
    stream: TcpStream,
    replies: Replies,
    chunk: Box<[u8]>,
}

impl Client {
    /// Looks up the host, connects to the first of its addresses that answers, and introduces itself.
    ///
    /// # Errors
    /// [`Error::Connect`] if nobody answers; [`Error::Server`] if the server does not accept the
    /// password, the name or the database.
    pub fn connect(options: &Options) -> Result<Client, Error> {
        let failed = |error: io::Error| Error::connect(&options.address(), &error);
        let begun = rt::now();
        let stream = dial(options).map_err(failed)?;
        stream.set_nodelay(true).map_err(failed)?;
        let rest = options.connect_timeout.saturating_sub(rt::now() - begun);
        stream.set_read_timeout(positive(Some(rest))).map_err(failed)?;
        let sender = Sender { stream: stream.try_clone().map_err(failed)? };
        let replies = Replies::new(options.limits);
        let receiver = Receiver { stream, replies, chunk: vec![0; CHUNK].into_boxed_slice() };
        let mut client = Client { sender, receiver, failed: None };
        let mut handshake = Handshake::new(options);
        while let Some(question) = handshake.question() {
            client.send(question)?;
            handshake.answer(client.receive()?)?;
        }
        client.receiver.set_timeout(options.reply_timeout)?;
        client.sender.set_timeout(options.reply_timeout)?;
        Ok(client)
    }

    /// Sends one command; its reply. Pushes that come before it are dropped.
    ///
    /// # Errors
    /// [`Error::Server`] if the reply is an error, and all others. After one of the others, every
    /// further call fails: whose reply comes next would not be known.
    pub fn call(&mut self, command: impl Into<Command>) -> Result<Value, Error> {
        self.send(command)?;
        match self.attempt(|client| client.receiver.reply())? {
            Value::Error(error) => Err(error.into()),
            reply => Ok(reply),
        }
    }

    /// Sends all commands of a pipeline at once; their replies, in order, errors among them.
    ///
    /// A long pipeline is sent by a second thread: a server that waits for its replies to be read
    /// may not read on until then.
    ///
    /// # Errors
    /// As [`Client::call`], but for errors that the server answers.
    pub fn run(&mut self, pipeline: &Pipeline) -> Result<Vec<Value>, Error> {
        let (bytes, count) = (&pipeline.bytes, pipeline.count);
        self.attempt(|Client { sender, receiver, .. }| {
            if bytes.len() <= SHORT {
                sender.send_bytes(bytes)?;
                return receiver.replies(count);
            }
            thread::scope(|scope| {
                let sending = scope.spawn(|| sender.send_bytes(bytes));
                let replies = receiver.replies(count);
                if replies.is_err() {
                    // Ends a write that would wait for a server that reads no more.
                    let _ = receiver.stream.shutdown(Shutdown::Both);
                }
                let sent = sending.join().unwrap_or_else(|panic| resume_unwind(panic));
                replies.and_then(|replies| sent.map(|()| replies))
            })
        })
    }

    /// Sends one command, and waits for nothing: [`Client::receive`] gives what it causes.
    ///
    /// # Errors
    /// If the connection is lost.
    pub fn send(&mut self, command: impl Into<Command>) -> Result<(), Error> {
        let mut bytes = Vec::new();
        command.into().encode(&mut bytes);
        self.attempt(|client| client.sender.send_bytes(&bytes))
    }

    /// The next thing that the server sends: a reply, errors included, or a push.
    ///
    /// # Errors
    /// If the connection is lost, or nothing comes in time.
    pub fn receive(&mut self) -> Result<Value, Error> {
        self.attempt(|client| client.receiver.receive())
    }

    /// Whether the server has closed the connection, as far as is known by now; or it has failed.
    pub fn is_closed(&self) -> bool {
        self.failed.is_some() || self.receiver.is_closed()
    }

    /// What another thread may end this client's waits with, and the client with them.
    ///
    /// # Errors
    /// If the process has no descriptor left.
    pub fn interrupter(&self) -> Result<Interrupter, Error> {
        let stream = self.sender.stream.try_clone().map_err(|error| Error::lost(&error))?;
        Ok(Interrupter { stream })
    }

    /// Two halves, so that one thread may send while another receives.
    pub fn split(self) -> (Sender, Receiver) {
        (self.sender, self.receiver)
    }

    /// Does something with the connection, unless that has failed before.
    fn attempt<T>(
        &mut self,
        work: impl FnOnce(&mut Client) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let outcome = work(self);
        self.failed = outcome.as_ref().err().cloned();
        outcome
    }
}

impl Sender {
    /// Sends bytes as they are.
    ///
    /// # Errors
    /// If the connection is lost.
    pub fn send_bytes(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.stream.write_all(bytes).map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Error::TimedOut,
            _ => Error::lost(&error),
        })
    }

    /// How long [`Sender::send_bytes`] may wait for the server to read on. `None` waits for ever.
    ///
    /// # Errors
    /// If the connection is lost already.
    pub fn set_timeout(&mut self, timeout: Option<Duration>) -> Result<(), Error> {
        self.stream.set_write_timeout(positive(timeout)).map_err(|error| Error::lost(&error))
    }

    /// Says that nothing more will be sent. What was sent is still answered.
    ///
    /// # Errors
    /// If the connection is lost already.
    pub fn finish(self) -> Result<(), Error> {
        self.stream.shutdown(Shutdown::Write).map_err(|error| Error::lost(&error))
    }
}

impl Receiver {
    /// The next reply or push.
    ///
    /// # Errors
    /// [`Error::TimedOut`] if nothing comes in time; it may be called again then. Otherwise, if the
    /// connection is lost or the server sends what is no reply.
    pub fn receive(&mut self) -> Result<Value, Error> {
        loop {
            if let Some(value) = self.replies.next()? {
                return Ok(value);
            }
            match self.stream.read(&mut self.chunk) {
                Ok(0) if self.replies.is_amid_reply() => {
                    return Err(Error::Disconnected(
                        "the server closed it in the middle of a reply".to_owned(),
                    ));
                }
                Ok(0) => return Err(Error::closed()),
                Ok(count) => self.replies.feed(&self.chunk[..count]),
                Err(error) => match error.kind() {
                    io::ErrorKind::Interrupted => {}
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
                        return Err(Error::TimedOut);
                    }
                    _ => return Err(Error::lost(&error)),
                },
            }
        }
    }

    /// The next reply, whatever pushes come before it.
    fn reply(&mut self) -> Result<Value, Error> {
        loop {
            match self.receive()? {
                Value::Push(_) => {}
                reply => return Ok(reply),
            }
        }
    }

    fn replies(&mut self, count: usize) -> Result<Vec<Value>, Error> {
        (0..count).map(|_| self.reply()).collect()
    }

    /// Looks without waiting. A socket that cannot even be asked is as good as closed.
    fn is_closed(&self) -> bool {
        let look = || {
            self.stream.set_nonblocking(true)?;
            let looked = self.stream.peek(&mut [0]);
            self.stream.set_nonblocking(false)?;
            looked
        };
        match look() {
            Ok(count) => count == 0,
            Err(error) => error.kind() != io::ErrorKind::WouldBlock,
        }
    }

    /// How long [`Receiver::receive`] may wait without a byte. `None` waits for ever.
    ///
    /// # Errors
    /// If the connection is lost already.
    pub fn set_timeout(&mut self, timeout: Option<Duration>) -> Result<(), Error> {
        self.stream.set_read_timeout(positive(timeout)).map_err(|error| Error::lost(&error))
    }
}

/// A socket's timeout of zero would mean none.
fn positive(timeout: Option<Duration>) -> Option<Duration> {
    timeout.map(|timeout| timeout.max(Duration::from_millis(1)))
}

/// Connects to the first address that answers, all in all within the time for it.
fn dial(options: &Options) -> io::Result<TcpStream> {
    let host = options.host.trim_start_matches('[').trim_end_matches(']');
    let begun = rt::now();
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in (host, options.port).to_socket_addrs()? {
        let rest = options.connect_timeout.saturating_sub(rt::now() - begun);
        if rest.is_zero() {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "nobody answered in time"));
        }
        match TcpStream::connect_timeout(&address, rest) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}
