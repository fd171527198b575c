//! What each version of an executor of many does, and does not do.

use listings::ch09::contract::{CLAIMS, Outcome, VERSIONS, outcome};

fn main() {
    print!("{:<35}", "");
    for version in &VERSIONS {
        print!("  {}", version.name);
    }
    println!();
    for (row, claim) in CLAIMS.iter().enumerate() {
        let mut line = format!("{:<35}", claim.words);
        for version in &VERSIONS {
            let word = match outcome(claim, version, version.outcomes[row]) {
                Outcome::Ok => "ok",
                Outcome::Wasted => "WASTED",
                Outcome::Order => "ORDER",
                Outcome::Lost => "LOST",
                Outcome::Down => "DOWN",
            };
            line += &format!("  {word:<width$}", width = version.name.len());
        }
        println!("{}", line.trim_end());
    }
}
