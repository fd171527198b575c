//! Whether a command that is for the reader to type, and is not run here, could be typed.
//!
//! A server runs until somebody ends it, an exercise is the reader's, `strace` asks for a second
//! terminal. What such a command *names* can be looked up all the same: packages, programs, examples,
//! features, a stage.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::stage;

/// `Err` says which name of the block's commands means nothing.
pub(crate) fn check(code: &str, root: &Path) -> Result<(), String> {
    for line in code.lines() {
        let typed = line.strip_prefix("$ ").unwrap_or(line);
        let (folder, command) = match typed.split_once(" && ") {
            Some((cd, command)) => (root.join(cd.strip_prefix("cd ").unwrap_or(cd)), command),
            None => (root.to_owned(), typed),
        };
        if let Some(cargo) = command.strip_prefix("cargo ") {
            let words: Vec<&str> = cargo.split_whitespace().collect();
            look_up(&words, &folder, root)
                .map_err(|what| format!("`{command}`: {what}; bring the command up to date"))?;
        }
    }
    Ok(())
}

/// What of the words behind `cargo` means nothing.
fn look_up(words: &[&str], folder: &Path, root: &Path) -> Result<(), String> {
    let value = |flag: &str| {
        let place = words.iter().position(|word| *word == flag)?;
        words.get(place + 1).copied()
    };
    let (described, named) = (metadata(folder)?, value("-p"));
    let mut packages = described["packages"].as_array().into_iter().flatten();
    let package = packages.find(|package| named.is_none_or(|name| package["name"] == name));
    let package =
        package.ok_or_else(|| format!("there is no package `{}`", named.unwrap_or("")))?;
    for kind in ["bin", "example", "test"] {
        let mut targets = package["targets"].as_array().into_iter().flatten();
        if let Some(name) = value(&format!("--{kind}"))
            && !targets.any(|target| target["kind"][0] == kind && target["name"] == name)
        {
            return Err(format!("the package has no {kind} `{name}`"));
        }
    }
    if value("--features").is_some_and(|feature| package["features"][feature].is_null()) {
        return Err("the package has no such feature".to_owned());
    }
    if let (Some("book"), Some(wanted)) = (named, value("stage")) {
        let stages = stage::stages(&root.join("book")).map_err(|error| error.to_string())?;
        if !wanted.parse().is_ok_and(|wanted| stages.contains(&wanted)) {
            return Err(format!("there is no stage {wanted}, but {stages:?}"));
        }
    }
    Ok(())
}

/// The workspace in `folder`, as cargo describes it.
fn metadata(folder: &Path) -> Result<Value, String> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["metadata", "--no-deps", "--format-version", "1"]).current_dir(folder);
    let output = cargo.output().map_err(|error| format!("cargo metadata: {error}"))?;
    serde_json::from_slice(&output.stdout)
        .map_err(|_| String::from_utf8_lossy(&output.stderr).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here(code: &str) -> Result<(), String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
        check(code, root)
    }

    #[test]
    fn what_a_command_names_must_be_there() {
        for good in [
            "$ cargo run --release -p kv-server --no-default-features --features tokio",
            "$ cd book/exercises && cargo test -p ex08",
            "$ cargo run -p book -- stage 8 ../after-chapter-8",
            "$ strace -p 7",
        ] {
            assert_eq!(here(good), Ok(()), "{good}");
        }
        for (bad, why) in [
            ("$ cargo run -p kv-servre", "no package `kv-servre`"),
            ("$ cargo run -p kv-server --bin kv-cly", "no bin `kv-cly`"),
            ("$ cargo run -p kv-server --features toki", "no such feature"),
            ("$ cd book/exercise && cargo test -p ex08", "cargo metadata"),
            ("$ cd book/exercises && cargo test -p ex99", "no package `ex99`"),
            ("$ cargo run -p book -- stage 99 DIR", "no stage 99"),
        ] {
            let what = here(bad).expect_err(bad);
            assert!(what.contains(why) && what.contains("bring the command up to date"), "{what}");
        }
    }
}
