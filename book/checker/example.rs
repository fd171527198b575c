//! Compiles and runs the examples of a chapter, with the real crates, by rustdoc.
//!
//! rustdoc reads Markdown as it is. What it gets is the chapter with every line blank that belongs to no
//! example, so that the lines of its messages are the chapter's own.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

use crate::Problem;
use crate::page::{Block, Kind, Page};

/// The crates that an example may use.
const CRATES: [&str; 3] = ["reactor", "executor", "listings"];

/// An example without a claim is a quote that lost its caption, or shows nothing.
pub(crate) fn has_claim(code: &str) -> Result<(), String> {
    if code.contains("assert") {
        return Ok(());
    }
    Err("this block has no caption and asserts nothing; if it is a quote, begin the paragraph above it \
         with **[path](link)**; if it is an example, let it assert what it shows"
        .to_owned())
}

/// What is wrong with the examples of a chapter.
pub(crate) fn run(page: &Page<'_>, root: &Path) -> io::Result<Vec<Problem>> {
    let examples: Vec<&Block> = page.blocks.iter().filter(|block| is_example(block)).collect();
    if examples.is_empty() {
        return Ok(Vec::new());
    }
    let target = root.join("target/book");
    fs::create_dir_all(&target)?;
    let name = page.file.file_name().expect("a chapter is a file");
    let stripped = target.join(name);
    fs::write(&stripped, strip(page, &examples))?;
    let mut rustdoc = Command::new("rustdoc");
    rustdoc.args(["--test", "--edition", "2024"]).arg(&stripped);
    // One after the other: rustdoc runs them in one process, where a descriptor that the one opens could
    // take the number that the other has just closed.
    rustdoc.arg("--test-args=--test-threads=1");
    for (name, path) in libraries(root)? {
        rustdoc.args(["--extern", &format!("{name}={}", path.display())]);
        if let Some(folder) = path.parent() {
            rustdoc.arg("-L").arg(format!("dependency={}", folder.join("deps").display()));
        }
    }
    let output = rustdoc.env("CARGO_TERM_COLOR", "never").output()?;
    if output.status.success() {
        return Ok(Vec::new());
    }
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    Ok(failures(page, &examples, &said))
}

fn is_example(block: &Block) -> bool {
    block.kind == Kind::Rust && block.captions.is_empty()
}

fn strip(page: &Page<'_>, examples: &[&Block]) -> String {
    let within = |line| {
        let covers =
            |block: &&Block| (page.line(block.at)..=page.line(block.range.end)).contains(&line);
        examples.iter().any(covers)
    };
    let lines = page.text.lines().enumerate();
    lines
        .map(|(number, line)| if within(number + 1) { line } else { "" }.to_owned() + "\n")
        .collect()
}

fn failures(page: &Page<'_>, examples: &[&Block], said: &str) -> Vec<Problem> {
    // `test chapter.md - (line 12) ... FAILED`
    let failed = said.lines().filter(|line| line.starts_with("test ") && line.ends_with("FAILED"));
    let lines = failed.filter_map(|line| {
        line.split_once("line ")?.1.split_once(')')?.0.trim().parse::<usize>().ok()
    });
    let problem = |line| {
        let what = format!("this example fails; mend it, or the code that it is about\n{said}");
        Problem { file: page.file.to_owned(), line, what }
    };
    let mut problems: Vec<Problem> = lines.map(problem).collect();
    if problems.is_empty() {
        problems.push(problem(examples.first().map_or(1, |block| page.line(block.at))));
    }
    problems
}

/// The libraries that the workspace's build made, built now if they are not up to date.
fn libraries(root: &Path) -> io::Result<Vec<(&'static str, PathBuf)>> {
    static BUILT: OnceLock<Result<Vec<(&str, PathBuf)>, String>> = OnceLock::new();
    BUILT.get_or_init(|| build(root).map_err(|e| e.to_string())).clone().map_err(io::Error::other)
}

fn build(root: &Path) -> io::Result<Vec<(&'static str, PathBuf)>> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--message-format=json"]).current_dir(root);
    cargo.args(CRATES.iter().flat_map(|name| ["-p", name]));
    let output = cargo.output()?;
    if !output.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&output.stderr)));
    }
    let said = String::from_utf8_lossy(&output.stdout);
    let artifacts = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut found = Vec::new();
    for artifact in artifacts.filter(|message| message["reason"] == "compiler-artifact") {
        let name = CRATES.into_iter().find(|name| artifact["target"]["name"] == *name);
        let files = artifact["filenames"].as_array();
        let library = files.into_iter().flatten().filter_map(Value::as_str);
        let library = library.filter(|path| path.ends_with(".rlib")).map(PathBuf::from).next();
        found.extend(name.zip(library));
    }
    Ok(found)
}
