//! One raw TCP connection: exact bytes out, exact bytes in, each read with a deadline.
//!
//! No client library stands between a test and the bytes: a library hides the very
//! differences that these tests are about. A failure shows both sides escaped.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::reply::Reply;
use crate::wait::PATIENCE;

/// A connection to a server under test.
pub struct Wire {
    stream: TcpStream,
    /// Whom we talk to, for messages.
    peer: String,
    /// Bytes that came with earlier ones and were not asked for yet.
    pending: Vec<u8>,
}

impl Wire {
    /// Connects to `address`; `peer` names the server in failures.
    ///
    /// # Panics
    /// When nothing accepts the connection in time.
    #[track_caller]
    pub fn connect(address: SocketAddr, peer: &str) -> Wire {
        let stream = TcpStream::connect_timeout(&address, PATIENCE)
            .unwrap_or_else(|error| panic!("{peer}: cannot connect to {address}: {error}"));
        Wire::over(stream, peer)
    }

    /// Talks over a connection that is there already.
    pub fn over(stream: TcpStream, peer: &str) -> Wire {
        // Fragments must leave as they were sent: each a segment of its own.
        stream.set_nodelay(true).expect("a TCP socket");
        Wire { stream, peer: peer.to_owned(), pending: Vec::new() }
    }

    /// The socket, for options that only one test needs.
    pub fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// The socket, when the bytes are not of interest any more.
    pub fn into_stream(self) -> TcpStream {
        self.stream
    }

    /// Sends these bytes.
    ///
    /// # Panics
    /// When the connection does not take them all in time.
    #[track_caller]
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        if let Err(error) = self.try_send(bytes) {
            panic!("{}: cannot send: {error}", self.peer);
        }
    }

    /// Sends these bytes, as far as the connection takes them.
    ///
    /// # Errors
    /// What the socket says: the server may have closed it, and be right to.
    pub fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> std::io::Result<()> {
        self.stream.set_write_timeout(Some(PATIENCE))?;
        self.stream.write_all(bytes.as_ref())
    }

    /// Expects that the next bytes to come are these.
    ///
    /// # Panics
    /// When others come, or the end, or not enough in time.
    #[track_caller]
    pub fn expect(&mut self, expected: impl AsRef<[u8]>) {
        let expected = expected.as_ref();
        let outcome = self.fill(|pending| {
            let shared = pending.len().min(expected.len());
            // Stop as soon as a byte differs: the rest may never come.
            pending.len() >= expected.len() || pending[..shared] != expected[..shared]
        });
        let length = expected.len().min(self.pending.len());
        if self.pending[..length] != *expected {
            let shown = difference(expected, &self.pending);
            panic!("{}: {shown}\n      ({outcome})", self.peer);
        }
        self.pending.drain(..length);
    }

    /// Sends `bytes` and expects exactly `expected` for them.
    ///
    /// # Panics
    /// As [`Wire::send`] and [`Wire::expect`] do.
    #[track_caller]
    pub fn exchange(&mut self, bytes: impl AsRef<[u8]>, expected: impl AsRef<[u8]>) {
        self.send(bytes);
        self.expect(expected);
    }

    /// Sends commands one after the other, words split at spaces, and expects a reply each.
    ///
    /// # Panics
    /// At the first that is answered otherwise; the message names the command.
    #[track_caller]
    pub fn transcript(&mut self, lines: &[(&str, &str)]) {
        for (words, expected) in lines {
            let words: Vec<&str> = words.split(' ').collect();
            self.send(command(&words));
            let peer = self.peer.clone();
            self.peer = format!("{peer}: {}", words.join(" "));
            self.expect(expected);
            self.peer = peer;
        }
    }

    /// As [`Wire::transcript`], but sends all of them at once: so little time passes between two
    /// of them that what is left of a key's time is the same, also on a busy machine.
    ///
    /// # Panics
    /// When the replies are others; the message shows from where on.
    #[track_caller]
    pub fn pipeline(&mut self, lines: &[(&str, &str)]) {
        let request = |(words, _): &(&str, &str)| command(&words.split(' ').collect::<Vec<_>>());
        self.send(lines.iter().flat_map(request).collect::<Vec<u8>>());
        self.expect(lines.iter().map(|(_, expected)| *expected).collect::<String>());
    }

    /// Reads one complete reply.
    ///
    /// # Panics
    /// When something else than RESP comes, or no complete reply in time.
    #[track_caller]
    pub fn reply(&mut self) -> Reply {
        let parse = |pending: &[u8]| Reply::parse(pending);
        let outcome = self.fill(|pending| !matches!(parse(pending), Ok(None)));
        match parse(&self.pending) {
            Ok(Some((reply, length))) => {
                self.pending.drain(..length);
                reply
            }
            Ok(None) => panic!("{}: no complete reply ({outcome})", self.peer),
            Err(error) => panic!("{}: {error}", self.peer),
        }
    }

    /// Sends one command and reads its reply.
    ///
    /// # Panics
    /// As [`Wire::send`] and [`Wire::reply`] do.
    #[track_caller]
    pub fn ask(&mut self, words: &[&str]) -> Reply {
        self.send(command(words));
        self.reply()
    }

    /// Asks for one field of `INFO`.
    ///
    /// # Panics
    /// When there is no such field.
    #[track_caller]
    pub fn info(&mut self, field: &str) -> String {
        let text = self.ask(&["INFO"]).text();
        text.lines()
            .find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))
            .unwrap_or_else(|| panic!("{}: no {field} in INFO:\n{text}", self.peer))
            .to_owned()
    }

    /// Reads until there is `enough`, or the end, or the deadline; returns all that came, and
    /// whether it was the end. For comparisons that look at both sides before they judge.
    pub fn read_until(
        &mut self,
        within: Duration,
        enough: impl Fn(&[u8]) -> bool,
    ) -> (Vec<u8>, bool) {
        let outcome = self.fill_within(within, enough);
        (std::mem::take(&mut self.pending), outcome.ended())
    }

    /// Reads all that comes until the server ends the connection.
    ///
    /// # Panics
    /// When it does not end it in time.
    #[track_caller]
    pub fn read_to_end(&mut self) -> Vec<u8> {
        let outcome = self.fill(|_| false);
        assert!(
            outcome.ended(),
            "{}: the connection was not closed ({outcome}) after \"{}\"",
            self.peer,
            self.pending.escape_ascii()
        );
        std::mem::take(&mut self.pending)
    }

    /// Expects these bytes and then the end of the connection.
    ///
    /// # Panics
    /// When other bytes come, or more, or no end in time.
    #[track_caller]
    pub fn expect_end(&mut self, expected: impl AsRef<[u8]>) {
        let expected = expected.as_ref();
        let actual = self.read_to_end();
        if actual != expected {
            panic!("{}: {}", self.peer, difference(expected, &actual));
        }
    }

    /// Says that we will send nothing more; replies still come.
    ///
    /// # Panics
    /// When the connection is broken already.
    #[track_caller]
    pub fn half_close(&mut self) {
        self.stream
            .shutdown(Shutdown::Write)
            .unwrap_or_else(|error| panic!("{}: cannot half-close: {error}", self.peer));
    }

    fn fill(&mut self, enough: impl Fn(&[u8]) -> bool) -> Outcome {
        self.fill_within(PATIENCE, enough)
    }

    fn fill_within(&mut self, within: Duration, enough: impl Fn(&[u8]) -> bool) -> Outcome {
        let deadline = Instant::now() + within;
        let mut chunk = vec![0; 64 * 1024];
        while !enough(&self.pending) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Outcome::Late(within);
            }
            self.stream.set_read_timeout(Some(left)).expect("the timeout is not zero");
            match self.stream.read(&mut chunk) {
                Ok(0) => return Outcome::Closed,
                Ok(count) => self.pending.extend_from_slice(&chunk[..count]),
                Err(error) => match error.kind() {
                    ErrorKind::Interrupted | ErrorKind::WouldBlock | ErrorKind::TimedOut => {}
                    kind => return Outcome::Broken(kind),
                },
            }
        }
        Outcome::Enough
    }
}

