//! One workload, three ways, and the fourth that only looks like the third.

use listings::ch01::contract::{AWAY, QUESTIONS, VERSIONS, outcome};

fn main() {
    println!("{QUESTIONS} questions, each answer {AWAY:?} away");
    println!("{:<16} threads  the waits", "");
    for version in &VERSIONS {
        let outcome = outcome(version);
        let waits = if outcome.side_by_side { "side by side" } else { "one after the other" };
        println!("{:<16} {:>7}  {waits}", version.name, outcome.threads);
    }
}
