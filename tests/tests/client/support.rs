//! Options for a peer, and a run with a deadline.

use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use kv_server::client::Options;
use kv_server::resp::Protocol;
use kv_server::rt::{self, Timer};
use tests::{Fake, PATIENCE, Server};

/// Both versions of the protocol.
pub(crate) const VERSIONS: [Protocol; 2] = [Protocol::Resp2, Protocol::Resp3];

/// Options that fit a busy machine.
pub(crate) fn options(address: SocketAddr) -> Options {
    Options {
        connect_timeout: PATIENCE,
        reply_timeout: Some(PATIENCE),
        first_pause: Duration::from_millis(1),
        longest_pause: Duration::from_millis(10),
        ..Options::new(address.ip().to_string(), address.port())
    }
}

/// Those for a fake, in version 2, so that nothing is said but what the test says.
pub(crate) fn plain(server: &Fake) -> Options {
    Options { protocol: Protocol::Resp2, ..options(server.address) }
}

/// Those, in one version of the protocol.
pub(crate) fn speaking(peer: &Server, protocol: Protocol) -> Options {
    Options { protocol, ..options(peer.address()) }
}

/// Runs a test's future, which must end in time.
#[track_caller]
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    let limited = async {
        let mut future = pin!(future);
        let mut timer = Timer::new();
        timer.arm_at(rt::now() + PATIENCE);
        poll_fn(|context| match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending => timer.poll_elapsed(context).map(|()| None),
        })
        .await
    };
    let output = rt::block_on(limited).expect("the runtime starts");
    output
        .unwrap_or_else(|| panic!("waited {PATIENCE:?} in vain for: the end of the test's future"))
}

/// Polls a future once.
pub(crate) async fn once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    poll_fn(|context| Poll::Ready(pin!(&mut *future).poll(context))).await
}
