//! Connections over real sockets: what a client sees however its bytes come and go.

mod common;

use std::io::{ErrorKind, Write};
use std::time::{Duration, Instant};

use common::{start, wait_until};

const MESSAGE: &[u8] = b"*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n";

#[test]
fn a_request_may_come_in_any_pieces() {
    let server = start(|_| {});
    let mut client = server.client();
    let request = b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$4\r\n\r\n\r\n\r\nECHO \"a b\"\r\n*2\r\n$3\r\nGET\r\n$1\r\na\r\n";
    let reply = b"+OK\r\n$3\r\na b\r\n$4\r\n\r\n\r\n\r\n";
    for cut in 0..request.len() {
        let (before, after) = request.split_at(cut);
        client.send(before);
        // Another client's round trip comes between, so that the pieces are read apart.
        server.client().call("PING", "+PONG\r\n");
        client.send(after);
        client.expect(reply);
    }
    for byte in request {
        client.send(&[*byte]);
    }
    client.expect(reply);
}

#[test]
fn a_pipeline_is_answered_in_order() {
    let server = start(|_| {});
    let mut client = server.client();
    let count = 20_000;
    client.send(&b"INCR n\r\n".repeat(count));
    let replies: Vec<u8> =
        (1..=count).flat_map(|number| format!(":{number}\r\n").into_bytes()).collect();
    client.expect(&replies);
}

#[test]
fn everything_sent_before_the_half_close_is_answered() {
    let server = start(|_| {});
    let mut client = server.client();
    let value = vec![b'v'; 1000];
    client.send(b"SET a ");
    client.send(&value);
    client.send(b"\r\n");
    client.expect(b"+OK\r\n");
    let count = 20_000;
    let mut reader = common::Client { stream: client.stream.try_clone().expect("a socket") };
    let writer = std::thread::spawn(move || {
        client.send(&b"GET a\r\n".repeat(count));
        client.send(b"GET unfinis");
        client.finish();
    });
    let replies = reader.read_to_end();
    writer.join().expect("all is sent");
    let reply = [&b"$1000\r\n"[..], &value, b"\r\n"].concat();
    assert_eq!(replies.len(), count * reply.len());
    assert!(replies.chunks(reply.len()).all(|each| each == reply));
}

