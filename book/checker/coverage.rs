//! How much of the runtime the chapters quote.
//!
//! Counted are the lines of `reactor` and `executor` that are neither empty nor tests. A file that no
//! chapter will quote is listed in `coverage.toml`, with the reason.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::io;
use std::ops::Range;
use std::path::Path;

use syn::spanned::Spanned;

use crate::exercise::files_below;

/// The crates of which every line is to be quoted.
const COUNTED: [&str; 2] = ["reactor/src", "executor/src"];

/// The lines, from 0, that were quoted of each file; `true` where a chapter narrates them.
#[derive(Debug, Default)]
pub struct Quoted(BTreeMap<String, BTreeMap<usize, bool>>);

impl Quoted {
    pub(crate) fn add(&mut self, file: &str, lines: Vec<Range<usize>>, narrated: bool) {
        let known = self.0.entry(file.to_owned()).or_default();
        for line in lines.into_iter().flatten() {
            *known.entry(line).or_default() |= narrated;
        }
    }
}

/// How many lines there are, and how many were quoted.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Lines that count.
    pub lines: usize,
    /// … that stand in a chapter.
    pub quoted: usize,
    /// … that stand in its text, not in a hint or a solution.
    pub narrated: usize,
    /// … whose file is listed with a reason.
    pub excused: usize,
    /// What is wrong with the list of reasons.
    pub problems: Vec<String>,
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = |part: usize| part as f64 * 100.0 / self.lines.max(1) as f64;
        write!(
            f,
            "{} of {} lines quoted ({:.1} %), {} narrated ({:.1} %), {} excused",
            self.quoted,
            self.lines,
            share(self.quoted),
            self.narrated,
            share(self.narrated),
            self.excused
        )
    }
}

/// Counts, against the reasons in the text of `coverage.toml`.
///
/// # Errors
/// A source file cannot be read, or is not Rust.
pub fn measure(root: &Path, quoted: &Quoted, reasons: &str) -> io::Result<Coverage> {
    let reasons: toml::Table = reasons.parse().map_err(io::Error::other)?;
    let mut coverage = Coverage::default();
    for (file, reason) in &reasons {
        if !root.join(file).is_file() {
            coverage.problems.push(format!("`{file}` is listed and is not there; take it out"));
        }
        if reason.as_str().is_none_or(str::is_empty) {
            coverage.problems.push(format!("`{file}` is listed without a reason; say why"));
        }
    }
    for folder in COUNTED {
        for path in files_below(&root.join(folder))? {
            if path.file_stem().is_some_and(|stem| stem == "tests" || stem == "testing") {
                continue;
            }
            let name =
                path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            let counted = counted_lines(&fs::read_to_string(&path)?)?;
            coverage.lines += counted.len();
            coverage.excused += if reasons.contains_key(&name) { counted.len() } else { 0 };
            let Some(quoted) = quoted.0.get(&name) else { continue };
            let narrated: Vec<bool> =
                counted.iter().filter_map(|line| quoted.get(line).copied()).collect();
            coverage.quoted += narrated.len();
            coverage.narrated += narrated.into_iter().filter(|narrated| *narrated).count();
        }
    }
    Ok(coverage)
}

/// The lines, from 0, that are neither empty nor part of a test.
fn counted_lines(source: &str) -> io::Result<BTreeSet<usize>> {
    let file = syn::parse_file(source).map_err(io::Error::other)?;
    let lines = source.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let mut counted: BTreeSet<usize> = lines.map(|(number, _)| number).collect();
    let for_tests = |attribute: &syn::Attribute| {
        let condition = attribute.parse_args::<syn::Path>();
        attribute.path().is_ident("cfg") && condition.is_ok_and(|path| path.is_ident("test"))
    };
    for item in &file.items {
        if matches!(item, syn::Item::Mod(module) if module.attrs.iter().any(for_tests)) {
            let place = item.span();
            counted.retain(|line| !(place.start().line - 1..place.end().line).contains(line));
        }
    }
    Ok(counted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_and_empty_lines_do_not_count() {
        let source = "fn a() {}\n\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\n\nfn c() {}\n";
        assert_eq!(counted_lines(source).expect("Rust"), BTreeSet::from([0, 7]));
    }
}
