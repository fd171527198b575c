//! The table of traps in `support` names tests that are there.
//!
//! A table in a comment grows old unseen. So it is read here, and each name is looked for among the
//! tests of this crate.

use std::fs;
use std::path::Path;

/// The names in the last column of the table.
fn named_tests(table: &str) -> Vec<&str> {
    let rows = table.lines().filter_map(|line| line.strip_prefix("//! | "));
    let cells = rows.filter_map(|row| row.split(" | ").nth(1));
    let quoted = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    quoted.collect()
}

/// All Rust files below a directory, one after the other.
fn sources(directory: &Path, text: &mut String) {
    for entry in fs::read_dir(directory).expect("a directory of this crate") {
        let path = entry.expect("an entry of it").path();
        if path.is_dir() {
            sources(&path, text);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text.push_str(&fs::read_to_string(&path).expect("a text file"));
        }
    }
}

#[test]
fn each_trap_is_shown_by_a_test_that_exists() {
    let named = named_tests(include_str!("support/mod.rs"));
    assert!(named.len() > 30, "the table was not found: {named:?}");
    let crate_root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut text = String::new();
    sources(&crate_root.join("src"), &mut text);
    sources(&crate_root.join("tests"), &mut text);
    let missing: Vec<&str> = named
        .into_iter()
        .filter(|name| !text.contains(&format!("#[test]\n    fn {name}()")))
        .filter(|name| !text.contains(&format!("#[test]\nfn {name}()")))
        .collect();
    assert!(missing.is_empty(), "named in the table, and nowhere else: {missing:?}");
}

#[test]
fn the_table_is_read_as_it_is_written() {
    let table =
        "//! | trap | shown by |\n//! | --- | --- |\n//! | a `b` | `c`, `d` |\n//! | e | `f` |";
    assert_eq!(named_tests(table), ["c", "d", "f"]);
}
