//! Compiles and runs the examples of a chapter, with the real crates, by rustdoc.
//!
//! rustdoc reads Markdown as it is. What it gets is the chapter with every line blank that belongs to no
//! example, so that the lines of its messages are the chapter's own.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

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
    let is_example = |block: &&Block| block.kind == Kind::Rust && block.captions.is_empty();
    let examples: Vec<&Block> = page.blocks.iter().filter(is_example).collect();
    let Some(first) = examples.first() else { return Ok(Vec::new()) };
    let target = root.join("target/book");
    fs::create_dir_all(&target)?;
    let stripped = target.join(page.file.file_name().expect("a chapter is a file"));
    fs::write(&stripped, strip(page, &examples))?;
    let output = Command::new("rustdoc")
        .args(["--test", "--edition", "2024"])
        .arg(&stripped)
        // One after the other: rustdoc runs them in one process, where a descriptor that the one opens
        // could take the number that the other has just closed.
        .arg("--test-args=--test-threads=1")
        .args(libraries(root)?)
        .env("CARGO_TERM_COLOR", "never")
        .output()?;
    if output.status.success() {
        return Ok(Vec::new());
    }
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    // `test chapter.md - (line 12) ... FAILED`
    let failed = said.lines().filter(|line| line.starts_with("test ") && line.ends_with("FAILED"));
    let mut lines: Vec<usize> = failed
        .filter_map(|line| line.split_once("line ")?.1.split_once(')')?.0.trim().parse().ok())
        .collect();
    if lines.is_empty() {
        lines.push(page.line(first.at));
    }
    let what = format!("this example fails; mend it, or the code that it is about\n{said}");
    let problem = |line| Problem { file: page.file.to_owned(), line, what: what.clone() };
    Ok(lines.into_iter().map(problem).collect())
}

/// The chapter without the letters of all else.
fn strip(page: &Page<'_>, examples: &[&Block]) -> String {
    let (mut stripped, mut from) = (String::new(), 0);
    for block in examples {
        // The fence that ends it stands behind the code.
        let end = block.range.end + "```".len();
        stripped.extend(page.text[from..block.at].matches('\n'));
        stripped.push_str(&page.text[block.at..end]);
        from = end;
    }
    stripped
}

/// Where rustdoc finds the workspace's libraries, built now if they are not up to date.
fn libraries(root: &Path) -> io::Result<Vec<String>> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--message-format=json"]).current_dir(root);
    let output = cargo.args(CRATES.iter().flat_map(|name| ["-p", name])).output()?;
    if !output.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&output.stderr)));
    }
    let said = String::from_utf8_lossy(&output.stdout);
    let mut arguments = Vec::new();
    for artifact in said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let name = CRATES.into_iter().find(|name| artifact["target"]["name"] == *name);
        let mut files = artifact["filenames"].as_array().into_iter().flatten();
        let library = files.find_map(|file| file.as_str().filter(|path| path.ends_with(".rlib")));
        if let (Some(name), Some(library)) = (name, library) {
            let folder = Path::new(library).with_file_name("deps");
            arguments.push(format!("--extern={name}={library}"));
            arguments.push(format!("-Ldependency={}", folder.display()));
        }
    }
    Ok(arguments)
}
