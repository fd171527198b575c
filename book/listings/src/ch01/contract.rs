//! What each version has to do: give all answers, in the order of the questions, and wait for all at once.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use super::answer::Answer;
use super::{blocking_tasks, sequential, tasks, threads};

/// How many questions are asked.
pub const QUESTIONS: u32 = 100;

/// How long an answer takes.
pub const AWAY: Duration = Duration::from_millis(20);

/// A version, and what is known of it.
pub struct Version {
    /// Its name in the book.
    pub name: &'static str,
    /// Itself.
    pub ask_all: fn(u32, Duration) -> Vec<Answer>,
    /// What becomes of it.
    pub outcome: Outcome,
}

/// What a version did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How many threads heard answers.
    pub threads: usize,
    /// Whether the waits lay side by side, and not one after the other.
    pub side_by_side: bool,
}

/// All versions.
pub const VERSIONS: [Version; 4] = [
    version("sequential", sequential::ask_all, 1, false),
    version("threads", threads::ask_all, QUESTIONS as usize, true),
    version("tasks", tasks::ask_all, 1, true),
    version("blocking_tasks", blocking_tasks::ask_all, 1, false),
];

const fn version(
    name: &'static str,
    ask_all: fn(u32, Duration) -> Vec<Answer>,
    threads: usize,
    side_by_side: bool,
) -> Version {
    Version { name, ask_all, outcome: Outcome { threads, side_by_side } }
}

/// Runs a version. All the waits together are the bound: one after the other they never take less, and a
/// machine has to be very busy to make a hundred out of one.
///
/// # Panics
/// When an answer is wrong, missing, or in another's place.
pub fn outcome(version: &Version) -> Outcome {
    let start = Instant::now();
    let answers = (version.ask_all)(QUESTIONS, AWAY);
    let took = start.elapsed();
    let squares: Vec<u32> = answers.iter().map(|answer| answer.square).collect();
    let right: Vec<u32> = (0..QUESTIONS).map(|number| number * number).collect();
    assert_eq!(squares, right, "{}: an answer is in another's place", version.name);
    let threads: HashSet<_> = answers.iter().map(|answer| answer.thread).collect();
    Outcome { threads: threads.len(), side_by_side: took < QUESTIONS * AWAY }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_answers_in_order_and_waits_as_is_known_of_it() {
        for version in &VERSIONS {
            assert_eq!(outcome(version), version.outcome, "{}", version.name);
        }
    }
}
