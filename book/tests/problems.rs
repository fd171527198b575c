//! Each kind of mistake is found, with its file, its line, and what to do: over small books.

use std::fs;

use book::{Book, Depth, Problem, Report, coverage, exercise};
use tempfile::TempDir;

const SOURCE: &str =
    "fn a() {\n    one();\n    two();\n}\n\nfn b() {\n    one();\n    three();\n}\n";
const CAPTION: &str = "**[code.rs](../code.rs)** · *somewhere*\n\n";

/// A book of one chapter, about two files.
fn fixture(markdown: &str) -> (TempDir, Book) {
    let root = TempDir::new().expect("a folder");
    let chapters = root.path().join("src");
    fs::create_dir(&chapters).expect("a new folder");
    for (name, content) in [
        ("code.rs", SOURCE),
        ("later.rs", "fn a() {\n    one();\n    four();\n}\n"),
        ("src/other.md", "# Another chapter\n\n## Who calls *wake*?\n"),
        ("src/chapter.md", markdown),
    ] {
        fs::write(root.path().join(name), content).expect("a new file");
    }
    let book = Book { chapters, root: root.path().to_owned(), system: "linux" };
    (root, book)
}

fn check(markdown: &str, depth: Depth) -> Report {
    let (_root, book) = fixture(markdown);
    book.check(depth).expect("it can be read")
}

/// The only problem of a chapter of this text: its line, and its words.
#[track_caller]
fn problem(markdown: &str, depth: Depth) -> (usize, String) {
    let problems = check(markdown, depth).problems;
    let [Problem { file, line, what }] = &problems[..] else { panic!("{problems:?}") };
    assert!(file.ends_with("src/chapter.md"), "{}", file.display());
    assert!(problems[0].to_string().contains(&format!("chapter.md:{line}: ")), "{}", problems[0]);
    (*line, what.clone())
}

#[track_caller]
fn has(found: (usize, String), line: usize, words: &[&str]) {
    assert_eq!(found.0, line, "{}", found.1);
    for words in words {
        assert!(found.1.contains(words), "no `{words}` in: {}", found.1);
    }
}

#[test]
fn a_chapter_without_a_mistake_has_no_problem() {
    let two = "**[code.rs](../code.rs)** → **[later.rs](../later.rs)**\n\n";
    let markdown = format!(
        "# One\n\n[to](#one) [there](other.md#who-calls-wake)\n\n{CAPTION}```rust\nfn a() {{\n    // …\n\
         \x20   three();\n```\n\n{two}```diff\n-    three();\n+    four();\n }}\n```\n\n```text\npicture\n\
         ```\n\n```console\n$ echo word; echo more\nword\n[..]e\n```\n\n```console\n$ a-server\n```\n"
    );
    let report = check(&markdown, Depth::Runs);
    assert_eq!(report.problems, []);
    for kind in ["quotes", "diffs", "pictures in text", "transcripts", "commands without output"] {
        assert_eq!(report.count(kind), 1, "{kind}: {report}");
    }
    assert_eq!(report.count("links"), 5);
}

#[test]
fn a_changed_letter_in_a_quote_is_found_with_file_and_line() {
    let found = problem(&format!("# A\n\n{CAPTION}```rust\none();\ntwe();\n```\n"), Depth::Words);
    has(found, 5, &["code.rs", "`twe();` does not stand there", "bless"]);
}

#[test]
fn a_quote_that_stands_twice_is_found() {
    let found = problem(&format!("{CAPTION}```rust\none();\n```\n"), Depth::Words);
    has(found, 3, &["stands there 2 times", "quote a line more"]);
}

#[test]
fn a_missing_caption_is_found() {
    let found = problem("See [it](../code.rs):\n\n```rust\nfn a() {\n```\n", Depth::Words);
    has(found, 3, &["no caption", "**[path](link)**"]);
}

#[test]
fn a_caption_that_says_one_file_and_links_to_another_is_found() {
    let found = problem("**[later.rs](../code.rs)**\n\n```rust\nthree();\n```\n", Depth::Words);
    has(found, 3, &["says `later.rs`", "make them one"]);
}

