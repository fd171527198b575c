//! What each registry does, and does not do.

use listings::ch05::contract::{CLAIMS, Outcome, VERSIONS, outcome};

fn main() -> std::io::Result<()> {
    print!("{:<39}", "");
    for version in &VERSIONS {
        print!("  {}", version.name);
    }
    println!();
    for claim in &CLAIMS {
        print!("{:<39}", claim.words);
        for version in &VERSIONS {
            let word = match outcome(claim, version)? {
                Outcome::Ok => "ok",
                Outcome::Stranger => "STRANGER",
                Outcome::Spins => "SPINS",
            };
            print!("  {word:<width$}", width = version.name.len());
        }
        println!();
    }
    Ok(())
}
