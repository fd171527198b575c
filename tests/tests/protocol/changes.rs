//! How many changes a command counts as: `save` points and monitoring go by that number.

use tests::on_every_peer;

/// Commands in this order, and how much `rdb_changes_since_last_save` grows with each.
const CHANGES: &[(&str, u64)] = &[
    ("SET a 1", 1),
    ("SET a 1 EX 1000", 1),
    ("SET a 1 NX", 0),
    ("SETEX b 1000 1", 1),
    ("PSETEX b 1000000 1", 1),
    ("SETNX c 1", 1),
    ("SETNX c 1", 0),
    ("GETSET c 2", 1),
    ("MSET d 1 e 2 f 3", 3),
    ("MSETNX g 1 h 2", 2),
    ("MSETNX g 1 i 2", 0),
    ("INCR a", 1),
    ("INCRBYFLOAT a 1.5", 1),
    ("APPEND b x", 1),
    ("SETRANGE b 3 y", 1),
    ("SETRANGE nothing 0 \"\"", 0),
    ("GETEX a PERSIST", 1),
    ("GETEX a EX 100", 1),
    ("GETEX a", 0),
    ("EXPIRE b 1000", 1),
    ("EXPIRE nothing 1000", 0),
    ("EXPIRE h -1", 1),
    ("PERSIST b", 1),
    ("PERSIST b", 0),
    ("RENAME a z", 1),
    ("RENAME z d", 1),
    ("RENAMENX d e", 0),
    ("COPY e k", 1),
    ("COPY e k", 0),
    ("MOVE k 1", 1),
    ("GETDEL f", 1),
    ("GETDEL f", 0),
    ("SETBIT bits 7 1", 1),
    ("BITFIELD bits SET u8 0 1 INCRBY u8 8 1", 2),
    ("BITFIELD bits GET u8 0", 0),
    ("BITOP AND bits2 bits bits", 1),
    ("DEL b c nothing", 2),
    ("UNLINK e", 1),
    ("TOUCH bits", 0),
    ("SWAPDB 0 1", 1),
    ("FLUSHDB", 1),
];

#[test]
fn a_command_counts_as_many_changes_as_in_redis() {
    on_every_peer("the count of changes", |peer| {
        let mut wire = peer.connect();
        let mut observer = peer.connect();
        let mut count = move || -> u64 {
            observer.info("rdb_changes_since_last_save").parse().expect("a number")
        };
        let mut before = count();
        let mut wrong = Vec::new();
        for (command, expected) in CHANGES {
            let words = command.split(' ').map(|word| word.trim_matches('"'));
            let reply = wire.ask(&words.collect::<Vec<_>>());
            let after = count();
            if after - before != *expected {
                wrong.push(format!("{command}: {}, not {expected} ({reply:?})", after - before));
            }
            before = after;
        }
        assert!(wrong.is_empty(), "{}:\n{}", peer.name(), wrong.join("\n"));
    });
}
