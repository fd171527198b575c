//! The workload: questions to somebody far away.

use std::thread::{self, ThreadId};
use std::time::Duration;

/// What came back, and which thread heard it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The number that was asked about, squared.
    pub square: u32,
    /// The thread that asked.
    pub thread: ThreadId,
}

impl Answer {
    /// The answer about `number`, heard on this thread.
    pub fn to(number: u32) -> Answer {
        Answer { square: number * number, thread: thread::current().id() }
    }
}

/// Asks, and keeps this thread until the answer is there.
pub fn ask(number: u32, away: Duration) -> Answer {
    thread::sleep(away);
    Answer::to(number)
}
