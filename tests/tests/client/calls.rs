//! Commands and their replies.

use std::time::Duration;

use kv_server::client::{
    Client, Command, Condition, Error, Expiry, Options, Pipeline, SetOptions, Value,
};
use kv_server::rt::{self, mpsc};
use tests::{Fake, on_every_peer};

use crate::support::{VERSIONS, once, options, plain, run, speaking};

#[test]
fn the_common_commands_have_their_own_types() {
    on_every_peer("the client's own commands", |peer| {
        for protocol in VERSIONS {
            run(async {
                let client = Client::connect(speaking(peer, protocol)).await.expect("connected");
                client.call(["FLUSHALL"]).await.expect("+OK");
                client.ping().await.expect("+PONG");
                assert_eq!(client.get("a").await.expect("nil"), None);
                client.set("a", b"\0\r\n\xff").await.expect("+OK");
                let value = client.get("a").await.expect("a string");
                assert_eq!(value.as_deref(), Some(&b"\0\r\n\xff"[..]));
                assert_eq!(client.incr("n").await.expect("a number"), 1);
                assert_eq!(client.incr_by("n", -5).await.expect("a number"), -4);
                assert!(client.expire("n", Duration::from_secs(100)).await.expect("1"));
                assert!(!client.expire("missing", Duration::from_secs(100)).await.expect("0"));
                assert_eq!(client.publish("nobody", "hears").await.expect("a count"), 0);
                assert_eq!(client.del(["a", "n", "missing"]).await.expect("a count"), 2);
                assert_eq!(client.del([""; 0]).await.expect("nothing sent"), 0);
            });
        }
    });
}

#[test]
fn set_has_conditions_and_an_expiry() {
    on_every_peer("the client's SET", |peer| {
        run(async {
            let client = Client::connect(options(peer.address())).await.expect("connected");
            let mut with = SetOptions { condition: Condition::IfExists, ..SetOptions::default() };
            assert!(!client.set_with("k", "1", with).await.expect("nil"));
            with.condition = Condition::IfMissing;
            // A part of a millisecond is a whole one, never none: zero would be refused.
            with.expiry = Expiry::After(Duration::from_nanos(99_999_999_000_001));
            assert!(client.set_with("k", "1", with).await.expect("+OK"));
            assert!(!client.set_with("k", "2", with).await.expect("nil"));
            let kept = SetOptions { expiry: Expiry::Keep, condition: Condition::IfExists };
            assert!(client.set_with("k", "3", kept).await.expect("+OK"));
            let left = client.call(["TTL", "k"]).await.expect("seconds").as_integer();
            assert!(left.is_some_and(|left| left > 90_000), "{left:?}");
            client.set("k", "4").await.expect("+OK");
            let left = client.call(["TTL", "k"]).await.expect("seconds");
            assert_eq!(left, Value::Integer(-1));
        });
    });
}

#[test]
fn replies_have_the_types_of_their_version() {
    on_every_peer("the client's types", |peer| {
        run(async {
            let [two, three] = VERSIONS.map(|version| Client::connect(speaking(peer, version)));
            let (two, three) = (two.await.expect("connected"), three.await.expect("connected"));
            let save = |text: &str| Value::Bulk(text.into());
            let asked = Command::from(["CONFIG", "GET", "save"]);
            let flat = two.call(asked.clone()).await.expect("an array");
            assert_eq!(flat, Value::Array(vec![save("save"), save("")]));
            let map = three.call(asked).await.expect("a map");
            assert_eq!(map, Value::Map(vec![(save("save"), save(""))]));
            assert_eq!(flat.into_pairs(), map.into_pairs());
        });
    });
}

#[test]
fn a_pipeline_is_answered_in_order_errors_among_the_replies() {
    on_every_peer("the client's pipeline", |peer| {
        run(async {
            let client = Client::connect(options(peer.address())).await.expect("connected");
            let mut pipeline = Pipeline::new().command(["SET", "a", "x"]).command(["INCR", "a"]);
            for number in 0..1000 {
                pipeline.add(Command::new("ECHO").number(number));
            }
            let replies = client.run(pipeline).await.expect("all replies");
            assert_eq!(replies.len(), 1002);
            assert_eq!(replies[0], Value::Status(b"OK".to_vec()));
            assert!(matches!(&replies[1], Value::Error(error) if error.code() == "ERR"));
            for (number, reply) in replies[2..].iter().enumerate() {
                assert_eq!(*reply, Value::Bulk(number.to_string().into_bytes()));
            }
            let none = client.run(Pipeline::new()).await.expect("nothing to send");
            assert!(none.is_empty());
        });
    });
}

#[test]
fn many_tasks_share_one_connection_and_each_gets_its_own_replies() {
    on_every_peer("the client's sharing", |peer| {
        run(async {
            let client = Client::connect(options(peer.address())).await.expect("connected");
            let (done, mut finished) = mpsc::channel(1);
            for task in 0..50 {
                let (client, done) = (client.clone(), done.clone());
                rt::spawn(async move {
                    for turn in 0..20 {
                        let key = format!("key:{task}");
                        client.set(&key, format!("{turn}")).await.expect("+OK");
                        let value = client.get(&key).await.expect("a string");
                        assert_eq!(value, Some(turn.to_string().into_bytes()));
                    }
                    let id = client.call(["CLIENT", "ID"]).await.expect("a number");
                    done.send(id).await.expect("the test waits");
                });
            }
            drop(done);
            let own = client.call(["CLIENT", "ID"]).await.expect("a number");
            for _ in 0..50 {
                assert_eq!(finished.recv().await, Some(own.clone()), "one of 50 tasks");
            }
        });
    });
}

