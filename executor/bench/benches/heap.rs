//! How many bytes of heap does a task take that waits, and how many a timer?
//!
//! `cargo bench -p executor-bench --bench heap`
//!
//! A program of its own, for the allocator that counts is the whole program's. What a timer takes beside
//! the heap, in the future that waits for it, is added where that future was put into a box to be counted:
//! on tokio and on smol.

use allocation_counter::measure;
use executor_bench::RESTING;

/// Just below a power of two: tables that double have hardly any room left over.
const NUMBER: u64 = (1 << 17) - 64;

fn main() {
    for (what, runs) in RESTING {
        for (runtime, run) in *runs {
            let info = measure(|| run(NUMBER));
            let each = |total: i64| total as f64 / NUMBER as f64;
            let (bytes, allocations) = (each(info.bytes_current), each(info.count_current));
            println!("{what:12} {runtime:10} {bytes:6.1} bytes in {allocations:.2} allocations");
        }
    }
}
