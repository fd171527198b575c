//! What each version of `block_on` does, and does not do.

use listings::ch08::contract::{CLAIMS, Outcome, VERSIONS, outcome};

fn main() {
    print!("{:<36}", "");
    for version in &VERSIONS {
        print!("  {}", version.name);
    }
    println!();
    for (row, claim) in CLAIMS.iter().enumerate() {
        print!("{:<36}", claim.words);
        for version in &VERSIONS {
            let word = match outcome(claim, version, version.outcomes[row]) {
                Outcome::Ok => "ok",
                Outcome::Lost => "LOST",
                Outcome::Busy => "BUSY",
            };
            print!("  {word:<width$}", width = version.name.len());
        }
        println!();
    }
}
