//! `timeout` and `interval`: what is built on one sleep.

mod support;

use std::cell::Cell;
use std::future::{pending, ready};
use std::io;
use std::time::{Duration, Instant};

use reactor::time::{self, Interval, MissedTicks};
use support::{block_on, poll_once, with_reactor};

const PERIOD: Duration = Duration::from_millis(10);

/// A task that does something else for a while: it neither polls nor parks.
fn be_busy(duration: Duration) {
    std::thread::sleep(duration);
}

fn tick(interval: &mut Interval) -> Instant {
    block_on("the tick", interval.tick())
}

#[test]
fn a_value_that_is_there_is_given_though_the_time_is_over() {
    with_reactor(|reactor| {
        let value = block_on("the value", time::timeout(Duration::ZERO, ready(7)));
        assert_eq!(value, Ok(7));
        let past = Instant::now();
        be_busy(Duration::from_millis(1));
        assert_eq!(block_on("the value", time::timeout_at(past, ready(8))), Ok(8));
        assert_eq!(block_on("the value", time::timeout(Duration::MAX, ready(9))), Ok(9));
        assert_eq!(reactor.timer_count(), 0);
    });
}

#[test]
fn a_future_that_takes_too_long_is_given_up_at_the_deadline() {
    with_reactor(|reactor| {
        let before = Instant::now();
        let elapsed = block_on("the timeout", time::timeout(PERIOD, pending::<()>()));
        assert!(before.elapsed() >= PERIOD);
        let elapsed = elapsed.expect_err("it never ends");
        assert_eq!(io::Error::from(elapsed).kind(), io::ErrorKind::TimedOut);
        assert_eq!(reactor.timer_count(), 0);
    });
}

#[test]
fn a_future_that_ends_in_time_leaves_no_timer() {
    with_reactor(|reactor| {
        let hour = Duration::from_secs(3_600);
        let slept = block_on("the sleep", time::timeout(hour, time::sleep(PERIOD)));
        assert_eq!(slept, Ok(()));
        assert_eq!(reactor.timer_count(), 0);
    });
}

#[test]
fn the_inner_future_is_dropped_with_the_timeout_and_not_before() {
    struct Flag<'a>(&'a Cell<bool>);
    impl Drop for Flag<'_> {
        fn drop(&mut self) {
            self.0.set(true);
        }
    }
    with_reactor(|_| {
        let dropped = Cell::new(false);
        let flag = Flag(&dropped);
        let inner = async move {
            let _flag = flag;
            pending::<()>().await;
        };
        let mut limited = Box::pin(time::timeout(PERIOD, inner));
        assert!(poll_once(&mut limited).is_pending());
        assert!(!dropped.get());
        drop(limited);
        assert!(dropped.get());
    });
}

#[test]
fn an_interval_ticks_at_once_and_then_at_its_period() {
    with_reactor(|_| {
        let before = Instant::now();
        let mut interval = time::interval(PERIOD);
        let first = tick(&mut interval);
        assert!(first >= before);
        for count in 1..=5 {
            let due = tick(&mut interval);
            assert_eq!(due, first + count * PERIOD);
            assert!(Instant::now() >= due, "a tick is never early");
        }
    });
}

#[test]
fn an_interval_waits_for_its_start() {
    with_reactor(|_| {
        let start = Instant::now() + PERIOD;
        let mut interval = time::interval_at(start, PERIOD);
        assert_eq!(tick(&mut interval), start);
        assert!(Instant::now() >= start);
    });
}

#[test]
fn a_dropped_wait_takes_no_tick_with_it() {
    with_reactor(|reactor| {
        let mut interval = time::interval(PERIOD);
        let first = tick(&mut interval);
        for _ in 0..3 {
            let _ = poll_once(&mut interval.tick());
        }
        assert_eq!(tick(&mut interval), first + PERIOD);
        drop(interval);
        assert_eq!(reactor.timer_count(), 0);
    });
}

#[test]
fn missed_ticks_come_in_a_burst_unless_told_otherwise() {
    with_reactor(|_| {
        let mut interval = time::interval(PERIOD);
        let first = tick(&mut interval);
        be_busy(5 * PERIOD);
        for count in 1..=10 {
            assert_eq!(tick(&mut interval), first + count * PERIOD, "no tick is left out");
        }
    });
}

#[test]
fn missed_ticks_can_be_skipped_and_the_rhythm_kept() {
    with_reactor(|_| {
        let mut interval = time::interval(PERIOD);
        interval.set_missed_ticks(MissedTicks::Skip);
        let first = tick(&mut interval);
        be_busy(5 * PERIOD + PERIOD / 2);
        let before = Instant::now();
        assert_eq!(tick(&mut interval), first + PERIOD, "the late one is delivered");
        let next = tick(&mut interval);
        assert!(next > before, "those that were missed are left out");
        assert!(next >= first + 6 * PERIOD);
        let into_period = (next - first).as_nanos() % PERIOD.as_nanos();
        assert_eq!(into_period, 0, "the rhythm is that of the first tick");
    });
}

#[test]
fn missed_ticks_can_put_off_the_next_and_the_distance_is_kept() {
    with_reactor(|_| {
        let mut interval = time::interval(PERIOD);
        interval.set_missed_ticks(MissedTicks::Delay);
        tick(&mut interval);
        be_busy(5 * PERIOD);
        let before = Instant::now();
        tick(&mut interval);
        let next = tick(&mut interval);
        assert!(next >= before + PERIOD, "two ticks are never closer than the period");
    });
}

#[test]
fn a_period_beyond_the_clock_ticks_once() {
    with_reactor(|reactor| {
        let mut interval = time::interval(Duration::MAX);
        assert_eq!(interval.period(), Duration::MAX);
        tick(&mut interval);
        assert!(poll_once(&mut interval.tick()).is_pending());
        assert_eq!(reactor.timer_count(), 0);
    });
}
