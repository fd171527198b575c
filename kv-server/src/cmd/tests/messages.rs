//! Publish and subscribe.

use super::{Bench, NULL};

#[test]
fn each_name_is_confirmed_with_the_count_of_all() {
    let mut bench = Bench::new();
    let slot = bench.client();
    bench.dialogue(
        slot,
        &[
            (
                "SUBSCRIBE a b a",
                "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n*3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:2\r\n\
                 *3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:2\r\n",
            ),
            ("PSUBSCRIBE a", "*3\r\n$10\r\npsubscribe\r\n$1\r\na\r\n:3\r\n"),
            ("UNSUBSCRIBE x", "*3\r\n$11\r\nunsubscribe\r\n$1\r\nx\r\n:3\r\n"),
            ("UNSUBSCRIBE b", "*3\r\n$11\r\nunsubscribe\r\n$1\r\nb\r\n:2\r\n"),
            ("UNSUBSCRIBE", "*3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:1\r\n"),
            ("UNSUBSCRIBE", "*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:1\r\n"),
            ("PUNSUBSCRIBE", "*3\r\n$12\r\npunsubscribe\r\n$1\r\na\r\n:0\r\n"),
            ("PUNSUBSCRIBE", "*3\r\n$12\r\npunsubscribe\r\n$-1\r\n:0\r\n"),
            ("GET a", NULL),
        ],
    );
}

#[test]
fn a_subscribed_resp2_client_may_do_little_else() {
    let mut bench = Bench::new();
    let slot = bench.client();
    bench.call(slot, "SUBSCRIBE a");
    let refusal = |name: &str| {
        format!(
            "-ERR Can't execute '{name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / \
             RESET are allowed in this context\r\n"
        )
    };
    bench.dialogue(
        slot,
        &[
            ("GET a", &refusal("get")),
            ("CLIENT LIST", &refusal("client|list")),
            ("PUBLISH a b", &refusal("publish")),
            ("GET", "-ERR wrong number of arguments for 'get' command\r\n"),
            ("FOO", "-ERR unknown command 'FOO', with args beginning with: \r\n"),
            ("PING", "*2\r\n$4\r\npong\r\n$0\r\n\r\n"),
            ("PING x", "*2\r\n$4\r\npong\r\n$1\r\nx\r\n"),
            ("RESET", "+RESET\r\n"),
            ("GET a", NULL),
        ],
    );
}

#[test]
fn a_subscribed_resp3_client_may_do_everything() {
    let mut bench = Bench::new();
    let slot = bench.client();
    bench.call(slot, "HELLO 3");
    bench.dialogue(
        slot,
        &[
            ("SUBSCRIBE a", ">3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n"),
            ("GET a", "_\r\n"),
            ("PING", "+PONG\r\n"),
            ("UNSUBSCRIBE a", ">3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:0\r\n"),
            ("UNSUBSCRIBE", ">3\r\n$11\r\nunsubscribe\r\n_\r\n:0\r\n"),
        ],
    );
}

#[test]
fn a_message_reaches_everybody_in_their_own_protocol() {
    let mut bench = Bench::new();
    let [old, new, by_pattern, publisher] = [(); 4].map(|()| bench.client());
    bench.call(old, "SUBSCRIBE news");
    bench.call(new, "HELLO 3");
    bench.call(new, "SUBSCRIBE news");
    bench.call(by_pattern, "PSUBSCRIBE n* x*");
    bench.dialogue(publisher, &[("PUBLISH news hi", ":3\r\n"), ("PUBLISH other hi", ":0\r\n")]);
    let message = "3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$2\r\nhi\r\n";
    assert_eq!(bench.received(old), format!("*{message}"));
    assert_eq!(bench.received(new), format!(">{message}"));
    assert_eq!(
        bench.received(by_pattern),
        "*4\r\n$8\r\npmessage\r\n$2\r\nn*\r\n$4\r\nnews\r\n$2\r\nhi\r\n"
    );
    assert_eq!(bench.received(publisher), "");
}

#[test]
fn who_is_subscribed_twice_gets_it_twice() {
    let mut bench = Bench::new();
    let (subscriber, publisher) = (bench.client(), bench.client());
    bench.call(subscriber, "SUBSCRIBE a");
    bench.call(subscriber, "PSUBSCRIBE *");
    bench.dialogue(publisher, &[("PUBLISH a x", ":2\r\n")]);
    assert_eq!(
        bench.received(subscriber),
        "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n\
         *4\r\n$8\r\npmessage\r\n$1\r\n*\r\n$1\r\na\r\n$1\r\nx\r\n"
    );
}

#[test]
fn a_message_to_oneself_comes_before_the_reply() {
    let mut bench = Bench::new();
    let slot = bench.client();
    bench.call(slot, "HELLO 3");
    bench.call(slot, "SUBSCRIBE a");
    bench.dialogue(slot, &[("PUBLISH a x", ">3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n:1\r\n")]);
}

