//! The server on the bare poller, over real sockets.

mod support;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread::JoinHandle;

use listings::bare_epoll::Server;
use reactor::poller::Notifier;
use support::{Client, DEADLINE, request};

/// A server in a thread, ended when dropped.
struct Running {
    address: SocketAddr,
    notifier: Notifier,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    fn start() -> Running {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let (tell, told) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let mut server = Server::new(listener).expect("a poller");
            tell.send(server.notifier()).expect("the test waits");
            server.run().expect("the loop ends by its notifier");
        });
        let notifier = told.recv_timeout(DEADLINE).expect("the server starts");
        Running { address, notifier, thread: Some(thread) }
    }

    fn client(&self) -> Client {
        Client::connect(self.address)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.notifier.notify().expect("it runs");
        let ended = self.thread.take().expect("joined once").join();
        assert!(ended.is_ok() || std::thread::panicking(), "the server panicked");
    }
}

#[test]
fn values_are_kept_and_a_pipeline_is_answered_in_order() {
    let server = Running::start();
    let mut client = server.client();
    let mut batch = request(&[b"GET", b"a"]);
    batch.extend(request(&[b"SET", b"a", b"one"]));
    batch.extend(request(&[b"get", b"a"]));
    batch.extend(request(&[b"SET", b"a", b""]));
    batch.extend(request(&[b"GET", b"a"]));
    batch.extend(request(&[b"GET"]));
    batch.extend(request(&[b"PING"]));
    client.0.write_all(&batch).expect("the server reads");
    client.expect(
        b"$-1\r\n+OK\r\n$3\r\none\r\n+OK\r\n$0\r\n\r\n\
          -ERR unknown command, or wrong number of arguments\r\n+PONG\r\n",
    );
}

#[test]
fn keys_and_values_of_any_length_come_back() {
    let server = Running::start();
    let mut client = server.client();
    let lengths = [0, 1, 21, 22, 23, 77, 78, 79, 255, 256, 1000];
    for length in lengths {
        let text = vec![b'x'; length];
        client.send(&[b"SET", &text, b"first"]);
        client.expect(b"+OK\r\n");
        for length in lengths {
            let value = vec![b'v'; length];
            client.send(&[b"SET", &text, &value]);
            client.expect(b"+OK\r\n");
            client.send(&[b"GET", &text]);
            client.expect(&[format!("${length}\r\n").as_bytes(), &value, b"\r\n"].concat());
        }
    }
}

#[test]
fn a_request_may_arrive_in_any_pieces() {
    let server = Running::start();
    let mut client = server.client();
    client.0.set_nodelay(true).expect("a socket");
    for byte in request(&[b"SET", b"key", b"value"]) {
        client.0.write_all(&[byte]).expect("the server reads");
    }
    client.expect(b"+OK\r\n");
    client.send(&[b"GET", b"key"]);
    client.expect(b"$5\r\nvalue\r\n");
}

#[test]
fn a_message_reaches_every_subscriber_and_none_that_left() {
    let server = Running::start();
    let mut subscribers = [server.client(), server.client(), server.client()];
    for subscriber in &mut subscribers {
        subscriber.send(&[b"SUBSCRIBE", b"news"]);
        subscriber.expect(b"*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n");
    }
    let mut publisher = server.client();
    publisher.send(&[b"PUBLISH", b"news", b"hello"]);
    publisher.expect(b":3\r\n");
    for subscriber in &mut subscribers {
        subscriber.expect(b"*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$5\r\nhello\r\n");
    }
    let [one, other, mut stays] = subscribers;
    drop((one, other));
    publisher.publish_until_alone(&mut stays);
}

#[test]
fn replies_that_nobody_reads_hold_the_requests_back_and_are_sent_in_the_end() {
    let server = Running::start();
    let mut client = server.client();
    let value = vec![b'x'; 1 << 20];
    client.send(&[b"SET", b"big", &value]);
    client.expect(b"+OK\r\n");
    // Far more than socket buffers and the limit hold, and fewer bytes of requests than one read.
    let count = 200;
    client.0.write_all(&request(&[b"GET", b"big"]).repeat(count)).expect("the server reads");
    let mut expected = format!("${}\r\n", value.len()).into_bytes();
    expected.extend_from_slice(&value);
    expected.extend_from_slice(b"\r\n");
    let mut received = vec![0; expected.len()];
    for _ in 0..count {
        client.0.read_exact(&mut received).expect("all replies come");
        assert!(received == expected, "a reply is another");
    }
    client.send(&[b"PING"]);
    client.expect(b"+PONG\r\n");
}

#[test]
fn what_is_no_request_is_told_and_closed() {
    let server = Running::start();
    let mut client = server.client();
    client.send(&[b"PING"]);
    client.0.write_all(b"hello\r\n").expect("the server reads");
    let mut received = String::new();
    client.0.read_to_string(&mut received).expect("the server closes");
    assert_eq!(received, "+PONG\r\n-ERR Protocol error: expected an array of bulk strings\r\n");
}
