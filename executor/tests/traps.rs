//! The table of traps in `support` names tests that exist.
//!
//! A trap of hand-written runtimes whose test was renamed or lost would otherwise go on looking safe.

mod support;

use std::fs;
use std::path::Path;

/// The names between backticks in the table's rows, each with its trap.
fn named_tests(table: &str) -> Vec<(String, String)> {
    let rows = table.lines().filter_map(|line| line.strip_prefix("//! | "));
    let rows = rows.filter(|row| !row.starts_with("---") && !row.starts_with("trap |"));
    rows.flat_map(|row| {
        let (trap, tests) = row.split_once(" | ").expect("two columns");
        let names = tests.split('`').skip(1).step_by(2);
        let named: Vec<_> = names.map(|name| (trap.to_owned(), name.to_owned())).collect();
        assert!(!named.is_empty(), "no test is named for: {trap}");
        named
    })
    .collect()
}

/// All the sources of the test binaries, one after the other.
fn sources() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let files = fs::read_dir(&folder).expect("the folder of the tests");
    let files = files.map(|file| file.expect("an entry").path());
    let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    files.map(|path| fs::read_to_string(path).expect("a text")).collect()
}

#[test]
fn each_trap_names_tests_that_exist() {
    let sources = sources();
    let named = named_tests(include_str!("support/mod.rs"));
    assert!(named.len() > 20, "the table was not found");
    for (trap, test) in named {
        let written = format!("#[test]\nfn {test}() {{");
        assert!(sources.contains(&written), "{trap}: there is no test `{test}`");
    }
}

#[test]
fn the_table_is_read_as_it_is_written() {
    let table = "//! | trap | shown by |\n//! | --- | --- |\n//! | one | `a`, `b` |\n//! text";
    let one = |name: &str| ("one".to_owned(), name.to_owned());
    assert_eq!(named_tests(table), [one("a"), one("b")]);
    let without = support::panic_of(|| named_tests("//! | two | nothing |"));
    assert_eq!(without, "no test is named for: two");
}
