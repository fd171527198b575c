//! A wake is a byte that the sleeping thread sends to itself.

use std::future::Future;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use reactor::Reactor;
use reactor::source::Source;

struct Ring(UnixStream);

impl Wake for Ring {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Where the pipe is full, enough has been said; where its end is closed, nobody listens.
        let _ = (&self.0).write(&[1]);
    }
}

/// Reads what has been rung, to make room for more; says how much it was.
fn heard(mut pipe: &UnixStream) -> usize {
    let mut bytes = [0; 512];
    let mut all = 0;
    while let Ok(count @ 1..) = pipe.read(&mut bytes) {
        all += count;
    }
    all
}

/// Runs `future` on this thread, which sleeps while the future waits.
pub fn block_on<F: Future>(future: F) -> F::Output {
    block_on_and_count(future).0
}

/// … and says how many bytes came through the pipe.
pub fn block_on_and_count<F: Future>(future: F) -> (F::Output, usize) {
    let reactor = Reactor::new().expect("a descriptor is left");
    let _entered = reactor.enter();
    let (near, far) = UnixStream::pair().expect("a descriptor is left");
    near.set_nonblocking(true).expect("it is a socket");
    let far = Source::nonblocking(far).expect("it is a socket");
    let waker = Waker::from(Arc::new(Ring(near)));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    let mut rings = 0;
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return (output, rings);
        }
        reactor.park(None).expect("the kernel lets a thread wait");
        rings += heard(far.get_ref());
    }
}
