//! Receiving messages.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use kv_server::client::{Client, Error, Message, Options, Subscriber, Value};
use kv_server::rt::{self, mpsc};
use tests::{Fake, Server, command, on_every_peer};

use crate::support::{VERSIONS, once, options, plain, run, speaking};

fn message(pattern: Option<&str>, channel: &str, payload: &str) -> Message {
    Message {
        pattern: pattern.map(|pattern| pattern.as_bytes().to_vec()),
        channel: channel.as_bytes().to_vec(),
        payload: payload.as_bytes().to_vec(),
    }
}

#[test]
fn messages_come_in_order_by_channel_and_by_pattern() {
    on_every_peer("the client's subscriptions", |peer| {
        for protocol in VERSIONS {
            run(async {
                let publisher = Client::connect(speaking(peer, protocol)).await.expect("connected");
                let subscriber = Subscriber::connect(speaking(peer, protocol)).await;
                let mut subscriber = subscriber.expect("connected");
                subscriber.subscribe(["news", "sport"]).await.expect("confirmed");
                subscriber.psubscribe(["n*"]).await.expect("confirmed");
                assert_eq!(subscriber.subscriptions(), 3);
                assert_eq!(publisher.publish("news", "1").await.expect("a count"), 2);
                assert_eq!(publisher.publish("sport", "2").await.expect("a count"), 1);
                for expected in [
                    message(None, "news", "1"),
                    message(Some("n*"), "news", "1"),
                    message(None, "sport", "2"),
                ] {
                    assert_eq!(subscriber.next().await.expect("a message"), expected);
                }
                subscriber.unsubscribe(["news"]).await.expect("confirmed");
                subscriber.punsubscribe(["n*", "was never there"]).await.expect("confirmed");
                assert_eq!(publisher.publish("news", "3").await.expect("a count"), 0);
                assert_eq!(publisher.publish("sport", "4").await.expect("a count"), 1);
                let next = subscriber.next().await.expect("a message");
                assert_eq!(next, message(None, "sport", "4"));
            });
        }
    });
}

#[test]
fn messages_that_come_while_a_subscription_is_awaited_are_kept() {
    on_every_peer("the client's kept messages", |peer| {
        run(async {
            let publisher = Client::connect(options(peer.address())).await.expect("connected");
            let subscriber = Subscriber::connect(options(peer.address())).await;
            let mut subscriber = subscriber.expect("connected");
            subscriber.subscribe(["a"]).await.expect("confirmed");
            for number in 0..100 {
                publisher.publish("a", number.to_string()).await.expect("a count");
            }
            subscriber.subscribe(["b"]).await.expect("confirmed");
            for number in 0..100 {
                let next = subscriber.next().await.expect("a message");
                assert_eq!(next, message(None, "a", &number.to_string()));
            }
        });
    });
}

#[test]
fn a_wait_that_is_dropped_takes_no_message_with_it() {
    on_every_peer("the client's dropped waits", |peer| {
        run(async {
            let publisher = Client::connect(options(peer.address())).await.expect("connected");
            let subscriber = Subscriber::connect(options(peer.address())).await;
            let mut subscriber = subscriber.expect("connected");
            subscriber.subscribe(["a"]).await.expect("confirmed");
            let mut dropped = 0;
            for number in 0..200 {
                let expected = message(None, "a", &number.to_string());
                assert!(once(&mut Box::pin(subscriber.next())).await.is_pending());
                dropped += 1;
                publisher.publish("a", number.to_string()).await.expect("a count");
                let next = subscriber.next().await.expect("a message");
                assert_eq!(next, expected, "after {dropped} dropped waits");
            }
        });
    });
}

#[test]
fn after_a_loss_it_says_so_and_subscribes_again() {
    on_every_peer("the client's new subscriptions", |peer| {
        run(async {
            let publisher = Client::connect(options(peer.address())).await.expect("connected");
            let subscriber = Subscriber::connect(options(peer.address())).await;
            let mut subscriber = subscriber.expect("connected");
            subscriber.subscribe(["a"]).await.expect("confirmed");
            subscriber.psubscribe(["b*"]).await.expect("confirmed");
            let killed = publisher.call(["CLIENT", "KILL", "TYPE", "pubsub"]).await;
            assert_eq!(killed.expect("a count"), Value::Integer(1));
            let error = subscriber.next().await.expect_err("the connection was killed");
            assert!(matches!(error, Error::Disconnected(_)), "{error}");
            let received = Rc::new(RefCell::new(Vec::new()));
            let heard = Rc::clone(&received);
            rt::spawn(async move {
                loop {
                    let message = subscriber.next().await.expect("connected again");
                    heard.borrow_mut().push(message);
                }
            });
            for (channel, pattern) in [("a", None), ("beta", Some("b*"))] {
                while publisher.publish(channel, "again").await.expect("a count") == 0 {
                    rt::sleep(Duration::from_millis(1)).await;
                }
                while received.borrow().is_empty() {
                    rt::sleep(Duration::from_millis(1)).await;
                }
                assert_eq!(received.borrow_mut().remove(0), message(pattern, channel, "again"));
            }
        });
    });
}

