//! One future, one reactor, and the loop between them: poll, wait, wake.
//!
//! ```text
//!   poll ──Ready──► value
//!    ▲ └─Pending──► park: asleep in the kernel until a timer, a socket … or the waker's notification
//!    └────────────────┘
//! ```
//!
//! What an executor has on top of this: a queue, so that there can be many futures, and only those
//! that were woken are polled. With one future there is nothing to choose from, so it is polled after
//! every park; a poll too many does no harm.
//!
//! Try it: `cargo run -p reactor --example one_future`.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use reactor::poller::Notifier;
use reactor::{Reactor, time};

// Not private, so that a test can run it as it is.
pub(crate) fn main() -> io::Result<()> {
    let counted = block_on(count_down(3))?;
    println!("counted {counted}");
    Ok(())
}

async fn count_down(from: u32) -> u32 {
    let mut interval = time::interval(Duration::from_millis(100));
    for left in (1..=from).rev() {
        interval.tick().await;
        println!("{left} …");
    }
    from
}

/// Runs `future` on this thread until it is ready.
pub(crate) fn block_on<F: Future>(future: F) -> io::Result<F::Output> {
    let reactor = Reactor::new()?;
    // From here on the future's timers and sockets find this reactor.
    let _entered = reactor.enter();
    let waker = Waker::from(Arc::new(EndsThePark(reactor.notifier())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return Ok(value);
        }
        // A wake-up between the poll and here is not lost: the notification ends this very park.
        reactor.park(None)?;
    }
}

/// A waker for any thread: whoever calls it ends the sleep of the loop above.
struct EndsThePark(Notifier);

impl Wake for EndsThePark {
    fn wake(self: Arc<Self>) {
        self.0.notify().expect("the kernel takes a notification");
    }
}
