//! What is set aside before two answers are compared, each for a reason.
//!
//! - The order of KEYS, PUBSUB CHANNELS and UNSUBSCRIBE without a channel: a hash table's.
//! - The order in which several patterns of one client get one message: a hash table's too.
//! - The id in HELLO: a counter that also counts connections that no test made.
//! - TTL and PTTL: the second server is asked a moment after the first. What they may differ
//!   by is told by the caller.
//! - In COMMAND INFO, all after the sixth element (ACL categories, hints, key
//!   specifications, subcommands): we have no ACL, and clients route by the first six.

use tests::command;
use tests::reply::Reply;

use crate::generate::Step;

/// How many seconds the answers to TTL may lie apart, and those to PTTL.
const CLOCKS_APART: i64 = 5;

/// Whether two answers to a step are the same, but for what must differ.
pub(crate) fn same(step: &Step, left: &[u8], right: &[u8]) -> bool {
    if left == right {
        return true;
    }
    let (Ok(mut left), Ok(mut right)) = (Reply::parse_all(left), Reply::parse_all(right)) else {
        return false;
    };
    set_aside(step, &mut left);
    set_aside(step, &mut right);
    let apart = match (step.has("PTTL"), step.has("TTL")) {
        (true, _) => 1000 * CLOCKS_APART,
        (false, true) => CLOCKS_APART,
        (false, false) => 0,
    };
    let close = |pair: (&Reply, &Reply)| pair.0 == pair.1 || near(pair.0, pair.1, apart);
    left.len() == right.len() && left.iter().zip(&right).all(close)
}

/// Whether two answers to bytes that may be anything are the same, but for what must differ.
pub(crate) fn same_for_bytes(left: &[u8], right: &[u8]) -> bool {
    let nothing = Step { client: 0, commands: Vec::new(), raw: "" };
    same(&nothing, left, right)
}

/// The first six of what COMMAND INFO tells of one command, with the flags in order.
pub(crate) fn described(reply: &Reply) -> String {
    let Some(command) = reply.items.first() else {
        return "nothing".to_owned();
    };
    let parts = command.items.iter().take(6).map(|part| {
        let mut flags: Vec<String> = part.items.iter().map(Reply::text).collect();
        flags.sort();
        match part.kind {
            b'*' | b'~' => format!("[{}]", flags.join(" ")),
            _ => part.text(),
        }
    });
    parts.collect::<Vec<String>>().join(" ")
}

/// What a server says to a name that it lacks and the other one has.
pub(crate) fn is_unknown_command(answer: &[u8], names: &[String]) -> bool {
    let answer = String::from_utf8_lossy(answer).to_lowercase();
    names.iter().any(|name| answer.contains(&format!("-err unknown command '{name}'")))
}

/// The commands that Redis has and we have not, subcommands apart.
pub(crate) fn missing(oracle: &mut tests::Wire, ours: &mut tests::Wire) -> Vec<String> {
    let names = |wire: &mut tests::Wire| -> Vec<String> {
        wire.send(command(&["COMMAND", "LIST"]));
        wire.reply().items.iter().map(Reply::text).collect()
    };
    let ours = names(ours);
    let mut theirs = names(oracle);
    theirs.retain(|name| !ours.contains(name) && !name.contains('|'));
    theirs
}

fn set_aside(step: &Step, replies: &mut [Reply]) {
    // Those whose answers have no order of their own come alone in their step.
    let unordered = step.commands.len() == 1 && (step.has("KEYS") || step.has("PUBSUB"));
    for reply in replies.iter_mut() {
        if unordered && !is_pairs(reply) {
            reply.items.sort_by_key(Reply::encode);
        }
        if let Some(at) = reply.items.iter().position(|item| item.text() == "proto")
            && let Some(id) = reply.items.get_mut(at + 3)
        {
            id.line = b"0".to_vec();
        }
    }
    if step.has("UNSUBSCRIBE") {
        sort_channels(replies);
    }
    let is_pattern =
        |reply: &Reply| reply.items.first().map(Reply::text) == Some("pmessage".into());
    let same_message = |one: &Reply, two: &Reply| {
        is_pattern(one) && is_pattern(two) && one.items[2..] == two.items[2..]
    };
    for run in replies.chunk_by_mut(same_message) {
        run.sort_by_key(Reply::encode);
    }
}

/// NUMSUB's answer: names and counts, in the order of the question.
fn is_pairs(reply: &Reply) -> bool {
    reply.items.iter().any(|item| item.kind == b':')
}

/// Sorts the channels that were left, and lets the counts stand where they are.
fn sort_channels(replies: &mut [Reply]) {
    let is_left =
        |reply: &Reply| reply.items.first().map(Reply::text) == Some("unsubscribe".into());
    let left = replies.iter().filter(|reply| is_left(reply));
    let mut channels: Vec<Reply> = left.map(|reply| reply.items[1].clone()).collect();
    channels.sort_by_key(Reply::encode);
    let mut channels = channels.into_iter();
    for reply in replies.iter_mut().filter(|reply| is_left(reply)) {
        reply.items[1] = channels.next().expect("as many as there were");
    }
}

fn near(left: &Reply, right: &Reply, apart: i64) -> bool {
    let number = |reply: &Reply| match reply.kind {
        b':' => reply.text().parse::<i64>().ok(),
        _ => None,
    };
    match (number(left), number(right)) {
        (Some(left), Some(right)) => left > 0 && right > 0 && left.abs_diff(right) <= apart as u64,
        _ => false,
    }
}

#[cfg(test)]
mod claims {
    use super::*;

    fn same_for(words: &str, left: &str, right: &str) -> bool {
        let step = Step {
            client: 0,
            commands: vec![words.split(' ').map(str::to_owned).collect()],
            raw: "",
        };
        same(&step, left.as_bytes(), right.as_bytes())
    }

    #[test]
    fn only_what_must_differ_is_set_aside() {
        let (ab, ba) = ("*2\r\n+a\r\n+b\r\n", "*2\r\n+b\r\n+a\r\n");
        assert!(same_for("KEYS *", ab, ba));
        assert!(!same_for("MGET x y", ab, ba));
        assert!(!same_for("KEYS *", ab, "*2\r\n+a\r\n+c\r\n"));
        assert!(same_for("TTL a", ":100\r\n", ":99\r\n"));
        assert!(!same_for("TTL a", ":1\r\n", ":-1\r\n"));
        assert!(!same_for("TTL a", ":100\r\n", ":90\r\n"));
        assert!(same_for("PTTL a", ":100000\r\n", ":99000\r\n"));
        assert!(!same_for("INCR a", ":100\r\n", ":99\r\n"));
        assert!(!same_for("GET a", "+OK\r\n", "+OK\r\n+OK\r\n"));
        let left = |one: &str, two: &str| {
            format!("*3\r\n+unsubscribe\r\n+{one}\r\n:1\r\n*3\r\n+unsubscribe\r\n+{two}\r\n:0\r\n")
        };
        assert!(same_for("UNSUBSCRIBE", &left("a", "b"), &left("b", "a")));
        assert!(!same_for("UNSUBSCRIBE", &left("a", "b"), &left("b", "c")));
    }
}
