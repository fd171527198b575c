//! A disk that does not take what it is given.

use std::process::Command;

use tests::process::Process;
use tests::{PATIENCE, Server, command, tools, wait_until};

use super::{Folder, get, kill, set, terminate};

/// The limit of a file's size stands in for a full disk: a write fails in the middle in the same
/// way, and room can be made without being root. The signal that comes with it is ignored.
fn start_on_small_disk(folder: &Folder, policy: &str) -> Server {
    let flags = folder.flags(&["--appendonly", "yes", "--appendfsync", policy]);
    // In units of 512 bytes, or of 1024 in some shells.
    Server::start_after("trap '' XFSZ && ulimit -S -f 64", &flags)
}

fn make_room(server: &Server) {
    let status = Command::new("prlimit")
        .args(["--fsize=unlimited:unlimited", "--pid", &server.id().to_string()])
        .status();
    assert!(status.expect("prlimit was found").success(), "prlimit failed");
}

#[test]
fn a_full_disk_refuses_writes_aloud_and_reads_go_on_until_there_is_room() {
    let name = "a full disk refuses writes";
    if tools::find("prlimit").is_none() {
        return tools::skip(name, "there is no prlimit to make room with");
    }
    for policy in ["everysec", "no"] {
        let folder = Folder::new();
        let mut server = start_on_small_disk(&folder, policy);
        let mut wire = server.connect();
        let value = "v".repeat(1000);
        let mut stored = 0;
        let refusal = loop {
            let reply = wire.ask(&["SET", &format!("k{stored}"), &value]);
            if reply.kind == b'-' {
                break reply.text();
            }
            stored += 1;
            assert!(stored < 1_000_000, "the disk is never full");
        };
        assert_eq!(refusal, "MISCONF Errors writing to the AOF file: File too large");
        assert_eq!(get(&mut wire, "k0").as_deref(), Some(&*value), "reads go on");
        assert!(wire.ask(&["PING"]).text().starts_with("MISCONF"), "as Redis does");
        assert!(wire.ask(&["DEL", "k0"]).text().starts_with("MISCONF"));
        assert_eq!(wire.info("aof_last_write_status"), "err");
        wait_until("the message", PATIENCE, || {
            server.process().stderr().contains("cannot be written")
        });
        make_room(&server);
        wait_until("writes to be accepted again", PATIENCE, || {
            wire.ask(&["SET", "after", "1"]).text() == "OK"
        });
        assert_eq!(wire.info("aof_last_write_status"), "ok");
        // What was acknowledged before the disk was full, and was not on it, is now.
        terminate(server);
        let server = folder.start_log(&[]);
        let mut wire = server.connect();
        for number in 0..stored {
            let found = get(&mut wire, &format!("k{number}"));
            assert_eq!(found.as_deref(), Some(&*value), "k{number} of {stored}");
        }
        assert_eq!(get(&mut wire, "after").as_deref(), Some("1"));
    }
}

/// A real disk that is really full: a small one in memory, which only the server sees.
#[test]
fn a_disk_without_space_is_told_by_its_name() {
    let name = "a disk without space";
    let able =
        Command::new("unshare").args(["-rm", "mount", "-t", "tmpfs", "none", "/mnt"]).output();
    if !able.is_ok_and(|output| output.status.success()) {
        return tools::skip(name, "no disk in memory can be mounted here");
    }
    let folder = Folder::new();
    let path = folder.path().to_str().expect("UTF-8");
    let mount = format!(
        "mount -t tmpfs -o size=512k none {path} && head -c 300000 /dev/zero >{path}/filler && \
         exec \"$0\" \"$@\""
    );
    let preparation = format!("exec unshare -rm sh -c '{mount}' \"$0\" \"$@\"");
    let flags = folder.flags(&["--appendonly", "yes", "--appendfsync", "everysec"]);
    let server = Server::start_after(&preparation, &flags);
    let mut wire = server.connect();
    let value = "v".repeat(1000);
    let mut stored = 0;
    let refusal = loop {
        let reply = wire.ask(&["SET", &format!("k{stored}"), &value]);
        if reply.kind == b'-' {
            break reply.text();
        }
        stored += 1;
        assert!(stored < 1_000_000, "the disk is never full");
    };
    assert_eq!(refusal, "MISCONF Errors writing to the AOF file: No space left on device");
    assert_eq!(get(&mut wire, "k0").as_deref(), Some(&*value), "reads go on");
    let inside = format!("/proc/{}/root{path}", server.id());
    std::fs::remove_file(format!("{inside}/filler")).expect("it is ours");
    wait_until("writes to be accepted again", PATIENCE, || {
        wire.ask(&["SET", "after", "1"]).text() == "OK"
    });
    wait_until("all of it to be written", PATIENCE, || wire.info("aof_buffer_length") == "0");
    let size = wire.info("aof_current_size").parse().expect("a number");
    let log = format!("{inside}/appendonlydir/appendonly.aof.1.incr.aof");
    let copy = Folder::new();
    wait_until("the file to have its length", PATIENCE, || {
        copy.only(&std::fs::read(&log).expect("it is ours"));
        copy.read("appendonly.aof.1.incr.aof").len() >= size
    });
    kill(server);
    let server = copy.start_log(&["--aof-load-truncated", "no"]);
    let mut wire = server.connect();
    for number in 0..stored {
        assert!(get(&mut wire, &format!("k{number}")).is_some(), "k{number} of {stored}");
    }
    assert_eq!(get(&mut wire, "after").as_deref(), Some("1"));
}

