//! What a server may send that is no reply.

use kv_server::client::{Client, Error, Limits, Malformed, Options, blocking};
use kv_server::resp::Protocol;

use tests::Fake;

use crate::support::{plain, run};

fn small(server: &Fake) -> Options {
    let limits = Limits { depth: 8, bulk: 1000, values: 100, bytes: 10_000 };
    Options { limits, ..plain(server) }
}

/// Whether an error is of the right kind.
type Check = fn(&Error) -> bool;

/// Bytes after a `PING`, and what the client must make of them.
fn cases() -> Vec<(Vec<u8>, Check)> {
    let malformed: Check = |error| matches!(error, Error::Malformed(_));
    let disconnected: Check = |error| matches!(error, Error::Disconnected(_));
    vec![
        (b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), malformed),
        (b"\0\0\0\0\n".to_vec(), malformed),
        (b"*1\r\n".repeat(10_000), malformed),
        (b"|1\r\n".repeat(10_000), malformed),
        (b"*2147483647\r\n".to_vec(), malformed),
        (b"$2147483647\r\n".to_vec(), malformed),
        (b"$-7\r\n".to_vec(), malformed),
        (b"+".repeat(100_000), malformed),
        (
            [b"*50\r\n".to_vec(), [&b"$900\r\n"[..], &[b'x'; 900], b"\r\n"].concat().repeat(20)]
                .concat(),
            malformed,
        ),
        (b"$5\r\nab".to_vec(), disconnected),
        (b"*2\r\n:1\r\n".to_vec(), disconnected),
        (b"+PON".to_vec(), disconnected),
        (Vec::new(), disconnected),
        (b">2\r\n+message\r\n+x\r\n".to_vec(), disconnected),
    ]
}

#[test]
fn what_is_no_reply_is_an_error_and_never_a_panic() {
    for (bytes, is_expected) in cases() {
        let shown = bytes[..bytes.len().min(40)].escape_ascii().to_string();
        let server = Fake::sending(tests::command(&["PING"]), bytes);
        run(async {
            let client = Client::connect(small(&server)).await.expect("connected");
            let error = client.ping().await.expect_err(&shown);
            assert!(is_expected(&error), "{shown}: {error}");
        });
        server.join();
    }
}

#[test]
fn the_blocking_client_says_the_same() {
    for (bytes, is_expected) in cases() {
        let shown = bytes[..bytes.len().min(40)].escape_ascii().to_string();
        let server = Fake::sending(tests::command(&["PING"]), bytes);
        let mut client = blocking::Client::connect(&small(&server)).expect("connected");
        let error = client.call(["PING"]).expect_err(&shown);
        assert!(is_expected(&error), "{shown}: {error}");
        let again = client.call(["PING"]).expect_err("it has failed for good");
        assert!(is_expected(&again), "{shown}: {again}");
        server.join();
    }
}

#[test]
fn a_reply_that_nobody_asked_for_closes_the_connection() {
    let server = Fake::start(|door| {
        let mut client = door.accept();
        client.expect(tests::command(&["PING"]));
        client.send("+PONG\r\n+PONG\r\n");
        client.expect_end("");
        let mut client = door.accept();
        client.expect(tests::command(&["PING"]));
        client.send("+PONG\r\n");
    });
    run(async {
        let client = Client::connect(plain(&server)).await.expect("connected");
        client.ping().await.expect("the first of two replies");
        client.ping().await.expect("by a new connection");
    });
    server.join();
}

#[test]
fn a_handshake_of_nonsense_is_an_error() {
    let server = Fake::start(|door| {
        let mut client = door.accept();
        client.expect(tests::command(&["HELLO", "3"]));
        client.send("?\r\n");
    });
    run(async {
        let options = Options { protocol: Protocol::Resp3, ..plain(&server) };
        let error = Client::connect(options).await.expect_err("no reply");
        assert!(matches!(error, Error::Malformed(Malformed::UnknownType(b'?'))), "{error}");
    });
    server.join();
}
