//! The ready queue of one run, step by step.

fn main() {
    print!("{}", listings::ch09::turns::run().text());
}
