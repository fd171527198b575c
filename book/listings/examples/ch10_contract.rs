//! What each version of the loop does, and does not do.

use listings::ch10::contract::{CLAIMS, VERSIONS, outcome};

fn main() {
    print!("{:<32}", "");
    for version in &VERSIONS {
        print!("  {}", version.name);
    }
    println!();
    for (row, claim) in CLAIMS.iter().enumerate() {
        print!("{:<32}", claim.words);
        for version in &VERSIONS {
            let found = outcome(claim, version, version.outcomes[row]);
            print!("  {found:<width$}", width = version.name.len());
        }
        println!();
    }
}
