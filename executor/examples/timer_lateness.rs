//! How late does a timer fire on a loop that has nothing else to do? Ours and tokio's, side by side.
//!
//! `cargo run --release -p executor --example timer_lateness -- [SLEEPS]`
//!
//! One task sleeps again and again, each time between 0.2 and 3 ms, the same times on both runtimes.
//! Late is what passes between the deadline and the moment when the task runs again: the kernel's
//! timer slack (prctl(2), `PR_SET_TIMERSLACK`), its way back to a thread that slept, and what the
//! runtime itself rounds up. The processor's time is the thread's own, all turns of the loop included.
//!
//! Seen on two shared cores: half of our timers at most 32 µs late, half of tokio's 1.1 ms; 22 to 23 µs
//! of processor a timer, and 25 to 27 µs. `reactor/src/sys/epoll.rs` tells how the slack is met.

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

/// What one runtime took.
struct Outcome {
    lateness: Histogram<u64>,
    processor: Duration,
}

fn main() {
    let sleeps = std::env::args().nth(1).map_or(1_000, |text| text.parse().expect("a number"));
    println!("{sleeps} sleeps    p50 late  p99 late  most late  processor a timer");
    let ours = measure(sleeps, |times| executor::block_on(sleep_here(times)));
    report("executor", &ours);
    let tokio = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let tokio = tokio.expect("a runtime");
    let theirs = measure(sleeps, |times| tokio.block_on(sleep_on_tokio(times)));
    report("tokio", &theirs);
    let ratio = median(&ours).as_secs_f64() / median(&theirs).as_secs_f64();
    println!("half of our timers are at most {ratio:.3} as late as half of tokio's");
}

async fn sleep_here(times: Vec<Duration>) -> Histogram<u64> {
    let mut lateness = histogram();
    for time in times {
        let deadline = Instant::now() + time;
        executor::time::sleep_until(deadline).await;
        record(&mut lateness, deadline);
    }
    lateness
}

async fn sleep_on_tokio(times: Vec<Duration>) -> Histogram<u64> {
    let mut lateness = histogram();
    for time in times {
        let deadline = Instant::now() + time;
        tokio::time::sleep_until(deadline.into()).await;
        record(&mut lateness, deadline);
    }
    lateness
}

fn histogram() -> Histogram<u64> {
    Histogram::new(3).expect("three digits")
}

/// Records how long ago `deadline` was, in nanoseconds; an early timer would be a bug.
fn record(lateness: &mut Histogram<u64>, deadline: Instant) {
    let late = Instant::now().checked_duration_since(deadline).expect("no timer is early");
    *lateness += late.as_nanos() as u64;
}

fn measure(sleeps: u64, run: impl FnOnce(Vec<Duration>) -> Histogram<u64>) -> Outcome {
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let times = std::iter::repeat_with(|| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        Duration::from_nanos(200_000 + random % 2_800_000)
    });
    let times = times.take(sleeps as usize).collect();
    let before = processor_time();
    let lateness = run(times);
    Outcome { lateness, processor: processor_time().saturating_sub(before) }
}

/// What this thread has run, where the system says so in a file (proc(5)); nothing elsewhere.
fn processor_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split(' ').next().and_then(|number| number.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or(0))
}

fn median(outcome: &Outcome) -> Duration {
    Duration::from_nanos(outcome.lateness.value_at_quantile(0.5))
}

fn report(name: &str, outcome: &Outcome) {
    let late = |quantile| Duration::from_nanos(outcome.lateness.value_at_quantile(quantile));
    let a_timer = outcome.processor / outcome.lateness.len().max(1) as u32;
    let (half, most, all) = (late(0.5), late(0.99), late(1.0));
    println!("{name:12} {half:>10.1?} {most:>9.1?} {all:>10.1?} {a_timer:>14.1?}");
}
