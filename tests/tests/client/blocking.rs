//! The client without a runtime.

use std::thread;
use std::time::Duration;

use kv_server::client::blocking::Client;
use kv_server::client::{Error, Options, Pipeline, Value};
use tests::{Fake, command, on_every_peer};

use crate::support::{VERSIONS, options, plain, speaking};

#[test]
fn calls_and_pipelines_are_answered() {
    on_every_peer("the blocking client", |peer| {
        for protocol in VERSIONS {
            let mut client = Client::connect(&speaking(peer, protocol)).expect("connected");
            assert_eq!(client.call(["SET", "a", "1"]).expect("+OK"), Value::Status(b"OK".to_vec()));
            let error = client.call(["NONSENSE"]).expect_err("unknown");
            assert!(matches!(&error, Error::Server(error) if error.code() == "ERR"), "{error}");
            let pipeline = Pipeline::new().command(["INCR", "a"]).command(["NONSENSE"]);
            let replies = client.run(&pipeline).expect("both replies");
            assert_eq!(replies[0], Value::Integer(2));
            assert!(matches!(replies[1], Value::Error(_)));
        }
    });
}

#[test]
fn what_the_server_sends_by_itself_is_received() {
    on_every_peer("the blocking client's messages", |peer| {
        for protocol in VERSIONS {
            let mut listening = Client::connect(&speaking(peer, protocol)).expect("connected");
            listening.send(["SUBSCRIBE", "a"]).expect("sent");
            let confirmed = listening.receive().expect("a confirmation");
            assert_eq!(confirmed.as_elements().map(<[Value]>::len), Some(3));
            let mut speaking = Client::connect(&options(peer.address())).expect("connected");
            speaking.call(["PUBLISH", "a", "hello"]).expect("a count");
            let heard = listening.receive().expect("a message");
            let words: Option<Vec<&[u8]>> =
                heard.as_elements().map(|all| all.iter().filter_map(Value::as_bytes).collect());
            assert_eq!(words, Some(vec![&b"message"[..], b"a", b"hello"]));
        }
    });
}

#[test]
fn one_thread_may_send_while_another_receives() {
    on_every_peer("the blocking client's halves", |peer| {
        let client = Client::connect(&options(peer.address())).expect("connected");
        let (mut sender, mut receiver) = client.split();
        // More than the sockets' buffers hold: sending first and receiving then would not end.
        let request = command(&["ECHO", &"x".repeat(10_000)]);
        let sending = thread::spawn(move || {
            for _ in 0..2000 {
                sender.send_bytes(&request).expect("sent");
            }
            sender
        });
        for _ in 0..2000 {
            let reply = receiver.receive().expect("a reply");
            assert_eq!(reply.as_bytes().map(<[u8]>::len), Some(10_000));
        }
        // Not before: Redis does not answer all that came before a half-close.
        let sender = sending.join().expect("it sent everything");
        sender.finish().expect("still connected");
        let end = receiver.receive().expect_err("everything is answered");
        assert!(matches!(end, Error::Disconnected(_)), "{end}");
    });
}

#[test]
fn a_pipeline_may_be_longer_than_any_buffer() {
    on_every_peer("the blocking client's long pipeline", |peer| {
        let mut client = Client::connect(&options(peer.address())).expect("connected");
        let text = "x".repeat(10_000);
        let mut pipeline = Pipeline::new();
        for _ in 0..3000 {
            pipeline.add(["ECHO", &text]);
        }
        let replies = client.run(&pipeline).expect("all replies");
        let right = replies.iter().filter(|reply| reply.as_bytes() == Some(text.as_bytes()));
        assert_eq!(right.count(), 3000);
    });
}

#[test]
fn a_server_that_does_not_answer_is_not_waited_for() {
    let server = Fake::start(|door| door.accept().expect_end(command(&["PING"])));
    let reply_timeout = Some(Duration::from_millis(20));
    let hasty = Options { reply_timeout, ..plain(&server) };
    let mut client = Client::connect(&hasty).expect("connected");
    let error = client.call(["PING"]).expect_err("no reply");
    assert!(matches!(error, Error::TimedOut), "{error}");
    // Whose reply comes next is not known any more.
    let error = client.call(["PING"]).expect_err("for good");
    assert!(matches!(error, Error::TimedOut), "{error}");
    drop(client);
    server.join();
}

#[test]
fn another_thread_can_end_a_wait() {
    let server = Fake::start(|door| door.accept().expect_end(command(&["PING"])));
    let mut client = Client::connect(&plain(&server)).expect("connected");
    let interrupter = client.interrupter().expect("a descriptor is left");
    client.send(["PING"]).expect("sent");
    let interrupting = thread::spawn(|| interrupter.interrupt());
    let error = client.receive().expect_err("no reply");
    assert!(matches!(error, Error::Disconnected(_)), "{error}");
    interrupting.join().expect("it does not panic");
    server.join();
}

#[test]
fn nobody_there_is_an_error_with_the_address() {
    let (_kept, address) = tests::server::refusing_address();
    let options = Options::new("127.0.0.1", address.port());
    let error = Client::connect(&options).expect_err("nobody listens").to_string();
    assert!(error.contains(&options.address()), "{error}");
}
