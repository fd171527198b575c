//! Once around, as a picture in text.

fn main() {
    print!("{}", listings::ch10::round::run().text());
}