#[test]
fn under_always_nothing_is_acknowledged_that_is_not_on_the_disk() {
    let folder = Folder::new();
    let server = start_on_small_disk(&folder, "always");
    let mut wire = server.connect();
    let value = "v".repeat(1000);
    let mut stored = 0;
    let refusal = loop {
        wire.send(command(&["SET", &format!("k{stored}"), &value]));
        let reply = wire.reply();
        if reply.kind == b'-' {
            break reply.text();
        }
        stored += 1;
        assert!(stored < 1_000_000, "the disk is never full");
    };
    assert_eq!(refusal, "MISCONF Errors writing to the AOF file: File too large");
    // It was run, but is not on the disk: whoever sent it is told so, and the connection ends.
    wire.expect_end("");
    let mut other = server.connect();
    assert_eq!(get(&mut other, "k0").as_deref(), Some(&*value), "reads go on");
    assert!(other.ask(&["SET", "x", "1"]).text().starts_with("MISCONF"));
    kill(server);
    let server = folder.start_log(&[]);
    let mut wire = server.connect();
    for number in 0..stored {
        assert!(get(&mut wire, &format!("k{number}")).is_some(), "k{number} of {stored}");
    }
    assert_eq!(get(&mut wire, &format!("k{stored}")), None);
}

#[test]
fn an_end_that_loses_something_has_a_status_that_says_so() {
    let folder = Folder::new();
    let mut server = start_on_small_disk(&folder, "no");
    let mut wire = server.connect();
    let value = "v".repeat(100_000);
    set(&mut wire, "large", &value);
    wait_until("the log to fail", PATIENCE, || wire.info("aof_last_write_status") == "err");
    server.process().signal("TERM");
    let status = server.process().wait_for_exit(PATIENCE);
    assert_eq!(status.code(), Some(1));
    let said = server.process().stderr();
    assert!(said.contains("last changes cannot be written"), "{said}");
}

#[test]
fn a_snapshot_that_cannot_be_written_leaves_the_old_one() {
    let folder = Folder::new();
    let flags = folder.flags(&["--save", "3600 1"]);
    let mut server = Server::start_after("trap '' XFSZ && ulimit -S -f 64", &flags);
    let mut wire = server.connect();
    set(&mut wire, "small", "1");
    wire.transcript(&[("SAVE", "+OK\r\n")]);
    let before = std::fs::read(folder.path().join("dump.rdb")).expect("it was saved");
    set(&mut wire, "large", &"v".repeat(200_000));
    wire.transcript(&[("BGSAVE", "+Background saving started\r\n")]);
    wait_until("the failure to be told", PATIENCE, || wire.info("rdb_last_bgsave_status") == "err");
    assert_eq!(std::fs::read(folder.path().join("dump.rdb")).expect("still"), before);
    let names: Vec<_> = std::fs::read_dir(folder.path()).expect("readable").collect();
    assert_eq!(names.len(), 1, "nothing else is left behind: {names:?}");
    // With save points, writes are refused as long as this is so.
    assert!(wire.ask(&["SET", "x", "1"]).text().starts_with("MISCONF Redis is configured to save"));
    assert_eq!(get(&mut wire, "small").as_deref(), Some("1"));
    assert!(wire.ask(&["SAVE"]).text().starts_with("ERR"));
    wait_until("the message", PATIENCE, || {
        server.process().stderr().contains("no snapshot is taken")
    });
    kill(server);
}

#[test]
fn a_sync_that_fails_is_the_end_of_the_process() {
    let name = "a sync that fails";
    let Some(strace) = tools::require(name, "strace") else { return };
    for policy in ["always", "everysec"] {
        let folder = Folder::new();
        let mut server = folder.start_log(&["--appendfsync", policy]);
        let mut wire = server.connect();
        set(&mut wire, "before", "1");
        wait_until("it to be synced", PATIENCE, || wire.info("aof_buffer_length") == "0");
        let mut command = Command::new(&strace);
        command.args(["-f", "-e", "trace=fdatasync", "-e", "inject=fdatasync:error=EIO"]);
        command.args(["-p", &server.id().to_string()]);
        let mut strace = Process::spawn("strace", &mut command);
        wait_until("strace to attach", PATIENCE, || strace.stderr().contains("attached"));
        wire.send(tests::command(&["SET", "after", "1"]));
        // Under `always` the reply waited for the sync, and so does not come.
        let came = wire.read_to_end();
        assert!(policy != "always" || came.is_empty(), "{}", came.escape_ascii());
        let status = server.process().wait_for_exit(PATIENCE);
        assert_eq!(status.code(), Some(1), "{policy}");
        let said = server.process().stderr();
        assert!(said.contains("cannot be synced: Input/output error"), "{said}");
        strace.wait_for_exit(PATIENCE);
        let server = folder.start_log(&[]);
        assert_eq!(get(&mut server.connect(), "before").as_deref(), Some("1"));
    }
}
