//! Tables in comments that name tests, and whether these exist.
//!
//! A claim whose test was renamed or lost would otherwise go on looking safe.

#![allow(dead_code, reason = "a test binary uses only a part of what is shared")]

use std::fs;
use std::path::{Path, PathBuf};

/// The cells of each row of the tables in the module comment of `source`, without heads and rules.
pub(crate) fn rows(source: &str) -> Vec<Vec<&str>> {
    let lines: Vec<&str> = source.lines().collect();
    let is_rule = |line: Option<&&str>| line.is_some_and(|line| line.starts_with("//! | ---"));
    let rows = lines.iter().enumerate().filter(|(number, line)| {
        !is_rule(Some(line)) && !is_rule(lines.get(number + 1)) && line.starts_with("//! | ")
    });
    rows.map(|(_, line)| cells(line)).collect()
}

fn cells(line: &str) -> Vec<&str> {
    let inner = line.trim_start_matches("//! | ").trim_end_matches(" |");
    inner.split(" | ").collect()
}

/// The names between backticks in a cell.
pub(crate) fn named(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// All Rust sources in a folder of this crate, one after the other.
pub(crate) fn sources(folder: &str) -> String {
    let files = files(folder).into_iter();
    files.map(|path| fs::read_to_string(path).expect("a text")).collect()
}

/// The Rust sources in a folder of this crate, in the order of their names.
pub(crate) fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = fs::read_dir(&folder).expect("a folder of this crate");
    let files = files.map(|file| file.expect("an entry").path());
    let mut files: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect();
    files.sort();
    files
}

/// Whether `sources` has a test of this name.
pub(crate) fn has_test(sources: &str, name: &str) -> bool {
    sources.contains(&format!("#[test]\nfn {name}() {{"))
}
