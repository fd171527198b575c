//! An echo on `reactor`'s lower layer alone: no futures, no tasks, no wakers. The floor of readiness.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};

use reactor::event::{Events, Interest, Mode, Token};
use reactor::poller::Poller;

use super::{BUFFER, MESSAGE};

/// One end of a connection. The end that asks has so many questions left; the end that answers, none.
struct End {
    stream: TcpStream,
    asks: Option<u64>,
    received: usize,
}

pub(crate) fn echo(connections: u64, times: u64) {
    let poller = Poller::new().expect("a poller");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let address = listener.local_addr().expect("its address");
    let mut ends = Vec::new();
    for _ in 0..connections {
        let client = TcpStream::connect(address).expect("connect");
        let (server, _) = listener.accept().expect("accept");
        for (stream, asks) in [(client, Some(times / connections)), (server, None)] {
            stream.set_nonblocking(true).expect("an option");
            stream.set_nodelay(true).expect("an option");
            let token = Token::new(ends.len() as u32, 0);
            poller.add(&stream, token, Interest::READABLE, Mode::Edge).expect("add");
            ends.push(End { stream, asks, received: 0 });
        }
    }
    let mut asking = connections;
    for end in &mut ends {
        if end.asks.is_some() {
            end.stream.write_all(&[b'x'; MESSAGE]).expect("write");
        }
    }
    let mut events = Events::new();
    let mut buffer = [0; BUFFER];
    while asking > 0 {
        poller.wait(&mut events, None).expect("wait");
        for event in &events {
            if let Some(end) = ends.get_mut(event.token().slot() as usize)
                && end.turn(&mut buffer)
            {
                asking -= 1;
            }
        }
    }
}

impl End {
    /// Reads and writes once; whether this was the last answer.
    fn turn(&mut self, buffer: &mut [u8; BUFFER]) -> bool {
        let count = match self.stream.read(buffer) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => return false,
            count => count.expect("read"),
        };
        let Some(asks) = &mut self.asks else {
            self.stream.write_all(&buffer[..count]).expect("write");
            return false;
        };
        self.received += count;
        if self.received < MESSAGE {
            return false;
        }
        self.received = 0;
        *asks -= 1;
        if *asks == 0 {
            return true;
        }
        self.stream.write_all(&[b'x'; MESSAGE]).expect("write");
        false
    }
}
