//! The server without futures: an event loop on the `Poller`, written by hand and as fast as we can.
//!
//! It is the floor of what readiness costs. Whatever a runtime adds — tasks, wakers, timers, a poll
//! function for each connection — shows as the distance from here.
//!
//! ```text
//!        ┌──1 wait──► events ──2 read, parse, execute──► output buffers ──┐
//!        │                             │ PUBLISH appends to those of      │
//!        │                             ▼ the subscribers                  │
//!        └──────────────── 3 flush: one write a connection ◄── unsent ────┘
//! ```
//!
//! What makes it cheap:
//! - Each socket is registered once, edge-triggered, for both directions.
//! - A read that fills less than the buffer has taken everything: no second read to hear `EAGAIN`.
//! - One read buffer for all. A connection owns bytes only while a request is incomplete, or a reply
//!   unsent; a connection that is idle owns a socket and a row of the table.
//! - Keys of up to 22 bytes, and values of up to 78, lie in the table itself.
//! - Replies and messages gather until the end of the turn: one write for each connection, whatever
//!   number of requests it sent, and whatever number of messages it is to get.
//!
//! What is absent: all commands but GET, SET, PING, PUBLISH and SUBSCRIBE; deadlines, limits to be
//! set, RESP3, a graceful end.

mod connection;
mod short;
pub(crate) mod wire;

use std::io::{self, ErrorKind, Read};
use std::mem;
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use hashbrown::HashMap;
use reactor::event::{Event, Events, Interest, Mode, Token};
use reactor::poller::{Notifier, Poller};
use reactor::slab::{Key, Slab};

use connection::{Connection, Flushed};
use short::Short;
use wire::{MOST_REQUEST, Request, bulk, error, mark, parse};

/// Bytes that are read at once.
const READ_AT_ONCE: usize = 64 * 1024;

/// Unsent bytes above which a connection's requests wait: its peer does not read the replies.
const MOST_UNSENT: usize = 1 << 20;

/// Output buffers that are kept for the next turn, and the largest that is worth keeping.
const SPARE_BUFFERS: usize = 256;
const SPARE_CAPACITY: usize = 64 * 1024;

/// The server and all that it holds.
#[derive(Debug)]
pub struct Server {
    poller: Poller,
    listener: TcpListener,
    connections: Slab<Connection>,
    values: HashMap<Short<22>, Short<78>>,
    subscribers: HashMap<Vec<u8>, Vec<Key>>,
    /// Who has output that was not offered to the kernel yet.
    unsent: Vec<Key>,
    /// Who may have more to read: the edge has been reported, and will not be again.
    unread: Vec<Key>,
    spare: Vec<Vec<u8>>,
}

impl Server {
    /// A server on a listener.
    ///
    /// # Errors
    /// No descriptor is left for the poller.
    pub fn new(listener: TcpListener) -> io::Result<Server> {
        listener.set_nonblocking(true)?;
        let poller = Poller::new()?;
        let listening = Token::new(u32::MAX, 0);
        poller.add(&listener, listening, Interest::READABLE, Mode::Edge)?;
        Ok(Server {
            poller,
            listener,
            connections: Slab::new(),
            values: HashMap::new(),
            subscribers: HashMap::new(),
            unsent: Vec::new(),
            unread: Vec::new(),
            spare: Vec::new(),
        })
    }

    /// Ends [`run`](Server::run), from any thread.
    pub fn notifier(&self) -> Notifier {
        self.poller.notifier()
    }

    /// Serves until it is notified.
    ///
    /// # Errors
    /// What the kernel says to waiting; what concerns one connection ends that one.
    pub fn run(&mut self) -> io::Result<()> {
        let mut events = Events::new();
        let mut buffer = vec![0; READ_AT_ONCE];
        loop {
            let timeout = (!self.unread.is_empty()).then_some(Duration::ZERO);
            if self.poller.wait(&mut events, timeout)? {
                return Ok(());
            }
            for key in mem::take(&mut self.unread) {
                self.read(key, &mut buffer);
            }
            for event in events.iter() {
                self.serve(*event, &mut buffer);
            }
            let mut unsent = mem::take(&mut self.unsent);
            for key in unsent.drain(..) {
                self.flush(key);
            }
            // The list's memory, for the next turn.
            unsent.append(&mut self.unsent);
            self.unsent = unsent;
        }
    }

