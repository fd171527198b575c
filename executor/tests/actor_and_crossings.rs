//! The examples `actor` and `crossings` check themselves; here they are run.

mod support;

use support::process::{example, wait};

#[track_caller]
fn runs(name: &str, says: &[&str]) {
    let ended = wait(name, example(name).spawn().expect("cargo runs"));
    assert!(ended.status.success(), "{name}: {}\n{}\n{}", ended.status, ended.output, ended.errors);
    for line in says {
        assert!(ended.output.contains(line), "{name} does not say {line:?}:\n{}", ended.output);
    }
}

#[test]
fn an_actor_keeps_its_order_and_is_started_again_after_a_panic() {
    runs("actor", &["in order: 210", "life 0` panicked", "after a panic: Some(1), Some(3)", "ok"]);
}

#[test]
fn each_of_the_four_crossings_works_or_says_what_to_do_instead() {
    let crossings = ["async to async", "sync to async", "async to sync", "async to sync to async"];
    runs("crossings", &crossings);
}
