//! Every argument that is a number, given every number at an edge and every text that is nearly one:
//! the same bytes must come back as from Redis, in both versions of the protocol.
//!
//! ```text
//!   SETRANGE k # v   ×   9223372036854775808, +5, 1e400, …   ×   RESP2, RESP3
//!   └── a place for a number      └── in its place
//! ```
//!
//! Chance rarely puts the one number that matters into the one argument where it does; here it is
//! put into all. Commands that belong together are parted by bars, and every line begins with the
//! same keys.

use std::time::Duration;

use tests::{Server, Wire, command};

/// What every line finds: a text, a number, and another text; and a slow log without entries.
const BEFORE: &[&[&str]] = &[
    // On a busy machine any command may be slow.
    &["CONFIG", "SET", "slowlog-log-slower-than", "-1"],
    &["SLOWLOG", "RESET"],
    &["SELECT", "0"],
    &["FLUSHALL"],
    &["MSET", "k", "hello world", "n", "10", "l", "yellow word"],
];

/// Numbers, and texts that some would take for one.
const NUMBERS: &[&str] = &[
    "0",
    "1",
    "5",
    "-1",
    "-5",
    "63",
    "64",
    "65",
    "255",
    "256",
    // Where 16, 32, 63 and 64 bits end, and the milliseconds of so many seconds.
    "32767",
    "32768",
    "65535",
    "65536",
    "2147483647",
    "2147483648",
    "-2147483648",
    "-2147483649",
    "4294967295",
    "4294967296",
    "9223372036854775806",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775807",
    "-9223372036854775808",
    "-9223372036854775809",
    "18446744073709551614",
    "18446744073709551615",
    "18446744073709551616",
    "-18446744073709551615",
    "-18446744073709551616",
    "9223372036854775",
    "9223372036854776",
    "-9223372036854775",
    "-9223372036854776",
    "9223370336854775",
    "99999999999999999999999999",
    "-99999999999999999999999999",
    // Zeros, signs and space.
    "-0",
    "+0",
    "00",
    "01",
    "007",
    "-01",
    "0000000000000000000000000005",
    "+5",
    "+-5",
    "--5",
    "-",
    "+",
    " 5",
    "5 ",
    "\t5",
    "5\n",
    "\n5",
    "5\0",
    "\0",
    "",
    " ",
    "5a",
    "a5",
    "5,0",
    "1_000",
    "\u{665}",
    // Other bases, fractions and exponents.
    "0x10",
    "0b1",
    "010",
    "1.5",
    "-1.5",
    ".5",
    "5.",
    "-.5",
    ".",
    "1.0",
    "1e3",
    "1E3",
    "1e+3",
    "1e-3",
    "1e",
    "e5",
    "1e5.5",
    "1e308",
    "1.7976931348623157e308",
    "1.8e308",
    "1e400",
    "-1e400",
    "1e4932",
    "1e4933",
    "1e5000",
    "-1e5000",
    "5e-324",
    "1e-400",
    "1e-5000",
    "0x1p3",
    "0x.8",
    "3.0e0",
    "0.1",
    "0.30000000000000004",
    "123456789012345678.5",
    "17179869184.5",
    // What is no number.
    "nan",
    "NaN",
    "-nan",
    "nan(1)",
    "inf",
    "-inf",
    "+inf",
    "Inf",
    "infinity",
    "-Infinity",
    "infinit",
];

/// What a time from now on leads to is not looked at, as time passes.
const STRINGS: &str = "
    SET k v EX #
    SET k v PX #
    SET k v EXAT # | PEXPIRETIME k
    SET k v PXAT # | PEXPIRETIME k
    SET k v GET PXAT # | PEXPIRETIME k
    SETEX k # v
    PSETEX k # v
    GETEX k EX #
    GETEX k PX #
    GETEX k EXAT # | PEXPIRETIME k
    GETEX k PXAT # | PEXPIRETIME k
    EXPIRE k #
    EXPIRE k # GT
    EXPIRE k # XX
    PEXPIRE k #
    PEXPIRE k # LT
    EXPIREAT k # | PEXPIRETIME k | EXPIRETIME k
    EXPIREAT k # NX | PEXPIRETIME k
    PEXPIREAT k # | PEXPIRETIME k | EXPIRETIME k
    PEXPIREAT none #
    INCRBY n # | GET n
    DECRBY n # | GET n
    INCRBY none # | GET none
    DECRBY none # | GET none
    INCRBYFLOAT n # | GET n
    INCRBYFLOAT none # | GET none
    INCRBYFLOAT k #
    SET n # | INCR n | GET n
    SET n # | DECR n | GET n
    SET n # | INCRBY n -1 | GET n
    SET n # | INCRBY n 9223372036854775807 | GET n
    SET n # | DECRBY n 9223372036854775807 | GET n
    SET n # | INCRBYFLOAT n 0.5 | GET n
    SET n # | INCRBYFLOAT n 1e308 | GET n
    SET n # | OBJECT ENCODING n
    APPEND n # | GET n | OBJECT ENCODING n
    GETRANGE k # 3
    GETRANGE k 2 #
    GETRANGE k # #
    SUBSTR k # -1
    SETRANGE k # v | STRLEN k
    SETRANGE none # v | STRLEN none
    SETRANGE none # =
    LCS k l IDX MINMATCHLEN #
    LCS k l MINMATCHLEN # IDX WITHMATCHLEN
