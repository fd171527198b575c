//! What does a timer cost beside a thousand, and beside a million?
//!
//! `cargo bench -p reactor --bench timers`
//!
//! No executor: each `Sleep` is polled by hand, with a waker that does nothing. The others stand at
//! deadlines in no order, the new one anywhere among them, so that it has a way to go in the heap. The
//! best of five rounds, for what disturbs only adds.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use reactor::Reactor;
use reactor::time::{Sleep, sleep};

const TIMES: u32 = 100_000;

fn main() {
    let reactor = Reactor::new().expect("a reactor");
    let _entered = reactor.enter();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    println!("{:>9}  {:>14}  {:>8}", "live", "set and cancel", "re-arm");
    for live in [1_000, 10_000, 100_000, 1_000_000] {
        let mut others: Vec<Sleep> = (0..live).map(|_| sleep(random.far())).collect();
        others.iter_mut().for_each(|other| poll(Pin::new(other)));
        assert_eq!(reactor.timer_count(), live);
        let set = best(|| poll(pin!(sleep(random.far()))));
        let mut one = sleep(random.far());
        poll(Pin::new(&mut one));
        let start = reactor::time::now();
        let reset = best(|| {
            one.reset(start + random.far());
            poll(Pin::new(&mut one));
        });
        println!("{live:9}  {:11} ns  {:5} ns", set.as_nanos(), reset.as_nanos());
    }
}

fn poll(timer: Pin<&mut Sleep>) {
    let polled = timer.poll(&mut Context::from_waker(Waker::noop()));
    assert!(polled.is_pending(), "an hour is longer than a measurement");
}

/// The time of one `operation`.
fn best(mut operation: impl FnMut()) -> Duration {
    let rounds = (0..5).map(|_| {
        let begun = Instant::now();
        (0..TIMES).for_each(|_| operation());
        begun.elapsed() / TIMES
    });
    rounds.min().expect("there are five")
}

/// A small generator, the same everywhere (xorshift, Marsaglia).
struct Random(u64);

impl Random {
    /// One to two hours.
    fn far(&mut self) -> Duration {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        Duration::from_micros(3_600_000_000 + self.0 % 3_600_000_000)
    }
}
