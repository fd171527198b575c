//! Keys that get another name or database, walks over keys, and what is told of values.

use tests::on_every_peer;

#[test]
fn keys_are_renamed() {
    on_every_peer("moves", |peer| {
        peer.connect().transcript(&[
            ("RENAME none none", "-ERR no such key\r\n"),
            ("RENAMENX none b", "-ERR no such key\r\n"),
            ("SET a 1 EX 100", "+OK\r\n"),
            ("SET b 2", "+OK\r\n"),
            ("RENAMENX a b", ":0\r\n"),
            ("RENAME a b", "+OK\r\n"),
            ("TTL b", ":100\r\n"),
            ("RENAME b b", "+OK\r\n"),
            ("RENAMENX b b", ":0\r\n"),
            ("RENAME b", "-ERR wrong number of arguments for 'rename' command\r\n"),
        ]);
    });
}

#[test]
fn keys_are_copied() {
    on_every_peer("moves", |peer| {
        peer.connect().transcript(&[
            ("COPY none none", "-ERR source and destination objects are the same\r\n"),
            ("COPY none b", ":0\r\n"),
            ("SET a 1 EX 100", "+OK\r\n"),
            ("COPY a b", ":1\r\n"),
            ("COPY a b", ":0\r\n"),
            ("COPY a b REPLACE", ":1\r\n"),
            ("TTL b", ":100\r\n"),
            ("COPY a a DB 3", ":1\r\n"),
            ("COPY a a", "-ERR source and destination objects are the same\r\n"),
            ("COPY a c DB 0 DB 1 REPLACE REPLACE", ":1\r\n"),
            ("EXISTS c", ":0\r\n"),
            ("COPY a b DB x", "-ERR value is not an integer or out of range\r\n"),
            ("COPY a b DB 99", "-ERR DB index is out of range\r\n"),
            ("COPY a b DB -1", "-ERR DB index is out of range\r\n"),
            (
                "COPY a b DB 4294967296",
                "-ERR value is out of range, value must between -2147483648 and 2147483647\r\n",
            ),
            ("COPY none b DB 99", "-ERR DB index is out of range\r\n"),
            ("COPY a b DB", "-ERR syntax error\r\n"),
            ("COPY a b FOO", "-ERR syntax error\r\n"),
        ]);
    });
}

#[test]
fn keys_and_databases_change_places() {
    on_every_peer("moves", |peer| {
        peer.connect().transcript(&[
            ("SET a 1", "+OK\r\n"),
            ("MOVE a 0", "-ERR source and destination objects are the same\r\n"),
            ("MOVE none 0", "-ERR source and destination objects are the same\r\n"),
            ("MOVE none 99", "-ERR DB index is out of range\r\n"),
            ("MOVE a x", "-ERR value is not an integer or out of range\r\n"),
            (
                "MOVE a 4294967296",
                "-ERR value is out of range, value must between -2147483648 and 2147483647\r\n",
            ),
            ("MOVE a 1", ":1\r\n"),
            ("MOVE a 1", ":0\r\n"),
            ("SET a 2", "+OK\r\n"),
            ("MOVE a 1", ":0\r\n"),
            ("SWAPDB 0 1", "+OK\r\n"),
            ("GET a", "$1\r\n1\r\n"),
            ("SWAPDB 0 0", "+OK\r\n"),
            ("SWAPDB a x", "-ERR invalid first DB index\r\n"),
            ("SWAPDB 0 a", "-ERR invalid second DB index\r\n"),
            ("SWAPDB 4294967296 0", "-ERR invalid first DB index\r\n"),
            ("SWAPDB 99 0", "-ERR DB index is out of range\r\n"),
            ("SWAPDB 0 -1", "-ERR DB index is out of range\r\n"),
        ]);
    });
}

