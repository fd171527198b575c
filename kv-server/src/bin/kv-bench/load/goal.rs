//! How much is still to be sent, and how much was answered.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use executor::time::now;

/// When a run is over: after a time, or after a number of requests. All its connections share it.
#[derive(Debug)]
pub(crate) struct Goal {
    begun: Instant,
    time: Option<Duration>,
    requests: u64,
    left: Cell<u64>,
    answered: Cell<u64>,
}

impl Goal {
    /// From now on for a time.
    pub(crate) fn time(time: Duration) -> Rc<Goal> {
        Goal::new(Some(time), u64::MAX)
    }

    /// A number of requests.
    pub(crate) fn requests(requests: u64) -> Rc<Goal> {
        Goal::new(None, requests)
    }

    fn new(time: Option<Duration>, requests: u64) -> Rc<Goal> {
        let (left, answered) = (Cell::new(requests), Cell::new(0));
        Rc::new(Goal { begun: now(), time, requests, left, answered })
    }

    /// Whether `count` more may be sent. The last ones may go beyond the goal.
    pub(crate) fn take(&self, count: u64) -> bool {
        let more = self.left.get() > 0 && self.time.is_none_or(|time| (now() - self.begun) < time);
        if more {
            self.left.set(self.left.get().saturating_sub(count));
        }
        more
    }

    /// How many may be sent, of `most`.
    pub(crate) fn take_up_to(&self, most: u64) -> u64 {
        let count = most.min(self.left.get());
        if self.take(count) { count } else { 0 }
    }

    /// How many requests that is at a rate of so many a second, where one makes `each` operations.
    pub(crate) fn planned(&self, rate: u64, each: u64) -> u64 {
        match self.time {
            Some(time) => (time.as_secs_f64() * rate as f64).ceil() as u64,
            None => self.requests.div_ceil(each),
        }
    }

    /// Notes that so many were answered.
    pub(crate) fn answered(&self, count: u64) {
        self.answered.set(self.answered.get() + count);
    }

    /// How many were answered.
    pub(crate) fn count(&self) -> u64 {
        self.answered.get()
    }

    /// From 0 to 1.
    pub(crate) fn share(&self) -> f64 {
        let share = match self.time {
            Some(time) => (now() - self.begun).as_secs_f64() / time.as_secs_f64(),
            None => self.answered.get() as f64 / self.requests as f64,
        };
        share.min(1.0)
    }
}
