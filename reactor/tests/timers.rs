//! Sleeping: never early, in order, given up without a trace, for ever where the clock ends.
//!
//! How *late* a timer is, is up to the machine, and nothing for a test. What is claimed here holds on
//! the slowest one.

mod support;

use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use reactor::time::{self, Sleep};
use support::wakers::counter;
use support::{block_on, park_until, poll_once, watched, with_reactor};

/// A period far longer than any test takes.
const AN_HOUR: Duration = Duration::from_secs(3_600);

fn poll_with(sleep: &mut Sleep, waker: &Waker) -> Poll<()> {
    std::pin::Pin::new(sleep).poll(&mut Context::from_waker(waker))
}

#[test]
fn a_sleep_is_never_early() {
    with_reactor(|_| {
        for microseconds in [0, 1, 100, 999, 1_000, 1_001, 5_500, 20_000] {
            let duration = Duration::from_micros(microseconds);
            let before = Instant::now();
            block_on("the sleep", time::sleep(duration));
            assert!(before.elapsed() >= duration, "{:?} of {duration:?}", before.elapsed());
            let deadline = Instant::now() + duration;
            block_on("the sleep", time::sleep_until(deadline));
            assert!(Instant::now() >= deadline);
        }
    });
}

/// Notes down its number when it is woken.
struct Numbered {
    number: usize,
    woken: Arc<Mutex<Vec<usize>>>,
}

impl Wake for Numbered {
    fn wake(self: Arc<Self>) {
        self.woken.lock().expect("no test panics here").push(self.number);
    }
}

#[test]
fn timers_fire_in_the_order_of_their_deadlines() {
    with_reactor(|reactor| {
        let woken = Arc::new(Mutex::new(Vec::new()));
        let start = time::now();
        // 37 and 101 have no common factor: each number from 0 to 100 once, well mixed.
        let mut sleeps: Vec<(usize, Sleep)> = (0..101)
            .map(|index| index * 37 % 101)
            .map(|number| (number, start + Duration::from_micros(200 * number as u64)))
            .map(|(number, deadline)| (number, time::sleep_until(deadline)))
            .collect();
        for (number, sleep) in &mut sleeps {
            let waker = Waker::from(Arc::new(Numbered { number: *number, woken: woken.clone() }));
            assert!(poll_with(sleep, &waker).is_pending());
        }
        park_until("a hundred and one timers", || reactor.timer_count() == 0);
        let expected: Vec<usize> = (0..101).collect();
        assert_eq!(*woken.lock().expect("no test panics here"), expected);
        assert!(sleeps.iter_mut().all(|(_, sleep)| poll_once(sleep).is_ready()));
    });
}

#[test]
fn a_dropped_sleep_leaves_no_timer() {
    with_reactor(|reactor| {
        let mut sleeps: Vec<Sleep> = (0..100).map(|_| time::sleep(AN_HOUR)).collect();
        assert_eq!(reactor.timer_count(), 0, "a sleep that nobody polls is no timer");
        for sleep in &mut sleeps {
            assert!(poll_once(sleep).is_pending());
        }
        assert_eq!(reactor.timer_count(), 100);
        // From the middle, from the end and from the beginning.
        drop(sleeps.drain(30..60));
        assert_eq!(reactor.timer_count(), 70);
        drop(sleeps);
        assert_eq!(reactor.timer_count(), 0);
    });
}

#[test]
fn a_dropped_sleep_wakes_nobody_and_does_not_end_the_wait() {
    with_reactor(|reactor| {
        let woken = counter();
        let mut sleep = time::sleep(Duration::from_millis(5));
        assert!(poll_with(&mut sleep, &woken.waker()).is_pending());
        drop(sleep);
        let before = Instant::now();
        reactor.park(Some(Duration::from_millis(30))).expect("park");
        assert!(before.elapsed() >= Duration::from_millis(30), "the dropped timer ended the wait");
        assert_eq!(woken.count(), 0);
    });
}

#[test]
fn a_sleep_set_to_a_later_deadline_waits_for_that_one() {
    with_reactor(|reactor| {
        let mut sleep = time::sleep(Duration::from_millis(1));
        assert!(poll_once(&mut sleep).is_pending());
        let deadline = Instant::now() + Duration::from_millis(40);
        sleep.reset(deadline);
        assert_eq!(sleep.deadline(), Some(deadline));
        block_on("the later deadline", &mut sleep);
        assert!(Instant::now() >= deadline);
        assert_eq!(reactor.timer_count(), 0);
    });
}

#[test]
fn a_sleep_set_to_an_earlier_deadline_does_not_wait_for_the_first() {
    with_reactor(|reactor| {
        let mut sleep = time::sleep(AN_HOUR);
        assert!(poll_once(&mut sleep).is_pending());
        sleep.reset(Instant::now() + Duration::from_millis(1));
        block_on("the earlier deadline", &mut sleep);
        assert!(sleep.is_elapsed());
        assert_eq!(reactor.timer_count(), 0);
    });
}

