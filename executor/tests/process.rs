//! Child processes: their ends, their streams, and what is left of them.

mod support;

use std::io::{self, ErrorKind};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use executor::io::{AsyncRead, AsyncWrite, BufReader, copy};
use executor::process::spawn;
use executor::time::timeout;
use executor::{join, metrics};
use support::{run, soon};

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).stdin(Stdio::null());
    command
}

#[test]
fn a_child_ends_with_its_status_and_may_be_asked_again() {
    run(async {
        let mut child = spawn(&mut shell("exit 7")).expect("a shell");
        assert_eq!(soon("its end", child.wait()).await.expect("our own").code(), Some(7));
        assert_eq!(soon("its end", child.wait()).await.expect("our own").code(), Some(7));
        assert_eq!(child.try_wait().expect("our own").and_then(|status| status.code()), Some(7));
    });
}

#[test]
fn a_conversation_with_a_child_goes_both_ways() {
    run(async {
        let mut command = Command::new("cat");
        let mut child = spawn(command.stdin(Stdio::piped()).stdout(Stdio::piped())).expect("a cat");
        let mut stdin = child.stdin.take().expect("piped");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        for line in ["one", "two"] {
            soon("room", stdin.write_all(format!("{line}\n").as_bytes())).await.expect("room");
            let echo = soon("the echo", lines.next_line()).await.expect("read");
            assert_eq!(echo.as_deref(), Some(line));
        }
        drop(stdin);
        assert_eq!(soon("the end", lines.next_line()).await.expect("read"), None);
        assert!(soon("its end", child.wait()).await.expect("our own").success());
    });
}

#[test]
fn more_than_a_pipe_holds_passes_through_a_child() {
    run(async {
        let mut command = Command::new("cat");
        let mut child = spawn(command.stdin(Stdio::piped()).stdout(Stdio::piped())).expect("a cat");
        let mut stdin = child.stdin.take().expect("piped");
        let mut stdout = child.stdout.take().expect("piped");
        let sent: Vec<u8> = (0..400_000_u32).map(|number| number as u8).collect();
        let mut received = Vec::new();
        let writing = async {
            copy(&mut &sent[..], &mut stdin).await.expect("room");
            drop(stdin);
        };
        let reading = async {
            let mut bytes = vec![0; 8192];
            loop {
                match stdout.read(&mut bytes).await.expect("a read") {
                    0 => break,
                    count => received.extend_from_slice(&bytes[..count]),
                }
            }
        };
        soon("400,000 bytes through a child", join(writing, reading)).await;
        assert!(received == sent, "the bytes are not those that were sent");
        assert!(soon("its end", child.wait()).await.expect("our own").success());
    });
}

#[test]
fn a_child_that_does_not_end_is_killed() {
    run(async {
        let mut child = spawn(&mut shell("exec sleep 1000")).expect("a shell");
        assert!(child.try_wait().expect("our own").is_none());
        let waited = timeout(Duration::from_millis(20), child.wait()).await;
        assert!(waited.is_err(), "a dropped wait leaves the child alone");
        child.kill().expect("our own");
        let status = soon("its end", child.wait()).await.expect("our own");
        assert_eq!((status.code(), status.signal()), (None, Some(9)));
        child.kill().expect("nothing happens to one that was waited for");
    });
}

#[test]
fn all_that_a_child_writes_to_both_streams_is_collected_with_its_end() {
    run(async {
        // More than a pipe holds, so that it ends only where both are read at once.
        let script = "head -c 300000 /dev/zero; head -c 300000 /dev/zero >&2; echo end; exit 3";
        let mut command = shell(script);
        let child = spawn(command.stdout(Stdio::piped()).stderr(Stdio::piped())).expect("a shell");
        let output = soon("its end", child.wait_with_output()).await.expect("our own");
        assert_eq!(output.status.code(), Some(3));
        assert_eq!((output.stdout.len(), output.stderr.len()), (300_004, 300_000));
        assert!(output.stdout.ends_with(b"\0end\n"));
    });
}

#[test]
fn collecting_closes_the_input_of_a_child_and_wants_no_pipe() {
    run(async {
        let mut command = Command::new("cat");
        let child = spawn(command.stdin(Stdio::piped()).stdout(Stdio::null())).expect("a cat");
        let output = soon("its end", child.wait_with_output()).await.expect("our own");
        assert!(output.status.success());
        assert_eq!((output.stdout.len(), output.stderr.len()), (0, 0));
        assert_eq!(metrics().sources, 0);
    });
}

/// Whether there is a process of this number, be it a zombie.
fn exists(id: u32) -> bool {
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("kill -0 {id}")).stderr(Stdio::null());
    command.status().expect("a shell").success()
}

#[test]
fn a_child_that_is_killed_on_drop_leaves_nothing() {
    run(async {
        let mut child = spawn(&mut shell("exec sleep 1000")).expect("a shell");
        let id = child.id();
        child.set_kill_on_drop(true);
        let waited = timeout(Duration::from_millis(20), child.wait()).await;
        assert!(waited.is_err() && exists(id), "a dropped wait leaves the child alone");
        let collecting = child.wait_with_output();
        assert!(exists(id), "it goes with the child");
        drop(collecting);
        assert!(!exists(id), "neither it nor a zombie is there");
        assert_eq!(metrics().sources, 0);
    });
}

#[test]
fn a_child_that_has_ended_may_be_killed_on_drop_and_one_that_is_dropped_goes_on() {
    run(async {
        let mut ended = spawn(&mut shell("exit 0")).expect("a shell");
        ended.set_kill_on_drop(true);
        assert!(soon("its end", ended.wait()).await.expect("our own").success());
        drop(ended);
        let mut command = shell("read line; echo \"$line\" >&2");
        command.stdin(Stdio::piped()).stderr(Stdio::piped());
        let mut child = spawn(&mut command).expect("a shell");
        let (mut stdin, stderr) = (child.stdin.take(), child.stderr.take());
        drop(child);
        let stdin = stdin.as_mut().expect("piped");
        soon("room", stdin.write_all(b"alive\n")).await.expect("it reads");
        let mut lines = BufReader::new(stderr.expect("piped")).lines();
        let line = soon("its answer", lines.next_line()).await.expect("a read");
        assert_eq!(line.as_deref(), Some("alive"));
    });
}

#[test]
fn many_children_end_in_any_order_and_leave_nothing_registered() {
    run(async {
        let tasks: Vec<_> = (0..12)
            .map(|code| {
                executor::spawn(async move {
                    let mut child = spawn(&mut shell(&format!("exit {code}"))).expect("a shell");
                    let status = child.wait().await.expect("our own");
                    assert_eq!(status.code(), Some(code));
                })
            })
            .collect();
        for task in tasks {
            soon("a child's end", task).await.expect("no panic");
        }
        assert_eq!(metrics().sources, 0);
    });
}

#[test]
fn a_program_that_is_not_there_is_an_error_and_leaves_nothing() {
    run(async {
        let missing = spawn(&mut Command::new("/no/such/program")).expect_err("it is not there");
        assert_eq!(missing.kind(), ErrorKind::NotFound);
        assert_eq!(metrics().sources, 0);
    });
}

#[test]
fn a_child_that_reads_no_more_is_an_error_to_its_writer() -> io::Result<()> {
    run(async {
        let mut command = shell("exec true");
        let mut child = spawn(command.stdin(Stdio::piped()))?;
        soon("its end", child.wait()).await?;
        let mut stdin = child.stdin.take().expect("piped");
        let error = soon("an answer", stdin.write(b"x")).await.expect_err("nobody reads");
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
        Ok(())
    })
}
