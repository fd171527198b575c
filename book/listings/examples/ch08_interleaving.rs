//! The wake before the sleep: lost, and kept.

use listings::ch08::interleaving;

fn main() {
    println!("v2_sleep\n{}", interleaving::lost().text());
    print!("executor::park\n{}", interleaving::kept().text());
}
