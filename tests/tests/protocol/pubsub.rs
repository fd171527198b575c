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
fn shard_channels_are_counted_and_delivered_apart() {
    on_every_peer("sharded pubsub", |peer| {
        let mut one = peer.connect();
        let mut two = peer.connect();
        one.exchange("SUNSUBSCRIBE\r\n", "*3\r\n$12\r\nsunsubscribe\r\n$-1\r\n:0\r\n");
        one.exchange(
            "SSUBSCRIBE a b a\r\n",
            "*3\r\n$10\r\nssubscribe\r\n$1\r\na\r\n:1\r\n\
             *3\r\n$10\r\nssubscribe\r\n$1\r\nb\r\n:2\r\n\
             *3\r\n$10\r\nssubscribe\r\n$1\r\na\r\n:2\r\n",
        );
        one.exchange("SUBSCRIBE a\r\n", "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n");
        one.exchange("PSUBSCRIBE x*\r\n", "*3\r\n$10\r\npsubscribe\r\n$2\r\nx*\r\n:2\r\n");
        two.transcript(&[
            ("SPUBLISH a shard", ":1\r\n"),
            ("PUBLISH a channel", ":1\r\n"),
            ("SPUBLISH x1 nobody", ":0\r\n"),
            ("PUBSUB SHARDNUMSUB a c", "*4\r\n$1\r\na\r\n:1\r\n$1\r\nc\r\n:0\r\n"),
            ("PUBSUB SHARDNUMSUB", "*0\r\n"),
            ("PUBSUB SHARDCHANNELS b*", "*1\r\n$1\r\nb\r\n"),
            ("PUBSUB CHANNELS", "*1\r\n$1\r\na\r\n"),
            (
                "PUBSUB SHARDCHANNELS a b",
                "-ERR unknown subcommand or wrong number of arguments for 'SHARDCHANNELS'. \
                 Try PUBSUB HELP.\r\n",
            ),
        ]);
        assert_eq!(two.info("pubsubshard_channels"), "2", "{}", peer.name());
        let list = two.ask(&["CLIENT", "LIST", "TYPE", "pubsub"]).text();
        assert!(list.contains(" sub=1 psub=1 ssub=2 "), "{}: {list}", peer.name());
        one.expect(
            "*3\r\n$8\r\nsmessage\r\n$1\r\na\r\n$5\r\nshard\r\n\
             *3\r\n$7\r\nmessage\r\n$1\r\na\r\n$7\r\nchannel\r\n",
        );
    });
}

#[test]
fn a_shard_subscription_restricts_as_others_do() {
    on_every_peer("sharded pubsub", |peer| {
        let mut wire = peer.connect();
        wire.exchange("SSUBSCRIBE a\r\n", "*3\r\n$10\r\nssubscribe\r\n$1\r\na\r\n:1\r\n");
        let refusal = |name: &str| {
            format!(
                "-ERR Can't execute '{name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / \
                 QUIT / RESET are allowed in this context\r\n"
            )
        };
        wire.transcript(&[
            ("GET key", &refusal("get")),
            ("SPUBLISH a b", &refusal("spublish")),
            ("PING", "*2\r\n$4\r\npong\r\n$0\r\n\r\n"),
            ("UNSUBSCRIBE", "*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:0\r\n"),
            ("GET key", &refusal("get")),
            ("SUNSUBSCRIBE z", "*3\r\n$12\r\nsunsubscribe\r\n$1\r\nz\r\n:1\r\n"),
            ("SUNSUBSCRIBE", "*3\r\n$12\r\nsunsubscribe\r\n$1\r\na\r\n:0\r\n"),
            ("GET key", "$-1\r\n"),
            ("SSUBSCRIBE b", "*3\r\n$10\r\nssubscribe\r\n$1\r\nb\r\n:1\r\n"),
            ("RESET", "+RESET\r\n"),
            ("PUBSUB SHARDCHANNELS", "*0\r\n"),
        ]);
    });
}

#[test]
fn messages_to_oneself_are_pushes_before_the_reply_and_survive_silence() {
    on_every_peer("resp3 pubsub", |peer| {
        let mut wire = peer.connect();
        wire.ask(&["HELLO", "3"]);
        wire.exchange("SUBSCRIBE a\r\n", ">3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n");
        wire.exchange("PSUBSCRIBE a*\r\n", ">3\r\n$10\r\npsubscribe\r\n$2\r\na*\r\n:2\r\n");
        wire.exchange("SSUBSCRIBE a\r\n", ">3\r\n$10\r\nssubscribe\r\n$1\r\na\r\n:1\r\n");
        let message = ">3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n\
                       >4\r\n$8\r\npmessage\r\n$2\r\na*\r\n$1\r\na\r\n$1\r\nx\r\n";
        wire.exchange("PUBLISH a x\r\n", format!("{message}:2\r\n"));
        let shard = ">3\r\n$8\r\nsmessage\r\n$1\r\na\r\n$1\r\nx\r\n";
        wire.exchange("SPUBLISH a x\r\n", format!("{shard}:1\r\n"));
        // Without replies there still are messages and confirmations.
        wire.exchange(
            "CLIENT REPLY OFF\r\nPUBLISH a x\r\nGET key\r\nSSUBSCRIBE b\r\nCLIENT REPLY ON\r\n",
            format!("{message}>3\r\n$10\r\nssubscribe\r\n$1\r\nb\r\n:2\r\n+OK\r\n"),
        );
        wire.exchange("CLIENT REPLY SKIP\r\nSPUBLISH a x\r\nPING\r\n", format!("{shard}+PONG\r\n"));
        wire.exchange("UNSUBSCRIBE\r\n", ">3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:1\r\n");
        wire.exchange("UNSUBSCRIBE\r\n", ">3\r\n$11\r\nunsubscribe\r\n_\r\n:1\r\n");
        wire.exchange("PUNSUBSCRIBE\r\n", ">3\r\n$12\r\npunsubscribe\r\n$2\r\na*\r\n:0\r\n");
        wire.exchange(
            "SUNSUBSCRIBE a b\r\nSUNSUBSCRIBE\r\n",
            ">3\r\n$12\r\nsunsubscribe\r\n$1\r\na\r\n:1\r\n\
             >3\r\n$12\r\nsunsubscribe\r\n$1\r\nb\r\n:0\r\n\
             >3\r\n$12\r\nsunsubscribe\r\n_\r\n:0\r\n",
        );
    });
}

#[test]
fn a_message_goes_through_patterns_in_the_order_of_their_first_subscription() {
    // Redis takes the order of its hash table, which no client can rely on: ours alone.
    let server = tests::Server::start();
    let (mut one, mut two) = (server.connect(), server.connect());
    for pattern in ["n*", "*", "?ews", "new?", "[a-z]ews"] {
        one.ask(&["PSUBSCRIBE", pattern]);
        two.ask(&["PUBLISH", "none", "x"]);
    }
    two.ask(&["PUBLISH", "news", "hi"]);
    let mut patterns = Vec::new();
    while patterns.len() < 5 {
        let message = one.reply();
        if message.items[2].text() == "news" {
            patterns.push(message.items[1].text());
        }
    }
    assert_eq!(patterns, ["n*", "*", "?ews", "new?", "[a-z]ews"]);
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
