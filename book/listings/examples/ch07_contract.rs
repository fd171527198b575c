//! What each request does when it is moved.

use listings::ch07::contract::{CLAIMS, Outcome, VERSIONS};

fn main() {
    print!("{:<40}", "");
    for version in &VERSIONS {
        print!("  {}", version.name);
    }
    println!();
    for (row, claim) in CLAIMS.iter().enumerate() {
        print!("{claim:<40}");
        for version in &VERSIONS {
            let word = match (version.tried)()[row] {
                Outcome::Ok => "ok",
                Outcome::Others => "OTHER'S",
                Outcome::Nowhere => "NOWHERE",
            };
            print!("  {word:<width$}", width = version.name.len());
        }
        println!();
    }
}
