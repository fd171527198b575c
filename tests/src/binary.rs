//! The binaries under test, each built once a process by a nested cargo.
//!
//! Cargo hands a test the path of its *own* crate's binaries alone, so the path of another
//! crate's is asked from cargo, as JSON. A build that is up to date costs it a fraction of a
//! second. The two flavours are kept in two target directories: they share the name of the
//! binary, and would overwrite each other between two runs of this suite.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// Whether this suite was built to test the server's tokio build.
pub const ON_TOKIO: bool = cfg!(feature = "tokio");

/// The path of the server to test.
///
/// # Panics
/// When cargo cannot build it; the message holds what cargo said.
pub fn kv_server() -> &'static Path {
    // A failure is kept too: to build again for each test of a file would fail as often.
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let built = BUILT.get_or_init(|| match env::var_os("KV_SERVER_BIN") {
        Some(path) => Ok(PathBuf::from(path)),
        None => build("kv-server"),
    });
    match built {
        Ok(path) => path,
        Err(said) => panic!("there is no server to test: {said}"),
    }
}

/// The path of the command line client to test.
///
/// # Panics
/// When cargo cannot build it; the message holds what cargo said.
pub fn kv_cli() -> &'static Path {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    match BUILT.get_or_init(|| build("kv-cli")) {
        Ok(path) => path,
        Err(said) => panic!("there is no client to test: {said}"),
    }
}

/// Runs cargo in the workspace and returns what it wrote to its standard output.
///
/// # Errors
/// When cargo fails: what it wrote to its standard error.
pub fn cargo(arguments: &[&str]) -> Result<String, String> {
    // Inside `cargo test` the variable names the very cargo that runs us.
    let program = env::var_os("CARGO").unwrap_or_else(|| env!("CARGO").into());
    let output = Command::new(program)
        .args(arguments)
        .current_dir(workspace())
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cargo does not start: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("cargo {} failed:\n{said}", arguments.join(" ")));
    }
    Ok(String::from_utf8(output.stdout).expect("cargo prints UTF-8"))
}

/// The workspace's root directory.
pub fn workspace() -> PathBuf {
    let crate_root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    crate_root.parent().expect("this crate is a directory of the workspace").to_path_buf()
}

/// What `cargo metadata` says of the workspace, without the crates that it depends on.
///
/// # Panics
/// When cargo cannot read the workspace.
pub fn metadata() -> Value {
    let printed = cargo(&["metadata", "--format-version", "1", "--no-deps"])
        .unwrap_or_else(|error| panic!("{error}"));
    serde_json::from_str(&printed).expect("cargo metadata prints JSON")
}

/// A directory for this suite's own products, which `cargo clean` removes.
pub fn scratch() -> PathBuf {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        let metadata = metadata();
        let target = metadata["target_directory"]
            .as_str()
            .expect("cargo metadata names the target directory");
        let path = PathBuf::from(target).join("tmp");
        std::fs::create_dir_all(&path).expect("cargo's target directory is writable");
        path
    })
    .clone()
}

fn build(name: &str) -> Result<PathBuf, String> {
    let mut arguments = vec!["build", "-p", "kv-server", "--bin", name];
    arguments.extend(["--message-format", "json-render-diagnostics"]);
    let apart = scratch().join("tokio-flavour");
    let apart = apart.to_str().expect("the workspace's path is UTF-8");
    if ON_TOKIO {
        arguments.extend(["--no-default-features", "--features", "tokio"]);
        arguments.extend(["--target-dir", apart]);
    }
    let printed = cargo(&arguments)?;
    printed
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["reason"] == "compiler-artifact")
        .filter(|message| message["target"]["name"] == name)
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .ok_or_else(|| "cargo does not name the executable that it built".to_owned())
}
