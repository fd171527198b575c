//! What each version of write(2) answers.

use listings::ch03::contract::{TRIALS, VERSIONS};

fn main() {
    let width = |name: &str| if name == "v1_count" { 20 } else { name.len() };
    print!("{:<29}", "");
    for (name, _) in VERSIONS {
        print!("  {name:<width$}", width = width(name));
    }
    println!();
    for (words, trial) in TRIALS {
        print!("{words:<29}");
        for (name, write) in VERSIONS {
            print!("  {:<width$}", trial(*write), width = width(name));
        }
        println!();
    }
}
