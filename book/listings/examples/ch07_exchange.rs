//! Two requests that change places.

use listings::ch07::exchange;

fn main() {
    println!("v1_address\n{}", exchange::moved().text());
    print!("v4_pinned\n{}", exchange::pinned().text());
}
