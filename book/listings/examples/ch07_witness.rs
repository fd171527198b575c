//! Who is moved between two polls.

use std::pin::pin;

use listings::ch07::fair::{by_pointer, by_swap};
use listings::ch07::witness::{poll_to_the_end, witness};

fn say(what: &str, stayed: bool) {
    println!("{what:<34} {}", if stayed { "stayed" } else { "MOVED" });
}

fn main() {
    let future = witness(3);
    let moved = future; // by value, while nobody has polled it
    say("moved before its first poll", poll_to_the_end(moved));
    let mut boxes = vec![Box::pin(witness(3))];
    boxes.reserve(100);
    say("in a box, and the box was moved", poll_to_the_end(boxes.remove(0)));
    say("in an `async` block, by `pin!`", poll_to_the_end(async { pin!(witness(3)).await }));
    say("in turns, its pointer exchanged", poll_to_the_end(by_pointer(witness(3), witness(3))));
    say("in turns, itself exchanged", poll_to_the_end(by_swap(witness(3), witness(3))));
}