#[test]
fn more_callers_than_there_are_places_all_get_their_replies() {
    on_every_peer("the client's line", |peer| {
        run(async {
            let client = Client::connect(options(peer.address())).await.expect("connected");
            let (done, mut finished) = mpsc::channel(1);
            for number in 0..3000_u64 {
                let (client, done) = (client.clone(), done.clone());
                rt::spawn(async move {
                    let text = format!("{number:01000}");
                    let reply = client.call(["ECHO", &text]).await.expect("a string");
                    assert_eq!(reply, Value::Bulk(text.into_bytes()));
                    done.send(number).await.expect("the test waits");
                });
            }
            drop(done);
            let mut sum = 0;
            while let Some(number) = finished.recv().await {
                sum += number;
            }
            assert_eq!(sum, 2999 * 3000 / 2, "each of 3000 tasks has had its reply");
        });
    });
}

#[test]
fn what_the_server_says_unasked_is_no_reply() {
    let pushed = b">2\r\n+invalidate\r\n*1\r\n+key\r\n+PONG\r\n".to_vec();
    let server = Fake::sending(tests::command(&["PING"]), pushed);
    run(async {
        let client = Client::connect(plain(&server)).await.expect("connected");
        let reply = client.call(["PING"]).await.expect("the reply after the push");
        assert_eq!(reply, Value::Status(b"PONG".to_vec()));
    });
    server.join();
}

#[test]
fn a_call_that_is_dropped_disturbs_no_other() {
    on_every_peer("the client's dropped calls", |peer| {
        run(async {
            let client = Client::connect(options(peer.address())).await.expect("connected");
            for round in 0..20 {
                let mut dropped = Box::pin(client.call(["ECHO", "dropped"]));
                for _ in 0..round % 4 {
                    assert!(once(&mut dropped).await.is_pending(), "the driver has not run");
                    if round > 10 {
                        client.ping().await.expect("+PONG");
                        break;
                    }
                }
                drop(dropped);
                let text = format!("{round}");
                let reply = client.call(["ECHO", &text]).await.expect("a string");
                assert_eq!(reply, Value::Bulk(text.into_bytes()));
            }
        });
    });
}

#[test]
fn the_connection_is_as_the_options_say() {
    on_every_peer("the client's options", |peer| {
        for protocol in VERSIONS {
            run(async {
                let name = Some("librarian".to_owned());
                let options = Options { name, database: 3, ..speaking(peer, protocol) };
                let client = Client::connect(options).await.expect("connected");
                let name = client.call(["CLIENT", "GETNAME"]).await.expect("a name");
                assert_eq!(name, Value::Bulk(b"librarian".to_vec()));
                client.set("here", "1").await.expect("+OK");
                let elsewhere = Client::connect(speaking(peer, protocol)).await;
                let elsewhere = elsewhere.expect("connected");
                assert_eq!(elsewhere.get("here").await.expect("nil"), None);
                let options = Options { database: 99_999, ..speaking(peer, protocol) };
                let refused = Client::connect(options).await.expect_err("no such database");
                assert!(matches!(&refused, Error::Server(error) if error.code() == "ERR"));
            });
        }
    });
}

#[test]
fn a_password_is_given_where_one_is_wanted() {
    let Some(oracle) = tests::Server::oracle("the client's password") else { return };
    oracle.connect().transcript(&[("CONFIG SET requirepass secret", "+OK\r\n")]);
    for protocol in VERSIONS {
        run(async {
            let options = |password: &str| Options {
                password: Some(password.to_owned()),
                ..speaking(&oracle, protocol)
            };
            let client = Client::connect(options("secret")).await.expect("accepted");
            client.ping().await.expect("+PONG");
            let refused = Client::connect(options("wrong")).await.expect_err("refused");
            assert!(matches!(&refused, Error::Server(error) if error.code() == "WRONGPASS"));
        });
    }
}

#[test]
fn a_server_without_version_3_is_spoken_to_in_version_2() {
    let server = Fake::start(|door| {
        let mut client = door.accept();
        client.expect(tests::command(&["HELLO", "3", "SETNAME", "me"]));
        client.send("-ERR unknown command `HELLO`, with args beginning with: `3`\r\n");
        client.expect(tests::command(&["CLIENT", "SETNAME", "me"]));
        client.send("+OK\r\n");
        client.expect(tests::command(&["PING"]));
        client.send("+PONG\r\n");
    });
    run(async {
        let options = Options { name: Some("me".to_owned()), ..options(server.address) };
        let client = Client::connect(options).await.expect("connected");
        client.ping().await.expect("+PONG");
    });
    server.join();
}

#[test]
fn what_would_confuse_other_tasks_is_not_sent() {
    on_every_peer("the client's refusals", |peer| {
        run(async {
            let client = Client::connect(options(peer.address())).await.expect("connected");
            for parts in [&["SUBSCRIBE", "a"][..], &["monitor"], &["CLIENT", "REPLY", "OFF"]] {
                let error = client.call(parts).await.expect_err("unsuitable");
                assert!(matches!(error, Error::Unsuitable(_)), "{parts:?}: {error}");
            }
            client.ping().await.expect("+PONG");
        });
    });
}

#[test]
fn the_connection_ends_with_the_last_handle() {
    let server = Fake::start(|door| {
        let mut client = door.accept();
        client.expect(tests::command(&["PING"]));
        client.send("+PONG\r\n");
        client.expect_end("");
    });
    let options = plain(&server);
    run(async move {
        let client = Client::connect(options).await.expect("connected");
        let clone = client.clone();
        drop(client);
        clone.ping().await.expect("+PONG");
        drop(clone);
        while !server.is_done() {
            rt::sleep(Duration::from_millis(1)).await;
        }
        server.join();
    });
}
