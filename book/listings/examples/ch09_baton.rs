//! How many polls a baton takes through so many tasks.

use listings::ch09::{baton, contract::VERSIONS};

fn main() {
    print!("tasks");
    for version in &VERSIONS {
        print!("  {:>13}", version.name);
    }
    println!();
    for tasks in [10, 100, 1000] {
        print!("{tasks:>5}");
        for version in &VERSIONS {
            print!("  {:>13}", baton::polls(version, tasks));
        }
        println!();
    }
}
