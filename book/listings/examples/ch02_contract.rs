//! What each of the four servers does, and does not do.

use listings::ch02::contract::{CLAIMS, MANY, Outcome, VERSIONS, outcome, threads};

fn main() {
    print!("{:<31}", "");
    for version in &VERSIONS {
        print!("  {}", version.name);
    }
    println!();
    for (row, claim) in CLAIMS.iter().enumerate() {
        print!("{:<31}", claim.words);
        for version in &VERSIONS {
            let word = match outcome(claim, version, version.outcomes[row]) {
                Outcome::Ok => "ok",
                Outcome::Stuck => "STUCK",
                Outcome::Busy => "BUSY",
            };
            print!("  {word:<width$}", width = version.name.len());
        }
        println!();
    }
    print!("{:<31}", format!("threads for {MANY} clients"));
    for version in &VERSIONS {
        print!("  {:<width$}", threads(version), width = version.name.len());
    }
    println!();
}
