//! What the journal gets of commands that would come to something else later.

use std::time::Duration;

use super::Bench;

/// The commands that these lines leave in the journal.
fn journal(lines: &[&str]) -> String {
    let mut bench = Bench::new();
    let slot = bench.client();
    bench.state.journal.keep(true);
    for line in lines {
        bench.call(slot, line);
        bench.now += Duration::from_millis(1);
    }
    let bytes = bench.state.journal.take();
    let text = String::from_utf8_lossy(&bytes);
    let words = text.split("\r\n").filter(|word| !word.is_empty() && !word.starts_with('$'));
    let words: Vec<&str> = words.collect();
    let line = words.join(" ");
    line.strip_prefix("*2 SELECT 0 ").unwrap_or(&line).to_owned()
}

#[test]
fn computed_numbers_are_written_as_what_they_came_to() {
    assert_eq!(journal(&["INCRBYFLOAT k 0.1", "INCRBYFLOAT k x"]), "*4 SET k 0.1 KEEPTTL");
}

#[test]
fn deadlines_are_written_as_points_in_time() {
    assert_eq!(journal(&["SET k v EX 10"]), "*5 SET k v PXAT 1700000010000");
    assert_eq!(journal(&["SETEX k 10 v"]), "*5 SET k v PXAT 1700000010000");
    assert_eq!(journal(&["SET k v", "EXPIRE k 10 NX"]), "*3 SET k v *3 PEXPIREAT k 1700000010001");
    assert_eq!(journal(&["SET k v", "GETEX k PX 10"]), "*3 SET k v *3 PEXPIREAT k 1700000000011");
    assert_eq!(journal(&["SET k v", "GETEX k", "GETEX k PERSIST"]), "*3 SET k v");
    assert_eq!(journal(&["SET k v", "EXPIRE k -1"]), "*3 SET k v *2 DEL k");
    assert_eq!(
        journal(&["SET k v PX 1", "ECHO x", "GET k"]),
        "*5 SET k v PXAT 1700000000001 *2 DEL k"
    );
}

#[test]
fn other_changes_are_written_as_they_came_and_what_changes_nothing_is_not() {
    for line in [
        "SETRANGE k 3 x",
        "SETBIT k 3 1",
        "BITFIELD k INCRBY u8 0 1",
        "RENAME j k",
        "RENAMENX j k",
        "COPY j k",
        "MOVE j 1",
        "SWAPDB 0 1",
        "BITOP NOT k j",
        "GETDEL j",
    ] {
        let words = line.split(' ').count();
        let expected = match line {
            "GETDEL j" => "*3 SET j v *2 DEL j".to_owned(),
            _ => format!("*3 SET j v *{words} {line}"),
        };
        assert_eq!(journal(&["SET j v", line]), expected);
    }
    for line in [
        "SETRANGE k 3 ''",
        "SETBIT j 1 1",
        "BITFIELD j GET u8 0",
        "BITFIELD j OVERFLOW FAIL INCRBY u8 0 255",
        "RENAMENX j j",
        "COPY none k",
        "MOVE none 1",
        "BITOP AND none none",
        "GETRANGE j 0 1",
        "OBJECT ENCODING j",
        "FUNCTION FLUSH",
    ] {
        assert_eq!(journal(&["SET j v", line]), "*3 SET j v", "{line}");
    }
}
