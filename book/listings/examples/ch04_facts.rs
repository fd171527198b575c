//! What the poller says of a descriptor, in each of several situations.

use listings::ch04::facts::{self, Fact};

fn main() {
    show("what is said when …", facts::situations());
    show("\none-shot: what is said when …", facts::one_shot());
    show("\na duplicate: what is said when …", facts::duplicate());
}

fn show(title: &str, facts: Vec<Fact>) {
    println!("{title}");
    for (situation, said) in facts {
        println!("  {situation:<36}{said}");
    }
}
