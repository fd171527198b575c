//! A number that changes hands in the middle of a batch.

use listings::ch05::reuse;

fn main() {
    println!("v1_number\n{}", reuse::by_number().text());
    print!("v4_both\n{}", reuse::by_token().text());
}
