//! The `redis` crate, blocking and asynchronous.

use std::time::Duration;

use futures_util::StreamExt;
use redis::aio::ConnectionManagerConfig;
use redis::{AsyncCommands, Commands, ErrorKind, ServerErrorKind};
use tests::{PATIENCE, Server, on_every_peer};

#[test]
fn the_redis_crate_reads_and_writes() {
    on_every_peer("the redis crate", |peer| {
        for protocol in ["resp2", "resp3"] {
            let client = library(peer, protocol);
            let mut connection = client.get_connection().expect("it connects");
            let _: () = redis::cmd("FLUSHALL").query(&mut connection).expect("+OK");
            let _: () = connection.set("key", "value").expect("+OK");
            let value: String = connection.get("key").expect("the value");
            assert_eq!(value, "value");
            let missing: Option<String> = connection.get("missing").expect("nil");
            assert_eq!(missing, None);
            let counted: i64 = connection.incr("n", 41).expect("a number");
            assert_eq!(counted, 41);
            let _: () = connection.set_ex("brief", 1, 100).expect("+OK");
            let seconds: i64 = connection.ttl("brief").expect("a number");
            assert!((90..=100).contains(&seconds), "{seconds}");
            let (first, second): (i64, Vec<Option<String>>) = redis::pipe()
                .cmd("INCR")
                .arg("n")
                .cmd("SET")
                .arg("other")
                .arg("x")
                .ignore()
                .cmd("MGET")
                .arg(&["other", "missing"])
                .query(&mut connection)
                .expect("a pipeline's answers");
            assert_eq!(first, 42);
            assert_eq!(second, [Some("x".to_owned()), None]);
            let error = connection.incr::<_, _, i64>("key", 1).expect_err("no number");
            assert!(error.to_string().contains("not an integer"), "{error}");
            let again: String = connection.get("key").expect("still connected");
            assert_eq!(again, "value");
        }
    });
}

#[test]
fn the_redis_crate_subscribes() {
    on_every_peer("the redis crate subscribed", |peer| {
        for protocol in ["resp2", "resp3"] {
            let client = library(peer, protocol);
            let mut listening = client.get_connection().expect("it connects");
            listening.set_read_timeout(Some(tests::PATIENCE)).expect("a TCP connection");
            let mut speaking = client.get_connection().expect("it connects");
            let mut subscription = listening.as_pubsub();
            subscription.subscribe("news").expect("subscribed");
            subscription.psubscribe("n*").expect("subscribed");
            let heard: i64 = speaking.publish("news", "hello").expect("a count");
            assert_eq!(heard, 2, "{}", peer.name());
            for pattern in [None, Some("n*")] {
                let message = subscription.get_message().expect("a message");
                assert_eq!(message.get_channel_name(), "news");
                assert_eq!(message.get_payload::<String>().expect("text"), "hello");
                let by: Option<String> = message.get_pattern().expect("text or nil");
                assert_eq!(by.as_deref(), pattern, "{}", peer.name());
            }
            subscription.unsubscribe("news").expect("unsubscribed");
            let heard: i64 = speaking.publish("news", "again").expect("a count");
            assert_eq!(heard, 1, "{}", peer.name());
        }
    });
}

#[test]
fn the_redis_crate_runs_transactions() {
    on_every_peer("the redis crate's transactions", |peer| {
        for protocol in ["resp2", "resp3"] {
            let client = library(peer, protocol);
            let mut connection = client.get_connection().expect("it connects");
            let mut other = client.get_connection().expect("it connects");
            let _: () = connection.set("n", 1).expect("+OK");
            let mut attempts = 0;
            let doubled: (i64,) =
                redis::transaction(&mut connection, &["n"], |connection, pipe| {
                    attempts += 1;
                    let value: i64 = connection.get("n")?;
                    if attempts == 1 {
                        // Changed by another while it is watched: all is done again.
                        let _: () = other.set("n", 10)?;
                    }
                    pipe.set("n", value * 2).ignore().get("n").query(connection)
                })
                .expect("the second time it goes through");
            assert_eq!((attempts, doubled), (2, (20,)), "{}", peer.name());
            let refused = redis::pipe()
                .atomic()
                .set("n", 0)
                .cmd("NONSENSE")
                .query::<()>(&mut connection)
                .expect_err("it holds no command");
            assert!(refused.to_string().contains("unknown command"), "{refused}");
            let kept: i64 = connection.get("n").expect("a number");
            assert_eq!(kept, 20, "a refused transaction changes nothing");
        }
    });
}

#[test]
fn the_redis_crate_tells_errors_apart() {
    on_every_peer("the redis crate's errors", |peer| {
        let client = library(peer, "resp3");
        let mut connection = client.get_connection().expect("it connects");
        let unknown = redis::cmd("NONSENSE").query::<()>(&mut connection).expect_err("no command");
        assert_eq!(unknown.kind(), ErrorKind::Server(ServerErrorKind::ResponseError));
        let address = peer.address();
        let stranger = redis::Client::open(format!("redis://nobody:wrong@{address}/"))
            .expect("the address is well formed");
        let refused = stranger.get_connection().err().expect("nobody is let in");
        assert_eq!(refused.kind(), ErrorKind::AuthenticationFailed, "{refused}");
    });
}

