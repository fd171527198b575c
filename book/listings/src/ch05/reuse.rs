//! One batch, in which a number changes hands.
//!
//! Ada is the administrator, and sends "bob out". Bob's peer hangs up at the same moment. So one batch
//! has both; serving the first closes Bob, whom the second is about, and Carol comes in in between.

use std::io::{self, Write};
use std::net::Shutdown;
use std::os::fd::AsRawFd;

use super::numbers::Numbers;
use super::{Registry, batch, v1_number, v4_both};
use crate::picture::{Picture, Step};

const LOOP: usize = 0;
const KERNEL: usize = 1;
const TABLE: usize = 2;

/// Carol pays for Bob.
///
/// # Panics
/// The process has no descriptor left.
pub fn by_number() -> Picture {
    let registry = v1_number::ByNumber::new().expect("a descriptor is left");
    run("ch05-number.svg", registry).expect("a descriptor is left")
}

/// Nobody is meant, and nobody is hurt.
///
/// # Panics
/// The process has no descriptor left.
pub fn by_token() -> Picture {
    let registry = v4_both::ByToken::new().expect("a descriptor is left");
    run("ch05-token.svg", registry).expect("a descriptor is left")
}

fn run(name: &'static str, mut registry: impl Registry) -> io::Result<Picture> {
    let numbers = Numbers::alone();
    let mut picture = Picture::new(name, &["event loop", "kernel", "table"]);
    let ((ada, mut to_ada), (bob, to_bob)) = (numbers.pair()?, numbers.pair()?);
    let number = bob.as_raw_fd();
    registry.open("ada", ada)?;
    picture.push(Step::at(LOOP, "bob comes in").to(KERNEL));
    picture.push(Step::at(KERNEL, &format!("number {number}")).to(TABLE));
    let bob = registry.open("bob", bob)?;
    picture.push(Step::at(TABLE, &format!("{} is bob", registry.spell(bob))));

    to_ada.write_all(b"bob out")?;
    to_bob.shutdown(Shutdown::Write)?;
    let events = batch(&registry)?;
    let [first, second] = events[..] else { panic!("both are ready: {events:?}") };
    let (one, other) = (registry.spell(first.token()), registry.spell(second.token()));
    picture.push(Step::at(KERNEL, &format!("batch: {one} has data, {other} hung up")).to(LOOP));

    let who = registry.owner(first.token()).expect("ada is still there");
    picture.push(Step::at(LOOP, &format!("{who} says: bob out")).to(TABLE));
    registry.close(bob)?;
    picture.push(Step::at(TABLE, &format!("{} is nobody", registry.spell(bob))).to(KERNEL));
    picture.push(Step::at(KERNEL, &format!("number {number} is free")));

    let (carol, _peer) = numbers.pair()?;
    assert_eq!(carol.as_raw_fd(), number, "the lowest free number is given out again");
    picture.push(Step::at(LOOP, "carol comes in").to(KERNEL));
    picture.push(Step::at(KERNEL, &format!("number {number} again")).to(TABLE));
    let carol = registry.open("carol", carol)?;
    picture.push(Step::at(TABLE, &format!("{} is carol", registry.spell(carol))));

    assert!(second.is_read_closed());
    picture.push(Step::at(LOOP, &format!("next in the batch: {other} hung up")).to(TABLE));
    match registry.owner(second.token()) {
        Some(who) => {
            picture.push(Step::at(TABLE, &format!("{other} is {who}")).to(LOOP).loudly());
            registry.close(second.token())?;
            picture.push(Step::at(LOOP, &format!("{who} is closed, and did nothing")).loudly());
        }
        None => {
            picture.push(Step::at(TABLE, &format!("{other} is nobody")).to(LOOP).loudly());
            picture.push(Step::at(LOOP, "the event is let go"));
        }
    }
    Ok(picture)
}
