//! Chapter 8: the wake before the park.
//!
//! `cargo test -p ex08` says what to do next.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Context, Poll, Wake, Waker};

/// A flag that a thread sleeps on, and that any other may raise.
#[derive(Default)]
pub struct Parker {
    raised: Mutex<bool>,
    told: Condvar,
}

impl Parker {
    /// Sleeps until the flag is raised, and takes it down.
    pub fn park(&self) {
        let mut raised = self.raised.lock().unwrap();
        while !*raised {
            raised = self.told.wait(raised).unwrap();
        }
        *raised = false;
    }
}

impl Wake for Parker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        *self.raised.lock().unwrap() = true;
        self.told.notify_one();
    }
}

/// Runs `future` on this thread, which sleeps while the future waits.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let parker = Arc::new(Parker::default());
    let waker = Waker::from(Arc::clone(&parker));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        parker.park();
    }
}
