//! One buffer, told of by level and by edge.

fn main() {
    print!("{}", listings::ch04::waveform::text());
}
