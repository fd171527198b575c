//! One run of `greet`, as a picture in text.

fn main() {
    print!("{}", listings::ch06::stepping::run().text());
}
