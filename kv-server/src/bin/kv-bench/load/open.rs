//! The open loop: requests go out at their times, whatever becomes of the replies.
//!
//! ```text
//!   planned   |     |     |     |     |     |        one each n/rate seconds and connection
//!   sent      |     |     |           |||   |        a full socket holds some up
//!   replied    ·     ·          ·     ···    ·
//!                         └─────┘ latency: from *planned*, so what was held up has waited too
//! ```
//!
//! A closed loop would have asked once while the server stood still, and written down one bad time;
//! those who would have asked in the meantime are omitted. Here all of them ask, and all count.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::{Duration, Instant};

use executor::net::OwnedWriteHalf;
use executor::time::{now, sleep_until};
use executor::{join, spawn};

use super::goal::Goal;
use super::{Sender, gather};
use crate::connection::{Connection, Replies, send};
use crate::measured::Measured;

/// The most bytes that are sent at once, where many requests are due.
const SEND_AT_ONCE: usize = 64 * 1024;

/// Sends `rate` requests a second in all, evenly, until as many as planned are answered.
pub(super) async fn run(
    senders: &mut Vec<Sender>,
    rate: u64,
    goal: &Rc<Goal>,
) -> Result<Measured, String> {
    let connections = senders.len() as u64;
    let planned = goal.planned(rate, 1);
    let whole = Schedule::whole(rate, planned);
    let tasks = senders
        .drain(..)
        .zip(0..)
        .map(|(sender, index)| spawn(one(sender, whole.part(index, connections), Rc::clone(goal))));
    let tasks = tasks.collect();
    gather(tasks, senders).await
}

/// When a connection's requests are due: of all requests it has each `step`-th, from `first` on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    start: Instant,
    rate: u64,
    first: u64,
    step: u64,
    pub(super) count: u64,
}

impl Schedule {
    /// From now on, `rate` a second, `count` of them.
    pub(super) fn whole(rate: u64, count: u64) -> Schedule {
        Schedule { start: now(), rate, first: 0, step: 1, count }
    }

    /// What the connection of an index has of a whole one, where there are so many.
    pub(super) fn part(self, index: u64, connections: u64) -> Schedule {
        let count = (self.count + connections - 1 - index) / connections;
        Schedule { first: index, step: connections, count, ..self }
    }

    /// Which one of the whole its n-th request is.
    pub(super) fn number(&self, number: u64) -> u64 {
        self.first + number * self.step
    }

    /// The time of its n-th request, without an error that adds up.
    pub(super) fn due(&self, number: u64) -> Instant {
        let nanos = u128::from(self.number(number)) * 1_000_000_000;
        self.start + Duration::from_nanos((nanos / u128::from(self.rate)) as u64)
    }
}

async fn one(
    sender: Sender,
    schedule: Schedule,
    goal: Rc<Goal>,
) -> Result<(Sender, Measured), String> {
    let Sender { connection, mut traffic } = sender;
    let Connection { mut replies, mut requests } = connection;
    let waiting = RefCell::new(VecDeque::new());
    let (sent, received) = join(
        on_time(&mut requests, schedule, |out, number| {
            traffic.append(out);
            waiting.borrow_mut().push_back(schedule.due(number));
        }),
        listen(&mut replies, schedule.count, &waiting, &goal),
    )
    .await;
    sent?;
    let measured = received?;
    Ok((Sender { connection: Connection { replies, requests }, traffic }, measured))
}

/// Sends a schedule's requests, each when it is due; `append` makes the one of a number.
pub(super) async fn on_time(
    requests: &mut OwnedWriteHalf,
    schedule: Schedule,
    mut append: impl FnMut(&mut Vec<u8>, u64),
) -> Result<(), String> {
    let mut out = Vec::new();
    let mut number = 0;
    while number < schedule.count {
        sleep_until(schedule.due(number)).await;
        let time = now();
        out.clear();
        while number < schedule.count && schedule.due(number) <= time && out.len() < SEND_AT_ONCE {
            append(&mut out, number);
            number += 1;
        }
        send(requests, &out).await?;
    }
    Ok(())
}

async fn listen(
    replies: &mut Replies,
    count: u64,
    waiting: &RefCell<VecDeque<Instant>>,
    goal: &Goal,
) -> Result<Measured, String> {
    let mut measured = Measured::new();
    for _ in 0..count {
        let reply = replies.next().await?;
        let Some(due) = waiting.borrow_mut().pop_front() else {
            return Err("the server has replied to what was not asked".to_owned());
        };
        measured.count(reply, now().saturating_duration_since(due));
        goal.answered(1);
    }
    Ok(measured)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_connections_schedules_together_are_one_even_row() {
        let (rate, connections, planned) = (3, 4, 10_u64);
        let whole = Schedule::whole(rate, planned);
        let mut all: Vec<(Instant, u64)> = (0..connections)
            .flat_map(|index| {
                let part = whole.part(index, connections);
                (0..part.count).map(move |number| (part.due(number), part.number(number)))
            })
            .collect();
        all.sort();
        let even =
            (0..planned).map(|n| (whole.start + Duration::from_nanos(n * 1_000_000_000 / rate), n));
        assert_eq!(all, even.collect::<Vec<_>>());
    }
}
