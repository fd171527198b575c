//! The book's own test: every chapter, every picture, and the state of the code after each of them.

use std::fs;
use std::io::Write;

use book::{Book, Depth, coverage};

/// Says what was found past the capture of the test runner.
fn say(what: &str) {
    let _ = std::io::stderr().write_all(format!("book: {what}\n").as_bytes());
}

#[test]
fn every_block_of_every_chapter_is_true() {
    let report = Book::ours().check(Depth::Runs).expect("the chapters can be read and run");
    say(&report.to_string());
    let problems: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
    let is_ours = report.count("quotes") > 0 && report.count("links") > 0;
    assert!(is_ours, "a book that quotes nothing is not this one");
}

#[test]
fn every_page_stands_in_the_summary() {
    let chapters = Book::ours().chapters;
    let summary = fs::read_to_string(chapters.join("SUMMARY.md")).expect("a summary");
    for entry in fs::read_dir(chapters).expect("the chapters can be read") {
        let name = entry.expect("an entry").file_name().into_string().expect("a name in UTF-8");
        let listed = !name.ends_with(".md") || name == "SUMMARY.md" || summary.contains(&name);
        assert!(listed, "{name} does not stand in SUMMARY.md; add it");
    }
}

#[test]
fn every_picture_is_what_its_run_draws_today() {
    let chapters = Book::ours().chapters;
    for picture in listings::pictures() {
        let path = chapters.join("img").join(picture.name());
        let known = fs::read_to_string(&path).unwrap_or_default();
        let drawn = picture.svg() == known;
        assert!(drawn, "{} has drifted; `cargo run -p book -- bless`", path.display());
    }
}

/// The list is what a reader without pictures reads, and what the stepper leads through.
#[test]
fn every_picture_is_told_in_words_below_it() {
    let chapters = Book::ours().chapters;
    let pages = fs::read_dir(&chapters).expect("the chapters can be read");
    let pages: String = pages
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .map(|path| fs::read_to_string(path).expect("a chapter"))
        .collect();
    for picture in listings::pictures() {
        let told = format!("(img/{})\n\n{}\n</div>", picture.name(), picture.list());
        assert!(pages.contains(&told), "no chapter has this; put it there:\n{told}");
    }
}

#[test]
fn the_coverage_so_far_is_counted_and_its_list_is_sound() {
    let book = Book::ours();
    let report = book.check(Depth::Words).expect("the chapters can be read");
    let reasons = fs::read_to_string(book.root.join("book/coverage.toml")).expect("the list");
    let coverage = coverage::measure(&book.root, &report.quoted, &reasons).expect("the sources");
    say(&coverage.to_string());
    assert_eq!(coverage.problems, [""; 0]);
    assert!(coverage.narrated > 0 && coverage.narrated <= coverage.quoted, "{coverage}");
}

#[test]
fn a_picture_has_the_same_bytes_at_each_run() {
    assert_eq!(listings::pictures(), listings::pictures());
}

#[test]
fn the_stepper_knows_where_the_steps_of_a_picture_stand() {
    let book = Book::ours().root.join("book");
    let picture = fs::read_to_string(book.join("listings/src/picture.rs")).expect("the picture");
    let stepper = fs::read_to_string(book.join("src/js/stepper.js")).expect("the stepper");
    for name in ["TOP", "ROW"] {
        let line =
            picture.lines().find(|line| line.starts_with(&format!("const {name}: usize = ")));
        let value = line.and_then(|line| line.rsplit(' ').next()).expect("the constant");
        let known = format!("const {name} = {value}");
        assert!(stepper.contains(&known), "stepper.js has no `{known}`; take it from picture.rs");
    }
}