    fn serve(&mut self, event: Event, buffer: &mut [u8]) {
        let key = Key { index: event.token().slot(), generation: event.token().generation() };
        if key.index == u32::MAX {
            return self.accept();
        }
        let Some(connection) = self.connections.get(key) else { return };
        if event.is_writable() && !connection.output.is_empty() {
            self.flush(key);
        }
        if event.is_readable() {
            self.read(key, buffer);
        }
    }

    /// Accepts until nobody waits any more, or no descriptor is left: then whoever waits is accepted
    /// when somebody leaves.
    fn accept(&mut self) {
        loop {
            match self.listener.accept() {
                Ok((stream, _)) => {
                    // A connection that cannot be set up is closed by being dropped.
                    let _ = self.welcome(stream);
                }
                Err(error) => match error.kind() {
                    ErrorKind::Interrupted | ErrorKind::ConnectionAborted => {}
                    _ => return,
                },
            }
        }
    }

    fn welcome(&mut self, stream: TcpStream) -> io::Result<()> {
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        let key = self.connections.insert(Connection::new(stream));
        let token = Token::new(key.index, key.generation);
        let stream = &self.connections.get(key).expect("it was inserted just now").stream;
        let added = self.poller.add(stream, token, Interest::BOTH, Mode::Edge);
        if added.is_err() {
            self.connections.remove(key);
        }
        added
    }

    /// Reads once, and executes what is complete.
    fn read(&mut self, key: Key, buffer: &mut [u8]) {
        let Some(connection) = self.connections.get_mut(key) else { return };
        if connection.unsent() > MOST_UNSENT {
            connection.held_back = true;
            return;
        }
        match connection.stream.read(buffer) {
            Ok(0) => self.close(key),
            Ok(count) => {
                if count == buffer.len() {
                    self.unread.push(key);
                }
                self.consume(key, &buffer[..count]);
            }
            // Nothing new; but requests may be left from when it was held back.
            Err(error) if error.kind() == ErrorKind::WouldBlock => self.consume(key, &[]),
            Err(error) if error.kind() == ErrorKind::Interrupted => self.unread.push(key),
            Err(_) => self.close(key),
        }
    }

    /// Executes the requests in what has arrived, and keeps the beginning of one that is incomplete.
    fn consume(&mut self, key: Key, arrived: &[u8]) {
        let Some(connection) = self.connections.get_mut(key) else { return };
        if connection.input.is_empty() {
            if arrived.is_empty() {
                return;
            }
            let taken = self.execute_all(key, arrived);
            if let Some(connection) = self.connections.get_mut(key) {
                connection.input.extend_from_slice(&arrived[taken..]);
            }
            return;
        }
        let mut input = mem::take(&mut connection.input);
        input.extend_from_slice(arrived);
        let taken = self.execute_all(key, &input);
        input.drain(..taken);
        if let Some(connection) = self.connections.get_mut(key)
            && !input.is_empty()
        {
            connection.input = input;
        }
    }

    /// How many bytes of `bytes` were whole requests that it has executed.
    fn execute_all(&mut self, key: Key, bytes: &[u8]) -> usize {
        let Some(connection) = self.connections.get_mut(key) else { return 0 };
        // The buffer is the connection's, and others' may grow meanwhile: taken out, and put back.
        let mut output = mem::take(&mut connection.output);
        if output.capacity() == 0 {
            output = self.spare.pop().unwrap_or_default();
        }
        let mut at = 0;
        while at < bytes.len() && output.len() <= MOST_UNSENT {
            match parse(&bytes[at..]) {
                Ok(Some((request, length))) => {
                    self.execute(key, &request, &mut output);
                    at += length;
                }
                Ok(None) if bytes.len() - at <= MOST_REQUEST => break,
                Ok(None) => return self.refuse(key, output, "Protocol error: too long"),
                Err(why) => return self.refuse(key, output, why),
            }
        }
        if let Some(connection) = self.connections.get_mut(key) {
            connection.held_back |= output.len() > MOST_UNSENT;
            // What it has published to itself in the meantime.
            output.append(&mut connection.output);
            connection.output = output;
            will_flush(&mut self.unsent, key, connection);
        }
        at
    }

