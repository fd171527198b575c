//! How the four servers spend their time, as a picture in text.

fn main() {
    print!("{}", listings::ch02::trace::run().text());
}
