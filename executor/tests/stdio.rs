//! The standard streams, seen from outside: a process of our own at the other end of the pipes.
//!
//! ```text
//!   test ── starts this binary again, marked ──► the same test, as the child: stdin ─► stdout
//!     └──────────── writes, reads, closes ◄────────────┘
//! ```

mod support;

use std::fs::File;
use std::io::ErrorKind;
use std::process::{Command, Stdio};
use std::time::Duration;

use executor::io::{AsyncRead, AsyncWrite, BufReader, copy};
use executor::process::{Child, spawn};
use executor::time::timeout;
use executor::{Runtime, stdio};
use support::{run, soon};

const MARK: &str = "EXECUTOR_STDIO_CHILD";

fn is_child(test: &str) -> bool {
    std::env::var(MARK).is_ok_and(|marked| marked == test)
}

/// This binary once more, as `test`'s child.
fn child(test: &str, stdin: Stdio, stdout: Stdio) -> Child {
    let mut command = Command::new(std::env::current_exe().expect("the path of this binary"));
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]).env(MARK, test);
    spawn(command.stdin(stdin).stdout(stdout).stderr(Stdio::null())).expect("this very binary runs")
}

#[test]
fn lines_go_in_and_out_while_the_loop_goes_on() {
    if is_child("lines_go_in_and_out_while_the_loop_goes_on") {
        return run(async {
            let mut stdin = stdio::stdin().expect("stdin");
            let mut stdout = stdio::stdout().expect("stdout");
            assert_eq!(stdin.read(&mut []).await.expect("an empty buffer waits for nobody"), 0);
            let mut lines = BufReader::new(stdin).lines();
            // Nothing has come yet: the loop must run on, or this never says so.
            let early = timeout(Duration::from_millis(1), lines.next_line()).await;
            let greeting = if early.is_err() { "\n> not blocked\n" } else { "\n> too early\n" };
            stdout.write_all(greeting.as_bytes()).await.expect("room");
            while let Some(line) = lines.next_line().await.expect("a line") {
                stdout.write_all(format!("> {line}\n").as_bytes()).await.expect("room");
            }
            stdout.write_all(b"> the end\n").await.expect("room");
        });
    }
    run(async {
        let test = "lines_go_in_and_out_while_the_loop_goes_on";
        let mut child = child(test, Stdio::piped(), Stdio::piped());
        let mut stdin = child.stdin.take().expect("piped");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        // The test harness writes there, too; our lines are marked.
        let mut answer = async || loop {
            let line = soon("a line", lines.next_line()).await.expect("read").expect("no end yet");
            if let Some(ours) = line.strip_prefix("> ") {
                break ours.to_owned();
            }
        };
        assert_eq!(answer().await, "not blocked");
        for line in ["one", "two"] {
            soon("room", stdin.write_all(format!("{line}\n").as_bytes())).await.expect("room");
            assert_eq!(answer().await, line);
        }
        drop(stdin);
        assert_eq!(answer().await, "the end");
        assert!(soon("its end", child.wait()).await.expect("our own").success());
    });
}

#[test]
fn a_read_that_is_dropped_does_not_hold_up_the_end_of_the_program() {
    let test = "a_read_that_is_dropped_does_not_hold_up_the_end_of_the_program";
    if is_child(test) {
        let runtime = Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let mut stdin = stdio::stdin().expect("stdin");
            let waited = timeout(Duration::from_millis(1), stdin.read(&mut [0; 8])).await;
            assert!(waited.is_err(), "nobody writes");
        });
        // A thread in a blocking read would keep this from ending.
        return drop(runtime);
    }
    run(async {
        let mut child = child(test, Stdio::piped(), Stdio::null());
        // Its input stays open.
        let status = soon("its end", child.wait()).await.expect("our own");
        assert!(status.success());
        drop(child.stdin.take());
    });
}

#[test]
fn files_are_read_and_written_through_the_standard_streams() {
    let test = "files_are_read_and_written_through_the_standard_streams";
    if is_child(test) {
        return run(async {
            let mut stdin = stdio::stdin().expect("stdin");
            let mut stdout = stdio::stdout().expect("stdout");
            let count = copy(&mut stdin, &mut stdout).await.expect("copied");
            assert_eq!(count, 100_000);
        });
    }
    let path = |name: &str| {
        std::env::temp_dir().join(format!("executor-stdio-{}-{name}", std::process::id()))
    };
    let (from, to) = (path("from"), path("to"));
    let bytes = vec![b'x'; 100_000];
    std::fs::write(&from, &bytes).expect("written");
    let stdin = File::open(&from).expect("a file");
    let stdout = File::create(&to).expect("a file");
    let status = run(async {
        let mut child = child(test, stdin.into(), stdout.into());
        soon("its end", child.wait()).await.expect("our own")
    });
    let written = std::fs::read(&to).expect("a file");
    std::fs::remove_file(&from).expect("it is ours");
    std::fs::remove_file(&to).expect("it is ours");
    assert!(status.success());
    // With what the harness says before and after.
    assert!(written.windows(bytes.len()).any(|window| window == bytes));
}

#[test]
fn a_full_output_is_waited_for_and_its_end_is_an_error() {
    let test = "a_full_output_is_waited_for_and_its_end_is_an_error";
    if is_child(test) {
        return run(async {
            let mut stdout = stdio::stdout().expect("stdout");
            let second = stdio::stdout().expect_err("one at a time");
            assert_eq!(second.kind(), ErrorKind::AlreadyExists);
            // Far more than a pipe holds; nobody reads until the loop has had time to stand still.
            let error = stdout.write_all(&vec![b'y'; 1 << 20]).await.expect_err("the reader goes");
            assert_eq!(error.kind(), ErrorKind::BrokenPipe);
            // The harness would fail to write its report.
            std::process::exit(42);
        });
    }
    run(async {
        let mut child = child(test, Stdio::piped(), Stdio::piped());
        let mut stdout = child.stdout.take().expect("piped");
        let mut bytes = vec![0; 4096];
        let mut taken = 0;
        while taken < 300_000 {
            taken += soon("more", stdout.read(&mut bytes)).await.expect("a read");
        }
        drop(stdout);
        let status = soon("its end", child.wait()).await.expect("our own");
        assert_eq!(status.code(), Some(42));
    });
}
