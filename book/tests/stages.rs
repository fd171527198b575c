//! The state of the code after each chapter builds, and its tests pass; and the exercises.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use book::{Book, exercise, stage};

/// Says what was found past the capture of the test runner.
fn say(what: &str) {
    let _ = std::io::stderr().write_all(format!("book: {what}\n").as_bytes());
}

#[test]
fn the_code_as_it_stands_after_each_chapter_builds_and_passes() {
    let root = Book::ours().root;
    let stages = stage::stages(&root.join("book")).expect("the stages");
    assert!(!stages.is_empty());
    for chapter in &stages {
        let folder = root.join(format!("target/book/stage-{chapter:02}"));
        if folder.exists() {
            fs::remove_dir_all(&folder).expect("an old one can be removed");
        }
        stage::lay_out(&root, *chapter, &folder).unwrap_or_else(|error| panic!("{error}"));
        let output = Command::new(env!("CARGO"))
            .args(["test", "--quiet"]) // as the chapters say
            .current_dir(&folder)
            // One for all: what the stages have in common is built once.
            .env("CARGO_TARGET_DIR", root.join("target/book/stages"))
            .output()
            .expect("cargo runs");
        let (said, erred) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "after chapter {chapter}:\n{said}{erred}");
        let tests = said.contains("test result: ok.") && !erred.contains("warning:");
        assert!(tests, "after chapter {chapter}, nothing was tested, or cleanly:\n{said}{erred}");
        is_formatted(&folder);
    }
    say(&format!("{} stages laid out, built and tested: {stages:?}", stages.len()));
}

/// What stands in is in the form of the real files, so that a reader who formats a stage sees no change.
#[track_caller]
fn is_formatted(folder: &Path) {
    if Command::new("rustfmt").arg("--version").output().is_err() {
        return say("there is no rustfmt here, so nobody has looked at the form of the stages");
    }
    let output = Command::new(env!("CARGO"))
        .args(["fmt", "--all", "--check"])
        .current_dir(folder)
        .output()
        .expect("cargo runs");
    let (said, erred) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{} is not formatted:\n{said}{erred}", folder.display());
}

#[test]
fn a_stage_is_not_laid_out_over_something_else_nor_before_there_is_code() {
    let root = Book::ours().root;
    let refused = stage::lay_out(&root, 8, Path::new(&root)).expect_err("it is not empty");
    assert!(refused.to_string().contains("is not empty"), "{refused}");
    let folder = tempfile::TempDir::new().expect("a folder");
    let refused = stage::lay_out(&root, 0, folder.path()).expect_err("there is no code so early");
    assert!(refused.to_string().contains("no code after chapter 0"), "{refused}");
}

#[test]
fn every_exercise_fails_as_given_and_passes_as_solved() {
    let root = Book::ours().root;
    // As deep below the root as the exercises are: some of them lead to the executor by a path.
    let copy = root.join("target/exercises-verified");
    let (count, problems) =
        exercise::verify(&root.join("book/exercises"), &copy).expect("the exercises can be run");
    say(&format!("{count} exercises verified both ways"));
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
    assert!(count > 0);
}
