//! Files that are not as they were left.

use std::process::Command;

use tests::binary::kv_server;
use tests::process::Process;
use tests::{PATIENCE, command};

use super::{Folder, get, kill, set};

/// Starts the server where it must refuse to start. What it says.
#[track_caller]
fn refused(folder: &Folder, more: &[&str]) -> String {
    let flags = folder.flags(&[&["--bind", "127.0.0.1:0"], more].concat());
    let flags: Vec<String> = flags.into_iter().map(str::to_owned).collect();
    let mut process = Process::spawn("kv-server", Command::new(kv_server()).args(flags));
    let status = process.wait_for_exit(PATIENCE);
    assert_eq!(status.code(), Some(1), "{}", process.transcript());
    assert_eq!(process.stdout(), "", "it said that it serves");
    process.stderr()
}

const LOG: [&str; 2] = ["--appendonly", "yes"];

#[test]
fn a_torn_last_command_is_cut_off_and_told() {
    let folder = Folder::new();
    let whole = command(&["SET", "a", "1"]);
    let torn = command(&["SET", "b", "2"]);
    for length in [1, 4, 12, torn.len() - 1] {
        folder.only(&[&whole[..], &torn[..length]].concat());
        let mut server = folder.start_log(&["--appendfsync", "always"]);
        server.process().wait_for_complaint("torn");
        server.process().wait_for_complaint(&format!("byte {}", whole.len()));
        let mut wire = server.connect();
        assert_eq!((get(&mut wire, "a").as_deref(), get(&mut wire, "b")), (Some("1"), None));
        // It goes on behind the last whole command.
        set(&mut wire, "c", "3");
        kill(server);
        let server = folder.start_log(&[]);
        let mut wire = server.connect();
        assert_eq!(get(&mut wire, "a").as_deref(), Some("1"));
        assert_eq!(get(&mut wire, "c").as_deref(), Some("3"));
    }
}

#[test]
fn a_transaction_without_its_end_is_cut_off_as_a_whole() {
    let folder = Folder::new();
    let words: [&[&str]; 4] = [&["SET", "a", "1"], &["MULTI"], &["INCR", "a"], &["INCR", "a"]];
    let begun: Vec<u8> = words.iter().flat_map(|words| command(words)).collect();
    folder.only(&begun);
    let server = folder.start_log(&[]);
    assert_eq!(get(&mut server.connect(), "a").as_deref(), Some("1"));
    kill(server);
    folder.only(&[begun, command(&["EXEC"])].concat());
    let server = folder.start_log(&[]);
    assert_eq!(get(&mut server.connect(), "a").as_deref(), Some("3"));
}

#[test]
fn with_load_truncated_no_a_torn_log_is_refused_and_left_alone() {
    let folder = Folder::new();
    let bytes = [command(&["SET", "a", "1"]), b"*3\r\n$3\r\nSE".to_vec()].concat();
    folder.only(&bytes);
    let said = refused(&folder, &[&LOG[..], &["--aof-load-truncated", "no"]].concat());
    assert!(said.contains("--aof-load-truncated"), "{said}");
    assert_eq!(folder.read("appendonly.aof.1.incr.aof"), bytes);
}

#[test]
fn anything_else_that_is_wrong_is_refused_with_its_place() {
    let whole = command(&["SET", "a", "1"]);
    let at = format!("byte {}", whole.len());
    for (damage, says) in [
        (&b"garbage\r\n"[..], "'*'"),
        (b"\0\0\0\0\0\0\0\0", "'*'"),
        (b"*2\r\n$3\r\nFOO\r\n$1\r\na\r\n", "unknown command 'FOO'"),
        (b"*3\r\n$5\r\nLPUSH\r\n$1\r\na\r\n$1\r\nb\r\n", "unknown command 'LPUSH'"),
        (b"*1\r\n$8\r\nSHUTDOWN\r\n", "changes nothing"),
        (b"*2\r\n$3\r\nSET\r\n$1\r\na\r\n", "wrong number of arguments"),
        (b"*2\r\n$6\r\nSELECT\r\n$2\r\n99\r\n", "DB index"),
        (b"*3\r\n$2\r\nSET\r\n$1\r\na\r\n$1\r\nb\r\n", "expected '$'"),
    ] {
        let folder = Folder::new();
        let bytes = [&whole[..], damage, &whole[..]].concat();
        folder.only(&bytes);
        let said = refused(&folder, &LOG);
        assert!(said.contains(says), "no {says:?} in {said}");
        assert!(said.contains(&at), "no {at:?} in {said}");
        assert!(said.contains("appendonly.aof.1.incr.aof"), "{said}");
        assert_eq!(folder.read("appendonly.aof.1.incr.aof"), bytes, "it was changed");
    }
}

#[test]
fn a_file_that_is_torn_before_the_last_is_refused() {
    let folder = Folder::new();
    folder.write(
        "appendonly.aof.manifest",
        b"file appendonly.aof.1.incr.aof seq 1 type i\nfile appendonly.aof.2.incr.aof seq 2 type i\n",
    );
    folder.write("appendonly.aof.1.incr.aof", b"*3\r\n$3\r\nSET");
    folder.write("appendonly.aof.2.incr.aof", &command(&["SET", "a", "1"]));
    let said = refused(&folder, &LOG);
    assert!(said.contains("appendonly.aof.1.incr.aof"), "{said}");
}

#[test]
fn a_file_that_is_missing_is_refused() {
    let folder = Folder::new();
    folder.write("appendonly.aof.manifest", b"file appendonly.aof.1.incr.aof seq 1 type i\n");
    let said = refused(&folder, &LOG);
    assert!(said.contains("appendonly.aof.1.incr.aof") && said.contains("No such file"), "{said}");
}

#[test]
fn a_damaged_snapshot_is_refused() {
    let folder = Folder::new();
    let server = folder.start(&[]);
    let mut wire = server.connect();
    set(&mut wire, "key", "value");
    wire.transcript(&[("SAVE", "+OK\r\n")]);
    kill(server);
    let path = folder.path().join("dump.rdb");
    let bytes = std::fs::read(&path).expect("it was saved");
    for (damaged, says) in [
        (bytes[..bytes.len() - 3].to_vec(), "not complete"),
        ([&bytes[..bytes.len() - 12], &b"x"[..], &bytes[bytes.len() - 11..]].concat(), "checksum"),
        (b"REDIS0099".to_vec(), "version 99"),
    ] {
        std::fs::write(&path, damaged).expect("there is room");
        let said = refused(&folder, &[]);
        assert!(said.contains(says) && said.contains("dump.rdb"), "no {says:?} in {said}");
    }
}

#[test]
fn a_folder_that_does_not_exist_is_refused() {
    let mut process = Process::spawn(
        "kv-server",
        Command::new(kv_server()).args(["--bind", "127.0.0.1:0", "--dir", "/no/such/folder"]),
    );
    assert_eq!(process.wait_for_exit(PATIENCE).code(), Some(1));
    let said = process.stderr();
    assert!(said.contains("/no/such/folder") && said.contains("--dir"), "{said}");
}
