//! A client of either server, who waits for no reply longer than a deadline.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// How long anything may take.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// A connection.
pub(crate) struct Client(pub(crate) TcpStream);

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Client {
        let stream = TcpStream::connect(address).expect("it listens");
        stream.set_read_timeout(Some(DEADLINE)).expect("a duration");
        stream.set_write_timeout(Some(DEADLINE)).expect("a duration");
        Client(stream)
    }

    /// Sends one request.
    pub(crate) fn send(&mut self, words: &[&[u8]]) {
        self.0.write_all(&request(words)).expect("the server reads");
    }

    #[track_caller]
    pub(crate) fn expect(&mut self, expected: &[u8]) {
        let mut received = vec![0; expected.len()];
        if let Err(error) = self.0.read_exact(&mut received) {
            panic!("{error}, waiting for {}", expected.escape_ascii());
        }
        assert_eq!(received.escape_ascii().to_string(), expected.escape_ascii().to_string());
    }

    /// Publishes until `stays` is the only one whom "news" reaches: that a connection has ended is heard
    /// in some later turn.
    pub(crate) fn publish_until_alone(&mut self, stays: &mut Client) {
        let begun = Instant::now();
        loop {
            self.send(&[b"PUBLISH", b"news", b"x"]);
            let mut reply = [0; 4];
            self.0.read_exact(&mut reply).expect("an integer");
            stays.expect(b"*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$1\r\nx\r\n");
            if reply == *b":1\r\n" {
                return;
            }
            assert!(
                begun.elapsed() < DEADLINE,
                "waited {DEADLINE:?} for the others to be forgotten"
            );
        }
    }
}

/// The bytes of a request.
pub(crate) fn request(words: &[&[u8]]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        bytes.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
        bytes.extend_from_slice(word);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}