#[test]
fn an_unlabelled_fence_and_an_unknown_label_are_found() {
    has(problem("```\nanything\n```\n", Depth::Words), 1, &["checked by nobody", "label it"]);
    has(problem("```sh\nls\n```\n", Depth::Words), 1, &["`sh`"]);
    has(problem("```console,windows\n$ dir\n```\n", Depth::Words), 1, &["`console,windows`"]);
    has(problem("text\n\n    indented\n", Depth::Words), 3, &["checked by nobody"]);
}

#[test]
fn a_stale_transcript_is_found_and_shown() {
    let found = problem("\n\n```console\n$ echo new\nold\n```\n", Depth::Runs);
    has(found, 3, &["stale", "-old", "+new", "bless"]);
}

#[test]
fn a_transcript_whose_command_fails_is_found_and_bless_leaves_it() {
    let chapter = "```console\n$ echo no space left; false\nall is well\n```\n";
    let found = problem(chapter, Depth::Runs);
    has(found.clone(), 1, &["`echo no space left; false` fails", "\nno space left\n"]);
    assert!(!found.1.contains("bless"), "{}", found.1);
    let (root, book) = fixture(chapter);
    assert_eq!(book.bless().expect("it can be read"), []);
    let text = fs::read_to_string(root.path().join("src/chapter.md")).expect("the chapter");
    assert_eq!(text, chapter);
}

#[test]
fn a_transcript_of_linux_is_run_there_and_elsewhere_counted_alone() {
    let chapter = "```console,linux\n$ echo new\nold\n```\n";
    has(problem(chapter, Depth::Runs), 1, &["stale", "-old", "+new"]);
    let (_root, linux) = fixture(chapter);
    let elsewhere = Book { system: "macos", ..linux };
    let report = elsewhere.check(Depth::Runs).expect("it can be read");
    assert_eq!(report.problems, []);
    let said = report.to_string();
    assert!(said.contains("0 transcripts, 1 transcripts of Linux alone, not run here"), "{said}");
    assert_eq!(
        elsewhere.bless().expect("it can be read"),
        [],
        "nothing was run, so nothing is known"
    );
}

#[test]
fn a_diff_that_is_none_any_more_is_found() {
    let two = "**[code.rs](../code.rs)** → **[later.rs](../later.rs)**\n\n";
    let found = problem(&format!("{two}```diff\n-    two();\n+    five();\n```\n"), Depth::Words);
    has(found, 3, &["`+    five();` does not stand there"]);
    let found = problem(&format!("{CAPTION}```diff\n-    two();\n```\n"), Depth::Words);
    has(found, 3, &["two files"]);
}

#[test]
fn a_broken_link_and_a_broken_anchor_are_found() {
    has(problem("See [there](nowhere.md).\n", Depth::Words), 1, &["leads nowhere", "mend"]);
    has(problem("![a](img/none.svg)\n", Depth::Words), 1, &["leads nowhere"]);
    let found = problem("See [there](other.md#who-is-called).\n", Depth::Words);
    has(found, 1, &["no such heading", "#who-calls-wake"]);
    has(problem("# A\n\n[b](#b)\n", Depth::Words), 3, &["no such heading", "#a"]);
    has(problem("[b](../code.rs#L3)\n", Depth::Words), 1, &["moves with the code"]);
}

#[test]
fn an_example_that_fails_is_found_at_its_line() {
    let chapter =
        "# Examples\n\n```rust\nassert!(true);\n```\n\nand\n\n```rust\nassert_eq!(1, 2);\n```\n";
    let ours = Book::ours();
    // The example is compiled with this workspace's crates, wherever the chapter lies.
    let (_folder, fixture) = fixture(chapter);
    let book = Book { root: ours.root, ..fixture };
    let problems = book.check(Depth::Runs).expect("rustdoc runs").problems;
    let [Problem { line, what, .. }] = &problems[..] else { panic!("{problems:?}") };
    assert!(*line == 9 && what.contains("this example fails"), "{line}: {what}");
}

#[test]
fn a_stale_transcript_of_a_server_is_found() {
    let server = "```console,session\n$ cargo run --release -q -p kv-server\n```\n\n";
    let client =
        "```console,session\n$ cargo run --release -q -p kv-server --bin kv-cli -- GET greeting\n";
    let (_folder, fixture) = fixture(&format!("{server}{client}\"hello\"\n```\n"));
    let book = Book { root: Book::ours().root, ..fixture };
    let problems = book.check(Depth::Runs).expect("the server runs").problems;
    let [Problem { line, what, .. }] = &problems[..] else { panic!("{problems:?}") };
    assert!(*line == 5 && what.contains("-\"hello\"\n+(nil)"), "{line}: {what}");
}

