//! Half-close: a client that says that it will send no more still gets its answers.

use tests::{Server, command, on_every_peer};

#[test]
fn what_came_before_the_end_is_answered() {
    on_every_peer("half-close", |peer| {
        let mut wire = peer.connect();
        wire.send("SET key 1\r\nGET key\r\n");
        wire.half_close();
        wire.expect_end("+OK\r\n$1\r\n1\r\n");
    });
}

#[test]
fn half_a_command_is_not_done() {
    on_every_peer("half-close", |peer| {
        for part in ["SET key 1", "*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$1\r\n1"] {
            let mut wire = peer.connect();
            wire.send(format!("PING\r\n{part}"));
            wire.half_close();
            wire.expect_end("+PONG\r\n");
        }
        peer.connect().transcript(&[("EXISTS key", ":0\r\n")]);
    });
}

#[test]
fn a_long_pipeline_is_answered_in_full_however_slowly_it_is_read() {
    // Ours alone: Redis drops what did not fit the socket's buffer when it sees the end.
    let mut server = Server::start();
    let value = "v".repeat(1000);
    let count = 20_000;
    let mut wire = server.connect();
    wire.exchange(command(&["SET", "key", &value]), "+OK\r\n");
    let sender = wire.stream().try_clone().expect("a socket can be cloned");
    let mut sender = tests::Wire::over(sender, "kv-server");
    // Twenty megabytes of answers, none read until all the questions have been sent: a
    // thread sends, as the server rightly stops reading when we do not.
    let requests = command(&["GET", "key"]).repeat(count);
    let sending = std::thread::spawn(move || {
        sender.send(&requests);
        sender.half_close();
    });
    let answer = format!("$1000\r\n{value}\r\n");
    wire.expect_end(answer.repeat(count));
    sending.join().expect("all was sent");
    server.assert_serves();
}
