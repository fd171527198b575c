//! Publish and subscribe, as RESP2 speaks it.

use tests::{command, on_every_peer};

#[test]
fn subscriptions_are_confirmed_one_by_one_and_counted() {
    on_every_peer("pubsub", |peer| {
        let mut wire = peer.connect();
        wire.exchange(
            "SUBSCRIBE a b a\r\n",
            "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n\
             *3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:2\r\n\
             *3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:2\r\n",
        );
        wire.exchange("PSUBSCRIBE n*\r\n", "*3\r\n$10\r\npsubscribe\r\n$2\r\nn*\r\n:3\r\n");
        wire.exchange(
            "UNSUBSCRIBE b missing\r\n",
            "*3\r\n$11\r\nunsubscribe\r\n$1\r\nb\r\n:2\r\n\
             *3\r\n$11\r\nunsubscribe\r\n$7\r\nmissing\r\n:2\r\n",
        );
        wire.exchange("UNSUBSCRIBE\r\n", "*3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:1\r\n");
        wire.exchange("PUNSUBSCRIBE\r\n", "*3\r\n$12\r\npunsubscribe\r\n$2\r\nn*\r\n:0\r\n");
        // Nothing is left; the connection may do anything again.
        wire.exchange(
            "UNSUBSCRIBE\r\nPUNSUBSCRIBE\r\nGET key\r\n",
            "*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:0\r\n\
             *3\r\n$12\r\npunsubscribe\r\n$-1\r\n:0\r\n$-1\r\n",
        );
    });
}

#[test]
fn a_message_reaches_channels_and_patterns_and_is_counted() {
    on_every_peer("pubsub", |peer| {
        let mut one = peer.connect();
        let mut two = peer.connect();
        let mut publisher = peer.connect();
        one.exchange("SUBSCRIBE news.it\r\n", "*3\r\n$9\r\nsubscribe\r\n$7\r\nnews.it\r\n:1\r\n");
        two.exchange("PSUBSCRIBE news.*\r\n", "*3\r\n$10\r\npsubscribe\r\n$6\r\nnews.*\r\n:1\r\n");
        publisher.transcript(&[
            ("PUBLISH nobody hello", ":0\r\n"),
            ("PUBLISH news.it ciao", ":2\r\n"),
            ("PUBLISH news.fr salut", ":1\r\n"),
        ]);
        one.expect("*3\r\n$7\r\nmessage\r\n$7\r\nnews.it\r\n$4\r\nciao\r\n");
        two.expect(
            "*4\r\n$8\r\npmessage\r\n$6\r\nnews.*\r\n$7\r\nnews.it\r\n$4\r\nciao\r\n\
             *4\r\n$8\r\npmessage\r\n$6\r\nnews.*\r\n$7\r\nnews.fr\r\n$5\r\nsalut\r\n",
        );
        // One client may get a message twice: by its channel, then by its pattern.
        two.exchange("SUBSCRIBE news.it\r\n", "*3\r\n$9\r\nsubscribe\r\n$7\r\nnews.it\r\n:2\r\n");
        publisher.transcript(&[("PUBLISH news.it x", ":3\r\n")]);
        two.expect(
            "*3\r\n$7\r\nmessage\r\n$7\r\nnews.it\r\n$1\r\nx\r\n\
             *4\r\n$8\r\npmessage\r\n$6\r\nnews.*\r\n$7\r\nnews.it\r\n$1\r\nx\r\n",
        );
    });
}

#[test]
fn a_subscriber_is_held_to_its_few_commands() {
    let refusal = |name: &str| {
        format!(
            "-ERR Can't execute '{name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / \
             RESET are allowed in this context\r\n"
        )
    };
    on_every_peer("pubsub", |peer| {
        let mut wire = peer.connect();
        wire.exchange("SUBSCRIBE a\r\n", "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n");
        wire.transcript(&[
            ("GET key", &refusal("get")),
            ("PUBLISH a b", &refusal("publish")),
            ("CLIENT ID", &refusal("client|id")),
            ("HELLO 3", &refusal("hello")),
            // These two are looked at before the context is.
            ("GET", "-ERR wrong number of arguments for 'get' command\r\n"),
            ("NOPE", "-ERR unknown command 'NOPE', with args beginning with: \r\n"),
            ("PING", "*2\r\n$4\r\npong\r\n$0\r\n\r\n"),
            ("PING hi", "*2\r\n$4\r\npong\r\n$2\r\nhi\r\n"),
            ("RESET", "+RESET\r\n"),
            ("PING", "+PONG\r\n"),
            ("GET key", "$-1\r\n"),
            ("PUBLISH a gone", ":0\r\n"),
        ]);
        wire.exchange("SUBSCRIBE a\r\n", "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n");
        wire.send("QUIT\r\n");
        wire.expect_end("+OK\r\n");
    });
}

#[test]
fn pubsub_tells_who_listens() {
    on_every_peer("pubsub", |peer| {
        let mut wire = peer.connect();
        let mut one = peer.connect();
        let mut two = peer.connect();
        one.send(command(&["SUBSCRIBE", "alpha", "beta"]));
        one.reply();
        one.reply();
        two.send(command(&["SUBSCRIBE", "alpha"]));
        two.reply();
        two.send(command(&["PSUBSCRIBE", "x*", "y*"]));
        two.reply();
        two.reply();
        wire.transcript(&[
            (
                "PUBSUB NUMSUB alpha beta none",
                "*6\r\n$5\r\nalpha\r\n:2\r\n$4\r\nbeta\r\n:1\r\n$4\r\nnone\r\n:0\r\n",
            ),
            ("PUBSUB NUMSUB", "*0\r\n"),
            ("PUBSUB NUMPAT", ":2\r\n"),
            ("PUBSUB CHANNELS b*", "*1\r\n$4\r\nbeta\r\n"),
            ("PUBSUB CHANNELS z*", "*0\r\n"),
        ]);
        let all = wire.ask(&["PUBSUB", "CHANNELS"]);
        let mut names: Vec<String> = all.items.iter().map(|name| name.text()).collect();
        names.sort();
        assert_eq!(names, ["alpha", "beta"], "{}", peer.name());
    });
}

#[test]
fn a_subscriber_that_leaves_leaves_nothing_behind() {
    on_every_peer("pubsub", |peer| {
        let mut wire = peer.connect();
        let mut gone = peer.connect();
        gone.send("SUBSCRIBE a b\r\nPSUBSCRIBE c*\r\nQUIT\r\n");
        gone.read_to_end();
        wire.transcript(&[
            ("PUBSUB CHANNELS", "*0\r\n"),
            ("PUBSUB NUMPAT", ":0\r\n"),
            ("PUBLISH a x", ":0\r\n"),
        ]);
    });
}

#[test]
fn messages_and_replies_keep_their_order_in_a_pipeline() {
    on_every_peer("pubsub", |peer| {
        let mut subscriber = peer.connect();
        subscriber.exchange("SUBSCRIBE a\r\n", "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n");
        let mut publisher = peer.connect();
        let mut requests = Vec::new();
        let mut messages = String::new();
        for number in 0..1000 {
            let digits = number.to_string();
            requests.extend(command(&["PUBLISH", "a", &digits]));
            let length = digits.len();
            messages += &format!("*3\r\n$7\r\nmessage\r\n$1\r\na\r\n${length}\r\n{digits}\r\n");
        }
        publisher.exchange(requests, ":1\r\n".repeat(1000));
        subscriber.expect(messages);
    });
}
