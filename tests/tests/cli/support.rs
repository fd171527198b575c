//! Runs of the program, each with a deadline.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use tests::process::Process;
use tests::{PATIENCE, binary};

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The program with these arguments, talking to this server.
pub(crate) fn cli(address: SocketAddr, arguments: &[&str]) -> Command {
    program(binary::kv_cli(), address, arguments)
}

/// A program that takes redis-cli's options.
pub(crate) fn program(path: &Path, address: SocketAddr, arguments: &[&str]) -> Command {
    let mut command = Command::new(path);
    command.args(["-p", &address.port().to_string()]).args(arguments);
    // What the tests' own environment says must not matter.
    command.env_remove("REDISCLI_AUTH").env_remove("NO_COLOR").env("KVCLI_HISTFILE", "");
    command
}

/// Runs it to its end, without input.
#[track_caller]
pub(crate) fn run(address: SocketAddr, arguments: &[&str]) -> Run {
    finish(Process::spawn("kv-cli", &mut cli(address, arguments)))
}

/// Runs it to its end, with this input.
#[track_caller]
pub(crate) fn run_with(address: SocketAddr, arguments: &[&str], input: impl AsRef<[u8]>) -> Run {
    let file = Input::new(input.as_ref());
    let command = cli(address, arguments);
    let mut shell = Command::new("sh");
    shell.args(["-c", "exec \"$0\" \"$@\" < \"$INPUT\""]).arg(command.get_program());
    shell.args(command.get_args()).env("INPUT", &file.0).env_remove("REDISCLI_AUTH");
    finish(Process::spawn("kv-cli with an input", &mut shell))
}

/// Waits for its end.
#[track_caller]
pub(crate) fn finish(mut process: Process) -> Run {
    let status = process.wait_for_exit(PATIENCE).code();
    Run { status, stdout: process.stdout(), stderr: process.stderr() }
}

/// A file that a program reads, removed when dropped.
struct Input(PathBuf);

impl Input {
    fn new(bytes: &[u8]) -> Input {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("input-{}-{number}", std::process::id());
        let path = binary::scratch().join(name);
        fs::write(&path, bytes).expect("the scratch directory is writable");
        Input(path)
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        // It is in cargo's own directory; one that stays does no harm.
        let _ = fs::remove_file(&self.0);
    }
}
