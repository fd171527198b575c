//! Two answers to one step: the same, but for what must differ?
//!
//! Most are equal byte for byte. Where they are not, they are taken apart: what lies between the
//! two marks of a command is compared as `explained.rs` says of it, all else must be equal. Marks
//! inside of a transaction's answer are found there.
//!
//! Two things belong to no command. The order in which several patterns of one client get one
//! message is that of a hash table in Redis. And where the messages come that a client's own
//! commands send to it: notifications of keys, and all that a transaction sends, come before,
//! after or inside the reply in Redis, depending on the command; their order is compared, their
//! place is not.

use tests::reply::Reply;

use crate::explained;
use crate::generate::{Step, mark};

/// Whether two answers to a step are the same, but for what must differ.
pub(crate) fn same(step: &Step, left: &[u8], right: &[u8]) -> bool {
    if left == right {
        return true;
    }
    let (Some(left), Some(right)) = (taken_apart(step, left), taken_apart(step, right)) else {
        return false;
    };
    left.1 == right.1 && same_replies(step, &left.0, &right.0)
}

/// Whether two answers to bytes that may be anything are the same, but for what must differ.
pub(crate) fn same_for_bytes(left: &[u8], right: &[u8]) -> bool {
    // A line of a mangled value may be a HELLO.
    let replies = |bytes: &[u8]| -> Option<Vec<Reply>> {
        Some(Reply::parse_all(bytes).ok()?.iter().map(explained::without_id).collect())
    };
    left == right || replies(left).is_some_and(|left| Some(left) == replies(right))
}

/// The first six of what COMMAND INFO tells of one command, with the flags in order. The rest is
/// ACL categories, hints, key specifications and subcommands: clients route by the first six.
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

/// The replies, and the messages that were taken out of them. `None` for what is no RESP.
fn taken_apart(step: &Step, mut bytes: &[u8]) -> Option<(Vec<Reply>, Vec<Reply>)> {
    let mut rest = Vec::new();
    let mut messages = Vec::new();
    let everything = step.has("EXEC");
    while !bytes.is_empty() {
        let (first, length) = Reply::parse(bytes).ok().flatten()?;
        let taken = message_on(&first).is_some_and(|on| everything || on.starts_with("__key"));
        if taken {
            messages.push(first);
            bytes = &bytes[length..];
            continue;
        }
        // Of an array its header alone: a message may be inside.
        let used = match first.items.as_slice() {
            [] => length,
            _ => first.line.len() + 3,
        };
        rest.extend_from_slice(&bytes[..used]);
        bytes = &bytes[used..];
    }
    let mut replies = flattened(Reply::parse_all(&rest).ok()?);
    sort_patterns(&mut replies);
    sort_patterns(&mut messages);
    Some((replies, messages))
}

/// The channel of a message.
fn message_on(reply: &Reply) -> Option<String> {
    let parts: Vec<String> = reply.items.iter().map(Reply::text).collect();
    match parts.as_slice() {
        [kind, channel, _] if kind == "message" || kind == "smessage" => Some(channel.clone()),
        [kind, _, channel, _] if kind == "pmessage" => Some(channel.clone()),
        _ => None,
    }
}

fn same_replies(step: &Step, left: &[Reply], right: &[Reply]) -> bool {
    let (mut left, mut right) = (left, right);
    while let ([first, rest @ ..], [other, other_rest @ ..]) = (left, right) {
        if first != other {
            return false;
        }
        (left, right) = (rest, other_rest);
        let Some(at) = begins(step, first) else {
            continue;
        };
        let Some(explained) = explained::find(&step.commands[at]) else {
            return false;
        };
        let (between, after) = until_mark(left, at);
        let (other_between, other_after) = until_mark(right, at);
        if between != other_between && !(explained.same)(between, other_between) {
            return false;
        }
        (left, right) = (after, other_after);
    }
    left.is_empty() && right.is_empty()
}

/// Replaces a transaction's answer by its header and its items, if there are marks among these.
///
/// Only so are marks found in pairs: SUBSCRIBE in a transaction gives more replies than one, and
/// the last of all replies then come after the array in which they should be.
fn flattened(replies: Vec<Reply>) -> Vec<Reply> {
    let has_mark = |reply: &Reply| {
        reply.items.iter().any(|item| text_of_ping(item).starts_with("mark "))
            && !text_of_ping(reply).starts_with("mark ")
    };
    let flat = |mut reply: Reply| match has_mark(&reply) {
        true => {
            let items = std::mem::take(&mut reply.items);
            [vec![reply], flattened(items)].concat()
        }
        false => vec![reply],
    };
    replies.into_iter().flat_map(flat).collect()
}

