//! When the connection is lost, or there is none.

use std::time::Duration;

use kv_server::client::{Client, Error, Options};
use kv_server::rt;
use tests::{Fake, command};

use crate::support::{once, options, plain, run};

#[test]
fn what_was_in_flight_fails_and_is_never_sent_again() {
    let server = Fake::start(|door| {
        let mut client = door.accept();
        client.expect([command(&["INCR", "a"]), command(&["INCR", "b"])].concat());
        client.send(":1\r\n");
        drop(client);
        let mut client = door.accept();
        // The lost INCR would come first.
        client.expect(command(&["GET", "c"]));
        client.send("$1\r\nx\r\n");
    });
    run(async {
        let client = Client::connect(plain(&server)).await.expect("connected");
        let mut first = Box::pin(client.incr("a"));
        let mut second = Box::pin(client.incr("b"));
        assert!(once(&mut first).await.is_pending());
        assert!(once(&mut second).await.is_pending());
        assert_eq!(first.await.expect("answered before the end"), 1);
        let error = second.await.expect_err("the server has closed");
        assert!(matches!(error, Error::Disconnected(_)), "{error}");
        let value = client.get("c").await.expect("by a new connection");
        assert_eq!(value.as_deref(), Some(&b"x"[..]));
    });
    server.join();
}

#[test]
fn a_call_that_is_dropped_before_it_was_sent_is_not_sent() {
    let server = Fake::start(|door| {
        let mut client = door.accept();
        client.expect(command(&["INCR", "kept"]));
        client.send(":1\r\n");
        client.expect_end("");
    });
    run(async {
        let client = Client::connect(plain(&server)).await.expect("connected");
        let mut dropped = Box::pin(client.incr("dropped"));
        // Handed over; the task that sends has had no turn since.
        assert!(once(&mut dropped).await.is_pending());
        drop(dropped);
        assert_eq!(client.incr("kept").await.expect("a number"), 1);
        drop(client);
        while !server.is_done() {
            rt::sleep(Duration::from_millis(1)).await;
        }
    });
    server.join();
}

#[test]
fn half_a_pipelines_replies_are_an_error_of_the_whole() {
    let server = Fake::start(|door| {
        let mut client = door.accept();
        client.expect([command(&["PING"]), command(&["PING"])].concat());
        client.send("+PONG\r\n");
    });
    run(async {
        let client = Client::connect(plain(&server)).await.expect("connected");
        let pipeline = kv_server::client::Pipeline::new().command(["PING"]).command(["PING"]);
        let error = client.run(pipeline).await.expect_err("one reply is missing");
        assert!(matches!(error, Error::Disconnected(_)), "{error}");
    });
    server.join();
}

#[test]
fn without_a_server_calls_fail_soon_and_say_why() {
    let server = Fake::start(|door| {
        let mut client = door.accept();
        client.expect(command(&["PING"]));
    });
    run(async {
        let options = plain(&server);
        let address = options.address();
        let client = Client::connect(options.clone()).await.expect("connected");
        let error = client.ping().await.expect_err("closed");
        assert!(matches!(error, Error::Disconnected(_)), "{error}");
        server.join();
        for _ in 0..3 {
            let error = client.ping().await.expect_err("nobody listens");
            assert!(error.is_transient());
            let text = error.to_string();
            assert!(matches!(error, Error::Connect(..)) && text.contains(&address), "{text}");
        }
        let error = Client::connect(options).await.expect_err("nobody listens");
        assert!(matches!(error, Error::Connect(..)), "{error}");
    });
}

#[test]
fn a_name_that_does_not_exist_is_an_error_with_the_name() {
    run(async {
        // No name ends in "invalid", RFC 2606 promises.
        let error = Client::connect(Options::new("nowhere.invalid", 6379)).await;
        let error = error.expect_err("no such name").to_string();
        assert!(error.contains("nowhere.invalid:6379"), "{error}");
    });
}

#[test]
fn a_silent_server_costs_the_time_that_was_set_and_the_connection() {
    let server = Fake::start(|door| {
        let mut silent = door.accept();
        silent.expect(command(&["GET", "a"]));
        // What comes before the client has closed it is lost.
        let _ = silent.read_to_end();
        let mut client = door.accept();
        client.expect(command(&["PING"]));
        client.send("+PONG\r\n");
    });
    run(async {
        // Long enough for the other server to answer in time on a busy machine.
        let limit = Duration::from_secs(2);
        let hasty = Options { reply_timeout: Some(limit), ..plain(&server) };
        let client = Client::connect(hasty).await.expect("connected");
        let begun = rt::now();
        let error = client.get("a").await.expect_err("no reply");
        assert!(matches!(error, Error::TimedOut), "{error}");
        assert!(rt::now() - begun >= limit, "it waited as long as it was told");
        // The next call may still be made on the old connection, and fail with it.
        while client.ping().await.is_err() {}
    });
    drop(server);
}

#[test]
fn a_server_that_accepts_and_says_nothing_is_no_server() {
    let server = Fake::start(|door| {
        let mut client = door.accept();
        client.expect(command(&["HELLO", "3"]));
        client.expect_end("");
    });
    run(async {
        // Long enough to connect and to send the greeting on a busy machine.
        let connect_timeout = Duration::from_secs(2);
        let hasty = Options { connect_timeout, ..options(server.address) };
        let error = Client::connect(hasty).await.expect_err("no handshake");
        assert!(matches!(error, Error::Connect(std::io::ErrorKind::TimedOut, _)), "{error}");
    });
    server.join();
}

#[test]
fn a_name_of_this_machine_is_looked_up() {
    let server = tests::Server::start();
    run(async {
        let options = Options { host: "localhost".to_owned(), ..options(server.address()) };
        let client = Client::connect(options).await.expect("localhost has an address");
        client.ping().await.expect("+PONG");
    });
}
