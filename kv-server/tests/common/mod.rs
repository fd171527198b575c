//! A server in a thread of the test, on the runtime that the crate is built for, and clients that
//! block, with a deadline on everything.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use kv_server::config::Config;
use kv_server::rt;
use kv_server::server::{Server, StopHandle};

/// How long a test waits for anything before it fails and says for what.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// A server that runs until it is dropped.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    stop: StopHandle,
    thread: Option<JoinHandle<Result<usize, String>>>,
}

/// Starts a server on a free port. `change` changes its settings.
pub(crate) fn start(change: impl FnOnce(&mut Config)) -> Running {
    let mut config = Config { bind: ([127, 0, 0, 1], 0).into(), ..Config::default() };
    change(&mut config);
    let (started, is_started) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        rt::block_on(async move {
            let server = Server::bind(config).expect("a free port of the loopback");
            started.send((server.local_addr(), server.stop_handle())).expect("the test waits");
            server.run().await
        })
        .expect("a runtime")
    });
    let (address, stop) = is_started.recv_timeout(DEADLINE).expect("the server starts in time");
    Running { address, stop, thread: Some(thread) }
}

impl Running {
    /// A new client.
    pub(crate) fn client(&self) -> Client {
        Client::connect(self.address)
    }

    /// Asks the server to stop, without waiting.
    pub(crate) fn ask_to_stop(&self) {
        self.stop.stop();
    }

    /// Stops the server and waits for it. How many clients it left unanswered.
    pub(crate) fn stop(mut self) -> usize {
        self.stop.stop();
        let ended = self.thread.take().expect("it is joined once").join();
        ended.expect("the server does not panic").expect("nothing is lost")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.stop();
        if let Some(thread) = self.thread.take() {
            let left = thread.join();
            assert!(left.is_ok() || std::thread::panicking(), "the server panicked");
        }
    }
}

/// A client that speaks bytes.
pub(crate) struct Client {
    pub(crate) stream: TcpStream,
}

impl Client {
    fn connect(address: SocketAddr) -> Client {
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_nodelay(true).expect("a fresh socket");
        stream.set_read_timeout(Some(DEADLINE)).expect("a duration that is not zero");
        stream.set_write_timeout(Some(DEADLINE)).expect("a duration that is not zero");
        Client { stream }
    }

    /// Sends all of `bytes`.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).expect("the server reads");
    }

    /// Reads as many bytes as are expected, which must be these.
    #[track_caller]
    pub(crate) fn expect(&mut self, expected: &[u8]) {
        let mut received = vec![0; expected.len()];
        let mut length = 0;
        while length < expected.len() {
            match self.stream.read(&mut received[length..]) {
                Ok(0) => break,
                Ok(count) => length += count,
                Err(error) => {
                    let so_far = received[..length].escape_ascii().to_string();
                    panic!("{error}; expected {}, got {so_far}", expected.escape_ascii());
                }
            }
        }
        let received = &received[..length];
        assert!(received == expected, "expected {}\n     got {}", shown(expected), shown(received));
    }

    /// Sends one inline command; its reply must be this.
    #[track_caller]
    pub(crate) fn call(&mut self, line: &str, expected: &str) {
        self.send(format!("{line}\r\n").as_bytes());
        self.expect(expected.as_bytes());
    }

    /// Sends one inline command; gives back its reply, which must be one bulk string.
    pub(crate) fn ask(&mut self, line: &str) -> String {
        self.send(format!("{line}\r\n").as_bytes());
        let mut header = Vec::new();
        while !header.ends_with(b"\r\n") {
            let mut byte = [0];
            self.stream.read_exact(&mut byte).expect("a reply");
            header.push(byte[0]);
        }
        let header = String::from_utf8(header).expect("a header is text");
        let length = header.trim().strip_prefix('$').and_then(|length| length.parse().ok());
        let length: usize = length.unwrap_or_else(|| panic!("no bulk string: {header}"));
        let mut bytes = vec![0; length + 2];
        self.stream.read_exact(&mut bytes).expect("the whole reply");
        bytes.truncate(length);
        String::from_utf8(bytes).expect("text")
    }

    /// The value of one field of INFO.
    pub(crate) fn info(&mut self, field: &str) -> u64 {
        let info = self.ask("INFO");
        let value = info.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
        let value = value.unwrap_or_else(|| panic!("no {field} in {info}"));
        value.parse().unwrap_or_else(|_| panic!("{field} is no number: {value}"))
    }

    /// Reads until the server closes; gives back everything. A reset counts as the end.
    pub(crate) fn read_to_end(&mut self) -> Vec<u8> {
        let mut received = Vec::new();
        match self.stream.read_to_end(&mut received) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
            Err(error) => {
                panic!("{error} after {} bytes: {}", received.len(), shown(&received))
            }
        }
        received
    }

    /// Says that nothing more will be sent.
    pub(crate) fn finish(&mut self) {
        self.stream.shutdown(Shutdown::Write).expect("an open connection");
    }
}

/// Asks again and again until it is so.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < DEADLINE, "waited {DEADLINE:?} until {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn shown(bytes: &[u8]) -> String {
    const MOST: usize = 300;
    let end = bytes.len().min(MOST);
    format!("({} bytes) {}", bytes.len(), bytes[..end].escape_ascii())
}
