//! What is compared, and how it is built.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// One server.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// In tables.
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// The executable.
    pub(crate) path: PathBuf,
}

/// How it is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// kv-server, on either runtime.
    KvServer,
    /// The listing of the book.
    Bare,
    /// Another, which knows nothing but SUBSCRIBE and PUBLISH.
    Channels,
    /// redis-server.
    Redis,
}

/// The first is what the others are compared with.
pub(crate) const REFERENCE: usize = 0;

/// Its name.
pub(crate) const REFERENCE_NAME: &str = "tokio";

/// The name of what we have made ourselves.
pub(crate) const OWN: &str = "own";

/// The event loop's.
pub(crate) const BARE: &str = "bare epoll";

/// The one whose subscribers are fed by tokio's channels.
pub(crate) const CHANNELS: &str = "tokio channels";

/// Redis's.
pub(crate) const REDIS: &str = "redis";

/// The same program once more: the control.
pub(crate) const CONTROL: &str = "tokio again";

/// What a build has made.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) programs: Vec<Program>,
    pub(crate) generator: PathBuf,
    /// Cargo's folder for what it makes.
    pub(crate) target: PathBuf,
}

/// Builds all; what is up to date costs nothing. Each runtime's server has a target folder of its
/// own, and features for itself alone, so that neither is built with what only the other needs.
///
/// # Errors
/// In words: cargo fails.
pub(crate) fn build() -> Result<Built, String> {
    let target = target()?;
    let server = |runtime: &str| {
        let folder = target.join("compare").join(runtime);
        let package = ["-p", "kv-server", "--bin", "kv-server"];
        let features = ["--no-default-features", "--features", runtime, "--target-dir"];
        let mut arguments: Vec<OsString> =
            package.iter().chain(&features).map(OsString::from).collect();
        arguments.push(folder.into());
        built("kv-server", arguments)
    };
    let here = |arguments: &[&str]| arguments.iter().map(OsString::from).collect();
    let generator = built("kv-bench", here(&["-p", "kv-server", "--bin", "kv-bench"]))?;
    let listing = |name: &str| built(name, here(&["-p", "listings", "--example", name]));
    let (bare, channels) = (listing("bare_epoll")?, listing("tokio_channels")?);
    let (tokio, own) = (server("tokio")?, server("own")?);
    let program = |name, kind, path: &Path| Program { name, kind, path: path.to_owned() };
    let mut programs = vec![
        program(REFERENCE_NAME, Kind::KvServer, &tokio),
        program(OWN, Kind::KvServer, &own),
        program(BARE, Kind::Bare, &bare),
        program(CHANNELS, Kind::Channels, &channels),
    ];
    match found("redis-server") {
        true => programs.push(program(REDIS, Kind::Redis, Path::new("redis-server"))),
        false => eprintln!("redis-server is not installed: compared without it"),
    }
    programs.push(program(CONTROL, Kind::KvServer, &tokio));
    Ok(Built { programs, generator, target })
}

/// Whether a program can be run, by asking for its version.
pub(crate) fn found(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok()
}

/// Builds one executable, and says where it is.
fn built(name: &str, arguments: Vec<OsString>) -> Result<PathBuf, String> {
    let mut command = cargo();
    command.args(["build", "--release", "--message-format", "json-render-diagnostics"]);
    let printed = printed(command.args(arguments))?;
    printed
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == name)
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .ok_or_else(|| format!("cargo does not say where it has built {name}"))
}

fn target() -> Result<PathBuf, String> {
    let printed = printed(cargo().args(["metadata", "--format-version", "1", "--no-deps"]))?;
    let metadata: Value = serde_json::from_str(&printed).map_err(|error| error.to_string())?;
    let target = metadata["target_directory"].as_str();
    target.map(PathBuf::from).ok_or_else(|| "cargo does not name its target folder".to_owned())
}

fn cargo() -> Command {
    // Under `cargo run` the variable names the very cargo that runs us.
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    command.current_dir(package.parent().expect("the package is a folder of the workspace"));
    command
}

/// What a command prints; its complaints go where ours go.
fn printed(command: &mut Command) -> Result<String, String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo cannot be run: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo failed, {}", output.status));
    }
    String::from_utf8(output.stdout).map_err(|error| error.to_string())
}