#[test]
fn the_redis_crate_walks_through_the_keys() {
    on_every_peer("the redis crate's SCAN", |peer| {
        let mut connection = library(peer, "resp2").get_connection().expect("it connects");
        let names: Vec<(String, u32)> = (0..1000).map(|at| (format!("user:{at}"), at)).collect();
        let _: () = connection.mset(&names).expect("+OK");
        let found = connection.scan_match::<_, String>("user:*").expect("the first keys");
        let found: Result<std::collections::BTreeSet<String>, _> = found.collect();
        assert_eq!(found.expect("the other keys").len(), names.len(), "{}", peer.name());
    });
}

#[test]
fn the_asynchronous_redis_crate_is_served() {
    on_every_peer("the redis crate, asynchronous", |peer| {
        for protocol in ["resp2", "resp3"] {
            asynchronously(many_tasks_share_a_connection(library(peer, protocol)));
            asynchronously(messages_come_in_order(library(peer, protocol)));
            asynchronously(a_lost_connection_is_made_anew(library(peer, protocol)));
        }
    });
}

async fn many_tasks_share_a_connection(client: redis::Client) {
    let connection = client.get_multiplexed_async_connection().await.expect("it connects");
    let mut first = connection.clone();
    let _: () = redis::cmd("FLUSHALL").query_async(&mut first).await.expect("+OK");
    let tasks = (0..1000).map(|number: i64| {
        let mut connection = connection.clone();
        async move {
            let _: () = connection.set(number, number).await.expect("+OK");
            let value: i64 = connection.get(number).await.expect("its own answer");
            assert_eq!(value, number);
        }
    });
    futures_util::future::join_all(tasks).await;
    let big = vec![b'x'; 8 << 20];
    let _: () = first.set("big", &big).await.expect("+OK");
    let same: Vec<u8> = first.get("big").await.expect("the value");
    assert!(same == big, "{} bytes of {}", same.len(), big.len());
    let (set, counted): (String, i64) = redis::pipe()
        .cmd("SET")
        .arg("n")
        .arg(1)
        .incr("n", 1)
        .query_async(&mut first)
        .await
        .expect("a pipeline's answers");
    assert_eq!((set.as_str(), counted), ("OK", 2));
}

async fn messages_come_in_order(client: redis::Client) {
    let mut listening = client.get_async_pubsub().await.expect("it connects");
    listening.subscribe("news").await.expect("subscribed");
    listening.psubscribe("n*").await.expect("subscribed");
    let mut speaking = client.get_multiplexed_async_connection().await.expect("it connects");
    for number in 0..100 {
        let heard: i64 = speaking.publish("news", number).await.expect("a count");
        assert_eq!(heard, 2);
    }
    let messages = listening.on_message().take(200);
    let numbers: Vec<i64> =
        messages.map(|message| message.get_payload::<i64>().expect("a number")).collect().await;
    let expected: Vec<i64> = (0..100).flat_map(|number| [number, number]).collect();
    assert_eq!(numbers, expected);
}

async fn a_lost_connection_is_made_anew(client: redis::Client) {
    let config = ConnectionManagerConfig::new().set_min_delay(Duration::from_millis(1));
    let managed = client.get_connection_manager_with_config(config).await;
    let mut managed = managed.expect("it connects");
    let mut killer = client.get_multiplexed_async_connection().await.expect("it connects");
    let id = |connection| async move {
        let mut connection = connection;
        redis::cmd("CLIENT").arg("ID").query_async::<i64>(&mut connection).await
    };
    let first = id(managed.clone()).await.expect("a number");
    let mut kill = redis::cmd("CLIENT");
    kill.arg("KILL").arg("ID").arg(first);
    let killed: i64 = kill.query_async(&mut killer).await.expect("a count");
    assert_eq!(killed, 1);
    let second = loop {
        // The call that finds the connection lost fails; a later one has another.
        if let Ok(id) = id(managed.clone()).await {
            break id;
        }
        tokio::task::yield_now().await;
    };
    assert!(second > first, "{second} after {first}");
    let answer: String = redis::cmd("PING").query_async(&mut managed).await.expect("PONG");
    assert_eq!(answer, "PONG");
}

/// Runs a client's code on tokio, which is what the library is written for.
fn asynchronously(scenario: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime of one thread");
    let finished = runtime.block_on(async { tokio::time::timeout(PATIENCE, scenario).await });
    finished.expect("it ends in time");
}

fn library(peer: &Server, protocol: &str) -> redis::Client {
    let address = peer.address();
    redis::Client::open(format!("redis://{address}/?protocol={protocol}"))
        .expect("the address is well formed")
}
