//! What it costs to cross the line, on this machine.

fn main() {
    for price in listings::ch03::cost::prices() {
        println!("{:<36}{:>9.1} ns", price.name, price.nanoseconds);
    }
}
