//! The conversation itself: PING, HELLO, RESET, CLIENT.

use super::{Bench, NULL, OK, SYNTAX};
use crate::clients::Ending;

#[test]
fn ping_and_echo_answer() {
    let mut bench = Bench::new();
    let slot = bench.client();
    bench.dialogue(
        slot,
        &[
            ("PING", "+PONG\r\n"),
            ("PING hi", "$2\r\nhi\r\n"),
            ("PING a b", "-ERR wrong number of arguments for 'ping' command\r\n"),
            ("ECHO hi", "$2\r\nhi\r\n"),
        ],
    );
}

fn introduction(protocol: u8, id: u8) -> String {
    let map = if protocol == 2 { "*14" } else { "%7" };
    format!(
        "{map}\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$6\r\n7.0.15\r\n$5\r\nproto\r\n\
         :{protocol}\r\n$2\r\nid\r\n:{id}\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n\
         $6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n"
    )
}

#[test]
fn hello_changes_the_protocol_and_says_what_is_wrong() {
    let mut bench = Bench::new();
    let slot = bench.client();
    let wrong_password = "-WRONGPASS invalid username-password pair or user is disabled.\r\n";
    bench.dialogue(
        slot,
        &[
            ("HELLO", &introduction(2, 1)),
            ("HELLO 4", "-NOPROTO unsupported protocol version\r\n"),
            ("HELLO x", "-ERR Protocol version is not an integer or out of range\r\n"),
            ("HELLO 3 FOO", "-ERR Syntax error in HELLO option 'FOO'\r\n"),
            ("HELLO 3 AUTH a", "-ERR Syntax error in HELLO option 'AUTH'\r\n"),
            ("HELLO 3 AUTH a b", wrong_password),
            ("GET none", NULL),
            ("HELLO 3 AUTH default any SETNAME me", &introduction(3, 1)),
            ("CLIENT GETNAME", "$2\r\nme\r\n"),
            ("GET none", "_\r\n"),
            ("HELLO", &introduction(3, 1)),
            ("HELLO 2", &introduction(2, 1)),
            ("GET none", NULL),
            ("AUTH default any", OK),
            ("AUTH a b", wrong_password),
            ("AUTH a b c", SYNTAX),
        ],
    );
}

#[test]
fn reset_makes_everything_as_it_was() {
    let mut bench = Bench::new();
    let slot = bench.client();
    bench.call(slot, "HELLO 3 SETNAME me");
    bench.call(slot, "SELECT 3");
    bench.call(slot, "SUBSCRIBE news");
    bench.call(slot, "PSUBSCRIBE n*");
    bench.dialogue(
        slot,
        &[
            ("RESET", "+RESET\r\n"),
            ("CLIENT GETNAME", NULL),
            ("PUBSUB CHANNELS", "*0\r\n"),
            ("PUBSUB NUMPAT", ":0\r\n"),
        ],
    );
    let line = bench.call(slot, "CLIENT INFO");
    assert!(line.contains(" db=0 sub=0 psub=0 ") && line.contains(" resp=2\n"), "{line}");
}

#[test]
fn a_client_that_wants_no_replies_gets_none() {
    let mut bench = Bench::new();
    let slot = bench.client();
    bench.dialogue(
        slot,
        &[
            ("CLIENT REPLY SKIP", ""),
            ("PING", ""),
            ("PING", "+PONG\r\n"),
            ("CLIENT REPLY OFF", ""),
            ("PING", ""),
            ("FOO", ""),
            ("CLIENT REPLY SKIP", ""),
            ("PING", ""),
            ("PING", ""),
            ("CLIENT REPLY ON", OK),
            ("PING", "+PONG\r\n"),
            ("CLIENT REPLY OFF", ""),
            ("RESET", "+RESET\r\n"),
            ("CLIENT REPLY MAYBE", SYNTAX),
        ],
    );
}

#[test]
fn exec_is_answered_though_it_asks_that_the_next_be_skipped() {
    let mut bench = Bench::new();
    let slot = bench.client();
    let queued = "+QUEUED\r\n";
    bench.dialogue(
        slot,
        &[
            ("MULTI", OK),
            ("PING", queued),
            ("CLIENT REPLY SKIP", queued),
            ("EXEC", "*2\r\n+PONG\r\n"),
            ("PING", ""),
            ("PING", "+PONG\r\n"),
        ],
    );
}

#[test]
fn replies_are_off_but_messages_come() {
    let mut bench = Bench::new();
    let slot = bench.client();
    bench.call(slot, "HELLO 3");
    bench.dialogue(
        slot,
        &[
            ("CLIENT REPLY OFF", ""),
            ("SUBSCRIBE a", ">3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n"),
            ("PUBLISH a hi", ">3\r\n$7\r\nmessage\r\n$1\r\na\r\n$2\r\nhi\r\n"),
        ],
    );
}