#[test]
fn a_message_to_oneself_is_never_within_another_reply() {
    // Redis 7.0 puts it into the middle of the array. What was not asked for stands alone in RESP3.
    let mut bench = Bench::new();
    let slot = bench.client();
    for line in ["HELLO 3", "SUBSCRIBE a", "MULTI", "PING", "PUBLISH a x"] {
        bench.call(slot, line);
    }
    bench.dialogue(
        slot,
        &[("EXEC", ">3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n*2\r\n+PONG\r\n:1\r\n")],
    );
}

#[test]
fn a_transaction_keeps_within_the_output_limit() {
    let mut bench = Bench::new();
    let slot = bench.client();
    bench.call(slot, "CONFIG SET client-output-buffer-limit 'pubsub 10kb 0 0'");
    bench.call(slot, "HELLO 3");
    bench.call(slot, "SUBSCRIBE a");
    let value = "v".repeat(1000);
    let publish = format!("PUBLISH a {value}");
    for (line, fits) in [(&publish, 9), (&format!("ECHO {value}"), 9)] {
        bench.call(slot, "MULTI");
        for _ in 0..fits {
            bench.call(slot, line);
        }
        let told = bench.call(slot, "EXEC");
        assert!((9_000..10_240).contains(&told.len()), "{} bytes for {line:.7}", told.len());
    }
    bench.state.remove(slot);
    // Neither messages nor replies gather beyond it, and all that was queued runs.
    for line in [&publish, &format!("SUBSCRIBE {}", "b".repeat(1000)), &format!("ECHO {value}")] {
        let slot = bench.client();
        bench.call(slot, "HELLO 3");
        bench.call(slot, "SUBSCRIBE a");
        bench.call(slot, "MULTI");
        for _ in 0..100 {
            bench.call(slot, line);
        }
        bench.call(slot, "SET last done");
        let cut_off = bench.state.stats.slow_clients;
        assert_eq!(bench.call(slot, "EXEC"), "", "for {line:.9}");
        assert_eq!(bench.state.clients[slot].ending, crate::clients::Ending::Now);
        assert_eq!(bench.state.clients[slot].outbox.backlog(), 0);
        assert_eq!(bench.state.stats.slow_clients, cut_off + 1);
        bench.state.remove(slot);
        let other = bench.client();
        bench.dialogue(other, &[("GETDEL last", "$4\r\ndone\r\n")]);
    }
}

#[test]
fn what_a_transaction_publishes_to_its_caller_comes_in_order() {
    let mut bench = Bench::new();
    let slot = bench.client();
    for line in ["MULTI", "SUBSCRIBE a", "PUBLISH a x", "PUBLISH a y", "SUBSCRIBE b", "PUBLISH b z"]
    {
        bench.call(slot, line);
    }
    let subscribed = |name, count| format!("*3\r\n$9\r\nsubscribe\r\n$1\r\n{name}\r\n:{count}\r\n");
    let message = |name, text| format!("*3\r\n$7\r\nmessage\r\n$1\r\n{name}\r\n$1\r\n{text}\r\n");
    let expected = [
        "*5\r\n".to_owned(),
        subscribed("a", 1),
        message("a", "x"),
        message("a", "y"),
        ":1\r\n:1\r\n".to_owned(),
        subscribed("b", 2),
        message("b", "z"),
        ":1\r\n".to_owned(),
    ];
    assert_eq!(bench.call(slot, "EXEC"), expected.concat());
}

#[test]
fn pubsub_tells_who_listens() {
    let mut bench = Bench::new();
    let [first, second, caller] = [(); 3].map(|()| bench.client());
    bench.call(first, "SUBSCRIBE a b");
    bench.call(second, "SUBSCRIBE b");
    bench.call(second, "PSUBSCRIBE x* y*");
    bench.dialogue(
        caller,
        &[
            ("PUBSUB NUMSUB b none", "*4\r\n$1\r\nb\r\n:2\r\n$4\r\nnone\r\n:0\r\n"),
            ("PUBSUB NUMSUB", "*0\r\n"),
            ("PUBSUB NUMPAT", ":2\r\n"),
            ("PUBSUB CHANNELS a*", "*1\r\n$1\r\na\r\n"),
            (
                "PUBSUB CHANNELS a b",
                "-ERR unknown subcommand or wrong number of arguments for 'CHANNELS'. \
                 Try PUBSUB HELP.\r\n",
            ),
        ],
    );
    bench.state.remove(first);
    bench.state.remove(second);
    bench.dialogue(caller, &[("PUBSUB CHANNELS", "*0\r\n"), ("PUBSUB NUMPAT", ":0\r\n")]);
}
