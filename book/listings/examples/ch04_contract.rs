//! What each version of the server does, and what it does not.

use listings::ch04::contract::{CLAIMS, Outcome, VERSIONS, outcome};

fn main() {
    print!("{:<34}", "");
    for version in &VERSIONS {
        print!("  {}", version.name);
    }
    println!();
    for (row, claim) in CLAIMS.iter().enumerate() {
        print!("{:<34}", claim.words);
        for version in &VERSIONS {
            let word = match outcome(claim, version, version.outcomes[row]) {
                Outcome::Ok => "ok",
                Outcome::Hangs => "HANGS",
            };
            print!("  {word:<width$}", width = version.name.len());
        }
        println!();
    }
}
