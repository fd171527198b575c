//! Client libraries of other languages, each with scenarios written in that language.
//!
//! ```text
//!  tests/clients/py ──► redis-py               installed once, with pinned versions, into
//!  tests/clients/js ──► ioredis, node-redis    a directory that `cargo clean` removes
//! ```
//!
//! A script gets the server's port, runs its scenarios, and prints a line for each. It passes if
//! it ends with status 0 and counts all of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tests::process::Process;
use tests::{Server, binary, on_every_peer, tools};

/// All scenarios of one script; each also limits its own waits.
const WITHIN: Duration = Duration::from_secs(120);

#[test]
fn redis_py_is_served() {
    let Some(python) = python() else {
        return;
    };
    on_every_peer("redis-py", |peer| {
        let script = sources("py").join("scenarios.py");
        assert_eq!(passed(peer, Command::new(&python).arg(script)), [28]);
    });
}

#[test]
fn ioredis_and_node_redis_are_served() {
    let Some(modules) = node_modules() else {
        return;
    };
    on_every_peer("ioredis and node-redis", |peer| {
        for (script, expected) in [("ioredis.js", &[8][..]), ("node-redis.js", &[7, 7])] {
            let mut command = Command::new("node");
            command.arg(sources("js").join(script)).env("NODE_PATH", &modules);
            assert_eq!(passed(peer, &mut command), expected);
        }
    });
}

/// Runs a script; how many scenarios each of its runs counts.
fn passed(peer: &Server, command: &mut Command) -> Vec<usize> {
    let mut process = Process::spawn("scenarios", command.arg(peer.address().port().to_string()));
    let status = process.wait_for_exit(WITHIN);
    assert!(status.success(), "{}: {status}", peer.name());
    let said = process.stdout();
    said.lines()
        .filter_map(|line| line.strip_suffix(" scenarios passed"))
        .map(|count| count.parse().expect("a number of scenarios"))
        .collect()
}

/// The interpreter of an environment that has redis-py.
fn python() -> Option<PathBuf> {
    let test = "redis-py";
    tools::require(test, "python3")?;
    let place = prepared(test, "py", &["requirements.txt"], |place| {
        let environment = place.join("environment");
        run(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
        let mut install = Command::new(environment.join("bin/pip"));
        install.args(["install", "--quiet", "--disable-pip-version-check", "-r"]);
        run(install.arg(place.join("requirements.txt")))
    })?;
    Some(place.join("environment/bin/python"))
}

/// The directory of the libraries for node.
fn node_modules() -> Option<PathBuf> {
    let test = "ioredis and node-redis";
    tools::require(test, "node")?;
    tools::require(test, "npm")?;
    let place = prepared(test, "js", &["package.json", "package-lock.json", ".npmrc"], |place| {
        let mut install = Command::new("npm");
        install.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(place);
        run(&mut install)
    })?;
    Some(place.join("node_modules"))
}

/// A directory with what `install` has put there for these files, which say what is wanted. It is
/// made anew when one of them has changed. `None`, said aloud, if that fails.
fn prepared(
    test: &str,
    language: &str,
    files: &[&str],
    install: impl FnOnce(&Path) -> Result<(), String>,
) -> Option<PathBuf> {
    let place = binary::scratch().join(format!("clients-{language}"));
    let wanted =
        |name: &&str| fs::read(sources(language).join(name)).expect("a file of this crate");
    let wanted: Vec<u8> = files.iter().flat_map(wanted).collect();
    // Written last: where it is, the installation was complete.
    let complete = place.join("complete");
    if fs::read(&complete).is_ok_and(|installed| installed == wanted) {
        return Some(place);
    }
    // It may not be there.
    let _ = fs::remove_dir_all(&place);
    fs::create_dir_all(&place).expect("cargo's target directory is writable");
    for name in files {
        fs::copy(sources(language).join(name), place.join(name)).expect("a copy of a small file");
    }
    if let Err(said) = install(&place) {
        tools::missing(test, &said);
        return None;
    }
    fs::write(complete, wanted).expect("cargo's target directory is writable");
    Some(place)
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stderr);
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("{command:?} fails: {said}")),
    }
}

fn sources(language: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients").join(language)
}
