//! Counts that are lost, and how many of them are lost while somebody looks.
//!
//! `cargo run --release -q -p listings --example ch01_heisenbug > /dev/null`: the looking goes to
//! standard output, the result to standard error.

use listings::ch01::race::{TIMES, lost};

fn main() {
    eprintln!("not looked at: {} of {} counts lost", lost(|_| ()), 2 * TIMES);
    eprintln!("looked at:     {} of {} counts lost", lost(|seen| println!("{seen}")), 2 * TIMES);
}