/// Why reading stopped.
enum Outcome {
    Enough,
    Closed,
    Broken(ErrorKind),
    Late(Duration),
}

impl Outcome {
    fn ended(&self) -> bool {
        matches!(self, Outcome::Closed | Outcome::Broken(_))
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Outcome::Enough => write!(formatter, "the connection stands"),
            Outcome::Closed => write!(formatter, "then the connection was closed"),
            Outcome::Broken(kind) => write!(formatter, "then the connection broke: {kind}"),
            Outcome::Late(within) => write!(formatter, "nothing more came within {within:?}"),
        }
    }
}

/// A command as clients send it: an array of bulk strings.
pub fn command<W: AsRef<[u8]>>(words: &[W]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        let word = word.as_ref();
        bytes.extend(format!("${}\r\n", word.len()).into_bytes());
        bytes.extend_from_slice(word);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}

/// Both sides, escaped, from shortly before the first byte that differs.
pub fn difference(expected: &[u8], actual: &[u8]) -> String {
    let same = expected.iter().zip(actual).take_while(|(left, right)| left == right).count();
    let from = if same > 200 { same - 40 } else { 0 };
    let show = |bytes: &[u8]| {
        let rest = &bytes[from.min(bytes.len())..];
        let cut = &rest[..rest.len().min(400)];
        let more = if cut.len() < rest.len() { " …" } else { "" };
        format!("\"{}\"{more} ({} bytes)", cut.escape_ascii(), bytes.len())
    };
    format!("byte {same} differs\nexpected {}\n     got {}", show(expected), show(actual))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_an_array_of_bulk_strings() {
        assert_eq!(command(&["GET", ""]), b"*2\r\n$3\r\nGET\r\n$0\r\n\r\n".to_vec());
    }

    #[test]
    fn a_difference_shows_both_sides_escaped() {
        let shown = difference(b"+OK\r\n", b"+NO\r\n");
        assert!(shown.contains("byte 1 differs"), "{shown}");
        assert!(shown.contains(r#""+OK\r\n""#), "{shown}");
        assert!(shown.contains(r#""+NO\r\n""#), "{shown}");
    }
}