/// The replies before the second mark of a command, and that mark with those that follow.
fn until_mark(replies: &[Reply], at: usize) -> (&[Reply], &[Reply]) {
    let end = mark(at, "after");
    let found = replies.iter().position(|reply| text_of_ping(reply) == end);
    replies.split_at(found.unwrap_or(replies.len()))
}

/// Which command's first mark this is.
fn begins(step: &Step, reply: &Reply) -> Option<usize> {
    let text = text_of_ping(reply);
    let at = text.strip_prefix("mark ")?.strip_suffix(" before")?.parse().ok()?;
    (at < step.commands.len()).then_some(at)
}

/// PING answers with its text, or as an array to one who is subscribed.
fn text_of_ping(reply: &Reply) -> String {
    match reply.items.as_slice() {
        [pong, text] if pong.text() == "pong" => text.text(),
        _ => reply.text(),
    }
}

fn sort_patterns(replies: &mut [Reply]) {
    let is_pattern =
        |reply: &Reply| reply.items.first().map(Reply::text) == Some("pmessage".into());
    let same_message = |one: &Reply, two: &Reply| {
        is_pattern(one) && is_pattern(two) && one.items[2..] == two.items[2..]
    };
    for run in replies.chunk_by_mut(same_message) {
        run.sort_by_key(Reply::encode);
    }
}

#[cfg(test)]
mod claims {
    use super::*;

    fn same_for(words: &str, left: &str, right: &str) -> bool {
        let commands = vec![words.split(' ').map(str::to_owned).collect()];
        let step = Step { client: 0, commands, raw: "" };
        let marked = |answer: &str| {
            let bulk = |text: String| format!("${}\r\n{text}\r\n", text.len());
            match explained::find(&step.commands[0]) {
                Some(_) => bulk(mark(0, "before")) + answer + &bulk(mark(0, "after")),
                None => answer.to_owned(),
            }
        };
        let transaction = |answer: &str| {
            let items = Reply::parse_all(marked(answer).as_bytes()).expect("RESP").len();
            format!("*{items}\r\n{}", marked(answer))
        };
        let alone = same(&step, marked(left).as_bytes(), marked(right).as_bytes());
        let within = same(&step, transaction(left).as_bytes(), transaction(right).as_bytes());
        assert_eq!(alone, within, "{words}");
        alone
    }

    #[test]
    fn only_what_must_differ_is_set_aside() {
        let (ab, ba) = ("*2\r\n+a\r\n+b\r\n", "*2\r\n+b\r\n+a\r\n");
        assert!(same_for("KEYS *", ab, ba));
        assert!(!same_for("MGET x y", ab, ba));
        assert!(!same_for("KEYS *", ab, "*2\r\n+a\r\n+c\r\n"));
        assert!(same_for(
            "SCAN 0",
            "*2\r\n+0\r\n*2\r\n+a\r\n+b\r\n",
            "*2\r\n+0\r\n*2\r\n+b\r\n+a\r\n"
        ));
        assert!(same_for("TTL a", ":100\r\n", ":99\r\n"));
        assert!(!same_for("TTL a", ":1\r\n", ":-1\r\n"));
        assert!(!same_for("TTL a", ":100\r\n", ":90\r\n"));
        assert!(same_for("PTTL a", ":100000\r\n", ":99000\r\n"));
        assert!(!same_for("INCR a", ":100\r\n", ":99\r\n"));
        assert!(!same_for("GET a", "+OK\r\n", "+OK\r\n+OK\r\n"));
        assert!(!same_for("INFO", "-ERR one\r\n", "-ERR two\r\n"));
        assert!(same_for("RANDOMKEY", "+a\r\n", "+b\r\n"));
        assert!(!same_for("RANDOMKEY", "$-1\r\n", "$1\r\nb\r\n"));
        let left = |one: &str, two: &str| {
            format!("*3\r\n+unsubscribe\r\n+{one}\r\n:1\r\n*3\r\n+unsubscribe\r\n+{two}\r\n:0\r\n")
        };
        assert!(same_for("UNSUBSCRIBE", &left("a", "b"), &left("b", "a")));
        assert!(!same_for("UNSUBSCRIBE", &left("a", "b"), &left("b", "c")));
    }
}
