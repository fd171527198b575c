//! A thread for each question.

use std::thread;
use std::time::Duration;

use super::answer::{Answer, ask};

/// Asks so many questions at once; the kernel runs a thread for each.
pub fn ask_all(questions: u32, away: Duration) -> Vec<Answer> {
    let start = |number| thread::spawn(move || ask(number, away));
    let threads: Vec<_> = (0..questions).map(start).collect();
    let join = |thread: thread::JoinHandle<Answer>| thread.join().expect("asking does not panic");
    threads.into_iter().map(join).collect()
}