#[test]
fn large_values_come_and_go_whole() {
    let server = start(|_| {});
    let mut client = server.client();
    let value: Vec<u8> =
        (0..5_000_000u32).map(|index| (index.wrapping_mul(7919) >> 3) as u8).collect();
    let header = format!("${}\r\n", value.len()).into_bytes();
    let bulk = [&header[..], &value, b"\r\n"].concat();
    client.send(&[&b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n"[..], &bulk].concat());
    client.expect(b"+OK\r\n");
    client.send(b"GET a\r\nPING\r\n");
    client.expect(&bulk);
    client.expect(b"+PONG\r\n");
}

#[test]
fn who_does_not_read_is_held_back_and_loses_nothing() {
    let limit = 64 << 10;
    let server = start(|config| config.output_limit = limit);
    let mut client = server.client();
    let value = "v".repeat(10_000);
    client.call(&format!("SET a {value}"), "+OK\r\n");
    client.call("CLIENT SETNAME lazy", "+OK\r\n");
    // Send until nothing more is taken: the server does not read, and every buffer is full.
    client.stream.set_nonblocking(true).expect("a socket");
    let mut other = server.client();
    let requests = b"*2\r\n$3\r\nGET\r\n$1\r\na\r\n".repeat(1000);
    let mut sent = 0;
    let mut quiet_since = Instant::now();
    let begun = Instant::now();
    while quiet_since.elapsed() < Duration::from_millis(300) {
        match client.stream.write(&requests[sent % requests.len()..]) {
            Ok(count) => {
                sent += count;
                quiet_since = Instant::now();
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                other.call("PING", "+PONG\r\n");
            }
            Err(error) => panic!("the connection must stay: {error}"),
        }
        assert!(begun.elapsed() < common::DEADLINE, "the server never stops reading");
    }
    let list = other.ask("CLIENT LIST");
    let lazy = list.lines().find(|line| line.contains("name=lazy")).expect("it is connected");
    let backlog = lazy.split(' ').find_map(|field| field.strip_prefix("omem="));
    let backlog: usize = backlog.and_then(|bytes| bytes.parse().ok()).expect("a number");
    // Two thresholds may add up: the limit, and what one batch may produce before it is sent.
    assert!(backlog > 0 && backlog < limit + (64 << 10) + 2 * value.len(), "{backlog} bytes wait");
    // Now read: every whole request was answered.
    client.stream.set_nonblocking(false).expect("a socket");
    let request = requests.len() / 1000;
    let whole = sent / request;
    let reply = format!("$10000\r\n{value}\r\n").into_bytes();
    for _ in 0..whole {
        client.expect(&reply);
    }
    client.send(&requests[sent % request..request]);
    if sent % request != 0 {
        client.expect(&reply);
    }
    server.client().call("PING", "+PONG\r\n");
}

#[test]
fn after_a_protocol_error_the_earlier_replies_and_the_error_arrive() {
    let server = start(|_| {});
    let mut client = server.client();
    client.send(b"PING\r\n*1\r\n$-1\r\nPING\r\n");
    // The client goes on sending; a careless close would reset the connection over this.
    for _ in 0..100 {
        if client.stream.write_all(&[b'x'; 1000]).is_err() {
            break;
        }
    }
    let expected = b"+PONG\r\n-ERR Protocol error: invalid bulk length\r\n";
    assert_eq!(
        client.read_to_end().escape_ascii().to_string(),
        expected.escape_ascii().to_string()
    );
}

#[test]
fn last_words_survive_what_the_client_still_sends() {
    let server = start(|_| {});
    let (mut client, mut other) = (server.client(), server.client());
    let value = vec![b'v'; 400_000];
    client.send(&[&b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$400000\r\n"[..], &value, b"\r\n"].concat());
    client.expect(b"+OK\r\n");
    // A reply too long for this end's window, an error, and more than one read after it.
    client.send(&[&b"GET a\r\n*1\r\n$-1\r\n"[..], &vec![b'x'; 300_000]].concat());
    // All is handed to the kernel, and most of it not delivered: closing now over what the client
    // sent would reset the connection and destroy it.
    wait_until("the server is done with it", || other.info("connected_clients") == 1);
    client.expect(&[&b"$400000\r\n"[..], &value, b"\r\n"].concat());
    client.expect(b"-ERR Protocol error: invalid bulk length\r\n");
    assert_eq!(client.read_to_end(), b"", "and then the end of the stream");
}

#[test]
fn nothing_after_quit_is_answered() {
    let server = start(|_| {});
    let mut client = server.client();
    client.send(b"SUBSCRIBE a\r\nPING\r\nQUIT\r\nPING\r\n");
    let expected =
        "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n*2\r\n$4\r\npong\r\n$0\r\n\r\n+OK\r\n";
    assert_eq!(String::from_utf8_lossy(&client.read_to_end()), expected);
    // It left the channel although this side of the connection is still open.
    server.client().call("PUBLISH a x", ":0\r\n");
}

#[test]
fn a_browser_is_not_answered() {
    let server = start(|_| {});
    let mut client = server.client();
    client.send(b"POST / HTTP/1.1\r\nHost: a\r\n\r\nSET a 1\r\n");
    assert_eq!(client.read_to_end(), b"");
    server.client().call("EXISTS a", ":0\r\n");
}

#[test]
fn messages_published_in_one_batch_all_arrive_in_order() {
    let server = start(|_| {});
    let mut subscribers: Vec<_> = (0..50).map(|_| server.client()).collect();
    for subscriber in &mut subscribers {
        subscriber.call("SUBSCRIBE a", "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n");
    }
    let mut publisher = server.client();
    let batch: String = (0..1000).map(|number| format!("PUBLISH a {number:04}\r\n")).collect();
    publisher.send(batch.as_bytes());
    publisher.expect(&b":50\r\n".repeat(1000));
    let messages: String = (0..1000)
        .map(|number| format!("*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$4\r\n{number:04}\r\n"))
        .collect();
    for subscriber in &mut subscribers {
        subscriber.expect(messages.as_bytes());
    }
}

#[test]
fn a_message_to_oneself_comes_before_the_reply() {
    let server = start(|_| {});
    let mut client = server.client();
    client.call("HELLO 3 FOO", "-ERR Syntax error in HELLO option 'FOO'\r\n");
    client.send(b"HELLO 3\r\nSUBSCRIBE a\r\nPUBLISH a x\r\nQUIT\r\n");
    let received = client.read_to_end();
    let message = [b">", &MESSAGE[1..]].concat();
    let expected =
        [&b">3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n"[..], &message, b":1\r\n+OK\r\n"].concat();
    assert!(received.ends_with(&expected), "{}", received.escape_ascii());
}

#[test]
fn a_subscriber_over_the_hard_limit_is_cut_off_and_others_are_not() {
    let server = start(|config| config.pubsub_limit.hard = 1 << 20);
    let (mut slow, mut quick) = (server.client(), server.client());
    for client in [&mut slow, &mut quick] {
        client.call("SUBSCRIBE a", "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n");
    }
    let mut publisher = server.client();
    let payload = vec![b'p'; 100_000];
    let message =
        [&b"*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$100000\r\n"[..], &payload, b"\r\n"].concat();
    let publish =
        [&b"*3\r\n$7\r\nPUBLISH\r\n$1\r\na\r\n$100000\r\n"[..], &payload, b"\r\n"].concat();
    let begun = Instant::now();
    let mut published = 0;
    while publisher.info("slow_clients_disconnected") == 0 {
        publisher.send(&publish);
        let mut reply = [0; 4];
        std::io::Read::read_exact(&mut publisher.stream, &mut reply).expect("a reply");
        quick.expect(&message);
        published += 1;
        assert!(begun.elapsed() < common::DEADLINE, "{published} messages and nobody is cut off");
    }
    wait_until("the slow client is gone", || publisher.info("connected_clients") == 2);
    let received = slow.read_to_end();
    assert!(received.len() < published * message.len(), "it lost what waited for it");
    publisher.send(&publish);
    publisher.expect(b":1\r\n");
    quick.expect(&message);
}

#[test]
fn a_subscriber_that_stays_over_the_soft_limit_is_cut_off_when_its_time_is_over() {
    let server = start(|config| {
        config.pubsub_limit.soft = 1;
        // Long enough for a question meanwhile, on a busy machine too.
        config.pubsub_limit.patience = Duration::from_secs(2);
    });
    let mut slow = server.client();
    slow.call("SUBSCRIBE a", "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n");
    let mut publisher = server.client();
    // Short of the hard limit, but more than the sockets between us take.
    let payload = vec![b'p'; 20 << 20];
    let header = format!("*3\r\n$7\r\nPUBLISH\r\n$1\r\na\r\n${}\r\n", payload.len());
    let publish = [header.as_bytes(), &payload, b"\r\n"].concat();
    // In one piece, so that no time passes between the message and the question.
    publisher.send(&[&publish[..], b"PUBSUB NUMSUB a\r\n"].concat());
    publisher.expect(b":1\r\n*2\r\n$1\r\na\r\n:1\r\n");
    // Nobody publishes any more: the deadline alone cuts it off.
    wait_until("the slow client is cut off", || publisher.info("slow_clients_disconnected") == 1);
    assert!(slow.read_to_end().len() < payload.len());
}

#[test]
fn silent_clients_are_closed_but_not_those_who_speak_or_listen() {
    let server = start(|config| config.timeout = Some(Duration::from_secs(3)));
    let [mut silent, mut speaking, mut listening] = [(); 3].map(|()| server.client());
    listening.call("SUBSCRIBE a", "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n");
    silent.call("PING", "+PONG\r\n");
    // Far more often than it must, so that it does on a busy machine too.
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(4500) {
        speaking.call("PING", "+PONG\r\n");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(silent.read_to_end(), b"");
    assert_eq!(speaking.info("connected_clients"), 2);
    speaking.call("PUBLISH a x", ":1\r\n");
    listening.expect(MESSAGE);
}

#[test]
fn a_timeout_that_is_set_later_holds_for_those_who_are_connected() {
    let server = start(|_| {});
    let (mut silent, mut other) = (server.client(), server.client());
    silent.call("PING", "+PONG\r\n");
    other.call("CONFIG SET timeout 1", "+OK\r\n");
    assert_eq!(silent.read_to_end(), b"");
}

#[test]
fn too_many_clients_are_told_so() {
    let server = start(|config| config.max_clients = 2);
    let (mut first, mut second) = (server.client(), server.client());
    first.call("PING", "+PONG\r\n");
    second.call("PING", "+PONG\r\n");
    assert_eq!(server.client().read_to_end(), b"-ERR max number of clients reached\r\n");
    drop(second);
    wait_until("there is room again", || first.info("connected_clients") == 1);
    server.client().call("PING", "+PONG\r\n");
    assert_eq!(first.info("rejected_connections"), 1);
}

#[test]
fn a_killed_client_is_closed_and_leaves_nothing() {
    let server = start(|_| {});
    let (mut victim, mut killer) = (server.client(), server.client());
    victim.call("SUBSCRIBE a", "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n");
    killer.call("CLIENT KILL TYPE pubsub", ":1\r\n");
    assert_eq!(victim.read_to_end(), b"");
    wait_until("it is forgotten", || killer.info("connected_clients") == 1);
    killer.call("PUBLISH a x", ":0\r\n");
}

#[test]
fn keys_expire_although_nobody_asks_for_them() {
    let server = start(|_| {});
    let mut client = server.client();
    client.call("SET later 1 PX 60000", "+OK\r\n");
    let batch: String = (0..1000).map(|number| format!("SET {number} x PX 30\r\n")).collect();
    client.send(batch.as_bytes());
    client.expect(&b"+OK\r\n".repeat(1000));
    wait_until("a thousand keys are gone", || client.info("expired_keys") == 1000);
    client.call("DBSIZE", ":1\r\n");
}

#[test]
fn an_unfinished_request_may_not_grow_without_end() {
    let server = start(|config| config.query_limit = 1 << 20);
    let mut client = server.client();
    client.send(b"*2\r\n$4\r\nECHO\r\n$100000000\r\n");
    let piece = vec![b'x'; 1 << 16];
    let mut closed = false;
    for _ in 0..1000 {
        closed = client.stream.write_all(&piece).is_err();
        if closed {
            break;
        }
    }
    assert!(closed, "64 MB were taken in");
    server.client().call("PING", "+PONG\r\n");
}

#[test]
fn a_server_that_stops_answers_what_it_has_received() {
    let server = start(|_| {});
    let mut clients: Vec<_> = (0..20).map(|_| server.client()).collect();
    for client in &mut clients {
        client.call("PING", "+PONG\r\n");
        client.send(&b"PING\r\n".repeat(10_000));
    }
    server.ask_to_stop();
    for client in &mut clients {
        assert_eq!(client.read_to_end(), b"+PONG\r\n".repeat(10_000));
    }
    assert_eq!(server.stop(), 0, "nobody was left unanswered");
}

#[test]
fn counters_return_to_where_they_were() {
    let server = start(|_| {});
    let mut client = server.client();
    let before = client.info("tasks");
    let others: Vec<_> = (0..100).map(|_| server.client()).collect();
    for mut other in others {
        other.call("SUBSCRIBE a", "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n");
    }
    wait_until("all have left", || client.info("connected_clients") == 1);
    wait_until("their tasks are gone", || client.info("tasks") == before);
    assert_eq!(client.info("pubsub_channels"), 0);
}