";

const BITS: &str = "
    SETBIT k # 1 | STRLEN k
    SETBIT k 1 #
    GETBIT k #
    BITCOUNT k # -1
    BITCOUNT k 0 #
    BITCOUNT k # # BIT
    BITCOUNT k 3 # BIT
    BITPOS k #
    BITPOS k 1 #
    BITPOS k 0 0 #
    BITPOS k 1 # # BIT
    BITPOS none 0 # -1
    BITFIELD k GET u# 0
    BITFIELD k GET i# 0
    BITFIELD k GET # 0
    BITFIELD k GET u8 #
    BITFIELD k GET i64 #
    BITFIELD k GET u8 ##
    BITFIELD k GET u7 ##
    BITFIELD k GET i64 ##
    BITFIELD_RO k GET u1 ##
    BITFIELD k SET u8 # 1 | STRLEN k
    BITFIELD k SET i64 ## 1 | STRLEN k
    BITFIELD k SET u1 0 # | GET k
    BITFIELD k SET u8 0 # | GET k
    BITFIELD k SET i8 0 # | GET k
    BITFIELD k SET u63 0 # | GET k
    BITFIELD k SET i63 0 # | GET k
    BITFIELD k SET i64 0 # | GET k
    BITFIELD k OVERFLOW SAT SET u8 0 # | GET k
    BITFIELD k OVERFLOW SAT SET i8 0 # | GET k
    BITFIELD k OVERFLOW SAT SET i64 0 # | GET k
    BITFIELD k OVERFLOW FAIL SET u8 0 # | GET k
    BITFIELD k OVERFLOW FAIL SET i33 0 # | GET k
    BITFIELD k INCRBY u8 0 # | GET k
    BITFIELD k INCRBY i8 0 # | GET k
    BITFIELD k INCRBY u63 0 # | GET k
    BITFIELD k INCRBY i64 0 # | GET k
    BITFIELD k OVERFLOW SAT INCRBY u8 0 # | GET k
    BITFIELD k OVERFLOW SAT INCRBY u63 0 # | GET k
    BITFIELD k OVERFLOW SAT INCRBY i64 0 # | GET k
    BITFIELD k OVERFLOW SAT INCRBY i5 0 # | GET k
    BITFIELD k OVERFLOW FAIL INCRBY u63 0 # | GET k
    BITFIELD k OVERFLOW FAIL INCRBY i64 0 # | GET k
";

/// A cursor that is not 0 means something else to each server: without keys there is none.
const KEYS: &str = "
    FLUSHALL | SCAN 0 COUNT #
    FLUSHALL | SCAN 0 COUNT 1000 COUNT # TYPE list
    SELECT # | SET k there
    MOVE k # | EXISTS k
    COPY k copy DB #
    COPY k k DB #
    SWAPDB # 1 | EXISTS k
    SWAPDB 1 # | EXISTS k
    OBJECT FREQ #
    MEMORY USAGE none SAMPLES #
    KEYS #
";

const CONNECTIONS: &str = "
    HELLO #
    HELLO # AUTH default
    CLIENT PAUSE # WRITE | CLIENT UNPAUSE
    CLIENT UNBLOCK 999999#
    CLIENT UNBLOCK -#
    CLIENT KILL ID -#
    CLIENT KILL ID 99999# SKIPME no
    CLIENT KILL ADDR 1.2.3.4:#
    CLIENT KILL 1.2.3.4:#
    CLIENT LIST ID -#
    CLIENT NO-EVICT #
    SLOWLOG GET # | PING
    DEBUG STRINGMATCH-LEN -# a*
    DEBUG SET-ACTIVE-EXPIRE # | DEBUG SET-ACTIVE-EXPIRE 1
    COMMAND GETKEYS LCS k #
    COMMAND INFO #
    PUBSUB NUMSUB #
    PUBLISH c #
    FLUSHALL #
    PING #
    ECHO #
";

/// Settings but for those whose limits are others (see `DIFFERENCES.md`), each looked at after it was set, and set back to what it was.
const SETTINGS: &str = "
    timeout 0
    maxmemory 0
    maxmemory-samples 5
    lfu-log-factor 10
    lfu-decay-time 1
    slowlog-log-slower-than -1
    slowlog-max-len 128
    auto-aof-rewrite-percentage 100
    auto-aof-rewrite-min-size 67108864