#[test]
fn names_keep_lines_intact() {
    let mut bench = Bench::new();
    let slot = bench.client();
    let invalid = "-ERR Client names cannot contain spaces, newlines or special characters.\r\n";
    bench.dialogue(
        slot,
        &[
            ("CLIENT GETNAME", NULL),
            ("CLIENT SETNAME 'a b'", invalid),
            (r#"CLIENT SETNAME "a\nb""#, invalid),
            ("CLIENT SETNAME me", OK),
            ("CLIENT GETNAME", "$2\r\nme\r\n"),
            ("CLIENT SETNAME ''", OK),
            ("CLIENT GETNAME", NULL),
        ],
    );
}

#[test]
fn client_list_chooses_by_type_and_id() {
    let mut bench = Bench::new();
    let (first, second) = (bench.client(), bench.client());
    bench.call(second, "SUBSCRIBE a");
    let ids = |text: String| -> Vec<String> {
        let lines = text.lines().filter_map(|line| line.strip_prefix("id="));
        lines.filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
    };
    for (line, expected) in [
        ("CLIENT LIST", &["1", "2"][..]),
        ("CLIENT LIST TYPE normal", &["1"]),
        ("CLIENT LIST TYPE PUBSUB", &["2"]),
        ("CLIENT LIST TYPE master", &[]),
        ("CLIENT LIST ID 2 1 9 2", &["2", "1", "2"]),
        ("CLIENT INFO", &["1"]),
    ] {
        assert_eq!(ids(bench.call(first, line)), expected, "{line}");
    }
    bench.dialogue(
        first,
        &[
            ("CLIENT LIST FOO", SYNTAX),
            ("CLIENT LIST TYPE foo", "-ERR Unknown client type 'foo'\r\n"),
            ("CLIENT LIST ID x", "-ERR Invalid client ID\r\n"),
        ],
    );
}

#[test]
fn kill_ends_those_who_fulfil_every_filter() {
    let mut bench = Bench::new();
    let slots = [(); 4].map(|()| bench.client());
    bench.call(slots[3], "SUBSCRIBE a");
    let caller = slots[0];
    bench.dialogue(
        caller,
        &[
            ("CLIENT KILL 1.2.3.4:5", "-ERR No such client\r\n"),
            ("CLIENT KILL ID 0", "-ERR client-id should be greater than 0\r\n"),
            ("CLIENT KILL ID x", "-ERR client-id should be greater than 0\r\n"),
            ("CLIENT KILL TYPE foo", "-ERR Unknown client type 'foo'\r\n"),
            ("CLIENT KILL USER foo", "-ERR No such user 'foo'\r\n"),
            ("CLIENT KILL SKIPME maybe", SYNTAX),
            ("CLIENT KILL ID 2 TYPE pubsub", ":0\r\n"),
            ("CLIENT KILL ID 2", ":1\r\n"),
            ("CLIENT KILL ID 2", ":0\r\n"),
            ("CLIENT KILL ID 1", ":0\r\n"),
            ("CLIENT KILL TYPE pubsub", ":1\r\n"),
            ("CLIENT KILL ADDR 127.0.0.1:50000", ":1\r\n"),
            ("CLIENT KILL ID 1 SKIPME no", ":1\r\n"),
        ],
    );
    let endings = slots.map(|slot| bench.state.clients[slot].ending);
    assert_eq!(endings, [Ending::AfterReplies, Ending::Now, Ending::Now, Ending::Now]);
}

#[test]
fn who_is_killed_is_found_no_more() {
    let mut bench = Bench::new();
    let (killed, caller) = (bench.client(), bench.client());
    bench.call(killed, "SUBSCRIBE a");
    bench.call(killed, "PSUBSCRIBE a*");
    bench.dialogue(
        caller,
        &[
            ("PUBLISH a x", ":2\r\n"),
            ("CLIENT KILL ID 1", ":1\r\n"),
            ("PUBLISH a x", ":0\r\n"),
            ("PUBSUB CHANNELS", "*0\r\n"),
            ("PUBSUB NUMPAT", ":0\r\n"),
            ("CLIENT LIST ID 1", "$0\r\n\r\n"),
        ],
    );
}

#[test]
fn quit_ends_after_its_reply() {
    let mut bench = Bench::new();
    let slot = bench.client();
    bench.dialogue(slot, &[("QUIT", OK)]);
    assert_eq!(bench.state.clients[slot].ending, Ending::AfterReplies);
}
