//! What a test needs and a machine may lack.
//!
//! A test that silently passes because its tool is missing is a test that cannot fail. So a
//! skip is printed past the capture of the test runner. What could be installed must be where
//! `CI` or `REQUIRE_TOOLS` is set: there its absence is a failure. What a system does not have
//! by its nature (`/proc`, epoll) is only told.

use std::env;
use std::io::Write;
use std::path::PathBuf;

/// The full path of `program`, if it is on `PATH`.
pub fn find(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?)
        .map(|directory| directory.join(program))
        .find(|candidate| candidate.is_file())
}

/// The full path of `program`; where it is missing, says so on behalf of `test`.
///
/// # Panics
/// When the program is missing and `CI` or `REQUIRE_TOOLS` is set.
pub fn require(test: &str, program: &str) -> Option<PathBuf> {
    let found = find(program);
    if found.is_none() {
        missing(test, &format!("{program} is not installed"));
    }
    found
}

/// Says aloud that `test` did not run for want of something that can be provided.
///
/// # Panics
/// When `CI` or `REQUIRE_TOOLS` is set: there a skip is a hole that nobody would see.
pub fn missing(test: &str, reason: &str) {
    let strict = ["CI", "REQUIRE_TOOLS"]
        .iter()
        .any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()));
    assert!(!strict, "{test} cannot run: {reason}");
    skip(test, reason);
}

/// Says aloud that `test`, or a part of it, did not run.
pub fn skip(test: &str, reason: &str) {
    // Not `eprintln!`: the test runner captures that, and shows it only for failures.
    let line = format!("SKIPPED {test}: {reason}\n");
    let _ = std::io::stderr().write_all(line.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_on_the_path_is_found_and_nothing_else() {
        assert!(find("sh").is_some_and(|path| path.is_absolute()));
        assert_eq!(find("no-such-program-anywhere"), None);
    }
}
