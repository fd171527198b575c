//! Fan-out by tokio's channels, over real sockets.

mod support;

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::thread::JoinHandle;
use std::time::Instant;

use listings::tokio_channels::serve;
use support::{Client, DEADLINE, request};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// A server in a thread, ended when dropped.
struct Running {
    address: SocketAddr,
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    fn start() -> Running {
        let (tell, told) = std::sync::mpsc::channel();
        let (end, ended) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
            runtime.expect("a runtime").block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
                tell.send(listener.local_addr().expect("it is bound")).expect("the test waits");
                tokio::spawn(serve(listener));
                // The sender is dropped, which ends it as well.
                let _ = ended.await;
            });
        });
        let address = told.recv_timeout(DEADLINE).expect("the server starts");
        Running { address, end: Some(end), thread: Some(thread) }
    }

    fn client(&self) -> Client {
        Client::connect(self.address)
    }

    fn subscriber(&self) -> Client {
        let mut client = self.client();
        client.send(&[b"SUBSCRIBE", b"news"]);
        client.expect(b"*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n");
        client
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.end.take());
        let ended = self.thread.take().expect("joined once").join();
        assert!(ended.is_ok() || std::thread::panicking(), "the server panicked");
    }
}

fn publish(message: &[u8]) -> Vec<u8> {
    request(&[b"PUBLISH", b"news", message])
}

#[test]
fn a_pipeline_of_messages_reaches_every_subscriber_in_order_and_is_counted() {
    let server = Running::start();
    let mut subscribers = [server.subscriber(), server.subscriber(), server.subscriber()];
    let mut publisher = server.client();
    let pipeline = [publish(b"one"), publish(b"two"), request(&[b"PING"])].concat();
    publisher.0.write_all(&pipeline).expect("the server reads");
    publisher.expect(b":3\r\n:3\r\n+PONG\r\n");
    for subscriber in &mut subscribers {
        subscriber.expect(b"*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$3\r\none\r\n");
        subscriber.expect(b"*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$3\r\ntwo\r\n");
    }
}

#[test]
fn who_has_left_is_forgotten() {
    let server = Running::start();
    let (mut stays, leaves) = (server.subscriber(), server.subscriber());
    let mut publisher = server.client();
    drop(leaves);
    publisher.publish_until_alone(&mut stays);
}

#[test]
fn a_subscriber_that_does_not_read_is_cut_off_and_stops_nobody() {
    let server = Running::start();
    let mut slow = server.subscriber();
    let mut publisher = server.client();
    let message = publish(&[b'x'; 64 << 10]);
    let begun = Instant::now();
    loop {
        publisher.0.write_all(&message).expect("the server reads");
        let mut reply = [0; 4];
        publisher.0.read_exact(&mut reply).expect("the publisher is answered");
        if reply == *b":0\r\n" {
            break;
        }
        assert!(begun.elapsed() < DEADLINE, "waited {DEADLINE:?} for it to be cut off");
    }
    // What is left in its socket, and then the end.
    slow.0.read_to_end(&mut Vec::new()).expect("the stream ends");
}

#[test]
fn what_is_no_request_is_told_and_closed() {
    let server = Running::start();
    let mut client = server.client();
    client.0.write_all(b"*1\r\n$4\r\nPING\r\nhello\r\n").expect("the server reads");
    let mut received = String::new();
    client.0.read_to_string(&mut received).expect("the server closes");
    assert_eq!(received, "+PONG\r\n-ERR Protocol error: expected an array of bulk strings\r\n");
    let mut subscriber = server.subscriber();
    subscriber.send(&[b"PUBLISH", b"news", b"hello"]);
    subscriber.expect(b"-ERR only SUBSCRIBE and PING are allowed to a subscriber\r\n");
}
