//! A hundred tasks sleep a tenth of a second each: one thread, and a tenth of a second in all.

use std::time::{Duration, Instant};

const SLEEPERS: u32 = 100;
const NAP: Duration = Duration::from_millis(100);

fn main() {
    let start = Instant::now();
    executor::block_on(async {
        let sleepers = (0..SLEEPERS).map(|_| executor::spawn(executor::time::sleep(NAP)));
        for sleeper in executor::join_all(sleepers).await {
            sleeper.expect("sleeping does not panic");
        }
    });
    let elapsed = start.elapsed();
    println!("{SLEEPERS} naps of {NAP:?} took {elapsed:.1?}, not {:?}", NAP * SLEEPERS);
    assert!(elapsed >= NAP, "nobody wakes early");
    assert!(elapsed < NAP * SLEEPERS / 2, "they did not sleep side by side");
}
