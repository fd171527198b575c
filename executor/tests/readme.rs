//! What the README says of this crate is so: its tables leave nothing out, and name nothing that is not there.

mod support;

#[path = "support/table.rs"]
mod table;

use std::collections::BTreeSet;
use std::path::Path;

const README: &str = include_str!("../../README.md");

/// What one meets while using something else that is in the table.
const PARTS: [&str; 17] = [
    "Acquire",
    "BarrierWait",
    "Closed",
    "CoresBuilder",
    "Direction",
    "DropGuard",
    "Either",
    "MutexGuard",
    "NotInScope",
    "Notified",
    "OwnedPermit",
    "Permit",
    "RwLockReadGuard",
    "RwLockWriteGuard",
    "ScopedHandle",
    "TryAcquireError",
    "future",
];

/// The text of a section, from its heading to the next.
fn section(heading: &str) -> &'static str {
    let (_, rest) = README.split_once(&format!("\n## {heading}\n")).expect("a heading");
    rest.split("\n## ").next().unwrap_or(rest)
}

/// All words in code, such as `block_on` in `park::block_on`.
fn words(text: &str) -> BTreeSet<&str> {
    let code = text.split('`').skip(1).step_by(2);
    let words = code.flat_map(|code| code.split(|at: char| !at.is_alphanumeric() && at != '_'));
    words.filter(|word| !word.is_empty()).collect()
}

/// What a module of ours gives to everybody: `pub mod x;`, and the names in `pub use …`.
fn exports(source: &str) -> Vec<&str> {
    let items = source.split(';').map(str::trim_start);
    let names = items.flat_map(|item| {
        let item = item.rsplit('\n').find(|line| line.starts_with("pub ")).unwrap_or("");
        let named = item.strip_prefix("pub mod ").or_else(|| item.strip_prefix("pub use "));
        let named = named.unwrap_or("");
        let list = named.rsplit("::").next().unwrap_or(named);
        list.trim_matches(['{', '}']).split(',').map(str::trim).collect::<Vec<_>>()
    });
    names.filter(|name| !name.is_empty()).collect()
}

#[test]
fn what_you_get_names_all_that_there_is() {
    let words = words(section("What you get"));
    let crate_exports = exports(include_str!("../src/lib.rs"));
    assert!(
        crate_exports.contains(&"spawn") && crate_exports.contains(&"park"),
        "{crate_exports:?}"
    );
    let all = [
        crate_exports,
        exports(include_str!("../src/sync/mod.rs")),
        exports("pub use compat::{Compat, HyperTimer, SenderSink, ThreadBound};"),
    ];
    let missing: Vec<&str> =
        all.concat().into_iter().filter(|name| !words.contains(name)).collect();
    let missing: BTreeSet<&str> = missing.into_iter().collect();
    assert_eq!(missing, BTreeSet::from(PARTS), "left: what the README does not name");
}

#[test]
fn each_row_of_what_you_get_leads_to_files_that_exist() {
    let rows: Vec<&str> =
        section("What you get").lines().filter(|line| line.starts_with("| ")).skip(2).collect();
    assert!(rows.len() > 20, "the table was not found");
    for row in rows {
        let links: Vec<&str> =
            row.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
        assert!(!links.is_empty(), "nothing explains: {row}");
        for link in links {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(link);
            assert!(path.exists(), "there is no {link}: {row}");
        }
    }
}

#[test]
fn the_examples_are_listed_each_with_a_line_and_each_is_run_by_a_test() {
    let rows = section("Examples").lines().filter(|line| line.starts_with("| `"));
    let mut listed = Vec::new();
    for row in rows {
        let [name, what] = row.trim_matches(['|', ' ']).split(" | ").collect::<Vec<_>>()[..] else {
            panic!("two columns: {row}");
        };
        assert!(!what.is_empty(), "{name} shows nothing");
        listed.extend(table::named(name));
    }
    listed.sort_unstable();
    let files = table::files("examples");
    let stems = files.iter().filter_map(|file| file.file_stem()?.to_str());
    assert_eq!(listed, stems.collect::<Vec<_>>());
    let tests = table::sources("tests");
    for name in listed {
        let run = ["run(", "runs(", "output_of(", "start("].map(|call| format!("{call}\"{name}\""));
        assert!(run.iter().any(|call| tests.contains(call)), "no test runs `{name}`");
    }
}

#[test]
fn the_readme_is_read_as_it_is_written() {
    let source =
        "use a::b;\n\npub mod one;\nmod two;\npub use two::{Three, four};\npub use five::six;";
    assert_eq!(exports(source), ["one", "Three", "four", "six"]);
    let expected = ["park", "block_on", "T"].into_iter().collect::<BTreeSet<_>>();
    assert_eq!(words("| a | `park::block_on` | b, `T` |"), expected);
}
