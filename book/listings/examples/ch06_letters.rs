//! Letters that come one by one, and three versions of who waits for them.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Waker};

use listings::ch06::{Mailbox, by_async, by_hand, v1_forgetful};

fn letters_one_by_one(
    name: &str,
    mailbox: &Mailbox,
    mut greet: Pin<&mut dyn Future<Output = String>>,
) {
    println!("{name}");
    for letter in [None, Some("Ada"), Some("London")] {
        if let Some(letter) = letter {
            println!("  a letter: {letter}");
            mailbox.deliver(letter);
        }
        println!("  poll: {:?}", greet.as_mut().poll(&mut Context::from_waker(Waker::noop())));
    }
}

fn main() {
    let mailbox = Mailbox::default();
    letters_one_by_one("v1_forgetful", &mailbox, pin!(v1_forgetful::greet(&mailbox)));
    letters_one_by_one("by_hand", &mailbox, pin!(by_hand::greet(&mailbox)));
    letters_one_by_one("by_async", &mailbox, pin!(by_async::greet(&mailbox)));
}