#[test]
fn scan_says_what_is_wrong() {
    on_every_peer("moves", |peer| {
        peer.connect().transcript(&[
            ("SCAN 0", "*2\r\n$1\r\n0\r\n*0\r\n"),
            ("RANDOMKEY", "$-1\r\n"),
            ("SET a 1", "+OK\r\n"),
            ("RANDOMKEY", "$1\r\na\r\n"),
            ("SCAN 0", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n"),
            ("SCAN 0 MATCH *a*", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n"),
            ("SCAN 0 MATCH * MATCH b", "*2\r\n$1\r\n0\r\n*0\r\n"),
            ("SCAN 0 COUNT 5 TYPE string", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n"),
            ("SCAN 0 TYPE STRING", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n"),
            ("SCAN 0 TYPE hash", "*2\r\n$1\r\n0\r\n*0\r\n"),
            ("SCAN 0 TYPE foo", "*2\r\n$1\r\n0\r\n*0\r\n"),
            ("SCAN x", "-ERR invalid cursor\r\n"),
            ("SCAN 1x", "-ERR invalid cursor\r\n"),
            ("SCAN 18446744073709551616", "-ERR invalid cursor\r\n"),
            ("SCAN x COUNT x", "-ERR invalid cursor\r\n"),
            ("SCAN 0 COUNT x", "-ERR value is not an integer or out of range\r\n"),
            ("SCAN 0 COUNT 0", "-ERR syntax error\r\n"),
            ("SCAN 0 COUNT -1", "-ERR syntax error\r\n"),
            ("SCAN 0 COUNT", "-ERR syntax error\r\n"),
            ("SCAN 0 FOO", "-ERR syntax error\r\n"),
            ("SCAN 0 FOO 1", "-ERR syntax error\r\n"),
            ("SCAN", "-ERR wrong number of arguments for 'scan' command\r\n"),
        ]);
    });
}

#[test]
fn representations_are_told() {
    on_every_peer("moves", |peer| {
        peer.connect().transcript(&[
            ("SET k 5", "+OK\r\n"),
            ("OBJECT ENCODING k", "$3\r\nint\r\n"),
            ("OBJECT REFCOUNT k", ":2147483647\r\n"),
            ("APPEND k 6", ":2\r\n"),
            ("OBJECT ENCODING k", "$3\r\nraw\r\n"),
            ("OBJECT REFCOUNT k", ":1\r\n"),
            ("INCR k", ":57\r\n"),
            ("OBJECT ENCODING k", "$3\r\nint\r\n"),
            ("SETRANGE k 0 7", ":2\r\n"),
            ("OBJECT ENCODING k", "$3\r\nraw\r\n"),
            ("INCRBYFLOAT k 1", "$2\r\n78\r\n"),
            ("OBJECT ENCODING k", "$6\r\nembstr\r\n"),
            ("COPY k j", ":1\r\n"),
            ("OBJECT ENCODING j", "$6\r\nembstr\r\n"),
            ("SET k xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "+OK\r\n"),
            ("OBJECT ENCODING k", "$6\r\nembstr\r\n"),
            ("SET k xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "+OK\r\n"),
            ("OBJECT ENCODING k", "$3\r\nraw\r\n"),
            ("OBJECT ENCODING none", "$-1\r\n"),
            ("OBJECT REFCOUNT none", "$-1\r\n"),
            ("OBJECT IDLETIME k", ":0\r\n"),
            ("OBJECT IDLETIME none", "$-1\r\n"),
            ("OBJECT FREQ none", "$-1\r\n"),
            ("OBJECT FREQ k", "-ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.\r\n"),
            ("OBJECT FOO k", "-ERR unknown subcommand 'FOO'. Try OBJECT HELP.\r\n"),
            ("OBJECT ENCODING", "-ERR wrong number of arguments for 'object|encoding' command\r\n"),
            ("OBJECT", "-ERR wrong number of arguments for 'object' command\r\n"),
            ("MEMORY USAGE none", "$-1\r\n"),
            ("MEMORY USAGE none SAMPLES", "-ERR syntax error\r\n"),
            ("MEMORY USAGE k SAMPLES -1", "-ERR syntax error\r\n"),
            ("MEMORY USAGE k SAMPLES x", "-ERR value is not an integer or out of range\r\n"),
            ("MEMORY USAGE k FOO 1", "-ERR syntax error\r\n"),
            ("MEMORY PURGE", "+OK\r\n"),
            ("MEMORY FOO", "-ERR unknown subcommand 'FOO'. Try MEMORY HELP.\r\n"),
            ("FUNCTION FLUSH", "+OK\r\n"),
            ("FUNCTION FLUSH async", "+OK\r\n"),
            ("FUNCTION FLUSH foo", "-ERR FUNCTION FLUSH only supports SYNC|ASYNC option\r\n"),
            ("FUNCTION FLUSH SYNC SYNC", "-ERR unknown subcommand or wrong number of arguments for 'FLUSH'. Try FUNCTION HELP.\r\n"),
            ("FUNCTION FOO", "-ERR unknown subcommand 'FOO'. Try FUNCTION HELP.\r\n"),
        ]);
    });
}

#[test]
fn keys_of_whole_commands_are_told() {
    on_every_peer("moves", |peer| {
        peer.connect().transcript(&[
            ("COMMAND GETKEYS GET", "-ERR wrong number of arguments for 'command|getkeys' command\r\n"),
            ("COMMAND GETKEYS GET a b", "-ERR Invalid number of arguments specified for command\r\n"),
            ("COMMAND GETKEYS FOO a", "-ERR Invalid command specified\r\n"),
            ("COMMAND GETKEYS PING a", "-ERR The command has no key arguments\r\n"),
            ("COMMAND GETKEYS CLIENT ID", "-ERR The command has no key arguments\r\n"),
            ("COMMAND GETKEYS CLIENT FOO", "-ERR Invalid command specified\r\n"),
            ("COMMAND GETKEYS MSET a 1 b 2", "*2\r\n$1\r\na\r\n$1\r\nb\r\n"),
            ("COMMAND GETKEYS MSET a 1 b", "*2\r\n$1\r\na\r\n$1\r\nb\r\n"),
            ("COMMAND GETKEYS OBJECT ENCODING a", "*1\r\n$1\r\na\r\n"),
            ("COMMAND GETKEYS MEMORY USAGE a", "*1\r\n$1\r\na\r\n"),
            ("COMMAND GETKEYS BITOP AND a b c", "*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n"),
            ("COMMAND GETKEYS PUBLISH a b", "-ERR The command has no key arguments\r\n"),
            ("COMMAND GETKEYSANDFLAGS BITOP AND a b c", "*3\r\n*2\r\n$1\r\na\r\n*2\r\n+OW\r\n+update\r\n*2\r\n$1\r\nb\r\n*2\r\n+RO\r\n+access\r\n*2\r\n$1\r\nc\r\n*2\r\n+RO\r\n+access\r\n"),
            ("COMMAND GETKEYSANDFLAGS COPY a b", "*2\r\n*2\r\n$1\r\na\r\n*2\r\n+RO\r\n+access\r\n*2\r\n$1\r\nb\r\n*2\r\n+OW\r\n+update\r\n"),
            ("COMMAND GETKEYSANDFLAGS LCS a b", "*2\r\n*2\r\n$1\r\na\r\n*2\r\n+RO\r\n+access\r\n*2\r\n$1\r\nb\r\n*2\r\n+RO\r\n+access\r\n"),
            ("COMMAND GETKEYSANDFLAGS SET a 1", "*1\r\n*2\r\n$1\r\na\r\n*2\r\n+OW\r\n+update\r\n"),
            ("COMMAND GETKEYSANDFLAGS SET a 1 GET", "*1\r\n*2\r\n$1\r\na\r\n*3\r\n+RW\r\n+access\r\n+update\r\n"),
            ("COMMAND GETKEYSANDFLAGS BITFIELD a GET u8 0", "*1\r\n*2\r\n$1\r\na\r\n*2\r\n+RO\r\n+access\r\n"),
            ("COMMAND GETKEYSANDFLAGS BITFIELD a GET u8 0 SET u8 0 1", "*1\r\n*2\r\n$1\r\na\r\n*3\r\n+RW\r\n+access\r\n+update\r\n"),
            ("COMMAND GETKEYSANDFLAGS FOO a", "-ERR Invalid command specified\r\n"),
            ("COMMAND FOO", "-ERR unknown subcommand 'FOO'. Try COMMAND HELP.\r\n"),
        ]);
    });
}
