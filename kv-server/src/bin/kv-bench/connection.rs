//! A connection to the server: bytes out, replies in.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use executor::io::{AsyncRead, AsyncWrite};
use executor::net::{OwnedReadHalf, OwnedWriteHalf, TcpSocket, TcpStream};

use crate::options::Options;
use crate::reply::{Framed, frame};
use crate::traffic::request;

/// Connections that share an address of the loopback device.
const CONNECTIONS_OF_A_SOURCE: usize = 4_000;

/// Bytes that are read at once: few at first, for there may be many thousand connections; more where
/// more comes.
const READ_AT_FIRST: usize = 512;
const READ_AT_MOST: usize = 16 * 1024;

/// Both directions, which the open loop uses at the same time.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) replies: Replies,
    pub(crate) requests: OwnedWriteHalf,
}

impl Connection {
    /// Connects, as the connection of an index, and gives the password where there is one.
    ///
    /// # Errors
    /// In words: nobody answers, or the password is wrong.
    pub(crate) async fn open(options: &Options, index: usize) -> Result<Connection, String> {
        let address = options.address;
        let stream = connect(address, index)
            .await
            .map_err(|error| format!("cannot connect to {address}: {error}"))?;
        let (reader, requests) = stream.into_split();
        let mut connection = Connection { replies: Replies::new(reader), requests };
        if let Some(password) = &options.password {
            connection.ask(&[b"AUTH", password.as_bytes()]).await?;
        }
        Ok(connection)
    }

    /// Sends one request whose reply must be no error.
    pub(crate) async fn ask(&mut self, words: &[&[u8]]) -> Result<(), String> {
        let mut out = Vec::new();
        request(&mut out, words);
        self.send(&out).await?;
        let reply = self.replies.next().await?;
        match reply.first() {
            Some(b'-') => {
                let command = String::from_utf8_lossy(words[0]).into_owned();
                let said = String::from_utf8_lossy(&reply[1..]);
                Err(format!("the server refuses {command}: {}", said.trim_end()))
            }
            _ => Ok(()),
        }
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) -> Result<(), String> {
        send(&mut self.requests, bytes).await
    }
}

/// Sends all of `bytes`.
pub(crate) async fn send(requests: &mut OwnedWriteHalf, bytes: &[u8]) -> Result<(), String> {
    let sent = requests.write_all(bytes).await;
    sent.map_err(|error| format!("the connection was lost while sending: {error}"))
}

async fn connect(address: SocketAddr, index: usize) -> io::Result<TcpStream> {
    let stream = match source(address, index) {
        Some(source) => {
            let socket = TcpSocket::new_v4()?;
            // A system that has 127.0.0.1 alone on its loopback device chooses itself.
            let _ = socket.bind(source);
            socket.connect(address).await?
        }
        None => TcpStream::connect(address).await?,
    };
    stream.set_nodelay(true)?;
    // Ends by a reset: else its port is kept for a minute (TIME_WAIT), and the next runs find none.
    stream.set_linger(Some(Duration::ZERO))?;
    Ok(stream)
}

/// The address that a connection to this machine comes from, where there are many. To find the next of
/// 28,000 ports when most of them are taken, the kernel looks at each (Linux; 600 µs a connection), but
/// each address of 127.0.0.0/8 has ports of its own. `None`: the kernel may choose.
fn source(address: SocketAddr, index: usize) -> Option<SocketAddr> {
    let more = index / CONNECTIONS_OF_A_SOURCE;
    match address {
        SocketAddr::V4(to) if to.ip().is_loopback() && more > 0 => {
            let source = Ipv4Addr::new(127, 0, u8::try_from(more).ok()?, 1);
            Some(SocketAddr::new(IpAddr::V4(source), 0))
        }
        _ => None,
    }
}

/// The incoming direction, cut into replies.
///
/// Cancel safe: what has been read stays here.
#[derive(Debug)]
pub(crate) struct Replies {
    reader: OwnedReadHalf,
    buffer: Vec<u8>,
    /// Where the bytes that were not given out begin and end.
    start: usize,
    end: usize,
    /// Bytes that are read at once.
    room: usize,
}

impl Replies {
    fn new(reader: OwnedReadHalf) -> Replies {
        Replies { reader, buffer: Vec::new(), start: 0, end: 0, room: READ_AT_FIRST }
    }

    /// The next reply, as it came.
    ///
    /// # Errors
    /// In words: the connection ended, or what came is no reply.
    pub(crate) async fn next(&mut self) -> Result<&[u8], String> {
        loop {
            match frame(&self.buffer[self.start..self.end]) {
                Framed::Whole(length) => {
                    let begin = self.start;
                    self.start += length;
                    return Ok(&self.buffer[begin..self.start]);
                }
                Framed::Partial => self.fill().await?,
                Framed::Malformed => {
                    let bytes = &self.buffer[self.start..self.end.min(self.start + 60)];
                    let shown = bytes.escape_ascii();
                    return Err(format!("this is no reply of Redis's protocol: {shown}"));
                }
            }
        }
    }

    async fn fill(&mut self) -> Result<(), String> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if self.buffer.len() < self.end + self.room {
            self.buffer.resize((self.buffer.len() * 2).max(self.end + self.room), 0);
        }
        match self.reader.read(&mut self.buffer[self.end..]).await {
            Ok(0) => Err("the server closed the connection".to_owned()),
            Ok(count) => {
                self.end += count;
                if count >= self.room {
                    self.room = (self.room * 2).min(READ_AT_MOST);
                }
                Ok(())
            }
            Err(error) => Err(format!("the connection was lost: {error}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_connections_to_this_machine_come_from_many_addresses() {
        let address = |text: &str| text.parse::<SocketAddr>().expect("an address");
        let local = address("127.0.0.1:6379");
        assert_eq!(source(local, 3_999), None);
        assert_eq!(source(local, 4_000), Some(address("127.0.1.1:0")));
        assert_eq!(source(local, 59_999), Some(address("127.0.14.1:0")));
        assert_eq!(source(address("192.0.2.7:6379"), 59_999), None);
        assert_eq!(source(address("[::1]:6379"), 59_999), None);
    }
}
