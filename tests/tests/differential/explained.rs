//! The answers in which two servers must differ, and what of them is compared all the same.
//!
//! One table, which `kv-server/DIFFERENCES.md` shows to readers: a test holds the two together.

use tests::reply::Reply;

/// A kind of answer that is not compared byte by byte.
pub(crate) struct Explained {
    /// Whose answers: names, with a subcommand where only that one is meant.
    pub(crate) commands: &'static [&'static str],
    /// What may differ.
    pub(crate) what: &'static str,
    /// Why it must.
    pub(crate) why: &'static str,
    /// Whether two answers are the same but for that.
    pub(crate) same: fn(&[Reply], &[Reply]) -> bool,
}

pub(crate) const EXPLAINED: &[Explained] = &[
    Explained {
        commands: &["TTL", "EXPIRETIME", "LASTSAVE"],
        what: "up to five seconds",
        why: "One server is asked a moment after the other.",
        same: |left, right| each(left, right, |left, right| near(left, right, 5)),
    },
    Explained {
        commands: &["PTTL", "PEXPIRETIME"],
        what: "up to five seconds, in milliseconds",
        why: "One server is asked a moment after the other.",
        same: |left, right| each(left, right, |left, right| near(left, right, 5000)),
    },
    Explained {
        commands: &["TIME", "INFO", "DEBUG OBJECT", "COMMAND DOCS"],
        what: "all but the type of the answer",
        why: "They tell of the clock, the process and its memory, or are texts of our own.",
        same: |left, right| each(left, right, same_type),
    },
    Explained {
        commands: HELP,
        what: "the lines after the first",
        why: "They list what the server has, in its own words.",
        same: |left, right| {
            each(left, right, |left, right| left.items.first() == right.items.first())
        },
    },
    Explained {
        commands: &["CLIENT ID", "COMMAND COUNT", "MEMORY USAGE"],
        what: "the number",
        why: "Connections are counted, commands are fewer, rows have another layout.",
        same: |left, right| each(left, right, same_type),
    },
    Explained {
        commands: &["OBJECT IDLETIME", "OBJECT REFCOUNT"],
        what: "the number",
        why: "Redis shares small integers among keys, and values with the transaction that sets them.",
        same: |left, right| each(left, right, same_type),
    },
    Explained {
        commands: &["CLIENT LIST", "CLIENT INFO"],
        what: "the values of the fields",
        why: "Ids, ports, ages and buffers are each server's own.",
        same: |left, right| each(left, right, same_fields),
    },
    Explained {
        commands: &["KEYS", "SCAN", "PUBSUB CHANNELS", "PUBSUB SHARDCHANNELS"],
        what: "the order",
        why: "It is that of a hash table with a secret seed.",
        same: |left, right| each(left, right, |left, right| sorted(left) == sorted(right)),
    },
    Explained {
        commands: &["CONFIG GET"],
        what: "the order of the settings",
        why: "It is that of a hash table with a secret seed.",
        same: |left, right| each(left, right, |left, right| pairs(left) == pairs(right)),
    },
    Explained {
        commands: &["UNSUBSCRIBE", "SUNSUBSCRIBE"],
        what: "the order of the channels that are left",
        why: "It is that of a hash table with a secret seed.",
        same: |left, right| by_channel(left) == by_channel(right),
    },
    Explained {
        commands: &["RANDOMKEY"],
        what: "the key",
        why: "It is chosen by chance. A test of its own looks that it exists.",
        same: |left, right| each(left, right, |left, right| is_null(left) == is_null(right)),
    },
    Explained {
        commands: &["HELLO"],
        what: "the client's id",
        why: "It counts connections that no test made.",
        same: |left, right| each(left, right, |left, right| without_id(left) == without_id(right)),
    },
];

const HELP: &[&str] = &[
    "CLIENT HELP",
    "COMMAND HELP",
    "CONFIG HELP",
    "DEBUG HELP",
    "MEMORY HELP",
    "OBJECT HELP",
    "PUBSUB HELP",
];

