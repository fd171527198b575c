//! Two requests that change places, and what each of them then takes for its key.

use std::mem;

use super::memory::Memory;
use super::{Request, v1_address, v4_pinned};
use crate::picture::{Picture, Step};

const LEFT: usize = 0;
const RIGHT: usize = 1;
const LANES: [&str; 2] = ["left", "right"];

/// The bytes are exchanged, and the addresses with them.
///
/// # Panics
/// Never: there are two places, and each key is in one of them.
pub fn moved() -> Picture {
    let mut picture = Picture::new("ch07-moved.svg", &LANES);
    let mut left = v1_address::Request::new("GET colour");
    let mut right = v1_address::Request::new("DEL size");
    left.find_key();
    right.find_key();
    tell(&mut picture, [(&left, "GET colour"), (&right, "DEL size")]);
    picture.push(Step::at(LEFT, "swap: the requests change places").to(RIGHT).loudly());
    mem::swap(&mut left, &mut right);
    tell(&mut picture, [(&left, "DEL size"), (&right, "GET colour")]);
    picture
}

/// The pointers are exchanged; the bytes stay where they are.
///
/// # Panics
/// Never: there are two places, and each key is in one of them.
pub fn pinned() -> Picture {
    let mut picture = Picture::new("ch07-pinned.svg", &LANES);
    let mut one = v4_pinned::Request::new("GET colour");
    let mut other = v4_pinned::Request::new("DEL size");
    one.find_key();
    other.find_key();
    tell(&mut picture, [(&one, "GET colour"), (&other, "DEL size")]);
    picture.push(Step::at(LEFT, "swap: the pointers change places").to(RIGHT).loudly());
    mem::swap(&mut one, &mut other);
    // Left is where it was, and the other pointer leads there now.
    tell(&mut picture, [(&other, "GET colour"), (&one, "DEL size")]);
    picture
}

/// What lies left and right, and where the key of each is found.
fn tell<R: Request>(picture: &mut Picture, places: [(&R, &str); 2]) {
    let [(left, _), (right, _)] = places;
    let memory = Memory::new().with(LANES[LEFT], left.text()).with(LANES[RIGHT], right.text());
    for (lane, (request, text)) in places.into_iter().enumerate() {
        assert!(request.text().starts_with(text.as_bytes()), "it lies elsewhere");
        let (place, key) = memory.look_up(request.key()).expect("each key is in one of the two");
        let step = Step::at(lane, &format!("{text}, key {place}: \"{key}\""));
        let strange = place != LANES[lane];
        picture.push(if strange { step.to(1 - lane).loudly() } else { step });
    }
}
