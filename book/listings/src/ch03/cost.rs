//! What it costs to cross the line.
//!
//! Each is done many times, the fastest of several rounds counts: what disturbs a round makes it slower,
//! never faster.

use std::hint::black_box;
use std::io::{Read, Write, pipe};
use std::thread;
use std::time::{Duration, Instant};

const ROUNDS: usize = 20;

/// A price.
pub struct Price {
    /// Of what.
    pub name: &'static str,
    /// Nanoseconds for one.
    pub nanoseconds: f64,
}

/// All prices, the cheapest first as a rule.
pub fn prices() -> Vec<Price> {
    let mut prices = vec![
        price("a function call", 1_000_000, || {
            black_box(add_one(black_box(1)));
        }),
        price("the clock, by the vDSO", 100_000, || {
            black_box(Instant::now());
        }),
    ];
    #[cfg(target_os = "linux")]
    prices.push(price("the clock, by a system call", 100_000, clock_by_the_kernel));
    prices.push(price("getppid", 100_000, || {
        // SAFETY: takes nothing, and cannot fail.
        black_box(unsafe { libc::getppid() });
    }));
    let mut null = std::fs::File::create("/dev/null").expect("it is always there");
    prices.push(price("write, of a byte, to /dev/null", 100_000, || {
        null.write_all(black_box(b"x")).expect("it takes everything");
    }));
    prices.push(there_and_back());
    prices
}

fn price(name: &'static str, times: u32, mut act: impl FnMut()) -> Price {
    let rounds = (0..ROUNDS).map(|_| {
        let begun = Instant::now();
        for _ in 0..times {
            act();
        }
        begun.elapsed()
    });
    let fastest = rounds.min().unwrap_or(Duration::MAX);
    Price { name, nanoseconds: fastest.as_secs_f64() * 1e9 / f64::from(times) }
}

#[inline(never)]
fn add_one(number: u64) -> u64 {
    number + 1
}

/// clock_gettime(2), past the vDSO.
#[cfg(target_os = "linux")]
fn clock_by_the_kernel() {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is writable, and outlives the call.
    unsafe { libc::syscall(libc::SYS_clock_gettime, libc::CLOCK_MONOTONIC, &raw mut time) };
    black_box(time.tv_nsec);
}

/// Another thread waits for a byte, and sends it back: two writes, two reads, and two sleeps that end.
fn there_and_back() -> Price {
    let (mut here_in, mut there_out) = pipe().expect("a pipe");
    let (mut there_in, mut here_out) = pipe().expect("a pipe");
    let echo = thread::spawn(move || {
        let mut byte = [0];
        while there_in.read_exact(&mut byte).is_ok() {
            there_out.write_all(&byte).expect("the other end is open while it waits");
        }
    });
    let price = price("a byte to another thread and back", 2_000, || {
        here_out.write_all(b"x").expect("the other thread reads");
        here_in.read_exact(&mut [0]).expect("it sends it back");
    });
    drop(here_out);
    echo.join().expect("it ends with its pipe");
    price
}
