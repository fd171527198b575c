//! A wake rings the poller's own bell.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use reactor::Reactor;
use reactor::poller::Notifier;

struct Bell(Notifier);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.notify().expect("a notification needs nothing that could be short");
    }
}

/// Runs `future` on this thread, which sleeps while the future waits.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let reactor = Reactor::new().expect("a descriptor is left");
    let _entered = reactor.enter();
    let waker = Waker::from(Arc::new(Bell(reactor.notifier())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        reactor.park(None).expect("the kernel lets a thread wait");
    }
}
