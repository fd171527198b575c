//! What is inside a waker: a pointer to who is to be woken, and a table of functions.

use std::sync::Arc;
use std::task::{Wake, Waker};

struct Doorbell;

impl Wake for Doorbell {
    fn wake(self: Arc<Self>) {}
}

fn main() {
    let (front, back) = (Waker::from(Arc::new(Doorbell)), Waker::from(Arc::new(Doorbell)));
    let copy = front.clone();
    println!("front and back: same table {}", std::ptr::eq(front.vtable(), back.vtable()));
    println!("front and back: same data  {}", std::ptr::eq(front.data(), back.data()));
    println!("front and copy: same data  {}", std::ptr::eq(front.data(), copy.data()));
    println!("front and copy: will_wake  {}", front.will_wake(&copy));
    println!("front and back: will_wake  {}", front.will_wake(&back));
    println!("a waker: {} words", size_of::<Waker>() / size_of::<usize>());
}
