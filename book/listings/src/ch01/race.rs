//! Two threads that count together, and lose some: the mistake that goes away when one looks for it.

use std::hint::spin_loop;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

/// How often each of the two counts.
pub const TIMES: u32 = 20_000;

/// Lets two threads count, and says how many counts were lost. Wrong on purpose: between the load and
/// the store, the other thread may have counted. `look` is what each does after each count.
pub fn lost(look: impl Fn(u32) + Sync) -> u32 {
    let (count, at_the_start) = (AtomicU32::new(0), AtomicU32::new(2));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                at_the_start.fetch_sub(1, Ordering::Relaxed);
                while at_the_start.load(Ordering::Relaxed) > 0 {
                    spin_loop();
                }
                for _ in 0..TIMES {
                    let seen = count.load(Ordering::Relaxed);
                    count.store(seen + 1, Ordering::Relaxed);
                    look(seen);
                }
            });
        }
    });
    2 * TIMES - count.into_inner()
}