";

/// Numbers of bytes that no 64 bits hold, or that are none: refused here, while Redis takes the
/// greatest, or what comes before a zero byte (see `DIFFERENCES.md`).
const NO_SIZES: &[&str] = &["18446744073709551616", "99999999999999999999999999", "5\0", "\0", ""];

/// Far longer than all answers to one line take.
const ANSWERS_WITHIN: Duration = Duration::from_secs(20);

/// More are not shown.
const MOST_SHOWN: usize = 40;

#[test]
fn numbers_at_the_edges_are_answered_as_redis_answers() {
    // Small, as the greatest offset is tried too.
    let flags = ["--enable-debug-command", "yes", "--proto-max-bulk-len", "1mb"];
    let Some(oracle) = Server::oracle_with("numbers at the edges", &flags) else {
        return;
    };
    let ours = Server::start_with(&flags);
    let mut differences = Vec::new();
    for version in ["2", "3"] {
        for line in lines() {
            let numbers = numbers_for(&line);
            let [expected, actual] = [&oracle, &ours].map(|server| {
                let mut wire = server.connect();
                answers(&mut wire, version, &line, &numbers)
            });
            for ((number, expected), actual) in numbers.iter().zip(&expected).zip(&actual) {
                if expected != actual {
                    let shown = tests::wire::difference(expected, actual);
                    differences.push(format!("HELLO {version} | {line} with {number:?}: {shown}"));
                }
            }
        }
    }
    let shown = differences.iter().take(MOST_SHOWN).cloned().collect::<Vec<_>>().join("\n");
    assert!(differences.is_empty(), "{} differ:\n{shown}", differences.len());
}

/// All lines; those that set something, set it back in the end.
fn lines() -> Vec<String> {
    let tables = [STRINGS, BITS, KEYS, CONNECTIONS].into_iter().flat_map(str::lines);
    let lines = tables.map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned);
    let settings = SETTINGS.lines().map(str::trim).filter(|line| !line.is_empty()).map(|setting| {
        let (name, _) = setting.split_once(' ').expect("a name and what it is");
        format!("CONFIG SET {name} # | CONFIG GET {name} | CONFIG SET {setting}")
    });
    lines.chain(settings).collect()
}

fn numbers_for(line: &str) -> Vec<&'static str> {
    let is_size = ["maxmemory #", "min-size #"].iter().any(|name| line.contains(name));
    let numbers = NUMBERS.iter().filter(|number| !is_size || !NO_SIZES.contains(number));
    numbers.copied().collect()
}

/// The commands of a line, with a number in its places; `=` is the empty word.
fn put_in(line: &str, number: &str) -> Vec<u8> {
    let word = |word: &str| match word {
        "=" => String::new(),
        // The first of the two is a part of the word.
        "##" => format!("#{number}"),
        _ => word.replace('#', number),
    };
    let bytes = |words: &str| command(&words.split(' ').map(word).collect::<Vec<String>>());
    line.split(" | ").flat_map(bytes).collect()
}

/// What comes for a line with each of the numbers, every time from the state that all begin with.
/// All are sent at once, with marks between them: a round trip for each would take a minute.
fn answers(wire: &mut Wire, version: &str, line: &str, numbers: &[&str]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for (at, number) in numbers.iter().enumerate() {
        all.extend(BEFORE.iter().flat_map(|words| command(words)));
        all.extend(command(&["HELLO", version]));
        all.extend(command(&["ECHO", &mark("begun", at)]));
        all.extend(put_in(line, number));
        all.extend(command(&["ECHO", &mark("ended", at)]));
    }
    wire.send(&all);
    let last = [mark("ended", numbers.len() - 1).as_bytes(), b"\r\n"].concat();
    let (read, _) = wire.read_until(ANSWERS_WITHIN, |read| read.ends_with(&last));
    let mut rest = &read[..];
    let between = |at: usize| {
        let begun = after(rest, &mark("begun", at));
        let ended = after(begun, &mark("ended", at));
        let answer = begun[..begun.len() - ended.len()].to_vec();
        rest = ended;
        answer
    };
    (0..numbers.len()).map(between).collect()
}

/// No answer has this in it.
fn mark(word: &str, at: usize) -> String {
    format!("<{word} {at}>")
}

/// What follows a mark; nothing if it did not come.
fn after<'a>(bytes: &'a [u8], mark: &str) -> &'a [u8] {
    let found = bytes.windows(mark.len()).position(|window| window == mark.as_bytes());
    found.map_or(&[], |at| &bytes[at + mark.len()..])
}
