//! The table of traps in `support` names tests that exist.

mod support;

#[path = "support/table.rs"]
mod table;

/// The names in the table's rows, each with its trap.
fn named_tests(source: &str) -> Vec<(&str, &str)> {
    let rows = table::rows(source).into_iter().flat_map(|row| {
        let [trap, tests] = row[..] else { panic!("two columns: {row:?}") };
        let named = table::named(tests);
        assert!(!named.is_empty(), "no test is named for: {trap}");
        named.into_iter().map(move |test| (trap, test)).collect::<Vec<_>>()
    });
    rows.collect()
}

#[test]
fn each_trap_names_tests_that_exist() {
    let sources = table::sources("tests");
    let named = named_tests(include_str!("support/mod.rs"));
    assert!(named.len() > 20, "the table was not found");
    for (trap, test) in named {
        assert!(table::has_test(&sources, test), "{trap}: there is no test `{test}`");
    }
}

#[test]
fn the_table_is_read_as_it_is_written() {
    let table = "//! | trap | shown by |\n//! | --- | --- |\n//! | one | `a`, `b` |\n//! text";
    assert_eq!(named_tests(table), [("one", "a"), ("one", "b")]);
    let without = support::panic_of(|| named_tests("//! | two | nothing |"));
    assert_eq!(without, "no test is named for: two");
}
