//! Code that others wrote, on our runtime, and one port on many cores: each example runs to its end.
//!
//! The examples check themselves, by assertions; what is left here is that they are built, that they
//! end in time and well, and that they came as far as their last line.

mod support;

use std::process::{Command, Stdio};
use std::sync::Once;
use std::time::{Duration, Instant};

use support::process::{example, wait};

/// How long the compiler may take for all of them on a machine that is busy with other things.
const BUILD_TIME: Duration = Duration::from_secs(900);

#[test]
fn http_by_hyper_is_served_and_asked_for() {
    let output = run("hyper_server");
    assert!(output.contains("three requests were answered on one connection"), "{output}");
    assert!(output.contains("a client that said nothing was cut off"), "{output}");
}

#[test]
fn tls_by_rustls_trusts_a_friend_and_refuses_a_stranger() {
    let output = run("tls");
    assert!(output.contains("refused, as it must be"), "{output}");
    assert!(output.contains("1000000 bytes went out and came back"), "{output}");
}

#[test]
fn the_redis_library_shares_one_of_our_connections() {
    let output = run("redis_client");
    assert!(output.contains("eight tasks shared a connection"), "{output}");
}

#[test]
fn the_combinators_of_futures_work_on_our_types() {
    let output = run("futures_combinators");
    assert!(output.contains("all on our runtime"), "{output}");
}

#[test]
fn one_port_is_served_by_every_core() {
    let output = run("every_core");
    assert!(output.contains("256 connections to one port were divided"), "{output}");
}

/// What the example prints.
#[track_caller]
fn run(name: &str) -> String {
    build_all();
    let child = example(name).spawn().expect("cargo runs");
    let ended = wait(name, child);
    assert!(ended.status.success(), "{name}: {}\n{}\n{}", ended.status, ended.output, ended.errors);
    ended.output
}

/// Builds the examples before the clock of the first one starts: `cargo test --test strangers` builds
/// none, and a nested cargo may choose other features of shared crates.
fn build_all() {
    static BUILT: Once = Once::new();
    BUILT.call_once(|| {
        let mut command = Command::new(env!("CARGO"));
        command.args(["build", "--quiet", "--package", "executor", "--examples"]);
        if !cfg!(debug_assertions) {
            command.arg("--release");
        }
        command.args(["--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")]);
        let mut child = command.stdin(Stdio::null()).spawn().expect("cargo runs");
        let deadline = Instant::now() + BUILD_TIME;
        let status = loop {
            if let Some(status) = child.try_wait().expect("our own child") {
                break status;
            }
            if Instant::now() > deadline {
                child.kill().expect("our own child");
                panic!("waited {BUILD_TIME:?} in vain for the examples to be built");
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        assert!(status.success(), "the examples do not build: {status}");
    });
}
