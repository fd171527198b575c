//! Sockets and timers that left their runtime: who waits for them elsewhere is told, not left hanging.

mod support;

use std::pin::Pin;
use std::time::Duration;

use executor::Runtime;
use executor::io::AsyncRead;
use executor::net::UnixStream;
use executor::time::{Sleep, sleep};
use futures::executor::block_on as foreign_block_on;
use support::{Watchdog, panic_of};

#[test]
fn a_socket_carried_out_of_its_runtime_says_that_nobody_would_wake_it() {
    let _watchdog = Watchdog::start();
    let runtime = Runtime::new().expect("descriptors are left");
    let (mut ours, _theirs) = runtime.block_on(async { UnixStream::pair() }).expect("a pair");
    let text = panic_of(|| foreign_block_on(ours.read(&mut [0; 1])).is_ok());
    assert!(text.contains("not running on this thread"), "{text}");
}

#[test]
fn a_timer_carried_out_of_its_runtime_says_that_nobody_would_wake_it() {
    let _watchdog = Watchdog::start();
    let runtime = Runtime::new().expect("descriptors are left");
    let mut armed: Sleep = sleep(Duration::from_secs(3600));
    runtime.block_on(async {
        assert!(futures::poll!(Pin::new(&mut armed)).is_pending());
    });
    let text = panic_of(|| foreign_block_on(armed));
    assert!(text.contains("not running on this thread"), "{text}");
}

#[test]
fn a_socket_of_another_runtime_of_this_thread_says_so_too() {
    let _watchdog = Watchdog::start();
    let (home, other) = (Runtime::new().expect("one"), Runtime::new().expect("two"));
    let (mut ours, _theirs) = home.block_on(async { UnixStream::pair() }).expect("a pair");
    let text = panic_of(|| other.block_on(ours.read(&mut [0; 1])).is_ok());
    assert!(text.contains("not running on this thread"), "{text}");
}