/// What is known of a command's answers, if they may differ.
pub(crate) fn find(words: &[String]) -> Option<&'static Explained> {
    let named = |name: &&str| {
        let mut parts = name.split(' ');
        let first = parts.next().expect("split gives one part at least");
        words.first().is_some_and(|word| word.eq_ignore_ascii_case(first))
            && parts.next().is_none_or(|second| {
                words.get(1).is_some_and(|word| word.eq_ignore_ascii_case(second))
            })
    };
    EXPLAINED.iter().find(|explained| explained.commands.iter().any(named))
}

/// The table as DIFFERENCES.md has it.
fn as_markdown() -> String {
    let rows = EXPLAINED.iter().map(|explained| {
        let names = explained.commands.iter().map(|name| format!("`{name}`"));
        let names = names.collect::<Vec<String>>().join(", ");
        format!("| {names} | {} | {} |\n", explained.what, explained.why)
    });
    let head = "| answers to | may differ in | because |\n| --- | --- | --- |\n";
    head.to_owned() + &rows.collect::<String>()
}

/// Compares answers one by one; errors must be equal whatever else may differ.
fn each(left: &[Reply], right: &[Reply], same: impl Fn(&Reply, &Reply) -> bool) -> bool {
    let pair = |(left, right): (&Reply, &Reply)| {
        left == right || (left.kind != b'-' && right.kind != b'-' && same(left, right))
    };
    left.len() == right.len() && left.iter().zip(right).all(pair)
}

fn near(left: &Reply, right: &Reply, apart: u64) -> bool {
    let number = |reply: &Reply| match reply.kind {
        b':' => reply.text().parse::<i64>().ok(),
        _ => None,
    };
    match (number(left), number(right)) {
        // -1 and -2 are no times.
        (Some(left @ 0..), Some(right @ 0..)) => left.abs_diff(right) <= apart,
        _ => false,
    }
}

fn same_type(left: &Reply, right: &Reply) -> bool {
    left.kind == right.kind && is_null(left) == is_null(right)
}

fn is_null(reply: &Reply) -> bool {
    reply.kind == b'_' || reply.line == b"-1"
}

/// Lines of `field=value`: the names and their order.
fn same_fields(left: &Reply, right: &Reply) -> bool {
    let names = |reply: &Reply| -> Vec<String> {
        let text = reply.text();
        let name = |field: &str| field.split('=').next().unwrap_or_default().to_owned();
        text.lines().flat_map(|line| line.split(' ').map(name)).collect()
    };
    left.kind == right.kind && names(left) == names(right)
}

fn sorted(reply: &Reply) -> Reply {
    let mut reply = reply.clone();
    for item in &mut reply.items {
        *item = sorted(item);
    }
    // SCAN's cursor comes before its keys, and stays there.
    let scan = reply.items.len() == 2 && matches!(reply.items[1].kind, b'*' | b'~');
    if !scan {
        reply.items.sort_by_key(Reply::encode);
    }
    reply
}

fn pairs(reply: &Reply) -> Vec<Vec<u8>> {
    let pair = |pair: &[Reply]| pair.iter().flat_map(Reply::encode).collect();
    let mut pairs: Vec<Vec<u8>> = reply.items.chunks(2).map(pair).collect();
    pairs.sort();
    pairs
}

/// The channels that were left in order, while the counts stand where they are.
fn by_channel(replies: &[Reply]) -> Vec<Reply> {
    let mut replies = replies.to_vec();
    let mut channels: Vec<Reply> =
        replies.iter().filter_map(|reply| reply.items.get(1).cloned()).collect();
    channels.sort_by_key(Reply::encode);
    let mut channels = channels.into_iter();
    for reply in replies.iter_mut().filter(|reply| reply.items.len() > 1) {
        reply.items[1] = channels.next().expect("as many as there were");
    }
    replies
}

/// HELLO's answer but for the id.
pub(crate) fn without_id(reply: &Reply) -> Reply {
    let mut reply = reply.clone();
    let proto = reply.items.iter().position(|item| item.text() == "proto");
    if let Some(id) = proto.and_then(|at| reply.items.get_mut(at + 3)) {
        id.line = b"0".to_vec();
    }
    reply
}

#[test]
fn the_list_of_differences_is_the_one_that_is_compared_by() {
    let path = tests::binary::workspace().join("kv-server/DIFFERENCES.md");
    let text = std::fs::read_to_string(&path).expect("the list of differences is there");
    let table = as_markdown();
    assert!(text.contains(&table), "{} should have this table:\n{table}", path.display());
}
