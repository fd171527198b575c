//! An echo server on the `Poller` alone: descriptors in, events out, a callback for each.
//!
//! This is how event loops were written before there were futures, and what a future saves us from:
//! the state that lies between two calls (`unsent`) must be kept by hand, and the program's order must
//! be read from who registers what.
//!
//! ```text
//!   wait ──► event { token } ──► table ──► its callback ──┬─ Stay ──► back into the table
//!    ▲                                                    └─ Leave ─► deregistered, then closed
//!    └──────────── after the batch ◄──────────────────────────┘
//! ```
//!
//! Try it: `cargo run -p reactor --example callback_echo`, then `nc` to the address that it prints. It
//! runs until a signal ends it (Ctrl-C, SIGTERM).

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::rc::Rc;

use reactor::event::{Event, Events, Interest, Mode, Token};
use reactor::poller::Poller;
use reactor::slab::{Key, Slab};

// Not private, so that a test can run it as it is.
pub(crate) fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("listening on {}", listener.local_addr()?);
    let mut event_loop = EventLoop::new()?;
    listen(&mut event_loop, listener)?;
    let mut events = Events::new();
    loop {
        event_loop.turn(&mut events)?;
    }
}

/// What a callback wants to happen with its descriptor.
enum Next {
    Stay,
    Leave,
}

/// An error is one of the whole loop, and ends it; what concerns one connection stays with that one.
type Callback = Box<dyn FnMut(&mut EventLoop, Event) -> io::Result<Next>>;

struct EventLoop {
    poller: Poller,
    watched: Slab<Watched>,
}

struct Watched {
    fd: Rc<dyn AsFd>,
    /// `None` while it runs.
    callback: Option<Callback>,
}

impl EventLoop {
    fn new() -> io::Result<EventLoop> {
        Ok(EventLoop { poller: Poller::new()?, watched: Slab::new() })
    }

    /// Calls `callback` whenever `fd` can be read; level-triggered, so that one step a call is enough.
    fn watch(&mut self, fd: Rc<dyn AsFd>, callback: Callback) -> io::Result<()> {
        let watched = Watched { fd: Rc::clone(&fd), callback: Some(callback) };
        let key = self.watched.insert(watched);
        let added = self.poller.add(&*fd, token(key), Interest::READABLE, Mode::Level);
        if added.is_err() {
            self.watched.remove(key);
        }
        added
    }

    /// Waits once, and serves what is ready.
    fn turn(&mut self, events: &mut Events) -> io::Result<()> {
        self.poller.wait(events, None)?;
        for event in events.iter() {
            self.serve(*event)?;
        }
        Ok(())
    }

    fn serve(&mut self, event: Event) -> io::Result<()> {
        let key = Key { index: event.token().slot(), generation: event.token().generation() };
        // Somebody earlier in this batch may have closed it; then the key finds nobody.
        let Some(watched) = self.watched.get_mut(key) else { return Ok(()) };
        // Taken out of the table while it runs: it may change the table.
        let Some(mut callback) = watched.callback.take() else { return Ok(()) };
        match callback(self, event)? {
            Next::Stay => {
                if let Some(watched) = self.watched.get_mut(key) {
                    watched.callback = Some(callback);
                }
                Ok(())
            }
            Next::Leave => self.forget(key),
        }
    }

    /// Deregisters before the descriptor is closed, as `Poller::add` asks for.
    fn forget(&mut self, key: Key) -> io::Result<()> {
        match self.watched.remove(key) {
            Some(watched) => self.poller.remove(&*watched.fd),
            None => Ok(()),
        }
    }
}

fn token(key: Key) -> Token {
    Token::new(key.index, key.generation)
}

/// The listener's callback: a new connection, a new callback.
fn listen(event_loop: &mut EventLoop, listener: TcpListener) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = Rc::new(listener);
    let fd = Rc::clone(&listener);
    let on_ready = move |event_loop: &mut EventLoop, _: Event| {
        match listener.accept() {
            Ok((stream, _)) => echo(event_loop, stream)?,
            // Spurious, or gone before we came: who remains is reported again at the next wait.
            Err(error) if is_passing(&error) => {}
            Err(error) => return Err(error),
        }
        Ok(Next::Stay)
    };
    event_loop.watch(fd, Box::new(on_ready))
}

/// A connection's callback: one step at each event.
fn echo(event_loop: &mut EventLoop, stream: TcpStream) -> io::Result<()> {
    stream.set_nonblocking(true)?;
    let stream = Rc::new(stream);
    let mut connection = Connection { stream: Rc::clone(&stream), unsent: Vec::new() };
    let on_ready = move |event_loop: &mut EventLoop, event: Event| {
        connection.step(&event_loop.poller, event).or_else(|error| {
            eprintln!("a connection ends: {error}");
            Ok(Next::Leave)
        })
    };
    event_loop.watch(stream, Box::new(on_ready))
}

struct Connection {
    stream: Rc<TcpStream>,
    unsent: Vec<u8>,
}

impl Connection {
    /// Reads when nothing is unsent, and sends. A peer that does not read is thus not read from
    /// either, and costs no more than one buffer.
    fn step(&mut self, poller: &Poller, event: Event) -> io::Result<Next> {
        let had_unsent = !self.unsent.is_empty();
        if !had_unsent && event.is_readable() {
            let mut bytes = [0; 4096];
            match (&*self.stream).read(&mut bytes) {
                Ok(0) => return Ok(Next::Leave),
                Ok(count) => self.unsent.extend_from_slice(&bytes[..count]),
                Err(error) if is_passing(&error) => {}
                Err(error) => return Err(error),
            }
        }
        self.send()?;
        let has_unsent = !self.unsent.is_empty();
        if has_unsent != had_unsent {
            let interest = if has_unsent { Interest::WRITABLE } else { Interest::READABLE };
            poller.modify(&*self.stream, event.token(), interest, Mode::Level)?;
        }
        Ok(Next::Stay)
    }

    /// Sends what the kernel takes, and keeps the rest.
    fn send(&mut self) -> io::Result<()> {
        while !self.unsent.is_empty() {
            match (&*self.stream).write(&self.unsent) {
                Ok(count) => drop(self.unsent.drain(..count)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// An error after which one simply waits for the next event.
fn is_passing(error: &io::Error) -> bool {
    let passing = [ErrorKind::WouldBlock, ErrorKind::Interrupted, ErrorKind::ConnectionAborted];
    passing.contains(&error.kind())
}
