//! Where the local variables of an `async fn` lie.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use listings::ch07::inside::{Told, request};

fn look<F: Future<Output = u8>>(when: &str, future: &Pin<Box<F>>, told: &Told) {
    let begin = std::ptr::from_ref(&**future).addr();
    let inside = (begin..begin + size_of::<F>()).contains(&told.text.get());
    let points = told.key.get() == told.text.get() + 4;
    println!("{when:<24} `text` is in the future: {inside:<5}  `key` points into `text`: {points}");
}

fn main() {
    let told = Told::default();
    let mut future = Box::pin(request(&told));
    look("before the first poll", &future, &told);
    let mut context = Context::from_waker(Waker::noop());
    assert!(future.as_mut().poll(&mut context).is_pending());
    look("after the first poll", &future, &told);
    let mut moved = vec![future]; // the pointer, not the future
    let mut future = moved.remove(0);
    look("in and out of a vector", &future, &told);
    let Poll::Ready(read) = future.as_mut().poll(&mut context) else {
        panic!("it is pending once, and no more");
    };
    println!("the second poll reads    {:?}", char::from(read));
}