#[test]
fn without_a_server_each_wait_is_one_attempt() {
    let server = Fake::start(|door| {
        let mut client = door.accept();
        client.expect(command(&["subscribe", "a"]));
        client.send("*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n");
    });
    run(async {
        let mut subscriber = Subscriber::connect(plain(&server)).await.expect("connected");
        subscriber.subscribe(["a"]).await.expect("confirmed");
        server.join();
        let error = subscriber.next().await.expect_err("closed");
        assert!(matches!(error, Error::Disconnected(_)), "{error}");
        for _ in 0..3 {
            let error = subscriber.next().await.expect_err("nobody listens");
            assert!(matches!(error, Error::Connect(..)) && error.is_transient(), "{error}");
        }
    });
}

#[test]
fn a_subscription_that_is_refused_is_an_error_and_forgotten() {
    let server = Fake::start(|door| {
        let mut client = door.accept();
        client.expect(command(&["subscribe", "secret"]));
        client.send("-NOPERM this user has no permissions\r\n");
        client.expect(command(&["subscribe", "open"]));
        client.send("*3\r\n$9\r\nsubscribe\r\n$4\r\nopen\r\n:1\r\n");
    });
    run(async {
        let mut subscriber = Subscriber::connect(plain(&server)).await.expect("connected");
        let error = subscriber.subscribe(["secret"]).await.expect_err("refused");
        assert!(matches!(&error, Error::Server(error) if error.code() == "NOPERM"), "{error}");
        assert_eq!(subscriber.subscriptions(), 0);
        subscriber.subscribe(["open"]).await.expect("confirmed on the same connection");
    });
    server.join();
}

#[test]
fn what_is_no_message_closes_the_connection_and_the_next_is_tried() {
    let confirm = "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n";
    let server = Fake::start(move |door| {
        for nonsense in ["+OK\r\n", "*1\r\n+message\r\n", "?\r\n", confirm] {
            let mut client = door.accept();
            client.expect(command(&["subscribe", "a"]));
            client.send([confirm, nonsense].concat());
            client.expect_end("");
        }
        let mut client = door.accept();
        client.expect(command(&["subscribe", "a"]));
        client.send([confirm, "*3\r\n+message\r\n+a\r\n+at last\r\n"].concat());
    });
    run(async {
        let mut subscriber = Subscriber::connect(plain(&server)).await.expect("connected");
        subscriber.subscribe(["a"]).await.expect("confirmed");
        for _ in 0..4 {
            let error = subscriber.next().await.expect_err("no message");
            assert!(matches!(error, Error::Malformed(_)), "{error}");
        }
        let next = subscriber.next().await.expect("a message");
        assert_eq!(next, message(None, "a", "at last"));
    });
    server.join();
}

#[test]
fn a_silent_connection_is_asked_for_a_sign_of_life_and_then_given_up() {
    let server = Fake::start(|door| {
        let mut client = door.accept();
        client.expect(command(&["subscribe", "a"]));
        client.send("*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n");
        client.expect(command(&["PING"]));
        client.send("*2\r\n$4\r\npong\r\n$0\r\n\r\n");
        client.expect(command(&["PING"]));
        client.expect_end("");
    });
    run(async {
        // Long enough for the first answer to be in time on a busy machine.
        let keep_alive = Some(Duration::from_secs(2));
        let options = Options { keep_alive, ..plain(&server) };
        let mut subscriber = Subscriber::connect(options).await.expect("connected");
        subscriber.subscribe(["a"]).await.expect("confirmed");
        let error = subscriber.next().await.expect_err("no sign of life");
        assert!(matches!(error, Error::TimedOut), "{error}");
    });
    server.join();
}

#[test]
fn a_living_connection_is_kept_through_silence() {
    let server = Server::start();
    run(async {
        // Long enough for the sign of life to be in time on a busy machine.
        let keep_alive = Some(Duration::from_secs(3));
        let (heard, mut results) = mpsc::channel(2);
        for protocol in VERSIONS {
            let options = Options { keep_alive, ..speaking(&server, protocol) };
            let mut subscriber = Subscriber::connect(options).await.expect("connected");
            subscriber.subscribe(["a"]).await.expect("confirmed");
            let heard = heard.clone();
            rt::spawn(async move {
                let next = subscriber.next().await;
                heard.send(next).await.expect("the test waits");
            });
        }
        let publisher = Client::connect(options(server.address())).await.expect("connected");
        // Each is asked for one sign of life meanwhile, and must know it for one.
        rt::sleep(Duration::from_secs(4)).await;
        assert_eq!(publisher.publish("a", "late").await.expect("a count"), 2);
        for _ in VERSIONS {
            let next = results.recv().await.expect("two tasks");
            assert_eq!(next.expect("the connection is kept"), message(None, "a", "late"));
        }
    });
}
