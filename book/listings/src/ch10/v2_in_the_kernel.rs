//! One thread, which sleeps where the events come from.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use reactor::Reactor;

/// Runs `future` on this thread; wrong on purpose.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let reactor = Reactor::new().expect("a descriptor is left");
    let _entered = reactor.enter();
    let mut context = Context::from_waker(Waker::noop());
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        reactor.park(None).expect("the kernel lets a thread wait");
    }
}
