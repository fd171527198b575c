//! The book's own test: every chapter, and that each kind of mistake is found.

use std::path::{Path, PathBuf};

use book::{Report, check_chapter, check_folder};

fn chapters() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

#[test]
fn every_block_of_every_chapter_is_true() {
    let report = check_folder(&chapters()).expect("the chapters can be read");
    let Report { quotes, consoles, texts, links, problems } = report;
    println!("{quotes} quotes, {consoles} consoles, {texts} texts, {links} links, 0 unchecked");
    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
    assert!(quotes > 0 && links > 0, "a book that quotes nothing is not this one");
}

#[test]
fn every_page_stands_in_the_summary() {
    let summary = std::fs::read_to_string(chapters().join("SUMMARY.md")).expect("a summary");
    for entry in std::fs::read_dir(chapters()).expect("the chapters can be read") {
        let name = entry.expect("an entry").file_name().into_string().expect("a name in UTF-8");
        let listed = !name.ends_with(".md") || name == "SUMMARY.md" || summary.contains(&name);
        assert!(listed, "{name} does not stand in SUMMARY.md; add it");
    }
}

/// The only problem that a chapter of this text has.
fn problem(markdown: &str) -> String {
    let mut report = Report::default();
    check_chapter(&chapters().join("invented.md"), markdown, &mut report);
    assert_eq!(report.problems.len(), 1, "{:?}", report.problems);
    report.problems[0].to_string()
}

const CAPTION: &str = "**[reactor/src/slab.rs](../../reactor/src/slab.rs)**\n\n";

#[test]
fn a_changed_letter_in_a_quote_is_found_with_file_and_line() {
    let quote = "```rust\npub const fn now() -> Slab<T> {\n```\n";
    let problem = problem(&format!("# A chapter\n\n{CAPTION}{quote}"));
    assert!(problem.contains("invented.md:5:"), "{problem}");
    assert!(
        problem.contains("`pub const fn now() -> Slab<T> {` does not stand there"),
        "{problem}"
    );
}

#[test]
fn a_missing_caption_is_found() {
    assert!(problem("Some words.\n\n```rust\nfn main() {}\n```\n").contains("no caption"));
}

#[test]
fn an_unlabelled_fence_is_found() {
    assert!(problem("```\nanything\n```\n").contains("checked by nobody"));
}

#[test]
fn an_output_that_nobody_ran_is_found() {
    assert!(problem("```console\n$ true\nyes\n```\n").contains("claims to be printed"));
}

#[test]
fn a_broken_link_is_found() {
    assert!(problem("See [there](nowhere.md).\n").contains("leads nowhere"));
}
