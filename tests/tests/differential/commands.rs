//! The commands that are sent, a line each: how often, the name, and what each argument is.
//!
//! A word in capitals stands for itself, as one after `=` does; one in small letters is a kind of
//! argument. `x?` may be left out, `x+` comes one to three times. A line whose command only one of the servers has
//! is left out, so that the table may be ahead of ours.

use tests::{Server, command};

const STRINGS: &str = "
    30 GET key
    20 SET key value
    30 SET key value option+
     8 SETNX key value
     3 SETEX key seconds value
     3 PSETEX key millis value
     6 GETSET key value
     6 GETDEL key
     8 GETEX key getex?
     4 GETEX key getex getex
     8 APPEND key value
     8 STRLEN key
    10 MGET key+
    10 MSET pair+
     6 MSETNX pair+
    10 INCR key
    10 DECR key
    14 INCRBY key integer
     8 DECRBY key integer
    14 INCRBYFLOAT key float
     8 GETRANGE key index index
     3 SUBSTR key index index
     8 SETRANGE key place value
     2 LCS key key lcs?
     2 LCS key key lcs lcs
";

const BITS: &str = "
     6 SETBIT key bitplace bit
     6 GETBIT key bitplace
     4 BITCOUNT key
     6 BITCOUNT key index index unit?
     2 BITCOUNT key index
     6 BITPOS key bit
     3 BITPOS key bit index
     6 BITPOS key bit index index unit?
     6 BITOP bitop key key+
     8 BITFIELD key field+
     3 BITFIELD key
     4 BITFIELD_RO key fieldget+
     1 BITFIELD_RO key field+
";

const KEYS: &str = "
    10 DEL key+
     8 UNLINK key+
    10 EXISTS key+
     5 TOUCH key+
     8 TYPE key
     8 KEYS pattern
     6 RENAME key key
     6 RENAMENX key key
     6 COPY key key copy?
     4 COPY key key copy copy
     6 MOVE key database
     1 MOVE key integer
     2 SWAPDB database database
     1 SWAPDB integer database
     6 DBSIZE
     3 RANDOMKEY
     6 OBJECT ENCODING key
     2 OBJECT REFCOUNT key
     2 OBJECT IDLETIME key
     2 OBJECT FREQ key
     1 OBJECT HELP
     2 OBJECT word key?
     2 SCAN cursor scan?
     6 SCAN 0 COUNT 1000000
     3 SCAN 0 COUNT 1000000 scan
     3 SELECT database
     2 SELECT integer
     1 FLUSHALL
     1 FLUSHDB
     1 FLUSHALL ASYNC
     1 FLUSHDB SYNC
     1 FLUSHDB word
     1 FLUSHALL SYNC ASYNC
";

const TIMES: &str = "
     8 EXPIRE key seconds condition?
     4 EXPIRE key seconds condition condition
     4 EXPIRE key past condition?
     5 PEXPIRE key millis condition?
     1 PEXPIRE key past
     5 EXPIREAT key date condition?
     5 PEXPIREAT key datemillis condition?
     1 PEXPIREAT key datemillis condition condition
     2 EXPIREAT key past
     8 TTL key
     8 PTTL key
     5 EXPIRETIME key
     5 PEXPIRETIME key
     6 PERSIST key
";

const MESSAGES: &str = "
    14 PUBLISH channel value
     4 SUBSCRIBE channel+
     3 PSUBSCRIBE pattern+
     4 UNSUBSCRIBE channel+
     3 PUNSUBSCRIBE pattern+
     1 UNSUBSCRIBE
     2 PUNSUBSCRIBE
     3 PUBSUB CHANNELS pattern?
     3 PUBSUB NUMSUB channel+
     1 PUBSUB NUMSUB
     2 PUBSUB NUMPAT
     1 PUBSUB HELP
     2 PUBSUB word
     8 SPUBLISH channel value
     3 SSUBSCRIBE channel+
     3 SUNSUBSCRIBE channel+
     1 SUNSUBSCRIBE
     2 PUBSUB SHARDCHANNELS pattern?
     2 PUBSUB SHARDNUMSUB channel+
";