#[test]
fn a_sleep_that_is_over_can_be_set_again() {
    with_reactor(|_| {
        let mut sleep = time::sleep(Duration::ZERO);
        for _ in 0..5 {
            block_on("the sleep", &mut sleep);
            assert!(sleep.is_elapsed());
            let deadline = Instant::now() + Duration::from_millis(2);
            sleep.reset(deadline);
            assert!(!sleep.is_elapsed());
            block_on("the sleep, set again", &mut sleep);
            assert!(Instant::now() >= deadline);
        }
    });
}

#[test]
fn a_sleep_that_is_over_stays_over() {
    with_reactor(|_| {
        let mut sleep = time::sleep(Duration::from_millis(1));
        block_on("the sleep", &mut sleep);
        for _ in 0..3 {
            assert!(poll_once(&mut sleep).is_ready());
        }
    });
}

#[test]
fn a_sleep_beyond_the_clock_means_never() {
    with_reactor(|reactor| {
        let a_second_less = Duration::MAX - Duration::from_secs(1);
        for duration in [Duration::MAX, a_second_less, Duration::from_secs(i64::MAX as u64)] {
            let mut sleep = time::sleep(duration);
            assert!(poll_once(&mut sleep).is_pending());
            let before = Instant::now();
            reactor.park(Some(Duration::from_millis(5))).expect("park");
            assert!(before.elapsed() >= Duration::from_millis(5), "{duration:?} ended the wait");
            assert!(poll_once(&mut sleep).is_pending());
        }
        // Thirty thousand years: the clock can express it, but not each call that waits.
        let mut far = time::sleep_until(Instant::now() + Duration::from_secs(1 << 40));
        assert!(poll_once(&mut far).is_pending());
        let notifier = reactor.notifier();
        notifier.notify().expect("notify");
        watched("the notification", || reactor.park(None)).expect("park");
        assert!(poll_once(&mut far).is_pending());
    });
}

#[test]
fn the_task_that_polled_last_is_woken_by_the_timer() {
    with_reactor(|_| {
        let (first, second) = (counter(), counter());
        let mut sleep = time::sleep(Duration::from_millis(5));
        assert!(poll_with(&mut sleep, &first.waker()).is_pending());
        assert!(poll_with(&mut sleep, &second.waker()).is_pending());
        park_until("the second task to be woken", || second.count() == 1);
        assert_eq!(first.count(), 0);
    });
}

#[test]
fn thousands_of_timers_wake_each_exactly_once() {
    const TIMERS: u64 = 10_000;
    with_reactor(|reactor| {
        let start = time::now();
        let mut timers: Vec<_> = (0..TIMERS)
            .map(|index| start + Duration::from_micros(index * 7_919 % 20_000))
            .map(|deadline| (time::sleep_until(deadline), counter()))
            .collect();
        for (sleep, woken) in &mut timers {
            assert!(poll_with(sleep, &woken.waker()).is_pending());
        }
        park_until("ten thousand timers", || reactor.timer_count() == 0);
        reactor.park(Some(Duration::ZERO)).expect("park");
        assert!(timers.iter().all(|(_, woken)| woken.count() == 1));
        assert!(timers.iter_mut().all(|(sleep, _)| poll_once(sleep).is_ready()));
    });
}

#[test]
fn a_million_live_timers_are_cancelled_without_a_trace() {
    const TIMERS: usize = 1_000_000;
    with_reactor(|reactor| {
        let start = time::now() + AN_HOUR;
        let mut sleeps: Vec<Option<Sleep>> = Vec::with_capacity(TIMERS);
        for index in 0..TIMERS {
            // A prime that does not divide the count: each deadline once, far from its neighbours.
            let deadline = start + Duration::from_micros((index * 611_953 % TIMERS) as u64);
            let mut sleep = time::sleep_until(deadline);
            assert!(poll_once(&mut sleep).is_pending());
            sleeps.push(Some(sleep));
        }
        assert_eq!(reactor.timer_count(), TIMERS);
        for index in 0..TIMERS {
            sleeps[index * 7_368_787 % TIMERS] = None;
        }
        assert_eq!(reactor.timer_count(), 0);
        let before = Instant::now();
        reactor.park(Some(Duration::from_millis(10))).expect("park");
        assert!(before.elapsed() >= Duration::from_millis(10));
    });
}

#[test]
fn a_park_without_a_timeout_ends_at_the_earliest_deadline_and_not_before() {
    with_reactor(|reactor| {
        let woken = counter();
        let deadline = Instant::now() + Duration::from_millis(20);
        let mut early = time::sleep_until(deadline);
        let mut late = time::sleep(AN_HOUR);
        assert!(poll_with(&mut late, Waker::noop()).is_pending());
        assert!(poll_with(&mut early, &woken.waker()).is_pending());
        watched("the earlier deadline", || reactor.park(None)).expect("park");
        assert!(Instant::now() >= deadline);
        assert_eq!(woken.count(), 1);
        assert_eq!(reactor.timer_count(), 1);
    });
}