    /// Says why, and closes. What the kernel does not take at once is lost.
    fn refuse(&mut self, key: Key, mut output: Vec<u8>, why: &str) -> usize {
        error(&mut output, why);
        if let Some(connection) = self.connections.get_mut(key) {
            connection.output = output;
            connection.flush();
        }
        self.close(key);
        0
    }

    fn execute(&mut self, key: Key, request: &Request<'_>, output: &mut Vec<u8>) {
        match *request.arguments() {
            [name, of] if name.eq_ignore_ascii_case(b"GET") => match self.values.get(of) {
                Some(value) => bulk(output, value.as_bytes()),
                None => output.extend_from_slice(b"$-1\r\n"),
            },
            [name, of, value] if name.eq_ignore_ascii_case(b"SET") => {
                match self.values.get_mut(of) {
                    Some(old) => old.set(value),
                    None => drop(self.values.insert(of.into(), value.into())),
                }
                output.extend_from_slice(b"+OK\r\n");
            }
            [name, channel, message] if name.eq_ignore_ascii_case(b"PUBLISH") => {
                let receivers = self.publish(channel, message);
                mark(output, b':', receivers);
            }
            [name, ref channels @ ..] if name.eq_ignore_ascii_case(b"SUBSCRIBE") => {
                for channel in channels {
                    let count = self.subscribe(key, channel);
                    output.extend_from_slice(b"*3\r\n$9\r\nsubscribe\r\n");
                    bulk(output, channel);
                    mark(output, b':', count);
                }
            }
            [name] if name.eq_ignore_ascii_case(b"PING") => output.extend_from_slice(b"+PONG\r\n"),
            // A request of no words has no answer, as with Redis.
            [] => {}
            _ => error(output, "unknown command, or wrong number of arguments"),
        }
    }

    /// To how many.
    fn publish(&mut self, channel: &[u8], message: &[u8]) -> usize {
        let Some(keys) = self.subscribers.get(channel) else { return 0 };
        let mut text = b"*3\r\n$7\r\nmessage\r\n".to_vec();
        bulk(&mut text, channel);
        bulk(&mut text, message);
        for &key in keys {
            let Some(connection) = self.connections.get_mut(key) else { continue };
            if connection.output.capacity() == 0 {
                connection.output = self.spare.pop().unwrap_or_default();
            }
            connection.output.extend_from_slice(&text);
            will_flush(&mut self.unsent, key, connection);
        }
        keys.len()
    }

    /// How many channels it has now.
    fn subscribe(&mut self, key: Key, channel: &[u8]) -> usize {
        let Some(connection) = self.connections.get_mut(key) else { return 0 };
        if !connection.channels.iter().any(|known| known == channel) {
            connection.channels.push(channel.to_vec());
            self.subscribers.entry_ref(channel).or_default().push(key);
        }
        connection.channels.len()
    }

    /// Offers the kernel all that is unsent; what it does not take waits for "writable".
    fn flush(&mut self, key: Key) {
        let Some(connection) = self.connections.get_mut(key) else { return };
        match connection.flush() {
            Flushed::All => {}
            Flushed::Some => return,
            Flushed::Over => return self.close(key),
        }
        if mem::take(&mut connection.held_back) {
            self.unread.push(key);
        }
        let mut output = mem::take(&mut connection.output);
        if self.spare.len() < SPARE_BUFFERS && output.capacity() <= SPARE_CAPACITY {
            output.clear();
            self.spare.push(output);
        }
    }

    /// Deregisters, closes, and lets in who waits for a descriptor.
    fn close(&mut self, key: Key) {
        let Some(connection) = self.connections.remove(key) else { return };
        // It was registered, and is closed in the next line whatever the kernel says.
        let _ = self.poller.remove(&connection.stream);
        for channel in &connection.channels {
            if let Some(keys) = self.subscribers.get_mut(channel) {
                keys.retain(|subscriber| *subscriber != key);
                if keys.is_empty() {
                    self.subscribers.remove(channel);
                }
            }
        }
        drop(connection);
        self.accept();
    }
}

/// The connection has something to send; it is offered at the end of the turn.
fn will_flush(unsent: &mut Vec<Key>, key: Key, connection: &mut Connection) {
    if !connection.flushing && !connection.output.is_empty() {
        connection.flushing = true;
        unsent.push(key);
    }
}