const CONNECTIONS: &str = "
     5 PING
     4 PING value
     4 ECHO value
     6 RESET
     8 HELLO protocol?
     3 HELLO protocol SETNAME name
     2 HELLO protocol AUTH value value
     2 HELLO protocol value
     1 AUTH value
     1 AUTH value value
     4 WATCH key+
     2 UNWATCH
     1 EXEC
     1 DISCARD
     2 CLIENT GETNAME
     2 CLIENT SETNAME name
     2 CLIENT SETINFO setinfo value
     2 CLIENT ID
     1 CLIENT INFO
     1 CLIENT LIST clientlist?
     1 CLIENT LIST TYPE clienttype
     1 CLIENT LIST ID nobody
     1 CLIENT HELP
     1 CLIENT KILL value
     1 CLIENT KILL ID nobody
     1 CLIENT KILL ID nobody SKIPME yesno
     1 CLIENT KILL TYPE clienttype ID nobody
     1 CLIENT KILL ADDR value
     1 CLIENT NO-EVICT onoff
     1 CLIENT GETREDIR
     1 CLIENT UNBLOCK nobody unblock?
     1 CLIENT UNPAUSE
     1 CLIENT PAUSE pause
     1 CLIENT word
     1 CLIENT REPLY value
";

const SERVER: &str = "
     2 CONFIG GET setting
     2 CONFIG GET setting setting
     1 CONFIG SET =notify-keyspace-events events
     1 CONFIG SET =maxmemory-policy word
     1 CONFIG SET word value
     1 CONFIG word
     1 CONFIG HELP
     1 CONFIG RESETSTAT
     1 INFO infosection?
     1 TIME
     1 LASTSAVE
     1 MEMORY USAGE key
     1 MEMORY USAGE key SAMPLES integer
     1 MEMORY word
     1 MEMORY HELP
     2 DEBUG OBJECT key
     2 DEBUG PROTOCOL debugtype
     1 DEBUG STRINGMATCH-LEN place pattern
     1 DEBUG word
     1 COMMAND COUNT
     1 COMMAND INFO NOPE
     1 COMMAND DOCS NOPE
     1 COMMAND HELP
     1 COMMAND word
     2 COMMAND GETKEYS SET key value
     2 COMMAND GETKEYS MSET pair+
     1 COMMAND GETKEYS MGET key+
     1 COMMAND GETKEYS word key?
     1 COMMAND GETKEYS PING
     2 COMMAND GETKEYSANDFLAGS SET key value
     1 COMMAND GETKEYSANDFLAGS RENAME key key
     1 COMMAND GETKEYSANDFLAGS DEL key+
     2 NONSENSE value+
     1 word value?
";

/// One line of the tables.
pub(crate) struct Shape {
    pub(crate) weight: u32,
    /// The name, then words and kinds of arguments.
    pub(crate) words: Vec<&'static str>,
}

/// All shapes, but for those that only one side has.
pub(crate) fn known(oracle: &Server, ours: &Server) -> Vec<Shape> {
    let mut shapes = all();
    shapes.retain(|shape| {
        let words: Vec<&str> = shape.words.iter().take(2).map_while(|word| literal(word)).collect();
        match shape.words.get(2).and_then(|word| literal(word)) {
            Some(setting) if words == ["CONFIG", "SET"] => is_set(ours, setting),
            _ => words.is_empty() || is_unknown(ours, &words) == is_unknown(oracle, &words),
        }
    });
    shapes
}

pub(crate) fn all() -> Vec<Shape> {
    [STRINGS, BITS, KEYS, TIMES, MESSAGES, CONNECTIONS, SERVER]
        .iter()
        .flat_map(|table| table.lines())
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let mut words = line.split_whitespace();
            let weight = words.next().and_then(|number| number.parse().ok());
            Shape { weight: weight.expect("a line begins with a number"), words: words.collect() }
        })
        .collect()
}

/// What a word of the tables stands for, if it is no kind of argument: for itself, or for what
/// follows its `=`.
pub(crate) fn literal(word: &'static str) -> Option<&'static str> {
    let literal = !word.starts_with(|first: char| first.is_ascii_lowercase());
    literal.then(|| word.strip_prefix('=').unwrap_or(word))
}

/// Whether a server does not know the command of this name and, if there is one, subcommand.
pub(crate) fn is_unknown(server: &Server, words: &[&str]) -> bool {
    let mut wire = server.connect();
    wire.send(command(words));
    let reply = wire.reply();
    reply.kind == b'-' && reply.text().to_lowercase().contains("unknown")
}

/// Whether a server has a setting of this name.
fn is_set(server: &Server, setting: &str) -> bool {
    !server.connect().ask(&["CONFIG", "GET", setting]).items.is_empty()
}