#[test]
fn an_example_that_asserts_nothing_is_found() {
    has(problem("```rust\nfn main() {}\n```\n", Depth::Words), 1, &["asserts nothing"]);
}

#[test]
fn bless_rewrites_what_drifted_and_nothing_else() {
    let stale = format!(
        "Words.\n\n{CAPTION}```rust\nfn b() {{\n    one();\n    two();\n}}\n```\n\n```console\n$ echo new\nold\n\
         ```\n"
    );
    let (root, book) = fixture(&stale);
    let blessed = book.bless().expect("it can be written");
    assert_eq!(blessed, [(root.path().join("src/chapter.md"), 2)]);
    let text = fs::read_to_string(root.path().join("src/chapter.md")).expect("the chapter");
    let right = stale.replace("    two();\n}", "    three();\n}").replace("old", "new");
    assert_eq!(text, right);
    assert_eq!(book.check(Depth::Runs).expect("it can be read").problems, []);
    assert_eq!(book.bless().expect("nothing is left to write"), []);
}

#[test]
fn bless_leaves_a_quote_that_it_does_not_recognise() {
    let (_root, book) = fixture(&format!("{CAPTION}```rust\nnothing();\nof();\nthis();\n```\n"));
    assert_eq!(book.bless().expect("it can be read"), []);
}

#[test]
fn a_reason_for_a_file_that_is_gone_and_an_empty_reason_are_found() {
    let book = Book::ours();
    let reasons = "\"reactor/src/gone.rs\" = \"why\"\n\"reactor/src/slab.rs\" = \"\"\n";
    let coverage = coverage::measure(&book.root, &coverage::Quoted::default(), reasons);
    let problems = coverage.expect("the sources").problems;
    assert!(problems[0].contains("gone.rs") && problems[0].contains("not there"), "{problems:?}");
    assert!(problems[1].contains("slab.rs") && problems[1].contains("say why"), "{problems:?}");
}

/// An exercise of one function, as given and as solved.
fn exercise(given: &str, solution: &str) -> Vec<String> {
    let folder = TempDir::new().expect("a folder");
    let test = "#[test]\nfn it_is_seven() {\n    assert_eq!(ex99::seven(), 7);\n}\n";
    let manifest = "[package]\nname = \"ex99\"\nedition = \"2024\"\n\n[workspace]\n";
    for (path, content) in [
        ("ex99/Cargo.toml", manifest.replace("\n[workspace]\n", "")),
        ("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"ex99\"]\n".to_owned()),
        ("ex99/src/lib.rs", given.to_owned()),
        ("ex99/tests/seven.rs", test.to_owned()),
        ("solutions/ex99.rs", solution.to_owned()),
    ] {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("it is below the folder")).expect("a folder");
        fs::write(path, content).expect("a new file");
    }
    let copy = TempDir::new().expect("a folder");
    let (count, problems) = exercise::verify(folder.path(), copy.path()).expect("cargo runs");
    assert_eq!(count, 1);
    problems
}

#[test]
fn an_exercise_that_passes_unsolved_and_a_solution_that_fails_are_found() {
    let seven = "pub fn seven() -> u32 {\n    7\n}\n";
    let eight = "pub fn seven() -> u32 {\n    8\n}\n";
    let todo = "pub fn seven() -> u32 {\n    todo!(\"say 7\")\n}\n";
    assert_eq!(exercise(todo, seven), [""; 0]);
    let problems = exercise(seven, seven);
    assert!(problems.len() == 1 && problems[0].contains("passes unsolved"), "{problems:?}");
    assert!(problems[0].contains("ex99/src/lib.rs:1:"), "{problems:?}");
    let problems = exercise(todo, eight);
    assert!(problems.len() == 1 && problems[0].contains("the solution fails"), "{problems:?}");
    assert!(problems[0].contains("solutions/ex99.rs:1:"), "{problems:?}");
    let problems = exercise(eight, seven);
    assert!(problems[0].contains("not at a todo!()"), "{problems:?}");
}
