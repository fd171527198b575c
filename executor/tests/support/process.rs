//! What takes a process: an abort that must not take the other tests along, and the examples.
//!
//! ```text
//!   cargo test ─► binary ─► test: not marked ─► the same binary --exact test, marked ─► body
//!                             └── its exit status, its output when it fails ◄───────────┘
//! ```

use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::Instant;

use super::PATIENCE;

/// The environment variable that says which test the process was started for.
const MARK: &str = "EXECUTOR_TEST_ALONE";

/// Runs `body` in a process of its own. `test` is the calling test's whole name.
#[track_caller]
pub(crate) fn alone(test: &str, body: impl FnOnce()) {
    if std::env::var(MARK).is_ok_and(|marked| marked == test) {
        body();
        return;
    }
    let child = Command::new(std::env::current_exe().expect("the path of this binary"))
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(MARK, test)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("this very binary runs");
    let ended = wait(test, child);
    // A test name with a slip would run nothing, and nothing never fails.
    let ran = ended.output.contains("test result: ok. 1 passed");
    let Ended { status, output, errors } = ended;
    assert!(status.success() && ran, "{test}, alone: {status}\n{output}\n{errors}");
}

/// What is left of a process.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) output: String,
    pub(crate) errors: String,
}

/// Waits for a process with piped output; ends it where it takes too long.
#[track_caller]
pub(crate) fn wait(what: &str, mut child: Child) -> Ended {
    let output = child.stdout.take().map(collect);
    let errors = child.stderr.take().map(collect);
    let deadline = Instant::now() + 3 * PATIENCE;
    let status = loop {
        if let Some(status) = child.try_wait().expect("our own child") {
            break status;
        }
        if Instant::now() > deadline {
            child.kill().expect("our own child");
            panic!("waited {:?} in vain for the end of: {what}", 3 * PATIENCE);
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    };
    Ended { status, output: text(output), errors: text(errors) }
}

/// The example `name`, built as this test was built, to be started.
///
/// It is not taken from where cargo may have left it: `cargo test --test examples` builds none. The
/// build has no deadline: how long a compiler takes is not what is tested.
#[track_caller]
pub(crate) fn example(name: &str) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--example", name, "--message-format=json"]);
    cargo.args(["--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")]);
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    let built = cargo.stdin(Stdio::null()).output().expect("cargo runs");
    let errors = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success(), "{name} does not build: {errors}");
    let messages = String::from_utf8_lossy(&built.stdout);
    let mut command = Command::new(executable(&messages, name));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Where cargo says that the example lies: a message a line, and paths that need no unescaping.
#[track_caller]
fn executable<'a>(messages: &'a str, name: &str) -> &'a str {
    let target = format!("\"name\":\"{name}\"");
    let mut lines = messages.lines().filter(|line| line.contains("\"kind\":[\"example\"]"));
    let message = lines.find(|line| line.contains(&target));
    let path = message.and_then(|message| message.split("\"executable\":\"").nth(1));
    let path = path.and_then(|path| path.split('"').next());
    path.unwrap_or_else(|| panic!("cargo has built no example `{name}`"))
}

/// Reads to the end beside the rest, so that the writer is never held back by a full pipe.
fn collect(mut from: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut text = String::new();
        let _ = from.read_to_string(&mut text);
        text
    })
}

fn text(reader: Option<JoinHandle<String>>) -> String {
    reader.map(|reader| reader.join().expect("a reader does not panic")).unwrap_or_default()
}
